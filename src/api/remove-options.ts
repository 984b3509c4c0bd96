import { findTypeErrors } from "../model/check-types.ts";
import type { FieldError } from "../model/field-error.ts";
import { notSupported } from "../model/print-field-error.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import type { RemoveOptions } from "./client.ts";
import { badRequest, invalidOptions } from "./errors.ts";

const policies = ["Background", "Foreground", "Orphan"] as const;

/** Reads DeleteOptions. Throws BadRequest for what are none, Invalid for values that mean nothing. Nothing is removed on a misunderstanding. */
export function removeOptionsOf(source: JsonObject): RemoveOptions {
  const kind = source["kind"];
  if (kind !== undefined && kind !== "DeleteOptions") throw badRequest(`the body of a delete must be DeleteOptions, not ${JSON.stringify(kind)}`);
  const [wrong] = findTypeErrors({ message: "meta/v1.DeleteOptions" }, source);
  if (wrong !== undefined) throw badRequest(`DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${wrong.decoding ?? `${wrong.path}: ${wrong.detail}`}`);
  const grace = source["gracePeriodSeconds"];
  const dryRun = Array.isArray(source["dryRun"]) ? (source["dryRun"] as readonly Json[]) : [];
  const errors = [...checkPropagation(source), ...checkDryRun(dryRun)];
  if (errors.length > 0) throw invalidOptions("DeleteOptions", errors);
  const propagation = propagationOf(source);
  const given = isJsonObject(source["preconditions"]) ? source["preconditions"] : {};
  const preconditions = {
    ...(typeof given["uid"] === "string" ? { uid: given["uid"] } : {}),
    ...(typeof given["resourceVersion"] === "string" ? { resourceVersion: given["resourceVersion"] } : {}),
  };
  return {
    ...(propagation === undefined ? {} : { propagation }),
    // A negative grace period means "as the object says" upstream as well.
    ...(typeof grace !== "number" || grace < 0 ? {} : { gracePeriodSeconds: grace }),
    ...(Object.keys(preconditions).length > 0 ? { preconditions } : {}),
    ...(isDryRun(dryRun) ? { dryRun: true } : {}),
  };
}

/** @see kubernetes apimachinery pkg/apis/meta/v1/validation/validation.go ValidateDeleteOptions */
function checkPropagation(source: JsonObject): readonly FieldError[] {
  const path = "propagationPolicy";
  const policy = source[path] ?? undefined;
  const isBoth = policy !== undefined && (source["orphanDependents"] ?? undefined) !== undefined;
  return [
    ...(isBoth ? [{ type: "Invalid", path, value: policy, detail: "orphanDependents and deletionPropagation cannot be both set" } as const] : []),
    ...(policy === undefined || policies.some((known) => known === policy) ? [] : [{ type: "NotSupported", path, value: policy, detail: 'supported values: "Foreground", "Background", "Orphan", "nil"' } as const]),
  ];
}

function propagationOf(source: JsonObject): RemoveOptions["propagation"] {
  const orphan = source["orphanDependents"] ?? undefined;
  if (orphan !== undefined) return orphan === true ? "Orphan" : "Background";
  return policies.find((known) => known === source["propagationPolicy"]);
}

/** What is wrong with the values of `dryRun`: there is one. */
export function checkDryRun(values: readonly Json[]): readonly FieldError[] {
  return values.every((value) => value === "All" || value === "") ? [] : [notSupported("dryRun", values, ["All"])];
}

/** True for `All`, false for nothing; other values are refused before. */
export function isDryRun(values: readonly Json[]): boolean {
  return values.includes("All");
}
