import type { FastifyReply, FastifyRequest } from "fastify";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import { ApiError } from "../../model/api-error.ts";
import { hasSecretBodies } from "../audit/secret-bodies.ts";
import type { AuditStart, AuditTrail } from "../audit/trail.ts";
import type { UserInfo } from "../client.ts";
import { notServed } from "../errors.ts";
import { CollectedNotes } from "../notes.ts";
import type { FlowRequest } from "../fairness/classify.ts";
import type { Fairness, Ticket } from "../fairness/fairness.ts";
import { errorAnswer, textAnswer } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Authenticator } from "./authentication.ts";
import { answerDocument } from "./documents.ts";
import type { Edge } from "./edge.ts";
import { Ending } from "./ending.ts";
import { compressFromBytes, requestTimedOut, requestTimeoutMs, retryAfterSeconds, streamStallMaxMs } from "./limits.ts";
import type { Inflight } from "./limits.ts";
import { identify } from "./identify.ts";
import type { RawRequest } from "./identify.ts";
import type { LoadWatch } from "./load-watch.ts";
import { bodyTooLarge } from "./request-body.ts";
import { isWatchRequest } from "./request-options.ts";
import { flowRequestOf, isLongRunning, metricLabelsOf } from "./request-traits.ts";
import { parseRequestPath, verbOf } from "./request-path.ts";
import type { RequestTarget } from "./request-path.ts";
import { answerTransaction } from "./transaction-requests.ts";
import { answerResource } from "./resource-requests.ts";
import { apiErrorOf } from "./status.ts";

const nothing = new Uint8Array(0);

const compress = promisify(gzip);

/** Fastest level, as upstream: lists are sent over fast networks. */
const compressLevel = 1;

/** A request and reply of Fastify over HTTP/2 with HTTP/1.1 beside it. */
export type ApiRequest = FastifyRequest<{ Params: unknown }, Http2SecureServer, Http2ServerRequest> & {
  /** Set when the request has begun. In the request itself: a table beside it would make the collector's work longer with each request. */
  state?: RequestState | undefined;
};
/** @see ApiRequest */
export type ApiReply = FastifyReply<{ Params: unknown }, Http2SecureServer, Http2ServerRequest, Http2ServerResponse>;

/** One request between its first hook and its last byte. */
export interface RequestState {
  readonly user: UserInfo;
  readonly target: RequestTarget;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly ending: Ending;
  readonly notes: CollectedNotes;
  /** What the audit log is told; absent where nothing is. */
  readonly trail: AuditTrail | undefined;
}

/** What a shell is made of. */
export interface RequestShellOptions {
  readonly edge: Edge;
  readonly authenticator: Authenticator;
  readonly fairness: Fairness;
  readonly streams: Inflight;
  /** Told of each request and of each part of a stream; nobody is when absent. */
  readonly load?: LoadWatch | undefined;
}

/** Takes requests from Fastify, asks the handlers and writes their answers: limits, timeouts, compression and streams live here. */
export class RequestShell {
  readonly #edge: Edge;
  readonly #authenticator: Authenticator;
  readonly #fairness: Fairness;
  readonly #streams: Inflight;
  readonly #closing = new AbortController();
  #idle: (() => void) | undefined;
  readonly #load: LoadWatch | undefined;
  #open = 0;

  constructor({ edge, authenticator, fairness, streams, load }: RequestShellOptions) {
    this.#load = load;
    this.#edge = edge;
    this.#authenticator = authenticator;
    this.#fairness = fairness;
    this.#streams = streams;
  }

  /** Before the body is read: who asks, whether there is room, and how long it may take. */
  async begin(request: ApiRequest, reply: ApiReply): Promise<void> {
    // Fastify leaves a body without a type unread where HTTP/2 tells no length; without one it is JSON, as upstream.
    if (request.method === "POST" || request.method === "PUT") request.headers["content-type"] ??= "application/json";
    const url = request.raw.url ?? "/";
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
    const target = parseRequestPath(path, this.#edge.kinds);
    const asked = { method: request.method, target, path, query };
    const user = await identify({ authenticator: this.#authenticator, authorizer: this.#edge.authorizer }, request.raw as unknown as RawRequest, asked);
    const trail = this.#edge.auditor?.begin(auditStartOf(asked, { who: user, uri: url, request }));
    const state: RequestState = { user, target, path, query, ending: new Ending(), notes: new CollectedNotes(), trail };
    request.state = state;
    if (this.#closing.signal.aborted) throw new ApiError("ServiceUnavailable", "the server is shutting down", { details: { retryAfterSeconds } });
    const isStream = isLongRunning(asked);
    const seat = isStream ? seatOfStream(this.#streams.enter(state.user.name)) : await this.#takeSeat(flowRequestOf(asked, user), reply);
    if (seat === undefined) {
      await this.#send(request, reply, { ...textAnswer("Too many requests, please try again later.\n", 429), headers: { "retry-after": String(retryAfterSeconds) } } as Answer);
      return;
    }
    if (seat.schemaUid !== "") reply.header("x-kubernetes-pf-flowschema-uid", seat.schemaUid).header("x-kubernetes-pf-prioritylevel-uid", seat.levelUid);
    this.#follow(request, reply, { state, isStream, leave: seat.leave });
  }

  /** A seat at once where one is free; else the request waits its turn, unless its client goes away meanwhile. */
  async #takeSeat(asked: FlowRequest, reply: ApiReply): Promise<Ticket | undefined> {
    const gone = new Ending();
    const seat = this.#fairness.admit(asked, gone);
    if (!(seat instanceof Promise)) return seat;
    const onClose = () => { gone.end(); };
    reply.raw.once("close", onClose);
    try {
      return await seat;
    } finally {
      reply.raw.off("close", onClose);
    }
  }

  /** Answers the request a handler is for. */
  async answer(request: ApiRequest, reply: ApiReply): Promise<void> {
    const { state } = request;
    if (state === undefined || reply.sent) return;
    try {
      await this.#send(request, reply, await this.#handle(request, state));
    } catch (error) {
      await this.refuse(request, reply, error);
    }
  }

  /** Answers a refusal or failure as a Status. */
  async refuse(request: ApiRequest, reply: ApiReply, thrown: unknown): Promise<void> {
    const error = refusalOf(thrown);
    if (error.reason === "InternalError") this.#edge.world.log.error("a request failed", { path: request.raw.url?.split("?")[0], error: thrown });
    if (reply.sent) { reply.raw.stream?.destroy(); return; }
    await this.#send(request, reply, errorAnswer(error, request.headers.accept));
  }

  /** Ends all streams and waits for other requests until the signal aborts. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#closing.abort();
    if (this.#open === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      signal.addEventListener("abort", () => { resolve(); }, { once: true });
    });
  }

  /** Counts the request, ends it in time, and tells the handler when the client has gone. */
  #follow(request: ApiRequest, reply: ApiReply, { state, isStream, leave }: { readonly state: RequestState; readonly isStream: boolean; readonly leave: () => void }): void {
    const { clock } = this.#edge.world;
    this.#load?.note();
    const labels = metricLabelsOf({ method: request.method, ...state }, request.headers["content-type"]);
    const counted = this.#edge.metrics.begin(labels, { isStream, nowMs: () => clock.monotonicMs() });
    const onClosing = () => { state.ending.end(); };
    if (isStream) this.#closing.signal.addEventListener("abort", onClosing, { once: true });
    const cancel = isStream ? () => {} : clock.after(requestTimeoutMs, () => { void this.refuse(request, reply, requestTimedOut()); });
    this.#open += 1;
    reply.raw.once("close", () => {
      leave();
      cancel();
      this.#closing.signal.removeEventListener("abort", onClosing);
      state.ending.end();
      state.trail?.tell("ResponseComplete", { code: reply.raw.statusCode, annotations: state.notes.annotations });
      counted(reply.raw.statusCode);
      this.#open -= 1;
      if (this.#open === 0) this.#idle?.();
    });
  }

  async #handle(request: ApiRequest, state: RequestState): Promise<Answer> {
    const { target } = state;
    if (target.kind === "unknown-path") return textAnswer("404 page not found\n", 404);
    if (target.kind === "unknown-resource") throw notServed();
    const { headers } = request;
    const userAgent = headers["user-agent"];
    const asked: EdgeRequest = {
      method: request.method, path: state.path, query: state.query, accept: headers.accept, contentType: headers["content-type"],
      ifNoneMatch: headers["if-none-match"], headers, body: request.body instanceof Uint8Array ? request.body : nothing,
      caller: { user: state.user, notes: state.notes, ...(userAgent === undefined ? {} : { userAgent }) }, get signal() { return state.ending.signal; },
    };
    state.trail?.noteRequest(asked.body);
    if (target.kind === "transaction") return answerTransaction(this.#edge, asked);
    if (target.kind === "resource") return answerResource(this.#edge, asked, target);
    return await answerDocument(this.#edge, asked, target.path) ?? textAnswer("404 page not found\n", 404);
  }

  async #send(request: ApiRequest, reply: ApiReply, answer: Answer): Promise<void> {
    const { state } = request;
    if (answer.kind === "stream") {
      state?.trail?.tell("ResponseStarted", { code: answer.code ?? 200 });
      await this.#stream(reply, answer, warningsOf(state));
      return;
    }
    const takesGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    if (answer.kind === "parts") { await this.#sendParts(reply, answer, { isCompressed: takesGzip, warnings: warningsOf(state) }); return; }
    const isCompressed = answer.body.length >= compressFromBytes && takesGzip;
    const body = isCompressed ? await compress(answer.body, { level: compressLevel }) : Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.length);
    if (reply.sent) return;
    state?.trail?.noteResponse(answer.body);
    reply.code(answer.code).header("content-type", answer.contentType).header("cache-control", "no-cache, private");
    if (answer.headers !== undefined) reply.headers(answer.headers);
    const warnings = [...(answer.warnings ?? []), ...(state?.notes.warnings ?? [])];
    if (warnings.length > 0) reply.header("warning", warnings.map(printWarning));
    if (state?.trail !== undefined) reply.header("audit-id", state.trail.id);
    if (isCompressed) reply.header("content-encoding", "gzip").header("vary", "Accept-Encoding");
    await reply.send(body);
  }

  async #stream(reply: ApiReply, { code = 200, contentType, headers, chunks }: Extract<Answer, { readonly kind: "stream" }>, warnings: OutgoingWarnings): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(code, { ...(contentType === "" ? {} : { "content-type": contentType }), "cache-control": "no-cache, private", ...warnings, ...headers });
    // HTTP/2 sends headers at once; HTTP/1.1 would keep them until the first event.
    if ("flushHeaders" in raw && typeof raw.flushHeaders === "function") raw.flushHeaders();
    try {
      for await (const chunk of chunks) {
        if (raw.destroyed || raw.writableEnded) return;
        this.#load?.note();
        if (!raw.write(chunk) && !await this.#drained(reply)) return;
      }
      raw.end();
    } catch (error) {
      this.#edge.world.log.warn("a stream broke off", { error });
      raw.destroy();
    }
  }

  /** Sends part after part, each when the one before it has left: between two parts other requests have their turn. */
  async #sendParts(reply: ApiReply, { contentType, parts }: Extract<Answer, { readonly kind: "parts" }>, { isCompressed, warnings }: { readonly isCompressed: boolean; readonly warnings: OutgoingWarnings }): Promise<void> {
    reply.hijack();
    const raw: Writable = reply.raw;
    reply.raw.writeHead(200, { "content-type": contentType, "cache-control": "no-cache, private", ...warnings, ...(isCompressed ? { "content-encoding": "gzip", vary: "Accept-Encoding" } : {}) });
    const compressor = isCompressed ? createGzip({ level: compressLevel }) : undefined;
    compressor?.pipe(raw);
    const target = compressor ?? raw;
    const onClose = () => { compressor?.destroy(); };
    raw.once("close", onClose);
    try {
      for (const part of parts) if (raw.destroyed || !await this.#written(target, part)) { raw.destroy(); return; }
      target.end();
    } catch (error) {
      this.#edge.world.log.warn("a list broke off", { error });
      raw.destroy();
    }
  }

  /** Answers whether the bytes have left; false when the client takes nothing for long. */
  #written(target: Writable, bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#edge.world.clock.after(streamStallMaxMs, () => { resolve(false); });
      target.write(bytes, (error) => {
        cancel();
        resolve(error === undefined || error === null);
      });
    });
  }

  /** Waits until the client took what was sent; cuts it off and answers false when it takes nothing for long. */
  async #drained(reply: ApiReply): Promise<boolean> {
    const { raw } = reply;
    return new Promise((resolve) => {
      const finish = (isDrained: boolean) => {
        cancel();
        raw.off("drain", onDrain);
        raw.off("close", onClose);
        if (!isDrained) raw.destroy();
        resolve(isDrained);
      };
      const onDrain = () => { finish(true); };
      const onClose = () => { finish(false); };
      const cancel = this.#edge.world.clock.after(streamStallMaxMs, onClose);
      raw.once("drain", onDrain);
      raw.once("close", onClose);
    });
  }
}

/** A place among the streams, which have no levels. */
function seatOfStream(leave: (() => void) | undefined): Ticket | undefined {
  return leave === undefined ? undefined : { schemaUid: "", levelUid: "", leave };
}

/** What the audit log is told of a request that begins. */
function auditStartOf({ method, target, path, query }: Pick<RequestState, "target" | "path" | "query"> & { readonly method: string }, { who, uri, request }: { readonly who: UserInfo; readonly uri: string; readonly request: ApiRequest }): AuditStart {
  const start = { who, uri, path, sourceIPs: request.raw.socket.remoteAddress === undefined ? [] : [request.raw.socket.remoteAddress], userAgent: request.headers["user-agent"] };
  if (target.kind !== "resource") return { ...start, verb: method.toLowerCase(), version: "", isSecret: target.kind === "transaction" };
  const { resource: kind, subresource, namespace = "", name = "" } = target;
  return {
    ...start, verb: verbOf(method, target, target.isWatchPath || isWatchRequest(query)) ?? method.toLowerCase(), version: kind.version, isSecret: hasSecretBodies(kind, subresource),
    resource: { group: kind.group, resource: kind.plural, namespace, name, ...(subresource === undefined ? {} : { subresource }) },
  };
}

/** Fastify's own refusals in upstream's words. */
function refusalOf(thrown: unknown): ApiError {
  const { code, statusCode } = thrown as { readonly code?: unknown; readonly statusCode?: unknown };
  if (thrown instanceof ApiError) return thrown;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return bodyTooLarge();
  if (typeof code === "string" && code.startsWith("FST_ERR_") && typeof statusCode === "number" && statusCode < 500 && thrown instanceof Error) return new ApiError("BadRequest", thrown.message);
  return apiErrorOf(thrown);
}

/** The warnings of a request as a header, for answers that are not sent whole. */
type OutgoingWarnings = { readonly warning?: string };

function warningsOf(state: RequestState | undefined): OutgoingWarnings {
  const { warnings = [] } = state?.notes ?? {};
  return warnings.length === 0 ? {} : { warning: warnings.map(printWarning).join(", ") };
}

/** A warning header: agent `-`, text as a quoted string without line breaks. @see RFC 7234 section 5.5 */
function printWarning(text: string): string {
  // Header values are Latin-1; what is beyond is left out rather than garbled.
  const plain = text.replace(/[\r\n\t]+ */g, " ").replace(/[^\u0020-\u007e]/g, "?");
  return `299 - "${plain.replace(/[\\"]/g, "\\$&")}"`;
}
