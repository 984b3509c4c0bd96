import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { ApiError } from "../../model/api-error.ts";
import type { Json } from "../../value/json.ts";
import type { Caller } from "../verbs.ts";
import { chooseDocumentEncoding, mediaTypes } from "./media-type.ts";
import type { Encoding } from "./media-type.ts";
import { printProtobufBody } from "./protobuf-body.ts";
import { statusOf } from "./status.ts";
import { printYamlBody } from "./yaml-body.ts";

/** A request as the handlers see it: no Fastify, no sockets. */
export interface EdgeRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Where it comes from; absent where that is nobody's business. */
  readonly remoteAddress?: string | undefined;
  /** All of them, for what is passed on. */
  readonly headers?: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** The body where it is passed on as it comes, and `body` is empty; absent where there is none. */
  readonly upload?: Pick<Readable, "pipe">;
  readonly caller: Caller;
  /** Aborts when the client has gone, the server closes, or the handler ends it. */
  readonly signal: AbortSignal;
  /** Ends it: a stream ends there. */
  end(): void;
}

/** What a handler answers; the shell writes it. */
export type Answer =
  | {
    readonly kind: "body";
    readonly code: number;
    readonly contentType: string;
    readonly body: Uint8Array;
    readonly headers?: Readonly<Record<string, string>>;
    /** Sent as `Warning: 299` headers. */
    readonly warnings?: readonly string[];
  }
  | {
    readonly kind: "stream";
    /** 200 when absent. */
    readonly code?: number;
    readonly contentType: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Read no faster than the client does. */
    readonly chunks: AsyncIterable<Uint8Array>;
  }
  | {
    /** A long answer that is all there, and is not to be in memory twice. */
    readonly kind: "parts";
    readonly contentType: string;
    /** Each part is used up before the next one is asked for: they may share their bytes. */
    readonly parts: Iterable<Uint8Array>;
  };

const encoder = new TextEncoder();

/** Bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A JSON document. */
export function jsonAnswer(value: Json, options: { readonly code?: number; readonly contentType?: string; readonly headers?: Readonly<Record<string, string>>; readonly warnings?: readonly string[] } = {}): Answer {
  return {
    kind: "body", code: options.code ?? 200, contentType: options.contentType ?? "application/json", body: bytesOf(`${JSON.stringify(value)}\n`),
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    ...(options.warnings === undefined ? {} : { warnings: options.warnings }),
  };
}

/** A document in the encoding chosen. In protobuf it is one that has a message. */
export function documentAnswer(value: Json, encoding: Encoding, options: { readonly code?: number; readonly warnings?: readonly string[] } = {}): Answer {
  if (encoding === "json") return jsonAnswer(value, options);
  return {
    kind: "body", code: options.code ?? 200, contentType: mediaTypes[encoding], body: encoding === "yaml" ? bytesOf(printYamlBody(value)) : printProtobufBody(value),
    ...(options.warnings === undefined ? {} : { warnings: options.warnings }),
  };
}

/** A plain text. */
export function textAnswer(text: string, code = 200): Answer {
  return { kind: "body", code, contentType: "text/plain; charset=utf-8", body: bytesOf(text) };
}

/** A refusal, as a Status, in JSON where the client does not say what it takes. */
export function errorAnswer(error: ApiError, accept?: string): Answer {
  const seconds = error.details.retryAfterSeconds;
  const answer = documentAnswer(statusOf(error), encodingFor(accept), { code: error.code });
  return seconds === undefined || answer.kind !== "body" ? answer : { ...answer, headers: { "retry-after": String(seconds) } };
}

/** What a refusal is written in: JSON rather than nothing. */
function encodingFor(accept: string | undefined): Encoding {
  try {
    return chooseDocumentEncoding(accept);
  } catch {
    return "json";
  }
}
