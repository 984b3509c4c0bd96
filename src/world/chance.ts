/** Randomness, as the daemon's code sees it: cryptographic in `real/`, seeded in the simulation. */
export interface Chance {
  /** In [0, 1). */
  fraction(): number;
  bytes(count: number): Uint8Array;
  /** A version 4 UUID. */
  uuid(): string;
}

/** The letters Kubernetes uses for generated names: no vowels, nothing easily mistaken. */
const nameLetters = "bcdfghjklmnpqrstvwxz2456789";

/** A random name ending of `count` letters, as `generateName` appends. */
export function randomSuffix(chance: Chance, count = 5): string {
  let text = "";
  for (let i = 0; i < count; i++) text += nameLetters[Math.floor(chance.fraction() * nameLetters.length)];
  return text;
}
