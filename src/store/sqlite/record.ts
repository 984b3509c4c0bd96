/** One change of one key, as it is kept on disk. */
export interface StoredRecord {
  /** Position in the file; grows with every record. */
  readonly id: number;
  readonly revision: number;
  readonly createdRevision: number;
  readonly key: string;
  /** null: the key was removed. */
  readonly value: Uint8Array | null;
}

/** Many records as few values, cheap to give to another thread: the bytes are moved or shared, not copied. */
export interface PackedRecords {
  readonly keys: readonly string[];
  /** id, revision, createdRevision, length of the value (-1: removed) of each record. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array;
}

const numbersPerRecord = 4;

/**
 * Packs records so that they change threads without a copy.
 *
 * @param room memory both threads have, for the values where they fit; it is read until the other thread has answered
 */
export function packRecords(records: readonly StoredRecord[], room?: Uint8Array<SharedArrayBuffer>): PackedRecords {
  const numbers = new Float64Array(records.length * numbersPerRecord);
  const sizeBytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  const bytes = room !== undefined && sizeBytes <= room.length ? room.subarray(0, sizeBytes) : new Uint8Array(sizeBytes);
  let offset = 0;
  records.forEach(({ id, revision, createdRevision, value }, index) => {
    numbers.set([id, revision, createdRevision, value?.length ?? -1], index * numbersPerRecord);
    if (value === null) return;
    bytes.set(value, offset);
    offset += value.length;
  });
  return { keys: records.map(({ key }) => key), numbers, bytes };
}

/** What has to be named as transferable when packed records are sent. */
export function packedBuffers(packed: PackedRecords): ArrayBuffer[] {
  const { buffer } = packed.bytes;
  return [packed.numbers.buffer, ...(buffer instanceof ArrayBuffer ? [buffer] : [])];
}

/** Values are views into the packed bytes: copy what is to be kept. */
export function* unpackRecords(packed: PackedRecords): Generator<StoredRecord, void, undefined> {
  let offset = 0;
  for (const [index, key] of packed.keys.entries()) {
    const [id = 0, revision = 0, createdRevision = 0, length = -1] = packed.numbers.subarray(index * numbersPerRecord, (index + 1) * numbersPerRecord);
    const value = length < 0 ? null : packed.bytes.subarray(offset, offset + length);
    offset += Math.max(0, length);
    yield { id, revision, createdRevision, key, value };
  }
}
