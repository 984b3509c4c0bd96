/**
 * Reads ahead by one, for a few turns of the event loop: a stream that refuses at once then still becomes a status code, while one that has nothing
 * to say yet is opened without waiting.
 */
export async function begunStream<T>(items: AsyncIterable<T>, turns: number): Promise<AsyncIterable<T>> {
  const iterator = items[Symbol.asyncIterator]();
  const first = iterator.next();
  const state = { isSettled: false };
  first.then(() => { state.isSettled = true; }, () => { state.isSettled = true; });
  for (let turn = 0; turn < turns && !state.isSettled; turn++) await new Promise<void>((resolve) => { setImmediate(resolve); });
  if (state.isSettled) await first;
  return remaining(first, iterator);
}

async function* remaining<T>(first: Promise<IteratorResult<T>>, iterator: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let next = await first; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
