/** Bytes of a piece of memory that many short-lived values share. The C library takes it from the system by itself, so it goes back as a whole; values of their own would leave holes. */
const poolBytes = 1_048_576;

/** What is larger has memory of its own: it would waste too much of a pool. */
export const pooledBytesMax = 65_536;

/** The most bytes of UTF-8 that one UTF-16 code unit takes. */
const bytesPerUnitMax = 3;

const encoder = new TextEncoder();

let pool = new Uint8Array(0);
let usedBytes = 0;

/** Zeroed bytes for a value that is soon gone, as one that is copied or sent: as long as it lives, it keeps the whole pool of its time. */
export function pooledBytes(sizeBytes: number): Uint8Array {
  if (sizeBytes > pooledBytesMax) return new Uint8Array(sizeBytes);
  demandRoom(sizeBytes);
  const bytes = pool.subarray(usedBytes, usedBytes + sizeBytes);
  usedBytes += sizeBytes;
  return bytes;
}

/** A text in UTF-8, under the same condition. */
export function pooledText(text: string): Uint8Array {
  const most = text.length * bytesPerUnitMax;
  if (most > pooledBytesMax) return encoder.encode(text);
  demandRoom(most);
  const { written } = encoder.encodeInto(text, pool.subarray(usedBytes));
  const bytes = pool.subarray(usedBytes, usedBytes + written);
  usedBytes += written;
  return bytes;
}

function demandRoom(sizeBytes: number): void {
  if (usedBytes + sizeBytes <= pool.length) return;
  pool = new Uint8Array(poolBytes);
  usedBytes = 0;
}
