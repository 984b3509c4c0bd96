import { Agent } from "undici";
import { ApiError } from "../../model/api-error.ts";
import type { RemoteClientOptions } from "./remote-client.ts";

/** Requests over one pool of connections. */
export interface Transport {
  request(request: TransportRequest): Promise<TransportAnswer>;
  close(): Promise<void>;
}

/** One request. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** Its answer, before the body is read. */
export interface TransportAnswer {
  readonly code: number;
  text(): Promise<string>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Connections to one server: watches each take one, so this is more than a daemon has controllers. */
const connectionsMax = 64;

/** Time until the first byte of an answer: longer than the server's own limit for a request. */
const answerTimeoutMs = 70_000;

/** Opens a pool of TLS connections that trust the given CA alone. */
export function openTransport({ server, ca, credentials, userAgent = "capstan" }: RemoteClientOptions): Transport {
  const agent = new Agent({
    connections: connectionsMax, headersTimeout: answerTimeoutMs, bodyTimeout: 0,
    connect: { ca, ...(credentials.kind === "certificate" ? { key: credentials.key, cert: credentials.cert } : {}) },
  });
  const authorization = credentials.kind === "token" ? { authorization: `Bearer ${credentials.token}` } : {};
  return {
    async request({ method, path, body, contentType, signal }) {
      try {
        const answer = await agent.request({
          origin: server, method, path, headers: { accept: "application/json", "user-agent": userAgent, ...authorization, ...(contentType === undefined ? {} : { "content-type": contentType }) },
          ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }),
        });
        return { code: answer.statusCode, text: () => answer.body.text(), chunks: answer.body };
      } catch (error) {
        if (signal?.aborted === true) throw error;
        throw new ApiError("ServiceUnavailable", `the API server at ${server} cannot be reached: ${error instanceof Error ? error.message : "unknown error"}`, { cause: error });
      }
    },
    close: () => agent.destroy(),
  };
}
