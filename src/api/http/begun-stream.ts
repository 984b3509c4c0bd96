/** How a stream is begun. */
interface Beginning {
  /** Of the event loop. */
  readonly turns: number;
  /** Errors that the stream itself tells of; none when absent. */
  readonly isItem?: (error: unknown) => boolean;
}

/**
 * Reads ahead by one, for a few turns of the event loop: a stream that refuses at once then still becomes a status code, while one that has nothing
 * to say yet is opened without waiting.
 */
export async function begunStream<T>(items: AsyncIterable<T>, { turns, isItem = () => false }: Beginning): Promise<AsyncIterable<T>> {
  const iterator = items[Symbol.asyncIterator]();
  const first = iterator.next();
  const state = { isSettled: false };
  first.then(() => { state.isSettled = true; }, () => { state.isSettled = true; });
  for (let turn = 0; turn < turns && !state.isSettled; turn++) await new Promise<void>((resolve) => { setImmediate(resolve); });
  if (state.isSettled) await first.catch((error: unknown) => { if (!isItem(error)) throw error; });
  return { [Symbol.asyncIterator]: () => new Remaining(first, iterator) };
}

/** An iteration whose first step was taken. */
class Remaining<T> implements AsyncIterator<T> {
  readonly #iterator: AsyncIterator<T>;
  #first: Promise<IteratorResult<T>> | undefined;

  constructor(first: Promise<IteratorResult<T>>, iterator: AsyncIterator<T>) {
    this.#first = first;
    this.#iterator = iterator;
  }

  next(): Promise<IteratorResult<T>> {
    const first = this.#first;
    if (first === undefined) return this.#iterator.next();
    this.#first = undefined;
    return first;
  }

  return(): Promise<IteratorResult<T>> {
    return this.#iterator.return?.() ?? Promise.resolve({ done: true, value: undefined });
  }
}
