/** Choices of one seed: the same seed makes the same ones. */
export interface Dice {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number below `count`. */
  below(count: number): number;
  /** True in one case of `count`. */
  oneIn(count: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** @see mulberry32, a generator of 32 bits of state */
export function diceOf(seed: number): Dice {
  let state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(fraction() * count);
  return { fraction, below, oneIn: (count) => below(count) === 0, pick: (choices) => choices[below(choices.length)] ?? choices[0] };
}
