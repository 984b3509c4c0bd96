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
  /** Resolves at the end of the turn, where waiting for it is worth while: of requests that came together the first would have a flush of its own. */
  turnEnd?(): Promise<void>;
  /** Resolves what `write` has promised, if the batch is durable by now, without waiting for the turn to end. */
  look?(): void;
  /** True while dead records wait for removal; an empty batch removes the next slice of them. */
  readonly hasDeadRecords: boolean;
  close(): Promise<void>;
}
