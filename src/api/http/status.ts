import { ApiError, isApiError, statusCodes } from "../../model/api-error.ts";
import type { StatusDetails, StatusReason } from "../../model/api-error.ts";
import type { FieldError, FieldErrorType } from "../../model/field-error.ts";
import { causeReasons, printCause } from "../../model/print-field-error.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";

/** The text each kind of field error begins with, as apimachinery's field.Error prints it. */
const fieldErrorTexts: Readonly<Record<FieldErrorType, string>> = {
  Required: "Required value", Invalid: "Invalid value", TypeInvalid: "Invalid value", NotSupported: "Unsupported value", Duplicate: "Duplicate value",
  Forbidden: "Forbidden", TooLong: "Too long", TooMany: "Too many", NotFound: "Not found", InternalError: "Internal error", FieldManagerConflict: "", DisruptionBudget: "", ResourceVersionTooLarge: "", NamespaceTerminating: "", PolicyRefusal: "",
};

/** The Status object of an error, `status: Failure`. */
export function statusOf(error: ApiError): JsonObject {
  const { details } = error;
  const causes = error.causes.map(causeOf);
  const shown: Record<string, Json> = {};
  if (details.name !== undefined && details.name !== "") shown["name"] = details.name;
  if (details.group !== undefined && details.group !== "") shown["group"] = details.group;
  if (details.kind !== undefined) shown["kind"] = details.kind;
  if (details.uid !== undefined) shown["uid"] = details.uid;
  if (causes.length > 0) shown["causes"] = causes;
  if (details.retryAfterSeconds !== undefined) shown["retryAfterSeconds"] = details.retryAfterSeconds;
  return {
    kind: "Status", apiVersion: "v1", metadata: error.continue === undefined ? {} : { continue: error.continue }, status: "Failure", message: error.message, reason: error.reason,
    ...(Object.keys(shown).length > 0 ? { details: shown } : {}), code: error.code,
  };
}

function causeOf(error: FieldError): JsonObject {
  const reason = causeReasons[error.type];
  return { ...(reason === "" ? {} : { reason }), message: printCause(error), ...(error.path === "" ? {} : { field: error.path }) };
}

/** The Status of a delete that removed the object, or of a successful request without an object to answer. */
export function successStatus(details: StatusDetails): JsonObject {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: { ...details } };
}

/** Any thrown value as an API error; what is not one of ours becomes InternalError and keeps its cause for the log. */
export function apiErrorOf(error: unknown): ApiError {
  if (isApiError(error)) return error;
  const message = error instanceof Error ? error.message : "unknown error";
  return new ApiError("InternalError", `Internal error occurred: ${message}`, { cause: error });
}

/** Reads a Status a server answered; falls back on the HTTP code where the body is none. */
export function parseStatus(body: Json | undefined, httpCode: number, text: string): ApiError {
  if (!isJsonObject(body) || body["kind"] !== "Status") return new ApiError(reasonOfCode(httpCode), text === "" ? `the server answered ${httpCode}` : text);
  const reason = typeof body["reason"] === "string" && body["reason"] in statusCodes ? (body["reason"] as StatusReason) : reasonOfCode(httpCode);
  const message = typeof body["message"] === "string" ? body["message"] : `the server answered ${httpCode}`;
  const details = isJsonObject(body["details"]) ? body["details"] : {};
  const causes = Array.isArray(details["causes"]) ? details["causes"].filter(isJsonObject).map(parseCause) : [];
  const metadata = isJsonObject(body["metadata"]) ? body["metadata"] : {};
  return new ApiError(reason, message, { details: parseDetails(details), causes, ...(typeof metadata["continue"] === "string" ? { continue: metadata["continue"] } : {}) });
}

function parseDetails(details: JsonObject): StatusDetails {
  const text = (key: string) => (typeof details[key] === "string" ? { [key]: details[key] } : {});
  const seconds = details["retryAfterSeconds"];
  return { ...text("name"), ...text("group"), ...text("kind"), ...text("uid"), ...(typeof seconds === "number" ? { retryAfterSeconds: seconds } : {}) };
}

function parseCause(cause: JsonObject): FieldError {
  const named = typeof cause["reason"] === "string" ? cause["reason"].replace(/^FieldValue/, "") : "";
  const type = named === "" ? "PolicyRefusal" : named in fieldErrorTexts ? (named as FieldErrorType) : "Invalid";
  const message = typeof cause["message"] === "string" ? cause["message"] : "";
  const prefix = `${fieldErrorTexts[type]}: `;
  return { type, path: typeof cause["field"] === "string" ? cause["field"] : "", detail: message.startsWith(prefix) ? message.slice(prefix.length) : message };
}

function reasonOfCode(code: number): StatusReason {
  const byCode: Readonly<Record<number, StatusReason>> = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed", 406: "NotAcceptable", 409: "Conflict",
    410: "Expired", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType", 422: "Invalid", 429: "TooManyRequests", 503: "ServiceUnavailable", 504: "Timeout",
  };
  return byCode[code] ?? "InternalError";
}
