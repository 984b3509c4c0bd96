import type { StoreErrorCode } from "../store.ts";
import type { PackedRecords } from "./record.ts";
import type { SealOptions } from "./seal.ts";

/** What the thread is started with. */
export interface ThreadStart {
  readonly options: DatabaseOptions;
  /** Counts requests; the thread sleeps on it. */
  readonly bell: Int32Array<SharedArrayBuffer>;
}

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

/** After the start: any number of `page`, then `opened` or `failed`. */
export type ThreadAnswer =
  | { readonly kind: "page"; readonly records: PackedRecords }
  | { readonly kind: "opened"; readonly compactedRevision: number; readonly acknowledgedRevision: number; readonly sealedCount: number; readonly fences: readonly (readonly [name: string, generation: number])[] }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: StoreErrorCode; readonly message: string };
