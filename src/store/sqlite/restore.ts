import type { Operation, StoreEntry } from "../store.ts";
import { View } from "../view.ts";
import { RecordIndex } from "./record-index.ts";
import type { StoredRecord } from "./record.ts";

/** What the serving thread keeps of a database file. */
export interface RestoredStore {
  readonly view: View;
  readonly index: RecordIndex;
  readonly lastId: number;
}

/**
 * Rebuilds the view from all records in the order in which they were written. Pure.
 * Throws RangeError, saying what is missing, when they do not make a whole history.
 */
export function restoreStore(records: Iterable<StoredRecord>, compactedRevision: number): RestoredStore {
  const view = new View(compactedRevision);
  const index = new RecordIndex();
  index.compact(compactedRevision);
  const base = new Map<string, StoreEntry>();
  let isBaseRestored = false;
  let lastId = 0;
  let pending: { readonly revision: number; readonly records: StoredRecord[] } | undefined;
  const flush = () => {
    if (!isBaseRestored) for (const entry of base.values()) view.restore(entry);
    isBaseRestored = true;
    if (pending !== undefined) applyRevision(view, pending.revision, pending.records);
  };
  for (const record of records) {
    lastId = record.id;
    const { id, key, revision, createdRevision } = record;
    index.note({ id, key, revision, createdRevision, isRemoval: record.value === null });
    if (record.revision <= compactedRevision) {
      if (isBaseRestored) throw new RangeError(`the record of ${record.key} at revision ${record.revision} is out of order`);
      restoreBase(base, record);
    } else if (pending?.revision === record.revision) {
      pending.records.push(record);
    } else {
      flush();
      pending = { revision: record.revision, records: [record] };
    }
  }
  flush();
  return { view, index, lastId };
}

function restoreBase(base: Map<string, StoreEntry>, { key, value, revision, createdRevision }: StoredRecord): void {
  if (value === null) base.delete(key);
  else base.set(key, { key, value, revision, createdRevision });
}

function applyRevision(view: View, revision: number, records: readonly StoredRecord[]): void {
  if (revision !== view.revision + 1) throw new RangeError(`revision ${view.revision + 1} is missing`);
  const operations = records.map(({ key, value }): Operation => (value === null ? { kind: "remove", key } : { kind: "put", key, value }));
  const events = view.apply({ revision, operations });
  for (const [index, event] of events.entries()) {
    const createdRevision = event.kind === "put" ? event.createdRevision : event.previous.createdRevision;
    if (createdRevision !== records[index]?.createdRevision) throw new RangeError(`an earlier record of ${event.key} is missing`);
  }
}
