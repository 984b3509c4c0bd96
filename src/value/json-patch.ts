import { isEqual } from "./equal.ts";
import { parsePointer } from "./field-path.ts";
import { isJsonObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { ValueError } from "./value-error.ts";

/** Kubernetes' bound on the operations of one patch. */
export const patchOperationsMax = 10_000;
/** Kubernetes' bound on what `copy` operations may add together (JSONPatchMaxCopyBytes). */
export const patchCopyBytesMax = 3 * 1024 * 1024;

type MutableJson = null | boolean | number | string | MutableJson[] | { [key: string]: MutableJson };

/**
 * Applies a JSON Patch (RFC 6902) to a copy. Throws ValueError "patch" or "limit" naming the operation that does not fit.
 *
 * As Kubernetes reads it, an absent member of an object that is there is null: it may be replaced, copied and tested, and a test for null holds. An index may
 * have leading zeros, or be negative and count from the end.
 *
 * @see github.com/evanphx/json-patch v4 patch.go
 */
export function applyJsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw new ValueError("patch", "a JSON patch is a list of operations");
  if (patch.length > patchOperationsMax) {
    throw new ValueError("limit", `The allowed maximum operations in a JSON patch is ${patchOperationsMax}, got ${patch.length}`);
  }
  const root = { "": structuredClone(target) as MutableJson };
  let copiedBytes = 0;
  patch.forEach((operation: Json, index) => {
    if (!isJsonObject(operation)) throw new ValueError("patch", `operation ${index} is not an object`);
    if (operation.op === "copy") copiedBytes += JSON.stringify(read(root, pointerOf(operation, "from", index), index)).length;
    if (copiedBytes > patchCopyBytesMax) throw new ValueError("limit", `copy operations of the patch add more than ${patchCopyBytesMax} bytes`);
    applyOperation(root, operation, index);
  });
  return root[""];
}

type Root = { "": MutableJson };

function applyOperation(root: Root, operation: JsonObject, index: number): void {
  const path = pointerOf(operation, "path", index);
  const op = typeof operation.op === "string" ? operation.op : "";
  switch (op) {
    case "add": return add(root, path, valueOf(operation, index), index);
    case "remove": return remove(root, path, index);
    case "replace": return replace(root, path, valueOf(operation, index), index);
    case "copy": return add(root, path, structuredClone(read(root, pointerOf(operation, "from", index), index)), index);
    case "move": {
      const from = pointerOf(operation, "from", index);
      if (from.length < path.length && from.every((part, at) => part === path[at])) throw new ValueError("patch", `operation ${index}: a value cannot move into itself`);
      const value = read(root, from, index);
      remove(root, from, index);
      return add(root, path, value, index);
    }
    case "test": {
      if (!isEqual(read(root, path, index), valueOf(operation, index))) throw new ValueError("patch", `operation ${index}: testing value ${path.join("/")} failed`);
      return;
    }
    default: throw new ValueError("patch", `operation ${index}: unknown op ${JSON.stringify(op)}`);
  }
}

/** The parts below the root, which itself is the member "". */
function pointerOf(operation: JsonObject, member: "path" | "from", index: number): readonly string[] {
  const text = operation[member];
  if (typeof text !== "string") throw new ValueError("patch", `operation ${index}: ${member} is missing`);
  return ["", ...parsePointer(text)];
}

function valueOf(operation: JsonObject, index: number): MutableJson {
  if (operation.value === undefined) throw new ValueError("patch", `operation ${index}: value is missing`);
  return structuredClone(operation.value) as MutableJson;
}

/** The list or object that holds the last part of a path. */
function containerOf(root: Root, path: readonly string[], index: number): MutableJson[] | { [key: string]: MutableJson } {
  let current: MutableJson = root;
  for (const part of path.slice(0, -1)) {
    const next: MutableJson | undefined = Array.isArray(current) ? current[listIndex(part, current.length)]
      : isObject(current) && Object.hasOwn(current, part) ? current[part] : undefined;
    if (next === undefined) throw missing(path, index);
    current = next;
  }
  if (Array.isArray(current) || isObject(current)) return current;
  throw missing(path, index);
}

function read(root: Root, path: readonly string[], index: number): MutableJson {
  const parent = containerOf(root, path, index);
  const last = path.at(-1) ?? "";
  if (!Array.isArray(parent)) return Object.hasOwn(parent, last) ? parent[last] ?? null : null;
  const item = parent[listIndex(last, parent.length)];
  if (item === undefined) throw missing(path, index);
  return item;
}

function add(root: Root, path: readonly string[], value: MutableJson, index: number): void {
  const parent = containerOf(root, path, index);
  const last = path.at(-1) ?? "";
  if (!Array.isArray(parent)) { set(parent, last, value); return; }
  // A negative index counts from the end the list will have.
  const at = last === "-" ? parent.length : listIndex(last, parent.length + 1);
  if (at < 0) throw missing(path, index);
  parent.splice(at, 0, value);
}

function replace(root: Root, path: readonly string[], value: MutableJson, index: number): void {
  const parent = containerOf(root, path, index);
  const last = path.at(-1) ?? "";
  if (!Array.isArray(parent)) { set(parent, last, value); return; }
  const at = listIndex(last, parent.length);
  if (at < 0) throw missing(path, index);
  parent[at] = value;
}

function remove(root: Root, path: readonly string[], index: number): void {
  if (path.length === 1) throw new ValueError("patch", `operation ${index}: the whole object cannot be removed`);
  const parent = containerOf(root, path, index);
  const last = path.at(-1) ?? "";
  if (Array.isArray(parent)) {
    const at = listIndex(last, parent.length);
    if (at < 0) throw missing(path, index);
    parent.splice(at, 1);
  } else {
    if (!Object.hasOwn(parent, last)) throw missing(path, index);
    delete parent[last];
  }
}

function set(object: { [key: string]: MutableJson }, name: string, value: MutableJson): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

function isObject(value: MutableJson): value is { [key: string]: MutableJson } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The index a pointer part means in a list of some length, or -1. */
function listIndex(part: string, length: number): number {
  if (!/^[+-]?[0-9]+$/.test(part)) return -1;
  const at = Number(part) < 0 ? Number(part) + length : Number(part);
  return at >= 0 && at < length ? at : -1;
}

function missing(path: readonly string[], index: number): ValueError {
  return new ValueError("patch", `operation ${index}: doc is missing path "${path.slice(1).map((part) => `/${part}`).join("")}"`);
}
