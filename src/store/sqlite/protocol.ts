import type { StoreErrorCode } from "../store.ts";
import type { PackedRecords } from "./record.ts";
import type { SealOptions } from "./seal.ts";

/** What the thread is started with. */
export interface ThreadStart {
  readonly options: DatabaseOptions;
  /** What the threads have done, counted in memory both see. */
  readonly bell: Int32Array<SharedArrayBuffer>;
}

/** Counts pages taken while the file is read, and requests later; the thread sleeps on it. */
export const askedBell = 0;

/** Counts requests that are done. */
export const doneBell = 1;

/** How many counts there are. */
export const bells = 2;

export interface DatabaseOptions {
  readonly directory: string;
  readonly sizeMaxBytes?: number;
  /** Which values are kept sealed on the disk; none when absent. */
  readonly seal?: SealOptions;
}

/** What the serving thread asks of the disk thread: one at a time, each answered by one `done` or `failed`. */
export type ThreadRequest =
  | { readonly kind: "write"; readonly batch: StoredBatch }
  | { readonly kind: "close" };

/** One transaction of the database file. */
export interface StoredBatch {
  readonly records: PackedRecords;
  /** Newest revision once this batch is written. */
  readonly revision: number;
  readonly fences: readonly (readonly [name: string, generation: number])[];
  readonly compactedRevision: number | undefined;
  /** Ids of records that no revision shows any more. */
  readonly dead: readonly number[];
}

/** At most this many pages wait to be taken while the file is read: memory for the whole file twice would be needed otherwise. */
export const pagesAheadMax = 4;

/** After the start: `page` once or more, each taken in turn, then `opened` or `failed`. */
export type ThreadAnswer =
  | { readonly kind: "page"; readonly compactedRevision: number; readonly records: PackedRecords }
  | { readonly kind: "opened"; readonly acknowledgedRevision: number; readonly sealedCount: number; readonly fences: readonly (readonly [name: string, generation: number])[] }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: StoreErrorCode; readonly message: string };
