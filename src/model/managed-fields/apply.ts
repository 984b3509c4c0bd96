import { isEqual } from "../../value/equal.ts";
import type { JsonObject } from "../../value/json.ts";
import type { Kind } from "../kind.ts";
import { structureOf } from "./atom.ts";
import { compareObjects } from "./compare.ts";
import type { Conflict } from "./conflicts.ts";
import { differenceOf, intersectionOf, isEmptySet, noFields, unionOf } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";
import { allowedByLastApplied, withLastApplied } from "./last-applied.ts";
import { isSameManager, isSameOwnership, untrackedManager } from "./managers.ts";
import type { ManagedEntry, Manager } from "./managers.ts";
import { mergeConfiguration } from "./merge.ts";
import { removeFields, withStructFields } from "./remove-items.ts";
import { specifiedFields } from "./specified.ts";
import { trackWrite, withoutFields } from "./track.ts";
import { configurationOf, trackedPart, untracked, withoutUntracked } from "./untracked.ts";

/** One server-side apply. */
export interface ApplyRequest {
  readonly kind: Pick<Kind, "kind" | "message" | "hasStatus" | "schema">;
  /** As stored; an object without members where there is none yet. */
  readonly live: JsonObject;
  /** What the applier wants, without what it says nothing of. */
  readonly manifest: JsonObject;
  readonly entries: readonly ManagedEntry[];
  /** Its operation is Apply. */
  readonly manager: Manager;
  /** Takes fields from their owners instead of failing. */
  readonly isForced: boolean;
  /** RFC 3339. */
  readonly time: string;
}

/** How an apply came out. */
export type ApplyResult =
  /** The object with the configuration in it, without defaults, and who owns what then. */
  | { readonly kind: "applied"; readonly object: JsonObject; readonly entries: readonly ManagedEntry[] }
  | { readonly kind: "conflict"; readonly conflicts: readonly Conflict[] }
  /** The manifest cannot be applied: unknown fields, items without key or twice. */
  | { readonly kind: "invalid"; readonly errors: readonly string[] };

/**
 * Applies a configuration: merges it into the live object, takes away what the applier owned and no longer specifies unless others own it, and makes the
 * applier the owner of what it specifies. Pure.
 *
 * @see sigs.k8s.io/structured-merge-diff merge/update.go Apply
 */
export function applyConfiguration(request: ApplyRequest): ApplyResult {
  const { kind, live, manifest, manager } = request;
  const configuration = configurationOf(kind, manifest, manager.subresource);
  const { fields, errors } = specifiedFields(structureOf(kind), configuration);
  if (errors.length > 0) return { kind: "invalid", errors };
  const entries = request.entries.length === 0 ? trackUntracked(request) : request.entries;
  const state = { ...request, entries, configuration, fields: withoutUntracked(fields) };
  const change = decideChange(state);
  const conflicts = request.isForced ? [] : withoutAllowed(request, change.conflicts);
  if (conflicts.length > 0) return { kind: "conflict", conflicts };
  const before = request.entries;
  const isChanged = !isEqual(live, change.object);
  const owners = entriesAfter(state, change);
  const isSame = !isChanged && isSameOwnership(before, owners.map((entry) => entry.entry));
  const own = before.find((entry) => isSameManager(entry, manager));
  const applied = owners.map(({ entry, isOwn }) => (isOwn ? { ...entry, time: isSame ? own?.time : request.time } : entry));
  const object = isChanged ? change.object : live;
  return { kind: "applied", object: withLastApplied(object, manifest, manager.name), entries: applied };
}

interface ApplyState extends ApplyRequest {
  readonly configuration: JsonObject;
  /** What the applier owns from now on. */
  readonly fields: FieldSet;
}

interface Change {
  readonly object: JsonObject;
  readonly changed: FieldSet;
  readonly removed: FieldSet;
  readonly conflicts: readonly Conflict[];
}

/** An object nobody tracked so far: what it has is owned by nobody in particular. */
function trackUntracked({ kind, live, manager, time }: ApplyRequest): readonly ManagedEntry[] {
  if (Object.keys(live).length === 0) return [];
  const owner: Manager = { name: untrackedManager, operation: "Update", apiVersion: manager.apiVersion, subresource: manager.subresource };
  return trackWrite({ message: structureOf(kind), before: {}, after: live, entries: [], manager: owner, time });
}

function decideChange(state: ApplyState): Change {
  const { kind, live, manager, entries, configuration } = state;
  const merged = mergeConfiguration(structureOf(kind), live, configuration);
  const object = prune(state, merged);
  const { changed, removed } = compareObjects(structureOf(kind), live, object, trackedPart(manager.subresource));
  const conflicts = entries.filter((entry) => !isSameManager(entry, manager)).flatMap((entry): readonly Conflict[] => {
    const fields = intersectionOf(entry.fields, changed);
    return isEmptySet(fields) ? [] : [{ entry, fields }];
  });
  return { object, changed, removed, conflicts };
}

/** Takes away what the applier owned before and does not specify any more, as far as nobody else owns it. */
function prune(state: ApplyState, merged: JsonObject): JsonObject {
  const { kind, entries, manager, fields } = state;
  const message = structureOf(kind);
  const last = entries.find((entry) => isSameManager(entry, manager));
  if (last === undefined || isEmptySet(last.fields)) return merged;
  // What the server writes stays: without it, metadata would go as a whole with the last label an applier lets go of.
  const owned = entries.filter((entry) => entry !== last).map((entry) => entry.fields).reduce(unionOf, unionOf(fields, untracked));
  const lastFields = withStructFields(message, last.fields);
  const mergedFields = withStructFields(message, specifiedFields(message, merged).fields);
  // First all it had goes, then what others own comes back, then what it never had.
  const pruned = withStructFields(message, specifiedFields(message, removeFields(message, merged, lastFields)).fields);
  const kept = removeFields(message, merged, differenceOf(mergedFields, unionOf(pruned, withStructFields(message, owned))));
  const keptFields = withStructFields(message, specifiedFields(message, kept).fields);
  return removeFields(message, merged, intersectionOf(differenceOf(mergedFields, keptFields), lastFields));
}

/** `kubectl` may take the fields that client-side apply wrote last and nobody has changed since. */
function withoutAllowed({ kind, live, manager }: ApplyRequest, conflicts: readonly Conflict[]): readonly Conflict[] {
  const allowed = conflicts.length === 0 ? noFields : allowedByLastApplied(structureOf(kind), live, manager.name);
  return conflicts.flatMap(({ entry, fields }) => {
    const left = differenceOf(fields, allowed);
    return isEmptySet(left) ? [] : [{ entry, fields: left }];
  });
}

function entriesAfter(state: ApplyState, { changed, removed }: Change): readonly { readonly entry: ManagedEntry; readonly isOwn: boolean }[] {
  const { entries, manager, fields } = state;
  const others = withoutFields(entries.filter((entry) => !isSameManager(entry, manager)), changed, removed);
  const own = { ...manager, time: undefined, fields };
  return [...others.map((entry) => ({ entry, isOwn: false })), ...(isEmptySet(fields) ? [] : [{ entry: own, isOwn: true }])];
}
