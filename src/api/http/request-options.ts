import { ApiError } from "../../model/api-error.ts";
import type { FieldError } from "../../model/field-error.ts";
import type { JsonObject } from "../../value/json.ts";
import { invalidOptions } from "../errors.ts";
import { fieldManagerLengthMax } from "../field-owners.ts";
import type { LogOptions } from "../nodes.ts";
import type { Patch, RemoveOptions } from "../client.ts";
import type { AnswerFormat } from "./media-type.ts";
import { notSupported } from "../../model/print-field-error.ts";
import { checkDryRun, isDryRun, removeOptionsOf } from "../remove-options.ts";
import type { GetRequest, ListRequest, WriteRequest } from "../verbs.ts";

/** The query most requests have; nobody writes to it. */
const noQuery = new URLSearchParams();

/** Takes a query apart, without its question mark. */
export function parseQuery(text: string): URLSearchParams {
  return text === "" ? noQuery : new URLSearchParams(text);
}

/** Refuses what only a watch may ask for. Throws Invalid. */
export function refuseInitialEvents(query: URLSearchParams): void {
  if (query.has("sendInitialEvents")) throw invalidOptions("ListOptions", [{ type: "Forbidden", path: "sendInitialEvents", detail: "sendInitialEvents is forbidden for list" }]);
}

/** Reads list and watch options from the query. Throws BadRequest naming the parameter. */
export function parseListRequest(query: URLSearchParams, namespace: string | undefined): ListRequest {
  // A list has no use for it, and still reads it.
  parseCount(query, "timeoutSeconds");
  const limit = parseCount(query, "limit");
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...textOf(query, "labelSelector"), ...textOf(query, "fieldSelector"), ...textOf(query, "continue"),
    ...textOf(query, "resourceVersion"), ...textOf(query, "resourceVersionMatch"),
    ...(limit === undefined || limit === 0 ? {} : { limit }),
  };
}

/** Reads the options of a get. Throws BadRequest. */
export function parseGetRequest(query: URLSearchParams): GetRequest {
  if (query.size === 0) return asItStands;
  if (parseFlag(query, "export") === true) throw new ApiError("BadRequest", "the export parameter, deprecated since v1.14, is no longer supported");
  return textOf(query, "resourceVersion");
}

const asItStands: GetRequest = {};

/** True when the query asks for a watch. */
export function isWatchRequest(query: URLSearchParams): boolean {
  return parseFlag(query, "watch") ?? false;
}

/** The watch options beyond those of a list. */
export interface WatchParameters {
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
  readonly sendInitialEvents: boolean | undefined;
}

/** Reads the options of a watch. Throws Invalid for those that do not go together. @see kubernetes apimachinery pkg/apis/meta/internalversion/validation */
export function parseWatchRequest(query: URLSearchParams): WatchParameters {
  const sendInitialEvents = parseFlag(query, "sendInitialEvents");
  const match = query.get("resourceVersionMatch") ?? "";
  const errors: FieldError[] = [];
  const path = "resourceVersionMatch";
  if (sendInitialEvents !== undefined && match !== "NotOlderThan") errors.push({ type: "Forbidden", path, detail: "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan" });
  if (match !== "" && sendInitialEvents === undefined) errors.push({ type: "Forbidden", path, detail: "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided" });
  if (match !== "" && match !== "NotOlderThan") errors.push({ type: "NotSupported", path, value: match, detail: 'supported values: "NotOlderThan"' });
  if (errors.length > 0) throw invalidOptions("ListOptions", errors);
  const timeoutSeconds = parseCount(query, "timeoutSeconds");
  return { bookmarks: parseFlag(query, "allowWatchBookmarks") ?? false, timeoutSeconds: timeoutSeconds === 0 ? undefined : timeoutSeconds, sendInitialEvents };
}

/** Reads the options of create, update and patch, named by the method. Throws Invalid. @see kubernetes apimachinery pkg/apis/meta/v1/validation/validation.go ValidateCreateOptions */
export function parseWriteRequest(query: URLSearchParams, method = "POST"): WriteRequest & { readonly fieldValidation: "Strict" | "Warn" | "Ignore" } {
  const fieldManager = query.get("fieldManager") ?? "";
  const validation = query.get("fieldValidation") ?? "";
  const dryRun = query.getAll("dryRun");
  const isKnown = validation === "Strict" || validation === "Warn" || validation === "Ignore";
  const errors: readonly FieldError[] = [
    ...checkFieldManager(fieldManager), ...checkDryRun(dryRun),
    ...(validation === "" || isKnown ? [] : [notSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"])]),
  ];
  if (errors.length > 0) throw invalidOptions(optionsOf[method] ?? "CreateOptions", errors);
  return { ...(isDryRun(dryRun) ? { dryRun: true } : {}), ...(fieldManager === "" ? {} : { fieldManager }), fieldValidation: isKnown ? validation : "Warn" };
}

const optionsOf: Readonly<Record<string, "CreateOptions" | "UpdateOptions" | "PatchOptions">> = { POST: "CreateOptions", PUT: "UpdateOptions", PATCH: "PatchOptions" };

/** What Go does not count as something to be seen, but for the space. */
const unseen = /[^\P{C}]|[^\P{Z}\u0020]/u;

function checkFieldManager(name: string): readonly FieldError[] {
  const path = "fieldManager";
  if (name === "") return [];
  const long = Buffer.byteLength(name) > fieldManagerLengthMax ? [{ type: "TooLong", path, detail: `may not be more than ${fieldManagerLengthMax} bytes` } as const] : [];
  let at = 0;
  const wrong: FieldError[] = [];
  for (const letter of name) {
    const code = `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    if (unseen.test(letter)) wrong.push({ type: "Invalid", path, value: name, detail: `invalid character ${code} (at position ${at})` });
    at += Buffer.byteLength(letter);
  }
  return [...long, ...wrong];
}

/** Whether an apply takes fields from their owners. Throws Invalid for an apply without a field manager, and for force on another patch. */
export function parseForce(query: URLSearchParams, type: Patch["type"], fieldManager: string | undefined): boolean {
  const force = parseFlag(query, "force");
  if (type !== "apply" && force !== undefined) throw invalidOptions("PatchOptions", [{ type: "Forbidden", path: "force", detail: "may not be specified for non-apply patch" }]);
  if (type === "apply" && fieldManager === undefined) throw invalidOptions("PatchOptions", [{ type: "Required", path: "fieldManager", detail: "is required for apply patch" }]);
  return force === true;
}

/** Reads the options of a delete from its body, or where there is none from the query, as upstream. */
export function parseRemoveOptions(query: URLSearchParams, body: JsonObject | undefined): RemoveOptions {
  return removeOptionsOf(body ?? optionsOfQuery(query));
}

function optionsOfQuery(query: URLSearchParams): JsonObject {
  const grace = parseCount(query, "gracePeriodSeconds");
  const orphan = parseFlag(query, "orphanDependents");
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...textOf(query, "propagationPolicy"),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    dryRun: query.getAll("dryRun"),
  };
}

/** Reads the options of a log request. Throws BadRequest or Invalid. */
export function parseLogOptions(query: URLSearchParams): LogOptions {
  const sinceSeconds = parseCount(query, "sinceSeconds");
  const sinceTime = query.get("sinceTime") ?? "";
  if (sinceSeconds !== undefined && sinceTime !== "") throw new ApiError("Invalid", "PodLogOptions is invalid: sinceTime and sinceSeconds: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified");
  if (sinceTime !== "" && Number.isNaN(Date.parse(sinceTime))) throw new ApiError("BadRequest", `sinceTime ${JSON.stringify(sinceTime)} is not an RFC 3339 time`);
  const numbers = { tailLines: parseCount(query, "tailLines"), limitBytes: parseCount(query, "limitBytes"), sinceSeconds };
  for (const [name, value] of Object.entries(numbers)) {
    const least = name === "tailLines" ? 0 : 1;
    if (value !== undefined && value < least) throw new ApiError("Invalid", `PodLogOptions is invalid: ${name}: Invalid value: ${value}: must be greater than or equal to ${least}`);
  }
  const flags = { follow: parseFlag(query, "follow"), previous: parseFlag(query, "previous"), timestamps: parseFlag(query, "timestamps") };
  return {
    ...textOf(query, "container"), ...(sinceTime === "" ? {} : { sinceTime }),
    ...(numbers.tailLines === undefined ? {} : { tailLines: numbers.tailLines }),
    ...(numbers.limitBytes === undefined ? {} : { limitBytes: numbers.limitBytes }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(flags.follow === undefined ? {} : { follow: flags.follow }),
    ...(flags.previous === undefined ? {} : { previous: flags.previous }),
    ...(flags.timestamps === undefined ? {} : { timestamps: flags.timestamps }),
  };
}

/** How rows of a table carry their objects. Throws BadRequest with upstream's text where a table is asked for. */
export function parseIncludeObject(query: URLSearchParams, { as }: AnswerFormat): "Metadata" | "Object" | "None" {
  if (as !== "table") return "Metadata";
  const value = query.get("includeObject") ?? "";
  if (value === "" || value === "Metadata") return "Metadata";
  if (value === "Object" || value === "None") return value;
  throw new ApiError("BadRequest", `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`);
}

function textOf<K extends string>(query: URLSearchParams, key: K): { readonly [key in K]?: string } {
  const value = query.get(key);
  return value === null || value === "" ? {} : ({ [key]: value } as { readonly [key in K]?: string });
}

/** Undefined when absent; an empty value, and any but `0` and `false`, is true as in upstream's query conversion. */
export function parseFlag(query: URLSearchParams, key: string): boolean | undefined {
  const value = query.get(key);
  if (value === null) return undefined;
  return value !== "0" && value.toLowerCase() !== "false";
}

function parseCount(query: URLSearchParams, key: string): number | undefined {
  const value = query.get(key);
  if (value === null || value === "") return undefined;
  const number = Number(value);
  if (/^-?\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new ApiError("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax (query parameter ${key})`);
}
