/** How much a `RecentMap` keeps. */
export interface RecentBounds<V> {
  /** At least 2. */
  readonly entriesMax: number;
  /** What all values may take together, and what each takes, in the same unit. */
  readonly sizes?: { readonly max: number; readonly of: (value: V) => number };
}

/**
 * Keeps what was set or read last, within bounds: at least the newer half of them, as long as no value is larger than that. It has two generations; when the
 * younger is full, the older goes as a whole. One map of which the oldest entry is removed each time would look through all the places where older
 * ones were: 2 us at 4,000 entries, where this takes 0.1.
 */
export class RecentMap<K, V> {
  readonly #bounds: RecentBounds<V>;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #youngSize = 0;
  #oldSize = 0;

  constructor(bounds: RecentBounds<V>) {
    this.#bounds = bounds;
  }

  get count(): number {
    return this.#young.size + this.#old.size;
  }

  /** What all values take, in the unit of the bounds. */
  get size(): number {
    return this.#youngSize + this.#oldSize;
  }

  /** A value that is read goes later. */
  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.delete(key);
    const size = this.#sizeOf(value);
    const { entriesMax, sizes } = this.#bounds;
    if (this.#young.size >= entriesMax >> 1 || (sizes !== undefined && this.#young.size > 0 && this.#youngSize + size > sizes.max / 2)) {
      this.#old = this.#young;
      this.#oldSize = this.#youngSize;
      this.#young = new Map();
      this.#youngSize = 0;
    }
    this.#young.set(key, value);
    this.#youngSize += size;
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngSize = 0;
    this.#oldSize = 0;
  }

  /** True where there was something. */
  delete(key: K): boolean {
    const young = this.#young.get(key);
    if (young !== undefined) {
      this.#youngSize -= this.#sizeOf(young);
      return this.#young.delete(key);
    }
    const old = this.#old.get(key);
    if (old !== undefined) this.#oldSize -= this.#sizeOf(old);
    return this.#old.delete(key);
  }

  #sizeOf(value: V): number {
    return this.#bounds.sizes?.of(value) ?? 0;
  }
}
