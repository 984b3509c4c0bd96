import { StoreError } from "../store.ts";

/** Says which file is damaged, how, and what to do. */
export function damagedError(path: string, reason: string, cause?: unknown): StoreError {
  return new StoreError("damaged", `${path} is damaged: ${reason}. Nothing of it is served; put a copy of the data directory back`, { cause });
}
