import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { elementOfItem, structOf } from "./atom.ts";
import type { Atom, ListAtom, Structure } from "./atom.ts";
import { asMember, isEmptySet, isMember } from "./field-set.ts";
import type { FieldSet, FieldSetDraft } from "./field-set.ts";

/**
 * The object without the fields of a set. What loses all its parts becomes null: it is empty, and somebody may still own it. Pure.
 *
 * @see sigs.k8s.io/structured-merge-diff typed/remove.go
 */
export function removeFields(message: Structure, object: JsonObject, fields: FieldSet): JsonObject {
  const left = removeBelow(structOf(message), object, fields);
  return isJsonObject(left) ? left : {};
}

function removeBelow(atom: Atom, value: Json, fields: FieldSet): Json {
  if (isEmptySet(fields)) return value;
  if ((atom.kind === "struct" || atom.kind === "map") && isJsonObject(value)) return removeMembers(atom, value, fields);
  if ((atom.kind === "list" || atom.kind === "set") && Array.isArray(value)) return removeItems(atom, value, fields);
  return value;
}

function removeMembers(atom: Extract<Atom, { readonly kind: "struct" | "map" }>, value: JsonObject, fields: FieldSet): Json {
  const left: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const gone = fields[`f:${name}`];
    if (gone === undefined) left[name] = member;
    else if (!isMember(gone)) left[name] = removeBelow(atom.kind === "map" ? atom.item : atom.field(name)?.atom ?? { kind: "leaf" }, member, gone);
  }
  return Object.keys(left).length === 0 ? null : left;
}

function removeItems(atom: ListAtom | { readonly kind: "set" }, items: readonly Json[], fields: FieldSet): Json {
  const left = items.flatMap((item): readonly Json[] => {
    const gone = fields[elementOfItem(atom, item)];
    if (gone === undefined) return [item];
    if (isMember(gone)) return [];
    const rest = atom.kind === "list" ? removeBelow(atom.item, item, gone) : item;
    // An item that stays keeps what tells it from the others.
    return [atom.kind === "list" ? withKeys(atom, item, rest) : rest];
  });
  return left.length === 0 ? null : left;
}

function withKeys(atom: ListAtom, item: Json, rest: Json): Json {
  if (!isJsonObject(item)) return rest;
  const keys = Object.fromEntries(atom.keys.flatMap(({ name }) => (item[name] === undefined ? [] : [[name, item[name]] as const])));
  return { ...keys, ...(isJsonObject(rest) ? rest : {}) };
}

/** The set with every field of a struct in it that leads to others of the set, so that what loses all its parts can go as a whole. */
export function withStructFields(message: Structure, fields: FieldSet): FieldSet {
  return withNamed(structOf(message), fields);
}

function withNamed(atom: Atom, fields: FieldSet): FieldSet {
  const result: FieldSetDraft = {};
  for (const [element, node] of Object.entries(fields)) {
    if (isEmptySet(node)) { result[element] = node; continue; }
    const field = atom.kind === "struct" ? atom.field(element.slice(2)) : undefined;
    const below = withNamed(field?.atom ?? (atom.kind === "map" || atom.kind === "list" ? atom.item : { kind: "leaf" }), node);
    result[element] = field === undefined ? below : asMember(below);
  }
  return result;
}
