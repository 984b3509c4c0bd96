import { ApiError } from "../../model/api-error.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { TokenRequestSpec, TokenRequestStatus } from "../../model/generated/authentication-v1.ts";
import { TokenRequestKind } from "../../model/kinds/reviews.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { refOf } from "../../model/object.ts";
import { asJson, isJsonObject, parseJson } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { ApiTransaction, ApiTransactionResult, Client, ListOptions, Patch, PatchOptions, RemoveOptions, WatchEvent, WatchOptions, WriteOptions } from "../client.ts";
import { isOfKind, jsonOf, objectOf } from "../shape.ts";
import { readLines } from "./json-lines.ts";
import { printResourcePath, transactionPath } from "./request-path.ts";
import { parseStatus } from "./status.ts";
import { openTransport } from "./transport.ts";
import type { Transport } from "./transport.ts";
import { printTransaction } from "./transaction-body.ts";

/** Where the API is and who asks. */
export interface RemoteClientOptions {
  /** `https://HOST:PORT`. */
  readonly server: string;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  readonly credentials: { readonly kind: "token"; readonly token: string } | { readonly kind: "certificate"; readonly key: string; readonly cert: string };
  readonly userAgent?: string;
}

/** A client over HTTPS, and a way to let go of its connections. */
export interface RemoteClient extends Client {
  close(): Promise<void>;
}

const mergeTypes = { merge: "application/merge-patch+json", json: "application/json-patch+json", strategic: "application/strategic-merge-patch+json", apply: "application/apply-patch+yaml" } as const;

/** Connects to an API server; nothing is sent before the first call. Refusals are ApiErrors, as in process. */
export function connect(options: RemoteClientOptions): RemoteClient {
  const transport = openTransport(options);
  return {
    async get<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef) {
      try {
        return typed(kind, await send(transport, { method: "GET", path: printResourcePath(kind, ref) }));
      } catch (error) {
        if (error instanceof ApiError && error.reason === "NotFound") return undefined;
        throw error;
      }
    },
    list: (kind, list) => listAll(transport, kind, list ?? {}),
    async create<T extends ApiObject>(kind: Kind<T>, object: T, write: WriteOptions = {}) {
      const path = printResourcePath(kind, { namespace: refOf(object).namespace });
      return typed(kind, await send(transport, { method: "POST", path, query: writeQuery(write), body: jsonOf(object) }));
    },
    async update<T extends ApiObject>(kind: Kind<T>, object: T, write: WriteOptions = {}) {
      return typed(kind, await send(transport, { method: "PUT", path: printResourcePath(kind, refOf(object)), query: writeQuery(write), body: jsonOf(object) }));
    },
    async updateStatus<T extends ApiObject>(kind: Kind<T>, object: T, write: WriteOptions = {}) {
      const path = printResourcePath(kind, { ...refOf(object), subresource: "status" });
      return typed(kind, await send(transport, { method: "PUT", path, query: writeQuery(write), body: jsonOf(object) }));
    },
    async patch<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, write: PatchOptions = {}) {
      const path = printResourcePath(kind, { ...ref, ...(write.subresource === undefined ? {} : { subresource: write.subresource }) });
      return typed(kind, await send(transport, { method: "PATCH", path, query: { ...writeQuery(write), force: patch.type === "apply" && patch.isForced === true ? "true" : undefined }, body: patch.body, contentType: mergeTypes[patch.type] }));
    },
    async remove<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, remove: RemoveOptions = {}) {
      const answer = await send(transport, { method: "DELETE", path: printResourcePath(kind, ref), body: deleteBody(remove) });
      return answer["kind"] === "Status" ? undefined : typed(kind, answer);
    },
    watch: (kind, watch, signal) => watchAll(transport, kind, { watch, signal }),
    async transact(transaction: ApiTransaction): Promise<ApiTransactionResult> {
      const answer = await send(transport, { method: "POST", path: transactionPath, body: printTransaction(transaction) });
      const objects = Array.isArray(answer["objects"]) ? (answer["objects"] as readonly Json[]) : [];
      return { resourceVersion: textOf(answer["resourceVersion"]), objects: objects.map((object) => (isJsonObject(object) ? objectOf(object) : undefined)) };
    },
    async requestToken(account: ObjectRef, spec: TokenRequestSpec): Promise<TokenRequestStatus> {
      const body = { apiVersion: apiVersionOf(TokenRequestKind), kind: TokenRequestKind.kind, metadata: {}, spec: asJson(spec) };
      return typed(TokenRequestKind, await send(transport, { method: "POST", path: printResourcePath(ServiceAccountKind, { ...account, subresource: "token" }), body })).status;
    },
    close: () => transport.close(),
  };
}

interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: Json;
  readonly contentType?: string;
}

async function send(transport: Transport, { method, path, query = {}, body, contentType = "application/json" }: Call): Promise<JsonObject> {
  const answer = await transport.request({
    method, path: `${path}${printQuery(query)}`,
    ...(body === undefined ? {} : { body: JSON.stringify(body), contentType }),
  });
  const text = await answer.text();
  const parsed = parseJson(text);
  if (answer.code >= 400) throw parseStatus(parsed, answer.code, text.trim());
  if (isJsonObject(parsed)) return parsed;
  throw new ApiError("InternalError", `the server answered ${method} ${path} with something that is no object`);
}

async function listAll<T extends ApiObject>(transport: Transport, kind: Kind<T>, list: ListOptions) {
  const { namespace, limit, ...rest } = list;
  const path = printResourcePath(kind, namespace === undefined ? {} : { namespace });
  const answer = await send(transport, { method: "GET", path, query: { ...rest, limit: limit === undefined ? undefined : String(limit) } });
  const metadata = isJsonObject(answer["metadata"]) ? answer["metadata"] : {};
  const items = Array.isArray(answer["items"]) ? (answer["items"] as readonly Json[]).filter(isJsonObject) : [];
  const more = textOf(metadata["continue"]);
  // Other servers leave kind and version out of a list's items.
  const named = items.map((item) => typed(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, ...item }));
  return { items: named, resourceVersion: textOf(metadata["resourceVersion"]), ...(more === "" ? {} : { continue: more }) };
}

async function* watchAll<T extends ApiObject>(transport: Transport, kind: Kind<T>, { watch, signal }: { readonly watch: WatchOptions; readonly signal: AbortSignal }): AsyncGenerator<WatchEvent<T>> {
  const { namespace, ...rest } = watch;
  const path = printResourcePath(kind, namespace === undefined ? {} : { namespace });
  try {
    const answer = await transport.request({ method: "GET", path: `${path}${printQuery({ ...rest, watch: "true", allowWatchBookmarks: "true" })}`, signal });
    if (answer.code >= 400) {
      const text = await answer.text();
      throw parseStatus(parseJson(text), answer.code, text.trim());
    }
    for await (const line of readLines(answer.chunks)) yield parseEvent(kind, line);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function parseEvent<T extends ApiObject>(kind: Kind<T>, line: string): WatchEvent<T> {
  const frame = parseJson(line);
  if (!isJsonObject(frame) || !isJsonObject(frame["object"])) throw new ApiError("InternalError", "a watch event is no object");
  const { object } = frame;
  const type = textOf(frame["type"]);
  switch (type) {
    case "ADDED": case "MODIFIED": case "DELETED": return { type, object: typed(kind, object) };
    case "BOOKMARK": return { type, resourceVersion: textOf(isJsonObject(object["metadata"]) ? object["metadata"]["resourceVersion"] : undefined) };
    default: throw parseStatus(object, typeof object["code"] === "number" ? object["code"] : 500, "");
  }
}

function typed<T extends ApiObject>(kind: Kind<T>, json: JsonObject): T {
  const object = objectOf(json);
  if (isOfKind(kind, object)) return object;
  throw new ApiError("InternalError", `the server answered a ${textOf(json["kind"])} where a ${kind.kind} was asked for`);
}

function writeQuery({ dryRun, fieldManager }: WriteOptions): Readonly<Record<string, string | undefined>> {
  return { dryRun: dryRun === true ? "All" : undefined, fieldManager };
}

function deleteBody({ propagation, gracePeriodSeconds, preconditions, dryRun }: RemoveOptions): JsonObject {
  return {
    kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: propagation, gracePeriodSeconds,
    preconditions: preconditions === undefined ? undefined : { ...preconditions }, ...(dryRun === true ? { dryRun: ["All"] } : {}),
  };
}

function printQuery(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
