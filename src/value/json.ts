/** Any JSON value. Objects from a store or cache are never changed in place. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; an absent member and `undefined` mean the same. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** True for a JSON object, false for null, lists and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a text holds; undefined for one that is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** As `parseJson`; undefined for what is no object, too. */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
}

/** A typed object as plain JSON. The API's generated types are JSON by construction; TypeScript cannot see it of an interface. */
export function asJson(value: object): JsonObject {
  return value as JsonObject;
}

/**
 * The object without one member. What `delete` leaves V8 keeps as a table; a single such object without members makes it compile each walk over objects that
 * meets it anew for ever, as it learns nothing from it and yet has to treat all others alike.
 */
export function withoutMember(object: JsonObject, name: string): Record<string, Json | undefined> {
  const { [name]: _gone, ...left } = object;
  return left;
}
