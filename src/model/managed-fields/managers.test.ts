import assert from "node:assert/strict";
import { test } from "node:test";
import { capUpdates, isSameManager, mergedManager, parseManagedFields, printManagedFields, readManagedFields, updateManagersMax } from "./managers.ts";
import type { ManagedEntry } from "./managers.ts";

const entry = (name: string, rest: Partial<ManagedEntry> = {}): ManagedEntry => ({ name, operation: "Update", apiVersion: "v1", subresource: "", time: "2026-01-01T00:00:00Z", fields: { [`f:${name}`]: {} }, ...rest });
const stored = (name: string, rest: Readonly<Record<string, unknown>> = {}) => ({ manager: name, operation: "Update", apiVersion: "v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1", fieldsV1: { [`f:${name}`]: {} }, ...rest });

test("entries are read as they are printed", () => {
  const entries = [entry("a", { operation: "Apply", time: undefined }), entry("b"), entry("b", { subresource: "status" })];
  assert.deepEqual(readManagedFields(printManagedFields(entries)), entries);
  assert.equal(printManagedFields([]), undefined);
});

test("entries stand by operation, time, name, version and part", () => {
  const entries = [entry("b", { subresource: "status" }), entry("b"), entry("a", { time: "2026-01-02T00:00:00Z" }), entry("a", { apiVersion: "v2" }), entry("a"), entry("z", { operation: "Apply" })];
  const printed = printManagedFields(entries.toReversed());
  assert.deepEqual(readManagedFields(printed).map((one) => `${one.name} ${one.apiVersion} ${one.subresource} ${one.time}`), [
    "z v1  2026-01-01T00:00:00Z", "a v1  2026-01-01T00:00:00Z", "a v2  2026-01-01T00:00:00Z", "b v1  2026-01-01T00:00:00Z", "b v1 status 2026-01-01T00:00:00Z", "a v1  2026-01-02T00:00:00Z",
  ]);
});

test("an updater is another one in another version, an applier is not", () => {
  assert.equal(isSameManager(entry("a"), entry("a", { apiVersion: "v2" })), false);
  assert.equal(isSameManager(entry("a", { operation: "Apply" }), entry("a", { operation: "Apply", apiVersion: "v2" })), true);
  assert.equal(isSameManager(entry("a"), entry("a", { operation: "Apply" })), false);
  assert.equal(isSameManager(entry("a"), entry("a", { subresource: "status" })), false);
});

const sent: readonly (readonly [title: string, sent: unknown, expected: readonly string[] | "reset" | undefined])[] = [
  ["nothing", undefined, undefined],
  ["an empty list, which clients send that know nothing of it", [], undefined],
  ["one empty entry, which resets", [{}], "reset"],
  ["entries", [stored("a"), stored("b")], ["a", "b"]],
  ["an entry without operation", [stored("a", { operation: "" })], undefined],
  ["an entry of another type of fields", [stored("a", { fieldsType: "FieldsV2" })], undefined],
  ["an entry with fields that make no sense", [stored("a", { fieldsV1: { x: {} } })], undefined],
  ["an entry that owns nothing", [stored("a", { fieldsV1: {} }), stored("b")], ["b"]],
  ["the same manager twice: the last counts", [stored("a"), stored("a", { fieldsV1: { "f:z": {} } })], ["a"]],
  ["something that is no list", {}, undefined],
  ["a list of something else", ["x"], undefined],
];

for (const [title, value, expected] of sent) {
  test(`sent: ${title}`, () => {
    const parsed = parseManagedFields(value as never);
    assert.deepEqual(parsed === undefined || parsed === "reset" ? parsed : parsed.map((one) => one.name), expected);
  });
}

test("the oldest updates are merged when there are too many, those of a version together", () => {
  const updates = Array.from({ length: updateManagersMax + 2 }, (_, index) => entry(`m${String(index).padStart(2, "0")}`, { time: `2026-01-01T00:00:${String(index).padStart(2, "0")}Z` }));
  const applier = entry("a", { operation: "Apply" });
  const capped = capUpdates([applier, ...updates]);
  assert.equal(capped.length, updateManagersMax + 1);
  const merged = capped.find((one) => one.name === mergedManager);
  assert.deepEqual([merged?.fields, merged?.time], [{ "f:m00": {}, "f:m01": {}, "f:m02": {} }, "2026-01-01T00:00:02Z"]);
  const again = capUpdates([...capped, entry("new", { time: "2026-01-01T00:01:00Z" })]);
  assert.equal(again.filter((one) => one.operation === "Update").length, updateManagersMax);
  assert.equal(again.filter((one) => one.name === mergedManager).length, 1);
  assert.deepEqual(capUpdates(updates.slice(0, updateManagersMax)), updates.slice(0, updateManagersMax));
});
