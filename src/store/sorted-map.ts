/** Entries in one chunk before it is split: small enough to shift cheaply, large enough to keep the list of chunks short. */
const chunkLengthMax = 256;

interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

/** A place between entries: all entries before it are smaller. */
export interface Place {
  readonly chunk: number;
  readonly offset: number;
}

/** A map that keeps its keys in UTF-16 order: two levels of sorted arrays, cheap to insert into, to scan and to count. */
export class SortedMap<V> {
  readonly #chunks: Chunk<V>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  set(key: string, value: V): void {
    const { chunk: chunkIndex, offset } = this.#lastChunkPlace(key);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      this.#size++;
      return;
    }
    if (chunk.keys[offset] === key) {
      chunk.values[offset] = value;
      return;
    }
    chunk.keys.splice(offset, 0, key);
    chunk.values.splice(offset, 0, value);
    this.#size++;
    if (chunk.keys.length > chunkLengthMax) this.#split(chunkIndex, chunk);
  }

  delete(key: string): boolean {
    const { chunk: chunkIndex, offset } = this.#lastChunkPlace(key);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined || chunk.keys[offset] !== key) return false;
    chunk.keys.splice(offset, 1);
    chunk.values.splice(offset, 1);
    if (chunk.keys.length === 0) this.#chunks.splice(chunkIndex, 1);
    this.#size--;
    return true;
  }

  /** The first place whose key is not "before"; `isBefore` must hold for a beginning of the keys and for nothing after it. */
  place(isBefore: (key: string) => boolean): Place {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.#chunks[middle]?.keys.at(-1);
      if (last !== undefined && isBefore(last)) low = middle + 1;
      else high = middle;
    }
    const chunk = this.#chunks[low];
    return { chunk: low, offset: chunk === undefined ? 0 : firstNotBefore(chunk.keys, isBefore) };
  }

  /** How many entries lie between two places; 0 when `to` is before `from`. */
  count(from: Place, to: Place): number {
    let count = -from.offset;
    for (let i = from.chunk; i < to.chunk; i++) count += this.#chunks[i]?.keys.length ?? 0;
    return Math.max(0, to.chunk < from.chunk ? 0 : count + to.offset);
  }

  /** Values between two places, in key order. The map must not change meanwhile. */
  *values(from: Place, to: Place): Generator<V, void, undefined> {
    for (let i = from.chunk; i <= to.chunk; i++) {
      const values = this.#chunks[i]?.values;
      if (values === undefined) return;
      const end = i === to.chunk ? to.offset : values.length;
      for (let j = i === from.chunk ? from.offset : 0; j < end; j++) {
        const value = values[j];
        if (value !== undefined) yield value;
      }
    }
  }

  /** Where `key` is or belongs; a key above all others belongs at the end of the last chunk. */
  #lastChunkPlace(key: string): Place {
    const place = this.place((other) => other < key);
    if (place.chunk < this.#chunks.length || place.chunk === 0) return place;
    return { chunk: place.chunk - 1, offset: this.#chunks[place.chunk - 1]?.keys.length ?? 0 };
  }

  #split(index: number, chunk: Chunk<V>): void {
    const half = chunk.keys.length >>> 1;
    this.#chunks.splice(index + 1, 0, { keys: chunk.keys.splice(half), values: chunk.values.splice(half) });
  }
}

function firstNotBefore(keys: readonly string[], isBefore: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = keys[middle];
    if (key !== undefined && isBefore(key)) low = middle + 1;
    else high = middle;
  }
  return low;
}
