import { isJsonObject, parseJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { Structure } from "./atom.ts";
import { compareObjects } from "./compare.ts";
import { differenceOf, noFields } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";
import { specifiedFields } from "./specified.ts";

/** Where `kubectl apply` on the client's side keeps what it applied last. */
export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** The one manager that takes over from client-side apply. */
const kubectlManager = "kubectl";

/** Longest annotations upstream's kubectl writes; what is longer is left out. */
const lastAppliedLengthMax = 262_144;

/**
 * What `kubectl` may take from others without force: fields of the last client-side apply that are still as it left them. Pure.
 *
 * @see kubernetes apimachinery pkg/util/managedfields/internal/lastappliedmanager.go
 */
export function allowedByLastApplied(message: Structure, live: JsonObject, manager: string): FieldSet {
  const last = manager === kubectlManager ? parseLastApplied(lastAppliedOf(live)) : undefined;
  if (last === undefined) return noFields;
  const { fields, errors } = specifiedFields(message, last);
  if (errors.length > 0) return noFields;
  const { changed, removed } = compareObjects(message, last, live);
  return differenceOf(differenceOf(fields, changed), removed);
}

/** The object with its note of the last client-side apply brought up to date, where it has one and `kubectl` applies. */
export function withLastApplied(object: JsonObject, manifest: JsonObject, manager: string): JsonObject {
  if (manager !== kubectlManager || lastAppliedOf(object) === undefined) return object;
  const metadata = objectAt(object, "metadata");
  const { [lastAppliedAnnotation]: _last, ...annotations } = objectAt(metadata, "annotations");
  const text = `${JSON.stringify(withoutNote(manifest))}\n`;
  const note = text.length > lastAppliedLengthMax ? {} : { [lastAppliedAnnotation]: text };
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, ...note } } };
}

function withoutNote(manifest: JsonObject): JsonObject {
  const metadata = objectAt(manifest, "metadata");
  const annotations = objectAt(metadata, "annotations");
  if (annotations[lastAppliedAnnotation] === undefined) return manifest;
  const { [lastAppliedAnnotation]: _last, ...others } = annotations;
  return { ...manifest, metadata: { ...metadata, annotations: others } };
}

function lastAppliedOf(object: JsonObject): string | undefined {
  const text = objectAt(objectAt(object, "metadata"), "annotations")[lastAppliedAnnotation];
  return typeof text === "string" && text !== "" ? text : undefined;
}

function parseLastApplied(text: string | undefined): JsonObject | undefined {
  return text === undefined ? undefined : parseJsonObject(text);
}

function objectAt(object: JsonObject, member: string): JsonObject {
  const value = object[member];
  return isJsonObject(value) ? value : {};
}
