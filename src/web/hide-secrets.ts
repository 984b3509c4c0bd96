import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { asJson, isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";

/** Shown in place of what is secret. */
export const hiddenValue = "(hidden)";

/** Annotations that repeat an object's content. */
const copyAnnotations: ReadonlySet<string> = new Set(["kubectl.kubernetes.io/last-applied-configuration"]);

/** True for kinds whose content the page never gets whole: secrets, and rendered artifacts, which may hold some. */
export function isGuardedKind(kind: Kind): boolean {
  return (kind.secretPaths ?? []).length > 0 || kind.kind === "Artifact";
}

/** An object as the page may see it: names and metadata of what is secret, no values; who owns which field is no news there. Pure. */
export function withoutSecrets(kind: Kind, object: ApiObject): JsonObject {
  const json = asJson(object);
  if (!isGuardedKind(kind)) return withoutManagedFields(json);
  const paths = kind.kind === "Artifact" ? ["data"] : (kind.secretPaths ?? []);
  const shown = paths.reduce<JsonObject>((part, path) => hidePath(part, path.split(".")), json);
  return { ...shown, metadata: metadataOnly(json) };
}

/** Metadata of an object and nothing else; of guarded kinds without annotations that repeat content. Pure. */
export function metadataOnly(json: JsonObject): JsonObject {
  const { managedFields: _managed, ...metadata } = isJsonObject(json["metadata"]) ? json["metadata"] : {};
  const annotations = isJsonObject(metadata["annotations"]) ? Object.fromEntries(Object.entries(metadata["annotations"]).filter(([name]) => !copyAnnotations.has(name))) : undefined;
  return { ...metadata, ...(annotations === undefined ? {} : { annotations }) };
}

function withoutManagedFields(json: JsonObject): JsonObject {
  if (!isJsonObject(json["metadata"]) || json["metadata"]["managedFields"] === undefined) return json;
  const { managedFields: _managed, ...metadata } = json["metadata"];
  return { ...json, metadata };
}

function hidePath(json: JsonObject, [name = "", ...rest]: readonly string[]): JsonObject {
  const value = json[name];
  if (value === undefined || value === null) return json;
  if (rest.length > 0) return isJsonObject(value) ? { ...json, [name]: hidePath(value, rest) } : { ...json, [name]: hiddenValue };
  const hidden: Json = isJsonObject(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, hiddenValue])) : hiddenValue;
  return { ...json, [name]: hidden };
}
