/** Items one side brings and another takes in its own time. The one who brings is told when to wait, so that nothing piles up. */
export class StreamQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #sizeOf: (item: T) => number;
  readonly #sizeMax: number;
  #size = 0;
  #isEnded = false;
  #failure: Error | undefined;
  #takers: (() => void)[] = [];
  #bringers: (() => void)[] = [];

  /** @param sizeMax from this size on `push` waits; a single item may be larger */
  constructor(sizeMax: number, sizeOf: (item: T) => number) {
    this.#sizeMax = sizeMax;
    this.#sizeOf = sizeOf;
  }

  /** True while there is no room. */
  get isFull(): boolean {
    return this.#size >= this.#sizeMax;
  }

  /** Resolves when there is room for the next one. After the end items are dropped. */
  async push(item: T): Promise<void> {
    if (this.#isEnded) return;
    this.#items.push(item);
    this.#size += this.#sizeOf(item);
    this.#wake();
    while (this.isFull && !this.#isEnded) await new Promise<void>((resolve) => { this.#bringers.push(resolve); });
  }

  /** Nothing more comes; what is there is still taken, and then the failure thrown if there is one. */
  end(failure?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#failure = failure;
    this.#wake();
    this.#free();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#size -= this.#sizeOf(item);
          if (!this.isFull) this.#free();
          yield item;
        } else if (this.#isEnded) {
          if (this.#failure !== undefined) throw this.#failure;
          return;
        } else await new Promise<void>((resolve) => { this.#takers.push(resolve); });
      }
    } finally {
      this.end();
    }
  }

  #wake(): void {
    const takers = this.#takers;
    this.#takers = [];
    for (const taker of takers) taker();
  }

  #free(): void {
    const bringers = this.#bringers;
    this.#bringers = [];
    for (const bringer of bringers) bringer();
  }
}

/** A queue of bytes. */
export function byteQueue(bytesMax: number): StreamQueue<Uint8Array> {
  return new StreamQueue(bytesMax, (bytes) => bytes.length);
}
