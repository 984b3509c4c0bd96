import { randomBytes, randomFillSync, randomUUID } from "node:crypto";
import type { Chance } from "../chance.ts";

/** Two to the 32nd, to make a fraction of four random bytes. */
const wordRange = 4_294_967_296;

/** Drawn together: one call to the generator costs more than the numbers themselves. */
const words = new Uint32Array(256);
let wordsLeft = 0;

function drawWord(): number {
  if (wordsLeft === 0) {
    randomFillSync(words);
    wordsLeft = words.length;
  }
  return words[--wordsLeft] ?? 0;
}

/** The machine's cryptographic randomness. */
export const realChance: Chance = {
  fraction: () => drawWord() / wordRange,
  bytes: (count) => new Uint8Array(randomBytes(count)),
  uuid: () => randomUUID(),
};
