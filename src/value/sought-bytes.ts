/** Buffer's own search looks for the first of less than 8 bytes with the processor's wide instructions. */
const probeBytesMax = 7;

/**
 * Bytes that are looked for in many values. Of JSON's letters capitals are rare: a few bytes from the first of them on are looked for, which takes a tenth
 * of the 2 us that looking for all takes in some kilobytes, and the rest is compared.
 */
export class SoughtBytes {
  readonly #all: Buffer;
  readonly #probe: Buffer;
  readonly #probeAt: number;

  constructor(text: string) {
    this.#all = Buffer.from(text);
    const capitalAt = this.#all.findIndex((code) => code >= 0x41 && code <= 0x5a);
    this.#probeAt = Math.max(0, capitalAt);
    this.#probe = capitalAt < 0 ? this.#all : this.#all.subarray(capitalAt, capitalAt + probeBytesMax);
  }

  get length(): number {
    return this.#all.length;
  }

  /** Where they stand first in `bytes`, from a place on; -1 where they do not. */
  indexIn(bytes: Uint8Array, from = 0): number {
    // Without a Buffer made of the bytes.
    const { indexOf } = Buffer.prototype;
    for (let at = indexOf.call(bytes, this.#probe, from + this.#probeAt); at >= 0; at = indexOf.call(bytes, this.#probe, at + 1)) {
      if (this.#standsAt(bytes, at - this.#probeAt)) return at - this.#probeAt;
    }
    return -1;
  }

  #standsAt(bytes: Uint8Array, start: number): boolean {
    for (let at = 0; at < this.#all.length; at++) if (bytes[start + at] !== this.#all[at]) return false;
    return true;
  }
}
