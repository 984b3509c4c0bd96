/**
 * The two views of one object: JSON as it travels and lies in the store, and `ApiObject` as typed code sees it. This is the parser of the floor,
 * and with `encode.ts` the only place where one is taken for the other.
 */
import type { Kind } from "../model/kind.ts";
import { apiVersionOf } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { isJsonObject } from "../value/json.ts";

/** An object's JSON view. */
export function jsonOf(object: ApiObject): JsonObject {
  return object as unknown as JsonObject;
}

/** A typed view of JSON that has apiVersion, kind and metadata. */
export function objectOf(json: JsonObject): ApiObject {
  return json as unknown as ApiObject;
}

/** The object's metadata; empty where there is none. */
export function metadataOf(json: JsonObject): JsonObject {
  return isJsonObject(json["metadata"]) ? json["metadata"] : {};
}

/** A text member; "" where it is absent or something else. */
export function textOf(json: JsonObject, member: string): string {
  const value = json[member];
  return typeof value === "string" ? value : "";
}

/** A list of texts; what is no text is left out. */
export function textsOf(json: JsonObject, member: string): readonly string[] {
  const value = json[member];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** `json` with these members replaced; `undefined` takes a member away. */
export function withMembers(json: JsonObject, members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const result: Record<string, Json> = {};
  for (const name in json) {
    const value = json[name];
    if (value !== undefined && !(name in members)) result[name] = value;
  }
  for (const name in members) {
    const value = members[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}

/** `json` with these members of its metadata replaced; `undefined` takes one away. */
export function withMetadata(json: JsonObject, members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return { ...json, metadata: withMembers(metadataOf(json), members) };
}

/** True for an object of this kind, as its own apiVersion and kind say. */
export function isOfKind<T extends ApiObject>(kind: Kind<T>, object: ApiObject): object is T {
  return object.kind === kind.kind && object.apiVersion === apiVersionOf(kind);
}
