import { silentLog } from "../log.ts";
import type { Log } from "../log.ts";
import type { World } from "../world.ts";
import { realChance } from "./chance.ts";
import { realClock } from "./clock.ts";

/** The machine, with a log or without one. */
export function realWorld(log: Log = silentLog): World {
  return { clock: realClock, chance: realChance, log };
}
