import { isEqual } from "./equal.ts";
import { isJsonObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { ValueError } from "./value-error.ts";

/** Kubernetes' bound on the operations of one patch. */
export const patchOperationsMax = 10_000;
/** Kubernetes' bound on what `copy` operations may add together (JSONPatchMaxCopyBytes). */
export const patchCopyBytesMax = 3 * 1024 * 1024;

type MutableJson = null | boolean | number | string | MutableJson[] | { [key: string]: MutableJson };
type Container = MutableJson[] | { [key: string]: MutableJson };

/**
 * Applies a JSON Patch (RFC 6902) to a copy. Throws ValueError: "syntax" for what is no patch, "limit" for one that is too long, "patch" for one that does
 * not fit, in the words of the library Kubernetes uses.
 *
 * As that library reads it, an absent member of an object that is there is null: it may be replaced, copied and tested, and a test for null holds; so is an
 * absent `value`. An index may have leading zeros, or be negative and count from the end. Of the whole document there is only `test` and `replace`, where
 * RFC 6902 has all.
 *
 * @see github.com/evanphx/json-patch v4 patch.go
 */
export function applyJsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw new ValueError("syntax", `json: cannot unmarshal ${typeName(patch)} into Go value of type jsonpatch.Patch`);
  const operations = patch.map((operation: Json) => {
    if (!isJsonObject(operation)) throw new ValueError("syntax", `json: cannot unmarshal ${typeName(operation)} into Go value of type jsonpatch.Operation`);
    return operation;
  });
  if (operations.length > patchOperationsMax) throw new ValueError("limit", `The allowed maximum operations in a JSON patch is ${patchOperationsMax}, got ${operations.length}`);
  const document: Document = { root: structuredClone(target) as MutableJson, copiedBytes: 0 };
  for (const operation of operations) operationOf(operation)(document, operation);
  return document.root;
}

/** The object being patched. */
interface Document {
  root: MutableJson;
  copiedBytes: number;
}

type Operation = (document: Document, operation: JsonObject) => void;

function operationOf({ op }: JsonObject): Operation {
  const name = typeof op === "string" ? op : "unknown";
  const found = operations.get(name);
  if (found === undefined) throw refused(`Unexpected kind: ${name}`);
  return found;
}

const operations: ReadonlyMap<string, Operation> = new Map([["add", add], ["remove", remove], ["replace", replace], ["move", move], ["copy", copy], ["test", test]]);

function add(document: Document, operation: JsonObject): void {
  const path = textOf(operation, "path", "add operation failed to decode path: missing value");
  const place = placeOf(document, path, `add operation does not apply: doc is missing path: "${path}": missing value`);
  within(`error in add for path: '${path}'`, () => { insert(place, valueOf(operation)); });
}

function remove(document: Document, operation: JsonObject): void {
  const path = textOf(operation, "path", "remove operation failed to decode path: missing value");
  const place = placeOf(document, path, `remove operation does not apply: doc is missing path: "${path}": missing value`);
  within(`error in remove for path: '${path}'`, () => { take(place); });
}

function replace(document: Document, operation: JsonObject): void {
  const path = textOf(operation, "path", "replace operation failed to decode path: operation missing path field: missing value");
  if (path === "") {
    const value = valueOf(operation);
    // Nothing that is no object or list can be a document: it is left as it is.
    if (typeof value === "object" && value !== null) document.root = value;
    return;
  }
  const { container, key } = placeOf(document, path, `replace operation does not apply: doc is missing path: ${path}: missing value`);
  if (!Array.isArray(container)) { set(container, key, valueOf(operation)); return; }
  const at = indexIn(key, container.length);
  if (at === undefined || at < 0) throw refused(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  container[at] = valueOf(operation);
}

function move(document: Document, operation: JsonObject): void {
  const from = textOf(operation, "from", "move operation failed to decode from: operation, missing from field: missing value");
  const source = placeOf(document, from, `move operation does not apply: doc is missing from path: ${from}: missing value`);
  const value = within(`error in move for path: '${source.key}'`, () => { const found = read(source); take(source); return found; });
  const path = textOf(operation, "path", "move operation failed to decode path: operation missing path field: missing value");
  const place = placeOf(document, path, `move operation does not apply: doc is missing destination path: ${path}: missing value`);
  within(`error in move for path: '${path}'`, () => { insert(place, value); });
}

function copy(document: Document, operation: JsonObject): void {
  const from = textOf(operation, "from", "copy operation failed to decode from: operation, missing from field: missing value");
  const source = placeOf(document, from, `copy operation does not apply: doc is missing from path: ${from}: missing value`);
  const value = within(`error in copy for from: '${from}'`, () => structuredClone(read(source)));
  const path = textOf(operation, "path", "copy operation failed to decode path: missing value");
  const place = placeOf(document, path, `copy operation does not apply: doc is missing destination path: ${path}: missing value`);
  document.copiedBytes += JSON.stringify(value).length;
  if (document.copiedBytes > patchCopyBytesMax) throw refused(`Unable to complete the copy, the accumulated size increase of copy is ${document.copiedBytes}, exceeding the limit ${patchCopyBytesMax}`);
  within("error while adding value during copy", () => { insert(place, value); });
}

function test(document: Document, operation: JsonObject): void {
  const path = textOf(operation, "path", "test operation failed to decode path: operation missing path field: missing value");
  const found = path === "" ? document.root
    : within(`error in test for path: '${path}'`, () => read(placeOf(document, path, `test operation does not apply: is missing path: ${path}: missing value`, { isWhole: true })));
  if (!isEqual(found, valueOf(operation))) throw new TestFailed("patch", `testing value ${path} failed: test failed`);
}

/** A member of an object, or an item of a list, that is there or may come. */
interface Place {
  readonly container: Container;
  readonly key: string;
}

/** A `test` found another value. */
class TestFailed extends ValueError {}

/** True for the error of a patch that was not applied because one of its tests found another value. */
export function isTestFailed(error: unknown): boolean {
  return error instanceof TestFailed;
}

/** An error that stands for itself, whatever was being done. */
class WholeError extends ValueError {}

/** Where a path leads. What is before its first slash is nobody's. */
function placeOf({ root }: Document, path: string, missing: string, { isWhole = false }: { readonly isWhole?: boolean } = {}): Place {
  const fail = (): ValueError => (isWhole ? new WholeError("patch", missing) : refused(missing));
  const parts = path.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const key = parts.pop();
  if (key === undefined) throw fail();
  let current: MutableJson = root;
  for (const part of parts) {
    const next = memberOf(current, part);
    if (next === undefined) throw fail();
    current = next;
  }
  if (typeof current !== "object" || current === null) throw fail();
  return { container: current, key };
}

function memberOf(value: MutableJson, part: string): MutableJson | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return Object.hasOwn(value, part) ? value[part] : undefined;
  const at = indexIn(part, value.length);
  return at === undefined || at < 0 ? undefined : value[at];
}

function read({ container, key }: Place): MutableJson {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] ?? null : null;
  return container[indexOrFail(key, container.length)] ?? null;
}

function take({ container, key }: Place): void {
  if (Array.isArray(container)) { container.splice(indexOrFail(key, container.length), 1); return; }
  if (!Object.hasOwn(container, key)) throw refused(`Unable to remove nonexistent key: ${key}: missing value`);
  delete container[key];
}

function insert({ container, key }: Place, value: MutableJson): void {
  if (!Array.isArray(container)) { set(container, key, value); return; }
  if (key === "-") { container.push(value); return; }
  if (indexIn(key, 0) === undefined) throw refused(`value was not a proper array index: '${key}': ${notNumber(key)}`);
  // A negative index counts from the end the list will have.
  container.splice(indexOrFail(key, container.length + 1), 0, value);
}

function set(object: { [key: string]: MutableJson }, name: string, value: MutableJson): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

/** The index a part of a path means in a list of some length: -1 for one outside it, undefined for what is no number. */
function indexIn(part: string, length: number): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(part)) return undefined;
  const at = Number(part) < 0 ? Number(part) + length : Number(part);
  return at >= 0 && at < length ? at : -1;
}

function indexOrFail(part: string, length: number): number {
  const at = indexIn(part, length);
  if (at === undefined) throw refused(notNumber(part));
  if (at < 0) throw refused(`Unable to access invalid index: ${Number(part)}: invalid index referenced`);
  return at;
}

function notNumber(part: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`;
}

function textOf(operation: JsonObject, member: "path" | "from", missing: string): string {
  const text = operation[member];
  if (typeof text !== "string") throw refused(missing);
  return text;
}

function valueOf({ value = null }: JsonObject): MutableJson {
  return structuredClone(value) as MutableJson;
}

/** Runs a step; its refusal says what was being done. */
function within<T>(what: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ValueError) || error instanceof WholeError) throw error;
    throw new ValueError("patch", `${what}: ${error.message}`, { cause: error });
  }
}

function refused(message: string): ValueError {
  return new ValueError("patch", message);
}

/** What Go calls the type of a JSON value. */
function typeName(value: Json): string {
  return Array.isArray(value) ? "array" : value === null || typeof value === "object" ? "object" : typeof value === "boolean" ? "bool" : typeof value;
}
