import { applyDefaults } from "../model/defaults.ts";
import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { printCanonicalJson } from "../value/canonical-json.ts";
import { sha256 } from "../value/digest.ts";
import { isEqual } from "../value/equal.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { asJson, isJsonObject } from "../value/json.ts";
import { parsePointer, readField, withField, withoutField } from "../value/field-path.ts";
import type { Desired } from "./desired.ts";
import { mergeApplied } from "./merge.ts";
import { printShort, printShortPair } from "./short-values.ts";
import { hiddenValue } from "./tracking.ts";

/** One field that would change. Values are cut and secrets hidden: a change is for reading, never for writing. */
export interface Change {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** How one desired object stands against what is live. */
export type ObjectDiff =
  | { readonly kind: "create"; readonly object: ApiObject; readonly changes: readonly Change[] }
  | { readonly kind: "update"; readonly object: ApiObject; readonly changes: readonly Change[] }
  | { readonly kind: "same" };

/** At most this many changes of one object are shown; a whole replaced object is one read, not a thousand. */
export const changesPerObjectMax = 50;

/**
 * What applying `desired` would change. Pure. Exact by construction: the object is merged, defaulted and prepared as the API would,
 * and compared with what is stored.
 *
 * @param priors versions of this object applied since the last completed sync, it included
 * @param ignored JSON pointers whose live value is left alone
 */
export function diffObject(desired: Desired, live: ApiObject | undefined, priors: readonly ApiObject[], ignored: readonly string[]): ObjectDiff {
  if (live === undefined) return { kind: "create", object: desired.object, changes: [] };
  const { status: _desiredStatus, ...wanted } = keepIgnored(asJson(desired.object), asJson(live), ignored);
  const merged = mergeApplied(desired.kind.message, wanted, asJson(live), priors.map(asJson));
  if (merged === (live as unknown)) return { kind: "same" };
  const defaulted = applyDefaults(desired.kind, merged as unknown as ApiObject);
  const object = desired.kind.prepare?.(defaulted, live) ?? defaulted;
  const before = comparable(live);
  const after = comparable(object);
  if (isEqual(before, after)) return { kind: "same" };
  return { kind: "update", object, changes: listChanges(desired.kind, before, after) };
}

/** Digest of everything in a live object that a plan is based on: all but status and the server's bookkeeping. */
export function basisDigest(live: ApiObject): string {
  return sha256(printCanonicalJson(comparable(live)));
}

/** An object without its status and without what the server writes into metadata by itself. */
function comparable(object: ApiObject): JsonObject {
  const { status: _status, metadata, ...rest } = object as unknown as JsonObject & { readonly metadata: JsonObject };
  const { resourceVersion: _version, generation: _generation, managedFields: _managed, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function keepIgnored(desired: JsonObject, live: JsonObject, ignored: readonly string[]): JsonObject {
  return ignored.map(parsePointer).reduce<JsonObject>((object, path) => {
    const value = readField(live, path);
    const kept = value === undefined ? withoutField(object, path) : withField(object, path, value);
    return isJsonObject(kept) ? kept : object;
  }, desired);
}

/** Where kubectl keeps a copy of all it applied: as secret as what it repeats. */
const copyPath = "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]";

/** The fields in which two versions of an object differ, in path order, secrets hidden. */
export function listChanges(kind: Kind, before: Json | undefined, after: Json | undefined): readonly Change[] {
  const changes: Change[] = [];
  const secretPaths = kind.secretPaths ?? [];
  collect({ changes, secretPaths: secretPaths.length === 0 ? [] : [...secretPaths, copyPath] }, "", before, after);
  return changes.slice(0, changesPerObjectMax);
}

function collect(into: { readonly changes: Change[]; readonly secretPaths: readonly string[] }, path: string, before: Json | undefined, after: Json | undefined): void {
  if (isEqual(before, after)) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()) {
      collect(into, path === "" ? key : `${path}${/^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${key}]`}`, before[key], after[key]);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) collect(into, `${path}[${i}]`, before[i] as Json | undefined, after[i] as Json | undefined);
    return;
  }
  const isSecret = into.secretPaths.some((secret) => path === secret || path.startsWith(`${secret}.`) || path.startsWith(`${secret}[`));
  if (before !== undefined && after !== undefined) {
    into.changes.push({ path, ...(isSecret ? { before: hiddenValue, after: hiddenValue } : printShortPair(before, after)) });
    return;
  }
  into.changes.push({
    path,
    ...(before === undefined ? {} : { before: isSecret ? hiddenValue : printShort(before) }),
    ...(after === undefined ? {} : { after: isSecret ? hiddenValue : printShort(after) }),
  });
}

/** `spec.replicas: 2 → 3`. */
export function printChange(change: Change): string {
  if (change.before === undefined) return `${change.path}: + ${change.after ?? ""}`;
  if (change.after === undefined) return `${change.path}: - ${change.before}`;
  return `${change.path}: ${change.before} → ${change.after}`;
}
