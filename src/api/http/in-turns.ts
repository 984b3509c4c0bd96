/** Objects written in one turn of the serving thread: parsing and writing one takes some 0.1 ms. */
const itemsPerTurn = 32;

/** Maps every item in order, and lets other requests have their turn after every few of them. */
export async function mapInTurns<T, U>(items: readonly T[], map: (item: T) => U): Promise<readonly U[]> {
  const mapped: U[] = [];
  for (const item of items) {
    mapped.push(map(item));
    if (mapped.length % itemsPerTurn === 0 && mapped.length < items.length) await turn();
  }
  return mapped;
}

/** Lets others have their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
