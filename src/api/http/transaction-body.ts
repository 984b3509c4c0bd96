import { ApiError } from "../../model/api-error.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { ApiTransaction, ApiTransactionResult, TransactionWrite } from "../client.ts";
import { jsonOf, objectOf } from "../shape.ts";
import { parseRemoveOptions } from "./request-options.ts";

/** Writes of one transaction: more than any wave, and far below what the body limit lets through. */
export const transactionWritesMax = 10_000;

/** A transaction as it travels. */
export function printTransaction({ writes, fence, dryRun }: ApiTransaction): JsonObject {
  return {
    apiVersion: "capstan.dev/v1", kind: "Transaction", writes: writes.map(printWrite),
    ...(fence === undefined ? {} : { fence: { ...fence } }), ...(dryRun === true ? { dryRun: true } : {}),
  };
}

function printWrite(write: TransactionWrite): JsonObject {
  if (write.verb !== "remove") return { verb: write.verb, object: jsonOf(write.object) };
  const { propagation, gracePeriodSeconds, preconditions } = write.options ?? {};
  return {
    verb: "remove", apiVersion: apiVersionOf(write.kind), kind: write.kind.kind, namespace: write.ref.namespace, name: write.ref.name,
    options: { propagationPolicy: propagation, gracePeriodSeconds, preconditions: preconditions === undefined ? undefined : { ...preconditions } },
  };
}

/** Reads a transaction. Throws BadRequest naming the write at fault. */
export function parseTransaction(body: JsonObject, kinds: readonly Kind[]): ApiTransaction {
  if (body["kind"] !== "Transaction" || body["apiVersion"] !== "capstan.dev/v1") throw new ApiError("BadRequest", "the body of the request is not a capstan.dev/v1 Transaction");
  const writes: readonly Json[] = Array.isArray(body["writes"]) ? (body["writes"] as readonly Json[]) : [];
  if (writes.length > transactionWritesMax) throw new ApiError("BadRequest", `a transaction has at most ${transactionWritesMax} writes`);
  const fence = isJsonObject(body["fence"]) ? body["fence"] : undefined;
  if (fence !== undefined && (typeof fence["name"] !== "string" || typeof fence["generation"] !== "number")) throw new ApiError("BadRequest", "fence needs a name and a generation");
  return {
    writes: writes.map((write, index) => parseWrite(write, index, kinds)),
    ...(fence === undefined ? {} : { fence: { name: fence["name"] as string, generation: fence["generation"] as number } }),
    ...(body["dryRun"] === true ? { dryRun: true } : {}),
  };
}

function parseWrite(write: Json, index: number, kinds: readonly Kind[]): TransactionWrite {
  const wrong = (what: string) => new ApiError("BadRequest", `writes[${index}]: ${what}`);
  if (!isJsonObject(write)) throw wrong("is not an object");
  const text = (key: string) => (typeof write[key] === "string" ? write[key] : "");
  switch (text("verb")) {
    case "create": case "update": {
      const { object, verb } = write;
      if (!isJsonObject(object) || typeof object["kind"] !== "string" || typeof object["apiVersion"] !== "string" || !isJsonObject(object["metadata"])) throw wrong("object needs apiVersion, kind and metadata");
      return { verb: verb === "create" ? "create" : "update", object: objectOf(object) };
    }
    case "remove": {
      const kind = kinds.find((candidate) => candidate.kind === text("kind") && apiVersionOf(candidate) === text("apiVersion"));
      if (kind === undefined) throw wrong(`no kind ${JSON.stringify(text("kind"))} is registered for version ${JSON.stringify(text("apiVersion"))}`);
      const options = isJsonObject(write["options"]) ? parseRemoveOptions(new URLSearchParams(), write["options"]) : undefined;
      return { verb: "remove", kind, ref: { namespace: text("namespace"), name: text("name") }, ...(options === undefined ? {} : { options }) };
    }
    default: throw wrong("verb is not create, update or remove");
  }
}

/** A transaction's result as it travels. */
export function printTransactionResult({ resourceVersion, objects }: ApiTransactionResult): JsonObject {
  return { apiVersion: "capstan.dev/v1", kind: "TransactionResult", resourceVersion, objects: objects.map((object) => (object === undefined ? null : jsonOf(object))) };
}
