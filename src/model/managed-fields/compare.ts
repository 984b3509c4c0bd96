import { isEqual } from "../../value/equal.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { elementOfItem, indexItems, structOf } from "./atom.ts";
import type { Atom, ListAtom, StructAtom, Structure } from "./atom.ts";
import { isEmptySet, noFields, self } from "./field-set.ts";
import type { FieldSet, FieldSetDraft } from "./field-set.ts";

/** How two states of an object differ: fields with another value or new, and fields that are gone. */
export interface Comparison {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/**
 * Compares two states field by field. What upstream's Go types always print counts as there, so that a struct nobody filled is not news. Pure.
 *
 * @param parts the top-level fields looked at; all when absent
 * @see sigs.k8s.io/structured-merge-diff typed/compare.go
 */
export function compareObjects(message: Structure, before: JsonObject, after: JsonObject, isLookedAt: (field: string) => boolean = () => true): Comparison {
  const changed: FieldSetDraft = {};
  const removed: FieldSetDraft = {};
  const out = { changed, removed };
  const struct = structOf(message);
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const field = struct.field(name);
    if (field !== undefined && isLookedAt(name)) compareNode({ atom: field.atom, element: field.element }, before[name] ?? field.zero, after[name] ?? field.zero, out);
  }
  return out;
}

interface Out {
  readonly changed: FieldSetDraft;
  readonly removed: FieldSetDraft;
}

interface Place {
  readonly atom: Atom;
  readonly element: string;
}

function compareNode({ atom, element }: Place, before: Json | undefined, after: Json | undefined, out: Out): void {
  // Go's types know no difference between null and absent.
  if (before === after || (before ?? after ?? null) === null) return;
  if (before === undefined) { out.changed[element] = everyNode(atom, after ?? null); return; }
  if (after === undefined) { out.removed[element] = everyNode(atom, before); return; }
  const below: Out = { changed: {}, removed: {} };
  if (!compareBelow(atom, before, after, below)) {
    if (!isEqual(before, after)) out.changed[element] = noFields;
    return;
  }
  if (!isEmptySet(below.changed)) out.changed[element] = below.changed;
  if (!isEmptySet(below.removed)) out.removed[element] = below.removed;
}

/** Compares the parts of two values; false for values that have none. Null is an empty whole. */
function compareBelow(atom: Atom, before: Json, after: Json, out: Out): boolean {
  switch (atom.kind) {
    case "leaf": return false;
    case "struct": case "map": {
      const left = before ?? noObject;
      const right = after ?? noObject;
      if (!isJsonObject(left) || !isJsonObject(right)) return false;
      if (atom.kind === "struct") compareStructs(atom, left, right, out);
      else compareMaps(atom.item, left, right, out);
      return true;
    }
    case "list": case "set": {
      const left = before ?? noItems;
      const right = after ?? noItems;
      if (!Array.isArray(left) || !Array.isArray(right)) return false;
      compareLists(atom, left, right, out);
      return true;
    }
  }
}

const noObject: JsonObject = {};
const noItems: readonly Json[] = [];

function compareStructs(atom: StructAtom, before: JsonObject, after: JsonObject, out: Out): void {
  for (const name in after) {
    const field = atom.field(name);
    if (field !== undefined) compareNode(field, before[name] ?? field.zero, after[name] ?? field.zero, out);
  }
  for (const name in before) {
    const field = atom.field(name);
    if (field !== undefined && after[name] === undefined) compareNode(field, before[name] ?? field.zero, field.zero, out);
  }
}

function compareMaps(item: Atom, before: JsonObject, after: JsonObject, out: Out): void {
  for (const name in after) compareNode({ atom: item, element: `f:${name}` }, before[name], after[name], out);
  for (const name in before) if (after[name] === undefined) compareNode({ atom: item, element: `f:${name}` }, before[name], undefined, out);
}

function compareLists(atom: ListAtom | { readonly kind: "set" }, before: readonly Json[], after: readonly Json[], out: Out): void {
  const left = indexItems(atom, before);
  const right = indexItems(atom, after);
  const item: Atom = atom.kind === "list" ? atom.item : { kind: "leaf" };
  for (const [element, items] of right) compareItems({ atom: item, element }, left.get(element), items, out);
  for (const [element, items] of left) if (!right.has(element)) compareItems({ atom: item, element }, items, undefined, out);
}

/** An item that stands twice is owned whole. */
function compareItems(place: Place, before: readonly Json[] | undefined, after: readonly Json[] | undefined, out: Out): void {
  if ((before?.length ?? 1) === 1 && (after?.length ?? 1) === 1) compareNode(place, before?.[0], after?.[0], out);
  else compareNode({ ...place, atom: { kind: "leaf" } }, before, after, out);
}

/** A value and everything in it, each node on its own. */
function everyNode(atom: Atom, value: Json): FieldSet {
  const node: FieldSetDraft = {};
  if (atom.kind === "struct" && isJsonObject(value)) {
    for (const name in value) {
      const field = atom.field(name);
      const member = value[name];
      if (field !== undefined && member !== undefined && member !== null) node[field.element] = everyNode(field.atom, member);
    }
    for (const field of atom.printed()) if (value[field.name] === undefined) node[field.element] = everyNode(field.atom, field.zero ?? null);
  } else if (atom.kind === "map" && isJsonObject(value)) {
    for (const name in value) {
      const member = value[name];
      if (member !== undefined) node[`f:${name}`] = everyNode(atom.item, member);
    }
  } else if (atom.kind === "list" && Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      const element = elementOfItem(atom, item);
      node[element] = element in node ? noFields : everyNode(atom.item, item);
    }
  } else if (atom.kind === "set" && Array.isArray(value)) {
    for (const item of value as readonly Json[]) node[elementOfItem(atom, item)] = noFields;
  }
  if (isEmptySet(node)) return noFields;
  node[self] = noFields;
  return node;
}
