import { randomBytes, randomUUID } from "node:crypto";
import type { Chance } from "../chance.ts";

/** Two to the 32nd, to make a fraction of four random bytes. */
const wordRange = 4_294_967_296;

/** The machine's cryptographic randomness. */
export const realChance: Chance = {
  fraction: () => randomBytes(4).readUInt32BE(0) / wordRange,
  bytes: (count) => new Uint8Array(randomBytes(count)),
  uuid: () => randomUUID(),
};
