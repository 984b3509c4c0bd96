import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { elementOfItem, structOf } from "./atom.ts";
import type { Atom, ListAtom, Structure } from "./atom.ts";
import { isEmptySet, noFields, printFieldPath, self } from "./field-set.ts";
import type { FieldSet, FieldSetDraft } from "./field-set.ts";

/** The fields a manifest specifies, and what is wrong with it for an apply. */
export interface Specified {
  readonly fields: FieldSet;
  /** Unknown fields, items without their key and items that stand twice, in upstream's words. */
  readonly errors: readonly string[];
}

/**
 * The set of fields a manifest specifies. Structs and lists are not in it themselves unless they are empty; items of lists and maps are. Pure.
 *
 * @see sigs.k8s.io/structured-merge-diff typed/tofieldset.go
 */
export function specifiedFields(message: Structure, manifest: JsonObject): Specified {
  const errors: string[] = [];
  return { fields: childrenOf(structOf(message), manifest, { path: [], errors }), errors };
}

interface Walk {
  readonly path: readonly string[];
  readonly errors: string[];
}

function childrenOf(atom: Atom, value: Json, walk: Walk): FieldSet {
  switch (atom.kind) {
    case "leaf": return noFields;
    case "struct": case "map": return isJsonObject(value) ? childrenOfObject(atom, value, walk) : noFields;
    case "list": case "set": return Array.isArray(value) ? childrenOfList(atom, value, walk) : noFields;
  }
}

function childrenOfObject(atom: Extract<Atom, { readonly kind: "struct" | "map" }>, value: JsonObject, walk: Walk): FieldSet {
  const children: FieldSetDraft = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const field = atom.kind === "struct" ? atom.field(name) : undefined;
    const path = [...walk.path, `f:${name}`];
    if (atom.kind === "struct" && field === undefined) {
      walk.errors.push(`${printFieldPath(path)}: field not declared in schema`);
      continue;
    }
    const item = field?.atom ?? (atom.kind === "map" ? atom.item : leaf);
    const below = childrenOf(item, member, { ...walk, path });
    if (atom.kind === "map") children[`f:${name}`] = asItem(below);
    else if (!isEmptySet(below) || isOwnedItself(item, member)) children[`f:${name}`] = below;
  }
  return children;
}

const leaf: Atom = { kind: "leaf" };

/** True for a value without parts: null, an empty struct, a scalar, a list that no schema describes. An empty list that is owned by its items has no owner. */
function isOwnedItself(atom: Atom, value: Json): boolean {
  if (atom.kind === "leaf") return true;
  if (Array.isArray(value)) return atom.kind !== "list" && atom.kind !== "set";
  return !isJsonObject(value) || Object.keys(value).length === 0;
}

function childrenOfList(atom: ListAtom | { readonly kind: "set" }, items: readonly Json[], walk: Walk): FieldSet {
  const children: FieldSetDraft = {};
  items.forEach((item, index) => {
    const missing = missingKey(atom, item);
    if (missing !== undefined) {
      walk.errors.push(`${printFieldPath(walk.path)}: element ${index}: ${missing}`);
      return;
    }
    const element = elementOfItem(atom, item);
    const path = [...walk.path, element];
    if (element in children) walk.errors.push(`${printFieldPath(walk.path)}: duplicate entries for key ${printFieldPath([element])}`);
    else children[element] = asItem(atom.kind === "list" ? childrenOf(atom.item, item, { ...walk, path }) : noFields);
  });
  return children;
}

function missingKey(atom: ListAtom | { readonly kind: "set" }, item: Json): string | undefined {
  if (atom.kind === "set") return item === null ? "associative list without keys has an element that's an explicit null" : undefined;
  if (!isJsonObject(item)) return "associative list with keys may not have non-map elements";
  const missing = atom.keys.find((key) => (item[key.name] ?? key.default) === undefined);
  return missing === undefined ? undefined : `associative list with keys has an element that omits key field ${JSON.stringify(missing.name)} (and doesn't have default value)`;
}

function asItem(below: FieldSet): FieldSet {
  return isEmptySet(below) ? noFields : { [self]: noFields, ...below };
}
