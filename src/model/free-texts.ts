import type { FieldPath } from "../value/field-path.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";

/** All that is decided by a text: texts of one class are treated alike by everything the API does. */
export type TextClass = (text: string) => string;

/** Where the texts of an object stand that nothing but its readers look at, beyond their class: by members; items of lists alike. */
export interface FreeTexts {
  readonly [member: string]: FreeTexts | TextClass;
}

/** A text nobody looks at. */
export const anyText: TextClass = () => "";

/** One free text of an object. */
export interface FreeText {
  readonly path: FieldPath;
  readonly text: string;
}

/** The free texts of a value, in the order in which they stand in it. */
export function freeTextsIn(value: Json | undefined, free: FreeTexts | TextClass | undefined, path: FieldPath = []): readonly FreeText[] {
  if (free === undefined || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => freeTextsIn(item, free, [...path, index]));
  if (typeof free === "function") return typeof value === "string" ? [{ path, text: value }] : [];
  return isJsonObject(value) ? Object.keys(value).flatMap((name) => freeTextsIn(value[name], free[name], [...path, name])) : [];
}

/**
 * True for a value that is as the example but for free texts of the same class; adds them to `texts`, in the order of `freeTextsIn`. Heeds the order of
 * members, as their text does.
 *
 * @param except a member of the value itself that is not looked at
 */
export function isLike(value: Json | undefined, example: Json | undefined, { free, texts, except }: {
  readonly free: FreeTexts | TextClass | undefined; readonly texts: string[]; readonly except?: string;
}): boolean {
  if (free === undefined && value === example) return true;
  if (typeof value === "string") return typeof example === "string" && (typeof free === "function" ? isTextLike(value, example, { free, texts }) : value === example);
  if (Array.isArray(value)) {
    if (!Array.isArray(example) || value.length !== example.length) return false;
    for (let index = 0; index < value.length; index++) if (!isLike(value[index] as Json, example[index] as Json, { free, texts })) return false;
    return true;
  }
  if (isJsonObject(value)) return isJsonObject(example) && areMembersLike(value, example, { free: typeof free === "function" ? undefined : free, texts, except });
  return value === example;
}

function isTextLike(value: string, example: string, { free, texts }: { readonly free: TextClass; readonly texts: string[] }): boolean {
  texts.push(value);
  return value === example || free(value) === free(example);
}

function areMembersLike(value: JsonObject, example: JsonObject, { free, texts, except }: { readonly free: FreeTexts | undefined; readonly texts: string[]; readonly except: string | undefined }): boolean {
  const names = Object.keys(example);
  let at = 0;
  for (const name in value) {
    const member = value[name];
    if (member === undefined) continue;
    if (names[at++] !== name || (name !== except && !isLike(member, example[name], { free: free?.[name], texts }))) return false;
  }
  return at === names.length;
}

/** A number that values share which differ in free texts of one class only, and others seldom: of 32 bits. */
export function outlineOf(value: Json | undefined, free: FreeTexts | TextClass | undefined, seed = 0): number {
  if (typeof value === "string") return mixText(seed, typeof free === "function" ? free(value) : value);
  if (typeof value === "number") return mix(seed, value);
  if (typeof value !== "object" || value === null) return mix(seed, value === true ? 1 : 2);
  let outline = seed;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) outline = outlineOf(item, free, mix(outline, 3));
    return outline;
  }
  const below = typeof free === "function" ? undefined : free;
  const object = value as JsonObject;
  for (const name in object) {
    const member = object[name];
    if (member !== undefined) outline = outlineOf(member, below?.[name], mixText(outline, name));
  }
  return mix(outline, 4);
}

/** Length, first letter and the last few tell most texts apart; what these do not, a second look does. */
function mixText(seed: number, text: string): number {
  let mixed = mix(mix(seed, text.length), text.charCodeAt(0));
  for (let at = Math.max(0, text.length - lettersMixed); at < text.length; at++) mixed = mix(mixed, text.charCodeAt(at));
  return mixed;
}

/** Names of many differ in their last letters. */
const lettersMixed = 6;

/** Knuth's multiplicative step, over a rotation. */
function mix(seed: number, value: number): number {
  return Math.imul(((seed << 5) | (seed >>> 27)) ^ value, 0x9e3779b1);
}
