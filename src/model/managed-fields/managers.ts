import { isEqual } from "../../value/equal.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { isEmptySet, parseFieldSet, unionOf } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";

/** Who writes: a manager owns fields apart by operation, by part of the object and, for updates, by API version. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** "" for the object as a whole. */
  readonly subresource: string;
}

/** What one manager owns. */
export interface ManagedEntry extends Manager {
  /** RFC 3339; absent where nothing is known of it. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** At most this many entries of updates are kept apart, as upstream's DefaultMaxUpdateManagers. */
export const updateManagersMax = 10;

/** Who owns what entries that were merged owned. */
export const mergedManager = "ancient-changes";

/** Who owns what an object had before anything was tracked. */
export const untrackedManager = "before-first-apply";

/** True for one and the same manager; appliers are the same whatever version they apply. */
export function isSameManager(a: Manager, b: Manager): boolean {
  return a.name === b.name && a.operation === b.operation && a.subresource === b.subresource && (a.operation === "Apply" || a.apiVersion === b.apiVersion);
}

/** The entries the server has stored itself. */
export function readManagedFields(stored: Json | undefined): readonly ManagedEntry[] {
  return Array.isArray(stored) ? (stored as readonly Json[]).filter(isJsonObject).map((entry) => entryOf(entry, entry["fieldsV1"] as FieldSet)) : [];
}

/**
 * What a client says of managed fields: nothing that can be used, that all are to be forgotten (one empty entry; an empty list is what clients send that
 * know nothing of the field), or the entries it wants.
 */
export function parseManagedFields(sent: Json | undefined): readonly ManagedEntry[] | "reset" | undefined {
  if (!Array.isArray(sent)) return undefined;
  const list = sent as readonly Json[];
  const [first] = list;
  if (list.length === 1 && isJsonObject(first) && Object.values(first).every((value) => value === undefined || value === null || value === "")) return "reset";
  const entries: ManagedEntry[] = [];
  for (const entry of list) {
    if (!isJsonObject(entry) || (entry["operation"] !== "Apply" && entry["operation"] !== "Update") || entry["fieldsType"] !== "FieldsV1") return undefined;
    const fields = parseFieldSet(entry["fieldsV1"] ?? {});
    if (fields === undefined) return undefined;
    const parsed = entryOf(entry, fields);
    const known = entries.findIndex((other) => isSameManager(other, parsed));
    if (known >= 0) entries[known] = parsed;
    else if (!isEmptySet(fields)) entries.push(parsed);
  }
  return entries.length === 0 ? undefined : entries;
}

function entryOf(entry: JsonObject, fields: FieldSet): ManagedEntry {
  const text = (name: string) => (typeof entry[name] === "string" ? entry[name] : "");
  return { name: text("manager"), operation: entry["operation"] === "Apply" ? "Apply" : "Update", apiVersion: text("apiVersion"), subresource: text("subresource"), time: text("time") || undefined, fields };
}

/**
 * `metadata.managedFields` of some entries, in upstream's order; undefined where there are none. Sets stay in the order they were made in: sorting them costs
 * more than making them, and no reader asks for it.
 */
export function printManagedFields(entries: readonly ManagedEntry[]): Json | undefined {
  if (entries.length === 0) return undefined;
  return entries.toSorted(compareEntries).map((entry): JsonObject => ({
    manager: entry.name, operation: entry.operation, apiVersion: entry.apiVersion, ...(entry.time === undefined ? {} : { time: entry.time }),
    fieldsType: "FieldsV1", fieldsV1: entry.fields, ...(entry.subresource === "" ? {} : { subresource: entry.subresource }),
  }));
}

/** @see kubernetes apimachinery pkg/util/managedfields/internal/managedfields.go sortEncodedManagedFields */
function compareEntries(a: ManagedEntry, b: ManagedEntry): number {
  for (const [left, right] of [[a.operation, b.operation], [a.time ?? "", b.time ?? ""], [a.name, b.name], [a.apiVersion, b.apiVersion], [a.subresource, b.subresource]] as const) {
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** True when the same managers own the same fields; when they wrote does not count. */
export function isSameOwnership(a: readonly ManagedEntry[], b: readonly ManagedEntry[]): boolean {
  return a.length === b.length && a.every((entry) => b.some((other) => isSameManager(entry, other) && entry.apiVersion === other.apiVersion && isEqual(entry.fields, other.fields)));
}

/**
 * Merges the oldest entries of updates, those of one API version together, until there are few enough.
 *
 * @see kubernetes apimachinery pkg/util/managedfields/internal/capmanagers.go
 */
export function capUpdates(entries: readonly ManagedEntry[]): readonly ManagedEntry[] {
  const updates = entries.filter((entry) => entry.operation === "Update");
  if (updates.length <= updateManagersMax) return entries;
  let kept = entries;
  let count = updates.length;
  const firstOf = new Map<string, ManagedEntry>();
  for (const entry of updates.toSorted((a, b) => compareEntries(a, b))) {
    if (count <= updateManagersMax) break;
    const first = firstOf.get(entry.apiVersion);
    if (first === undefined) { firstOf.set(entry.apiVersion, entry); continue; }
    const bucket = { ...entry, name: mergedManager, subresource: "" };
    const joined = kept.filter((other) => other === entry || other === first || isSameManager(other, bucket));
    const merged = { ...bucket, fields: joined.map((other) => other.fields).reduce(unionOf) };
    kept = [...kept.filter((other) => !joined.includes(other)), merged];
    firstOf.set(entry.apiVersion, merged);
    count = kept.filter((other) => other.operation === "Update").length;
  }
  return kept;
}
