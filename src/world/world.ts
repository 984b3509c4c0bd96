import type { Chance } from "./chance.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** What every shell is given instead of globals. */
export interface World {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}
