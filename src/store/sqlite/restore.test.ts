import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Operation } from "../store.ts";
import { View } from "../view.ts";
import { RecordIndex } from "./record-index.ts";
import { packRecords, unpackRecords } from "./record.ts";
import type { StoredRecord } from "./record.ts";
import { Restoration } from "./restore.ts";

const keys = ["a", "b", "c/1", "c/2"];
const change = fc.uniqueArray(fc.record({ key: fc.constantFrom(...keys), isPut: fc.boolean() }), { selector: ({ key }) => key, minLength: 1, maxLength: 4 });

/** A view that was written to, and the records of it as they would lie on the disk. */
function written(changes: readonly (readonly { readonly key: string; readonly isPut: boolean }[])[]): { readonly view: View; readonly records: readonly StoredRecord[] } {
  const view = new View();
  const index = new RecordIndex();
  const records: StoredRecord[] = [];
  for (const each of changes) {
    const revision = view.revision + 1;
    const operations = each.filter(({ key, isPut }) => isPut || view.get(key) !== undefined)
      .map(({ key, isPut }): Operation => (isPut ? { kind: "put", key, value: new Uint8Array([revision, key.length]) } : { kind: "remove", key }));
    if (operations.length === 0) continue;
    view.apply({ revision, operations });
    for (const operation of operations) {
      const id = records.length + 1;
      const isRemoval = operation.kind === "remove";
      records.push({ id, revision, key: operation.key, value: isRemoval ? null : operation.value, createdRevision: index.note({ id, key: operation.key, revision, isRemoval }) });
    }
  }
  return { view, records };
}

test("what is restored page by page is what was written, whatever the pages are used for afterwards", () => {
  fc.assert(fc.property(fc.array(change, { maxLength: 20 }), fc.nat({ max: 20 }), fc.integer({ min: 1, max: 5 }), (changes, compacted, pageLength) => {
    const { view, records } = written(changes);
    const compactedRevision = Math.min(compacted, view.revision);
    view.compact(compactedRevision);
    const restoration = new Restoration(compactedRevision);
    for (let from = 0; from < records.length; from += pageLength) {
      const page = packRecords(records.slice(from, from + pageLength));
      restoration.take(unpackRecords(page));
      page.bytes.fill(0xff);
    }
    const restored = restoration.finish();
    assert.deepEqual(restored.view.list(""), view.list(""));
    assert.deepEqual(restored.view.eventsAfter(compactedRevision, "", 1_000), view.eventsAfter(compactedRevision, "", 1_000));
    assert.deepEqual([restored.lastId, restored.view.compactedRevision], [records.length, compactedRevision]);
  }));
});

test("a history with a hole is told, and where it is", () => {
  const { records } = written([[{ key: "a", isPut: true }], [{ key: "b", isPut: true }], [{ key: "a", isPut: false }]]);
  const restore = (compactedRevision: number, given: readonly StoredRecord[]) => () => {
    const restoration = new Restoration(compactedRevision);
    restoration.take(given);
    return restoration.finish();
  };
  assert.throws(restore(0, records.filter(({ revision }) => revision !== 2)), { name: "RangeError", message: "revision 2 is missing" });
  assert.throws(restore(1, records.toReversed()), { name: "RangeError", message: /revision 2 is missing|out of order/u });
  assert.throws(restore(2, records.slice(1)), { name: "RangeError", message: /a, which is absent/u });
});
