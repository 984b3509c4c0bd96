import { isJsonObject, withoutMember } from "./json.ts";
import type { Json } from "./json.ts";
import { ValueError } from "./value-error.ts";

/** Members by name, list items by index. */
export type FieldPath = readonly (string | number)[];

const partPattern = /\.?([^.[\]]+)|\[([^\]]*)\]/y;

/** Reads `spec.containers[0].image`, `metadata.labels[example.com/a]`; a leading dot is allowed. Throws ValueError. */
export function parseFieldPath(text: string): FieldPath {
  const parts: (string | number)[] = [];
  let position = 0;
  while (position < text.length) {
    partPattern.lastIndex = position;
    const found = partPattern.exec(text);
    if (found === null) throw new ValueError("syntax", `field path "${text}" cannot be read at character ${position + 1}`);
    const [whole, name, bracket] = found;
    parts.push(name ?? (bracket !== undefined && /^[0-9]+$/.test(bracket) ? Number(bracket) : (bracket ?? "").replace(/^["'](.*)["']$/, "$1")));
    position += whole.length;
  }
  return parts;
}

/** Prints a path as Kubernetes does; a name with dots or brackets stands in brackets. */
export function printFieldPath(path: FieldPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number" || /[.[\]/]/.test(part)) text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** Reads a JSON pointer (RFC 6901); digits stay text and fit both lists and objects. Throws ValueError. */
export function parsePointer(text: string): readonly string[] {
  if (text === "") return [];
  if (!text.startsWith("/")) throw new ValueError("syntax", `JSON pointer "${text}" must start with "/"`);
  return text.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Prints a path as a JSON pointer (RFC 6901). */
export function printPointer(path: FieldPath): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The value at a path, or undefined. A path may be given as its dotted text. */
export function readField(value: unknown, path: FieldPath | string): Json | undefined {
  let current: unknown = value;
  for (const part of typeof path === "string" ? parseFieldPath(path) : path) {
    if (Array.isArray(current)) current = current[indexOf(part)];
    else if (isJsonObject(current)) current = Object.hasOwn(current, part) ? current[part] : undefined;
    else return undefined;
  }
  return current as Json | undefined;
}

/** A copy with the value set at a path; missing objects on the way are made. Throws ValueError when a scalar or a missing list item is in the way. */
export function withField(value: Json | undefined, path: FieldPath | string, field: Json): Json {
  return change(value, typeof path === "string" ? parseFieldPath(path) : path, field);
}

/** A copy without the value at a path; the same value when there is none. */
export function withoutField(value: Json, path: FieldPath | string): Json {
  const parts = typeof path === "string" ? parseFieldPath(path) : path;
  return readField(value, parts) === undefined ? value : change(value, parts, undefined);
}

function change(value: Json | undefined, path: FieldPath, field: Json | undefined): Json {
  const [part, ...rest] = path;
  if (part === undefined) return field ?? null;
  if (Array.isArray(value)) {
    const index = indexOf(part);
    if (!(index >= 0 && index <= value.length)) throw new ValueError("patch", `there is no list item ${part}`);
    if (rest.length === 0 && field === undefined) return value.toSpliced(index, 1);
    return value.toSpliced(index, 1, change(value[index], rest, field));
  }
  if (value !== undefined && value !== null && !isJsonObject(value)) throw new ValueError("patch", `field ${part} has no place in a ${typeof value}`);
  if (rest.length === 0 && field === undefined) return withoutMember(value ?? {}, String(part));
  const copy: Record<string, Json | undefined> = { ...value };
  Object.defineProperty(copy, part, { value: change(value === null || value === undefined || !Object.hasOwn(value, part) ? undefined : value[part], rest, field), enumerable: true, writable: true, configurable: true });
  return copy;
}

function indexOf(part: string | number): number {
  return typeof part === "number" ? part : /^(0|[1-9][0-9]*)$/.test(part) ? Number(part) : -1;
}
