import { ApiError } from "../../model/api-error.ts";
import { jsonAnswer } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge } from "./edge.ts";
import { bodyEncoding } from "./media-type.ts";
import { parseObjectBody } from "./request-body.ts";
import { parseTransaction, printTransactionResult } from "./transaction-body.ts";

/** Commits the writes of the body at one revision or not at all. Rights are checked for each write. */
export async function answerTransaction(edge: Edge, request: EdgeRequest): Promise<Answer> {
  if (request.method !== "POST") throw new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  const { value } = await parseObjectBody(request.body, bodyEncoding(request.contentType));
  return jsonAnswer(printTransactionResult(await edge.verbs.transact(request.caller, parseTransaction(value, edge.kinds))));
}
