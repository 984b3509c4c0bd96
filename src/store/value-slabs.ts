/** Bytes of a slab while little is kept: few of them are free then. */
export const slabBytesMin = 262_144;

/** Bytes of a slab while much is kept. The C library finds no room of this size between other things, so it asks the system for it, and gives it back when it is free. */
export const slabBytesMax = 4_194_304;

/** A slab holds about this share of all that lives. */
const slabShare = 1 / 16;

/** A larger value has memory of its own: what it would leave free at the end of a slab is too much. */
export const slabValueBytesMax = slabBytesMin / 8;

/** A slab in which less than this share lives is worth emptying: the copies cost at most three times what becomes free. */
const sparseShare = 0.75;

/** Moving values begins once this much of sparse slabs would become free, and this share of what lives: with less, nobody notices. */
const gainBytesMin = 1_048_576;
const gainShareMin = 1 / 8;

interface Slab {
  readonly bytes: Uint8Array<ArrayBuffer>;
  usedBytes: number;
  liveBytes: number;
}

/**
 * Values one after the other in large pieces of memory. Alone, each would cost its bookkeeping in both heaps, and those that stay would lie scattered among
 * those that went, so that little memory could be given back. A slab goes when nobody has a value of it any more; sparse ones are emptied by moving what lives.
 */
export class ValueSlabs {
  /** All in which something lives, and the current one. */
  readonly #slabs = new Map<ArrayBufferLike, Slab>();
  #current: Slab | undefined;
  #liveBytes = 0;

  /** How many slabs are kept. */
  get count(): number {
    return this.#slabs.size;
  }

  /** A copy that lives until it is released; a large value that owns its memory is taken as it is, and must not change. */
  keep(value: Uint8Array): Uint8Array {
    if (value.length > slabValueBytesMax) return value.length === value.buffer.byteLength ? value : new Uint8Array(value);
    const slab = this.#slabFor(value.length);
    const kept = slab.bytes.subarray(slab.usedBytes, slab.usedBytes + value.length);
    kept.set(value);
    slab.usedBytes += value.length;
    slab.liveBytes += value.length;
    this.#liveBytes += value.length;
    return kept;
  }

  /** Says that a kept value lives no more. Who still has it can read it. */
  release(value: Uint8Array): void {
    const slab = this.#slabs.get(value.buffer);
    if (slab === undefined) return;
    slab.liveBytes -= value.length;
    this.#liveBytes -= value.length;
    if (slab.liveBytes === 0 && slab !== this.#current) this.#slabs.delete(value.buffer);
  }

  /** True for a value whose slab would be free if it and few others lay elsewhere. */
  isSparse(value: Uint8Array): boolean {
    const slab = this.#slabs.get(value.buffer);
    return slab !== undefined && this.#isSparse(slab);
  }

  /** True once so much of sparse slabs is free that moving their values is worth it. */
  get isScattered(): boolean {
    let gainBytes = 0;
    for (const slab of this.#slabs.values()) if (this.#isSparse(slab)) gainBytes += slab.bytes.length - slab.liveBytes;
    return gainBytes > Math.max(gainBytesMin, this.#liveBytes * gainShareMin);
  }

  #isSparse(slab: Slab): boolean {
    return slab !== this.#current && slab.liveBytes < slab.bytes.length * sparseShare;
  }

  #slabFor(length: number): Slab {
    const before = this.#current;
    if (before !== undefined && before.usedBytes + length <= before.bytes.length) return before;
    if (before?.liveBytes === 0) this.#slabs.delete(before.bytes.buffer);
    const sizeBytes = Math.min(slabBytesMax, Math.max(slabBytesMin, 2 ** Math.floor(Math.log2(this.#liveBytes * slabShare))));
    const slab: Slab = { bytes: new Uint8Array(sizeBytes), usedBytes: 0, liveBytes: 0 };
    this.#slabs.set(slab.bytes.buffer, slab);
    this.#current = slab;
    return slab;
  }
}
