import { ApiError } from "../../model/api-error.ts";
import { decodeMessage, openEnvelope, sealObject } from "../../model/protobuf.ts";
import { protobufMessageOf } from "../../model/protobuf-names.ts";
import { ProtobufError } from "../../model/protobuf-wire.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { textOf } from "../shape.ts";

/** Reads a body in Kubernetes' protobuf, as kubectl 1.32 and later send for `create`. Throws BadRequest. */
export function parseProtobufBody(bytes: Uint8Array): JsonObject {
  try {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const message = protobufMessageOf(apiVersion, kind);
    if (message === undefined) throw new ApiError("BadRequest", `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    return { apiVersion, kind, ...decodeMessage(message, raw) };
  } catch (error) {
    if (error instanceof ProtobufError) throw new ApiError("BadRequest", `the body of the request is not protobuf: ${error.message}`);
    throw error;
  }
}

/** A document in Kubernetes' protobuf, in its envelope. Throws NotAcceptable for one that has no message. */
export function printProtobufBody(value: Json): Uint8Array {
  const object = isJsonObject(value) ? value : {};
  const [apiVersion, kind] = [textOf(object, "apiVersion") || "v1", textOf(object, "kind")];
  const message = protobufMessageOf(apiVersion, kind);
  if (message === undefined) throw new ApiError("NotAcceptable", `${kind} has no protobuf form`);
  return sealObject({ apiVersion, kind, message }, object);
}
