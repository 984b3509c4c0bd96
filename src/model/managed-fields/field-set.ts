import { isJsonObject, parseJson } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";

/**
 * A set of fields, as the tree `fieldsV1` is: path elements `f:NAME`, `k:{"KEY":VALUE}`, `v:VALUE`, `i:INDEX` lead to what lies below them. A node is
 * in the set when it is empty or holds `.`; an empty root is the empty set. Values are shared and never changed.
 *
 * @see sigs.k8s.io/structured-merge-diff fieldpath/serialize.go
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set on its way; elements are prefixed, so that no name of a field can hurt. */
export type FieldSetDraft = Record<string, FieldSet>;

/** The empty set; below the root the same value is a field without others below it. */
export const noFields: FieldSet = Object.freeze({});

/** What says that a node with others below it is in the set itself. */
export const self = ".";

/** True for a root without fields. */
export function isEmptySet(set: FieldSet): boolean {
  for (const _element in set) return false;
  return true;
}

/** True for a node below the root that is in the set itself. */
export function isMember(node: FieldSet): boolean {
  return self in node || isEmptySet(node);
}

/** True when the field at a path is in the set. */
export function hasField(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.[element];
  return node !== undefined && path.length > 0 && isMember(node);
}

/** The set with the one field at a path. */
export function setOfPath(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((below, element) => ({ [element]: below }), noFields);
}

/** What is in one of two sets. */
export function unionOf(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  return mergeChildren(a, b);
}

function mergeChildren(a: FieldSet, b: FieldSet): FieldSet {
  const merged: FieldSetDraft = { ...a };
  for (const element in b) {
    const mine = a[element];
    const other = b[element];
    if (other !== undefined) merged[element] = mine === undefined ? other : unionOfNodes(mine, other);
  }
  return merged;
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (isEmptySet(a)) return asMember(b);
  if (isEmptySet(b)) return asMember(a);
  return mergeChildren(a, b);
}

/** The same node, in the set itself. */
export function asMember(node: FieldSet): FieldSet {
  return isMember(node) ? node : { [self]: noFields, ...node };
}

/** What is in `a` and not in `b`; `a` itself when that is all of it. */
export function differenceOf(a: FieldSet, b: FieldSet): FieldSet {
  const left: FieldSetDraft = {};
  let isSame = true;
  for (const element in a) {
    const mine = a[element];
    const gone = b[element];
    const rest = mine === undefined || gone === undefined ? mine : element === self ? undefined : differenceOfNodes(mine, gone);
    if (rest !== mine) isSame = false;
    if (rest !== undefined) left[element] = rest;
  }
  return isSame ? a : left;
}

function differenceOfNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const isGone = isMember(b);
  if (isEmptySet(a)) return isGone ? undefined : a;
  const isIn = self in a && !isGone;
  const below = differenceOf(a, b);
  if (below === a && (isIn || !(self in a))) return a;
  const { [self]: _self, ...others } = below;
  if (isEmptySet(others)) return isIn ? noFields : undefined;
  return isIn ? { [self]: noFields, ...others } : others;
}

/** What is in `a` and not below or at a field of `b`. */
export function withoutSubtrees(a: FieldSet, b: FieldSet): FieldSet {
  const left: FieldSetDraft = {};
  for (const [element, node] of Object.entries(a)) {
    const gone = b[element];
    if (gone === undefined) left[element] = node;
    else if (!isMember(gone)) {
      const rest = withoutSubtrees(node, gone);
      if (isEmptySet(node) || !isEmptySet(rest)) left[element] = rest;
    }
  }
  return left;
}

/** What is in both sets. */
export function intersectionOf(a: FieldSet, b: FieldSet): FieldSet {
  const shared: FieldSetDraft = {};
  for (const element in a) {
    const mine = a[element];
    const other = b[element];
    if (element === self || mine === undefined || other === undefined) continue;
    const isIn = isMember(mine) && isMember(other);
    const below = intersectionOf(mine, other);
    if (isIn) shared[element] = isEmptySet(below) ? noFields : { [self]: noFields, ...below };
    else if (!isEmptySet(below)) shared[element] = below;
  }
  return shared;
}

/** The paths of all fields in a set: those of a node before those below it, each in order. */
export function pathsOf(set: FieldSet): readonly (readonly string[])[] {
  const elements = Object.keys(set).filter((element) => element !== self).toSorted(compareElements);
  const paths = elements.filter((element) => isMember(set[element] ?? noFields)).map((element): readonly string[] => [element]);
  return [...paths, ...elements.flatMap((element) => pathsOf(set[element] ?? noFields).map((path) => [element, ...path]))];
}

/** `f:` before `k:` before `v:` before `i:`, as upstream writes them; `.` first. */
const elementOrder = [self, "f", "k", "v", "i"];

function compareElements(a: string, b: string): number {
  const byKind = elementOrder.indexOf(a.charAt(0)) - elementOrder.indexOf(b.charAt(0));
  return byKind !== 0 ? byKind : a < b ? -1 : Number(a > b);
}

/** The same set with its elements in upstream's order: equal sets have equal texts. */
export function printFieldSet(set: FieldSet): FieldSet {
  return Object.fromEntries(Object.keys(set).toSorted(compareElements).map((element) => [element, printFieldSet(set[element] ?? noFields)]));
}

/** Reads `fieldsV1` as a client may send it; undefined where an element makes no sense. Keys and values become canonical. */
export function parseFieldSet(json: Json | undefined): FieldSet | undefined {
  if (!isJsonObject(json)) return undefined;
  const set: FieldSetDraft = {};
  for (const [text, below] of Object.entries(json)) {
    const element = parseElement(text);
    const node = parseFieldSet(below);
    if (element === undefined || node === undefined || (element === self && !isEmptySet(node))) return undefined;
    set[element] = node;
  }
  return set;
}

function parseElement(text: string): string | undefined {
  if (text === self) return text;
  const value = text.slice(2);
  switch (text.slice(0, 2)) {
    case "f:": return text;
    case "i:": return /^-?\d+$/.test(value) ? text : undefined;
    case "k:": { const key = parseJson(value); return isJsonObject(key) ? keyElement(key) : undefined; }
    case "v:": { const parsed = parseJson(value); return parsed === undefined ? undefined : valueElement(parsed); }
    default: return undefined;
  }
}

/** The element of an item found by its key fields; fields are sorted. */
export function keyElement(key: { readonly [name: string]: Json | undefined }): string {
  const names = Object.keys(key);
  if (names.length > 1) return `k:${JSON.stringify(Object.fromEntries(names.toSorted().map((name) => [name, key[name]])))}`;
  return `k:${JSON.stringify(key)}`;
}

/** The element of an item found by its value. */
export function valueElement(value: Json): string {
  return `v:${JSON.stringify(value)}`;
}

/** A path as upstream prints it: `.spec.containers[name="web"].image`, `.metadata.finalizers[="x"]`. */
export function printFieldPath(path: readonly string[]): string {
  return path.map((element) => {
    const value = element.slice(2);
    switch (element.slice(0, 2)) {
      case "f:": return `.${value}`;
      case "k:": { const key = parseJson(value); return `[${Object.entries(isJsonObject(key) ? key : {}).map(([name, one]) => `${name}=${JSON.stringify(one)}`).join(",")}]`; }
      case "v:": return `[=${value}]`;
      default: return `[${value}]`;
    }
  }).join("");
}
