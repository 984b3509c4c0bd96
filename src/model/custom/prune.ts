import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { pruneUnknownIn } from "../fields.ts";
import type { PrunedFields } from "../fields.ts";
import { additionalOf, isEmbedded, itemsOf, keepsUnknown, metadataMessage, propertyOf, resourceFields } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/**
 * A resource without the fields its schema does not have, and their paths. Changes nothing in place.
 *
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/pruning/algorithm.go
 */
export function pruneResource(schema: Schema, body: JsonObject): PrunedFields {
  const unknown: string[] = [];
  return { object: pruneObject(schema, body, { path: "", unknown, isResource: true }), unknown };
}

interface State {
  readonly path: string;
  readonly unknown: string[];
  /** The object has apiVersion, kind and metadata whatever its schema says. */
  readonly isResource: boolean;
}

function pruneValue(schema: Schema | undefined, value: Json, state: State): Json {
  if (isJsonObject(value)) return pruneObject(schema, value, { ...state, isResource: schema !== undefined && isEmbedded(schema) });
  if (!Array.isArray(value)) return value;
  const item = schema === undefined ? undefined : itemsOf(schema);
  // What a schema keeps without describing is kept whole.
  if (item === undefined && schema !== undefined && keepsUnknown(schema)) return value;
  const items = value.map((member: Json, index) => pruneValue(item, member, { ...state, path: `${state.path}[${index}]` }));
  return items.every((member, index) => member === value[index]) ? value : items;
}

function pruneObject(schema: Schema | undefined, value: JsonObject, state: State): JsonObject {
  let pruned: Record<string, Json | undefined> | undefined;
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const next = pruneMember(schema, { name, member }, { ...state, path: state.path === "" ? name : `${state.path}.${name}` });
    if (next === member) continue;
    pruned ??= { ...value };
    if (next === undefined) delete pruned[name];
    else pruned[name] = next;
  }
  return pruned ?? value;
}

/** Metadata of a resource within another has no nulls: it is read and written again, where that of the object itself is still to be patched. */
function pruneMetadata(metadata: JsonObject, state: State): JsonObject {
  const pruned = pruneUnknownIn(metadataMessage, metadata, state);
  if (state.path === "metadata") return pruned;
  const kept = Object.entries(pruned).filter(([, value]) => value !== null);
  return kept.length === Object.keys(pruned).length ? pruned : Object.fromEntries(kept);
}

/** The member as it stays, undefined when it goes. */
function pruneMember(schema: Schema | undefined, { name, member }: { readonly name: string; readonly member: Json }, state: State): Json | undefined {
  if (state.isResource && resourceFields.has(name)) {
    return name === "metadata" && isJsonObject(member) ? pruneMetadata(member, state) : member;
  }
  const declared = schema === undefined ? undefined : propertyOf(schema, name);
  if (declared !== undefined) return pruneValue(declared, member, state);
  const additional = schema === undefined ? undefined : additionalOf(schema);
  if (additional !== undefined) return pruneValue(additional, member, state);
  if (schema !== undefined && keepsUnknown(schema)) return member;
  state.unknown.push(state.path);
  return undefined;
}
