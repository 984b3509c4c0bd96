/** First size of a buffer: most objects of a cluster fit. */
const startBytes = 2_048;

const lowBits = 0x7f;
const more = 0x80;

/** Numbers below this are written without BigInt. */
const smallNumberMax = 2 ** 31;

/**
 * Collects one message from its end to its beginning: a nested message is written before its length, so that nothing is written twice or moved.
 * Fields come in descending order of their numbers.
 */
export class BackwardWriter {
  #bytes = Buffer.allocUnsafe(startBytes);
  /** Where the first byte written so far lies. */
  #at = startBytes;

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** The number and wire type before a field's value. */
  tag(field: number, wireType: 0 | 1 | 2): void {
    this.varint(field * 8 + wireType);
  }

  /** A length or number; negative ones take ten bytes, as int32 and int64 do. */
  varint(value: number | bigint): void {
    if (typeof value === "number" && value >= 0 && value < smallNumberMax) this.#small(value);
    else this.#large(BigInt.asUintN(64, BigInt(value)));
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.#reserve(length);
    this.#at -= length;
    this.#bytes.write(value, this.#at, length, "utf8");
  }

  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#bytes.set(value, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** What was written since `length` was `before`, as a field of its own: its length and tag come before it. */
  close(field: number, before: number): void {
    this.varint(this.length - before);
    this.tag(field, 2);
  }

  /** The bytes; nothing may be written any more. */
  finish(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  #small(value: number): void {
    this.#reserve(5);
    let size = 1;
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1;
    this.#at -= size;
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.#bytes[this.#at + i] = (rest & lowBits) | (i < size - 1 ? more : 0);
      rest >>>= 7;
    }
  }

  #large(value: bigint): void {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>= 7n) {
      const low = Number(rest & 0x7fn);
      if (rest < 0x80n) { bytes.push(low); break; }
      bytes.push(low | more);
    }
    this.raw(Uint8Array.from(bytes));
  }

  #reserve(count: number): void {
    if (this.#at >= count) return;
    const { length } = this;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, length + count));
    this.#bytes.copy(grown, grown.length - length, this.#at);
    this.#bytes = grown;
    this.#at = grown.length - length;
  }
}
