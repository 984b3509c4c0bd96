import { ApiError } from "../model/api-error.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import type { RemoveOptions } from "./client.ts";

/** Reads DeleteOptions. Throws BadRequest or Invalid. */
export function removeOptionsOf(source: JsonObject): RemoveOptions {
  const kind = source["kind"];
  if (kind !== undefined && kind !== "DeleteOptions") throw new ApiError("BadRequest", `the body of a delete must be DeleteOptions, not ${JSON.stringify(kind)}`);
  const grace = source["gracePeriodSeconds"] ?? undefined;
  if (grace !== undefined && (typeof grace !== "number" || !Number.isSafeInteger(grace))) throw new ApiError("BadRequest", "gracePeriodSeconds is not a whole number");
  const propagation = parsePropagation(source);
  const given = isJsonObject(source["preconditions"]) ? source["preconditions"] : {};
  const preconditions = {
    ...(typeof given["uid"] === "string" ? { uid: given["uid"] } : {}),
    ...(typeof given["resourceVersion"] === "string" ? { resourceVersion: given["resourceVersion"] } : {}),
  };
  const dryRun = Array.isArray(source["dryRun"]) ? (source["dryRun"] as readonly Json[]) : [];
  return {
    ...(propagation === undefined ? {} : { propagation }),
    // A negative grace period means "as the object says" upstream as well.
    ...(grace === undefined || grace < 0 ? {} : { gracePeriodSeconds: grace }),
    ...(Object.keys(preconditions).length > 0 ? { preconditions } : {}),
    ...(isDryRun(dryRun) ? { dryRun: true } : {}),
  };
}

function parsePropagation(source: JsonObject): RemoveOptions["propagation"] {
  const policy = source["propagationPolicy"] ?? undefined;
  const orphan = source["orphanDependents"] ?? undefined;
  if (policy !== undefined && orphan !== undefined) throw new ApiError("Invalid", "DeleteOptions is invalid: propagationPolicy: Invalid value: orphanDependents and deletionPropagation cannot be both set");
  if (orphan !== undefined) return orphan === true ? "Orphan" : "Background";
  if (policy === undefined || policy === "") return undefined;
  if (policy === "Background" || policy === "Foreground" || policy === "Orphan") return policy;
  throw new ApiError("Invalid", `DeleteOptions is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`, {
    causes: [{ type: "NotSupported", path: "propagationPolicy", value: policy, detail: "supported values: \"Background\", \"Foreground\", \"Orphan\"" }],
  });
}

/** True for `All`, false for nothing. Throws for other values. */
export function isDryRun(values: readonly Json[]): boolean {
  const given = values.filter((value) => value !== "");
  const wrong = given.find((value) => value !== "All");
  if (wrong !== undefined) {
    throw new ApiError("BadRequest", `dryRun: Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`, {
      causes: [{ type: "NotSupported", path: "dryRun", value: wrong, detail: "supported values: \"All\"" }],
    });
  }
  return given.length > 0;
}

