/** A protobuf text that breaks off, runs over or is nested too deep. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProtobufError";
  }
}

/** One field as it stands on the wire: `bytes` for length-delimited ones, `number` for the others. */
export interface WireField {
  readonly number: number;
  readonly value: { readonly kind: "varint"; readonly number: bigint } | { readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "fixed64"; readonly bytes: Uint8Array } | { readonly kind: "fixed32" };
}

/** Reads the fields of one message, in the order they stand. Throws ProtobufError. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) throw new ProtobufError("the message breaks off in a number");
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("a number has more than ten bytes");
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ProtobufError("the message breaks off in a field");
    const part = bytes.subarray(at, at + length);
    at += length;
    return part;
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    if (number === 0) throw new ProtobufError("a field has the number 0");
    switch (tag % 8) {
      case 0: yield { number, value: { kind: "varint", number: varint() } }; break;
      case 1: yield { number, value: { kind: "fixed64", bytes: take(8) } }; break;
      case 2: yield { number, value: { kind: "bytes", bytes: take(Number(varint())) } }; break;
      case 5: take(4); yield { number, value: { kind: "fixed32" } }; break;
      default: throw new ProtobufError(`field ${number} has an unknown wire type`);
    }
  }
}

/** Collects the bytes of one message. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  /** A number or truth value; negative ones take ten bytes, as int32 and int64 do. */
  varint(field: number, value: bigint): void {
    this.#tag(field, 0);
    this.#push(printVarint(BigInt.asUintN(64, value)));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#push(printVarint(BigInt(value.length)));
    this.#push(value);
  }

  double(field: number, value: number): void {
    this.#tag(field, 1);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.#push(bytes);
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #tag(field: number, wireType: number): void {
    this.#push(printVarint(BigInt(field * 8 + wireType)));
  }

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#sizeBytes += bytes.length;
  }
}

function printVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
