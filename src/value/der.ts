import { ValueError } from "./value-error.ts";

/** One value of DER (ITU-T X.690): its tag byte, what is in it, and all of its bytes. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/** Tags that are looked for by name. */
export const derTags = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, utcTime: 0x17, generalizedTime: 0x18 } as const;

/** Bytes of a length: four say more than any certificate has. */
const lengthBytesMax = 4;

/** The values that stand one after the other in some bytes. Throws ValueError "syntax" for bytes that are cut off or have tags of several bytes. */
export function readDer(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = readOne(bytes, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** The one value that some bytes are. Throws ValueError "syntax". */
export function readDerValue(bytes: Uint8Array): DerValue {
  const value = readOne(bytes, 0);
  if (value.whole.length !== bytes.length) throw new ValueError("syntax", "there are bytes behind the value");
  return value;
}

function readOne(bytes: Uint8Array, at: number): DerValue {
  const tag = bytes[at];
  const short = bytes[at + 1];
  if (tag === undefined || short === undefined || (tag & 0x1f) === 0x1f) throw new ValueError("syntax", `no value begins at byte ${at}`);
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  if (short === 0x80 || lengthBytes > lengthBytesMax) throw new ValueError("syntax", `the length at byte ${at} is none of DER`);
  let length = short;
  if (lengthBytes > 0) {
    length = 0;
    for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  }
  const start = at + 2 + lengthBytes;
  if (start + length > bytes.length) throw new ValueError("syntax", `the value at byte ${at} is cut off`);
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}

/** An object identifier in dots: `2.5.4.3`. */
export function printOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join(".");
}

/** The bytes of the first PEM block with this label; undefined where there is none. Letters that are none of base64 are passed over. */
export function readPem(text: string, label: string): Uint8Array | undefined {
  const found = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`).exec(text);
  return found === null ? undefined : Buffer.from(found[1] ?? "", "base64");
}
