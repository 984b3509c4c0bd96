import type { Operation } from "../store.ts";
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
 * Rebuilds the view from all records in the order in which they were written. Keeps nothing of what it is given: values are copied.
 * `take` and `finish` throw RangeError, saying what is missing, when the records do not make a whole history.
 */
export class Restoration {
  readonly #compactedRevision: number;
  readonly #view: View;
  readonly #index = new RecordIndex();
  #isBaseRestored = false;
  #lastId = 0;
  /** Records of one revision: the next ones may belong to it too. */
  #pending: StoredRecord[] = [];

  constructor(compactedRevision: number) {
    this.#compactedRevision = compactedRevision;
    this.#view = new View(compactedRevision);
    this.#index.compact(compactedRevision);
  }

  /** Takes the next records in; what they are views of may be reused afterwards. */
  take(records: Iterable<StoredRecord>): void {
    for (const record of records) {
      const { id, key, revision, createdRevision, value } = record;
      this.#lastId = id;
      this.#index.note({ id, key, revision, createdRevision, isRemoval: value === null });
      if (revision <= this.#compactedRevision) {
        if (this.#isBaseRestored) throw new RangeError(`the record of ${key} at revision ${revision} is out of order`);
        if (value === null) this.#view.unrestore(key);
        else this.#view.restore({ key, value, revision, createdRevision });
        continue;
      }
      this.#isBaseRestored = true;
      if (this.#pending[0] !== undefined && this.#pending[0].revision !== revision) this.#applyPending();
      this.#pending.push(record);
    }
    this.#pending = this.#pending.map((record) => ({ ...record, value: record.value === null ? null : new Uint8Array(record.value) }));
  }

  /** The store as all records say. */
  finish(): RestoredStore {
    this.#applyPending();
    return { view: this.#view, index: this.#index, lastId: this.#lastId };
  }

  #applyPending(): void {
    const [first] = this.#pending;
    if (first !== undefined) applyRevision(this.#view, first.revision, this.#pending);
    this.#pending = [];
  }
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
