import { ApiError } from "../../model/api-error.ts";
import { findKind } from "../../model/kinds.ts";
import { decodeMessage, openEnvelope } from "../../model/protobuf.ts";
import { ProtobufError } from "../../model/protobuf-wire.ts";
import type { JsonObject } from "../../value/json.ts";

/** Messages beside the kinds that clients send. */
const otherMessages: ReadonlyMap<string, string> = new Map([["DeleteOptions", "meta/v1.DeleteOptions"], ["Scale", "autoscaling/v1.Scale"], ["TokenRequest", "authentication/v1.TokenRequest"]]);

/** Reads a body in Kubernetes' protobuf, as kubectl 1.32 and later send for `create`. Throws BadRequest. */
export function parseProtobufBody(bytes: Uint8Array): JsonObject {
  try {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const message = otherMessages.get(kind) ?? findKind(apiVersion, kind)?.message;
    if (message === undefined) throw new ApiError("BadRequest", `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    return { apiVersion, kind, ...decodeMessage(message, raw) };
  } catch (error) {
    if (error instanceof ProtobufError) throw new ApiError("BadRequest", `the body of the request is not protobuf: ${error.message}`);
    throw error;
  }
}
