import type { PackBounds } from "./history.ts";

/**
 * The cluster store: ordered keys, a gap-free revision per transaction, watch from a revision. Rules: SPEC.md.
 * Values are opaque bytes; the layer above gives them meaning.
 */
export interface Store {
  /** Revision of the newest committed transaction; 0 when nothing was ever written. */
  readonly revision: number;
  /** Oldest revision a watch or an old list can still start from. */
  readonly compactedRevision: number;
  /** Bytes of values that only the history holds, for the compaction policy; absent: unknown. */
  readonly historyBytes?: number;
  /** Packs the oldest stretch of history that is not packed yet, where enough is; answers whether it did. Readers notice nothing; absent: this engine keeps no history in memory. */
  packHistory?(bounds: PackBounds): boolean;
  /** Moves some values together where much memory between them is free; answers whether there is more to look at. Readers notice nothing; absent: this engine keeps no values in memory. */
  gatherValues?(): boolean;
  /** False once a failed write made the store stop taking any; absent: always true. */
  readonly isWritable?: boolean;
  get(key: string): StoreEntry | undefined;
  /** Entries whose key starts with `prefix`, in key order (UTF-16 code units). Throws `StoreError` "compacted" for a revision that is gone, "future" for one ahead. */
  list(prefix: string, options?: ListRange): ListPage;
  /** Resolves once durable. A refusal changes nothing. Throws `StoreError` "stopped" after a failed write and "closed" after `close`. */
  commit(transaction: Transaction): Promise<CommitResult>;
  /** Changes with a revision above `afterRevision`, in order, none missing, in batches of whole transactions. Ends by throwing "compacted", "slow" (the reader fell behind the bound) or on abort by returning. */
  watch(prefix: string, afterRevision: number, signal: AbortSignal): StoreWatch;
  /** Forgets history up to `revision`; live values stay. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}

/** Changes in batches, for one reader. */
export interface StoreWatch extends AsyncIterable<readonly StoreEvent[]> {
  [Symbol.asyncIterator](): StoreWatchReader;
}

/** Where one reader of a watch is. */
export interface StoreWatchReader extends AsyncIterator<readonly StoreEvent[], undefined> {
  /** Every change up to this revision that the watch is of was handed over: it may begin anew from here. */
  readonly seen: number;
  return(): Promise<IteratorResult<readonly StoreEvent[], undefined>>;
}

export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the last change of this key. */
  readonly revision: number;
  /** Revision at which this key was created. */
  readonly createdRevision: number;
}

export interface ListRange {
  /** Start after this key. */
  readonly after?: string;
  readonly limit?: number;
  /** State as of this revision; the newest when absent. */
  readonly revision?: number;
}

export interface ListPage {
  readonly entries: readonly StoreEntry[];
  /** The revision this page shows. */
  readonly revision: number;
  /** Entries after the last one of this page. */
  readonly remaining: number;
}

export type Operation =
  | { readonly kind: "put"; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: "remove"; readonly key: string };

/** Holds when the key's last change is at `revision`; 0 demands that the key is absent. */
export interface Condition {
  readonly key: string;
  readonly revision: number;
}

export interface Transaction {
  readonly conditions: readonly Condition[];
  /** Each key at most once. A put may contain the placeholder nothing: the writer above stamps revisions on read. */
  readonly operations: readonly Operation[];
  /** Refused when a transaction of a newer generation was committed under the same name (fencing, DESIGN 4.3). */
  readonly fence?: { readonly name: string; readonly generation: number };
}

export type CommitResult =
  | { readonly kind: "committed"; readonly revision: number }
  | { readonly kind: "conflict"; readonly key: string; readonly current: StoreEntry | undefined }
  | { readonly kind: "fenced"; readonly name: string; readonly generation: number };

export type StoreEvent =
  | { readonly kind: "put"; readonly key: string; readonly value: Uint8Array; readonly revision: number; readonly createdRevision: number; readonly previous: StoreEntry | undefined }
  | { readonly kind: "remove"; readonly key: string; readonly revision: number; readonly previous: StoreEntry };

export type StoreErrorCode = "compacted" | "future" | "slow" | "stopped" | "closed" | "damaged" | "too-large" | "locked" | "newer" | "sealed";

/** Why the store cannot answer; `message` names the file or key at fault. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}
