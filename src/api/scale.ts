import { ApiError } from "../model/api-error.ts";
import { findTypeErrors } from "../model/check-types.ts";
import type { FieldError } from "../model/field-error.ts";
import type { Kind, Scale } from "../model/kind.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";

/** The `autoscaling/v1` Scale of an object, from the kind's paths. */
export function scaleOf(paths: Scale, object: JsonObject): JsonObject {
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  const kept = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"].flatMap((key) => (metadata[key] === undefined ? [] : [[key, metadata[key]] as const]));
  const replicas = valueAt(object, paths.specReplicasPath);
  const current = valueAt(object, paths.statusReplicasPath);
  const selector = printLabelSelector(valueAt(object, paths.selectorPath));
  return {
    kind: "Scale", apiVersion: "autoscaling/v1", metadata: Object.fromEntries(kept),
    spec: typeof replicas === "number" && replicas !== 0 ? { replicas } : {},
    status: { replicas: typeof current === "number" ? current : 0, ...(selector === "" ? {} : { selector }) },
  };
}

/** The merge patch that gives an object the replicas of a Scale. Throws Invalid for a Scale that makes no sense, BadRequest for another kind. */
export function patchOfScale(kind: Pick<Kind, "scale">, name: string, scale: JsonObject): JsonObject {
  // A body that does not say what it is is taken for what is expected there.
  if ((scale["kind"] ?? "Scale") !== "Scale" || (scale["apiVersion"] ?? "autoscaling/v1") !== "autoscaling/v1") throw new ApiError("BadRequest", "the body of the request is not an autoscaling/v1 Scale");
  const [wrong] = findTypeErrors({ message: "autoscaling/v1.Scale" }, scale);
  if (wrong?.decoding !== undefined) throw new ApiError("BadRequest", `Scale in version "v1" cannot be handled as a Scale: ${wrong.decoding}`);
  const spec = isJsonObject(scale["spec"]) ? scale["spec"] : {};
  const replicas = spec["replicas"] ?? 0;
  if (typeof replicas !== "number" || !Number.isSafeInteger(replicas) || replicas < 0) {
    const cause: FieldError = { type: "Invalid", path: "spec.replicas", value: replicas, detail: "must be greater than or equal to 0" };
    throw new ApiError("Invalid", `Scale.autoscaling ${JSON.stringify(name)} is invalid: spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`, {
      details: { group: "autoscaling", kind: "Scale", name }, causes: [cause],
    });
  }
  const metadata = isJsonObject(scale["metadata"]) ? scale["metadata"] : {};
  const revision = metadata["resourceVersion"];
  const patch = nested(segmentsOf(kind.scale?.specReplicasPath ?? ".spec.replicas"), replicas);
  return { ...patch, ...(typeof revision === "string" && revision !== "" ? { metadata: { resourceVersion: revision } } : {}) };
}

function segmentsOf(path: string): readonly string[] {
  return path.split(".").filter((segment) => segment !== "");
}

function valueAt(object: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const segment of segmentsOf(path)) value = isJsonObject(value) ? value[segment] : undefined;
  return value;
}

function nested(segments: readonly string[], value: Json): JsonObject {
  const [first = "", ...rest] = segments;
  return { [first]: rest.length === 0 ? value : nested(rest, value) };
}

/** A label selector as query text: `app=web,tier in (a,b),!old`. A plain map of labels is one, too, and objects of definitions have the text itself. */
function printLabelSelector(selector: Json | undefined): string {
  if (!isJsonObject(selector)) return textOf(selector);
  const labels = isJsonObject(selector["matchLabels"]) ? selector["matchLabels"] : {};
  const expressions = Array.isArray(selector["matchExpressions"]) ? selector["matchExpressions"].filter(isJsonObject) : [];
  const equalities = Object.entries(labels).map(([key, value]) => ({ key, text: `${key}=${textOf(value)}` }));
  const others = expressions.map((expression) => ({ key: textOf(expression["key"]), text: printExpression(expression) }));
  return [...equalities, ...others].toSorted((a, b) => (a.key < b.key ? -1 : 1)).map((part) => part.text).join(",");
}

function printExpression(expression: JsonObject): string {
  const key = textOf(expression["key"]);
  const values = Array.isArray(expression["values"]) ? expression["values"].map(textOf).toSorted().join(",") : "";
  switch (textOf(expression["operator"])) {
    case "In": return `${key} in (${values})`;
    case "NotIn": return `${key} notin (${values})`;
    case "DoesNotExist": return `!${key}`;
    default: return key;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
