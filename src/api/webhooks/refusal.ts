import { ApiError, statusCodes } from "../../model/api-error.ts";
import type { StatusReason } from "../../model/api-error.ts";
import type { JsonObject } from "../../value/json.ts";
import { textOf } from "../shape.ts";

/** Of a refusal that names no code that is one, as upstream. */
const leastCode = 400;

/** What the client is told when a webhook says no. @see kubernetes apiserver pkg/admission/plugin/webhook/errors/statuserror.go */
export function refusalOf(webhookName: string, status: JsonObject): ApiError {
  const denied = `admission webhook ${JSON.stringify(webhookName)} denied the request`;
  const why = textOf(status, "message") || textOf(status, "reason");
  const named = typeof status["code"] === "number" && Number.isInteger(status["code"]) && status["code"] < 600 ? status["code"] : 0;
  const code = Math.max(named, leastCode);
  return new ApiError(reasonOf(textOf(status, "reason"), code), why === "" ? `${denied} without explanation` : `${denied}: ${why}`, { code });
}

function reasonOf(reason: string, code: number): StatusReason {
  if (reason in statusCodes) return reason as StatusReason;
  const found = Object.entries(statusCodes).find(([, known]) => known === code)?.[0];
  return found === undefined ? (code >= 500 ? "InternalError" : "BadRequest") : found as StatusReason;
}
