import type { JsonObject } from "../../value/json.ts";
import type { Structure } from "./atom.ts";
import { compareObjects } from "./compare.ts";
import { differenceOf, isEmptySet, unionOf } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";
import { capUpdates, isSameManager } from "./managers.ts";
import type { ManagedEntry, Manager } from "./managers.ts";
import { trackedPart, withoutUntracked } from "./untracked.ts";

/** One write that is no apply. */
export interface TrackedWrite {
  /** The schema's name of the object. */
  readonly message: Structure;
  /** An empty object on create. */
  readonly before: JsonObject;
  /** With its defaults. */
  readonly after: JsonObject;
  readonly entries: readonly ManagedEntry[];
  readonly manager: Manager;
  /** RFC 3339. */
  readonly time: string;
}

/**
 * Who owns what after a create, update or patch: the writer owns what it changed, nobody what is gone. The entries themselves when the write changes
 * nothing. Pure.
 *
 * @see sigs.k8s.io/structured-merge-diff merge/update.go Update; kubernetes apimachinery pkg/util/managedfields/internal/managedfieldsupdater.go
 */
export function trackWrite(write: TrackedWrite): readonly ManagedEntry[] {
  const { message, before, after, entries, manager, time } = write;
  const { changed, removed } = compareObjects(message, before, after, trackedPart(manager.subresource));
  if (isEmptySet(changed) && isEmptySet(removed)) return entries;
  const left = withoutFields(entries, changed, removed);
  const taken = withoutUntracked(changed);
  if (isEmptySet(taken)) return left;
  const own = left.find((entry) => isSameManager(entry, manager));
  const written = { ...manager, time, fields: own === undefined ? taken : unionOf(taken, own.fields) };
  return capUpdates([...left.filter((entry) => entry !== own), written]);
}

/** The entries without some fields; an entry that has lost all goes. */
export function withoutFields(entries: readonly ManagedEntry[], ...gone: readonly FieldSet[]): readonly ManagedEntry[] {
  return entries.flatMap((entry) => {
    const fields = gone.reduce(differenceOf, entry.fields);
    if (fields === entry.fields) return [entry];
    return isEmptySet(fields) ? [] : [{ ...entry, fields }];
  });
}
