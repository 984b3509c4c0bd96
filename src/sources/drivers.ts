import type { GitDriver } from "./git-driver.ts";
import { isomorphicPackBytesMax } from "./limits.ts";
import type { PackStatistics } from "./mirror-files.ts";

/** The ways to work on a mirror; `command` is absent where git is not installed. */
export interface GitDrivers {
  readonly isomorphic: GitDriver;
  readonly command?: GitDriver;
}

/** Which driver works on a mirror of outside. Both read and write the same bare repository, so this may change from one call to the next. */
export function chooseDriver(drivers: GitDrivers, packs: PackStatistics): GitDriver {
  if (drivers.command === undefined) return drivers.isomorphic;
  return packs.packBytes > isomorphicPackBytesMax ? drivers.command : drivers.isomorphic;
}
