/** Objects parsed, or written, in one turn of the serving thread: one takes some 0.1 ms. */
export const itemsPerTurn = 32;

/** Maps every item in order, and lets other requests have their turn after every few of them. */
export async function mapInTurns<T, U>(items: readonly T[], map: (item: T) => U): Promise<readonly U[]> {
  const mapped: U[] = [];
  for (const item of items) {
    mapped.push(map(item));
    if (mapped.length % itemsPerTurn === 0 && mapped.length < items.length) await turn();
  }
  return mapped;
}

/** Work that can be left between its steps, each of some 0.1 ms. */
export type Steps<T> = Generator<undefined, T>;

/** Steps taken in one turn of the serving thread. */
const stepsPerTurn = 10;

/** Takes every step, and lets other requests have their turn after every few of them. */
export async function takeInTurns<T>(steps: Steps<T>): Promise<T> {
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (count % stepsPerTurn === 0) await turn();
  }
}

/** Maps every item in order, one a step. */
export function* mapSteps<T, U>(items: readonly T[], map: (item: T) => U): Steps<readonly U[]> {
  const mapped: U[] = [];
  for (const item of items) {
    yield;
    mapped.push(map(item));
  }
  return mapped;
}

/** Takes every step at once. */
export function takeAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Lets others have their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
