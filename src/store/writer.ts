import type { Change } from "./view.ts";

/** What one flush makes durable, all of it or nothing. */
export interface Batch {
  readonly changes: readonly Change[];
  readonly fences: ReadonlyMap<string, number>;
  /** History up to here is forgotten from now on. */
  readonly compactedRevision?: number;
}

/** Where an engine keeps the store; the only part in which engines differ. */
export interface Writer {
  /** Resolves once the batch is durable. Called one at a time. After a rejection it is never called again. */
  write(batch: Batch): Promise<void>;
  /** True while dead records wait for removal; an empty batch removes the next slice of them. */
  readonly hasDeadRecords: boolean;
  close(): Promise<void>;
}
