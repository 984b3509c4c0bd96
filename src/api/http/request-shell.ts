import { ApiError } from "../../model/api-error.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import type { UserInfo } from "../client.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { accessDenied, notServed } from "../errors.ts";
import type { Fairness, Ticket } from "../fairness/fairness.ts";
import { answerAggregated } from "./aggregated.ts";
import { errorAnswer, textAnswer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { AnswerWriter } from "./answer-writer.ts";
import { auditStartOf, noteDecision } from "./audited.ts";
import type { Authenticator } from "./authentication.ts";
import { answerDocument } from "./documents.ts";
import type { Edge } from "./edge.ts";
import { Ending } from "./ending.ts";
import { Exchange, isGone, whenGone } from "./exchange.ts";
import type { Incoming, RawRequest, RawResponse } from "./exchange.ts";
import { identify } from "./identify.ts";
import { elsewhereMax, elsewherePerServerMax, Inflight, requestTimedOut, requestTimeoutMs, retryAfterSeconds, slowBodiesMax, slowBodiesPerUserMax } from "./limits.ts";
import type { LoadWatch } from "./load-watch.ts";
import { hasNoBody, readBody } from "./read-body.ts";
import { prettyAnswer, wantsPretty } from "./pretty-json.ts";
import { attributesOf, flowRequestOf, isLongRunning, metricLabelsOf, parseAsked } from "./request-traits.ts";
import type { Asked } from "./request-traits.ts";
import { answerResource, demandPath } from "./resource-requests.ts";
import { apiErrorOf } from "./status.ts";
import { answerTransaction } from "./transaction-requests.ts";

/** What a shell is made of. */
export interface RequestShellOptions {
  readonly edge: Edge;
  readonly authenticator: Authenticator;
  readonly fairness: Fairness;
  readonly streams: Inflight;
  /** Told of each request and of each part of a stream; nobody is when absent. */
  readonly load?: LoadWatch | undefined;
}

/**
 * Takes requests as Node has them and sees them through: who asks, whether there is room, how long it may take, the body, the handler, the answer. What can be
 * known at once is never waited for, so that a read is answered in the turn it came in.
 */
export class RequestShell {
  readonly #edge: Edge;
  readonly #authenticator: Authenticator;
  readonly #fairness: Fairness;
  readonly #streams: Inflight;
  readonly #slowBodies = new Inflight(slowBodiesMax, slowBodiesPerUserMax);
  readonly #elsewhere = new Inflight(elsewhereMax, elsewherePerServerMax);
  readonly #load: LoadWatch | undefined;
  readonly #writer: AnswerWriter;
  readonly #closing = new AbortController();
  readonly #nowMs: () => number;
  #idle: (() => void) | undefined;
  #open = 0;

  constructor({ edge, authenticator, fairness, streams, load }: RequestShellOptions) {
    this.#edge = edge;
    this.#authenticator = authenticator;
    this.#fairness = fairness;
    this.#streams = streams;
    this.#load = load;
    this.#writer = new AnswerWriter(edge.world, load);
    this.#nowMs = () => edge.world.clock.monotonicMs();
  }

  /** Answers a request. Never throws. */
  take(request: RawRequest, response: RawResponse): void {
    void this.#serve({ request, response, asked: parseAsked(request.method, request.url, this.#edge) });
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

  async #serve(incoming: Incoming): Promise<void> {
    const { request, response, asked } = incoming;
    let exchange: Exchange | undefined;
    try {
      const known = identify({ authenticator: this.#authenticator, authorizer: this.#edge.authorizer }, request, asked);
      const identity = known instanceof Promise ? await known : known;
      const { user, refusal } = identity;
      exchange = new Exchange(incoming, user, this.#edge.auditor?.begin(auditStartOf(asked, identity, request)));
      if (exchange.trail !== undefined) this.#tellOf(exchange, exchange.trail);
      if (refusal !== undefined) throw refusal;
      if (this.#closing.signal.aborted) throw new ApiError("ServiceUnavailable", "the server is shutting down", { details: { retryAfterSeconds } });
      const isStream = isLongRunning(asked);
      const place = isStream ? seatOfStream(this.#streams.enter(user.name)) : this.#takeSeat(asked, user, response);
      const taken = place instanceof Promise ? await place : place;
      const seat = asked.target.kind === "aggregated" && !isStream ? this.#leaveFor(asked.target.route.name, taken) : taken;
      if (seat === undefined) { await this.#send(exchange, tooManyRequests); return; }
      if (seat.schemaUid !== "") exchange.headersBefore = ["x-kubernetes-pf-flowschema-uid", seat.schemaUid, "x-kubernetes-pf-prioritylevel-uid", seat.levelUid];
      if (isPassedOn(asked) && !hasNoBody(request)) exchange.upload = request;
      const held: Held | undefined = exchange.upload !== undefined || hasNoBody(request) ? undefined : { leave: seat.leave };
      this.#follow(exchange, { isStream, leave: held === undefined ? seat.leave : () => { held.leave(); } });
      if (held !== undefined && !await this.#takeBody(exchange, held)) { await this.#send(exchange, tooManyRequests); return; }
      // Who was told that it takes too long is not to find it done later.
      if (response.headersSent) return;
      exchange.trail?.noteRequest(exchange.body);
      const handled = this.#handle(exchange);
      const answer = handled instanceof Promise ? await handled : handled;
      const sending = this.#send(exchange, wantsPretty(request.url, request.headers) ? prettyAnswer(answer) : answer);
      if (sending !== undefined) await sending;
    } catch (error) {
      if (exchange?.upload !== undefined && !response.headersSent) leaveBody(response);
      this.#refuse(exchange ?? incoming, error);
    }
  }

  /** Whatever becomes of the request, the audit log is told. */
  #tellOf({ asked, notes, caller, response }: Exchange, trail: AuditTrail): void {
    noteDecision(asked, caller.user, { authorizer: this.#edge.authorizer, notes });
    whenGone(response, () => { trail.tell("ResponseComplete", { code: response.statusCode, annotations: notes.annotations }); });
  }

  /** The body. While it comes slowly its seat is another's; answers false where there is none again when it is there. */
  async #takeBody(exchange: Exchange, held: Held): Promise<boolean> {
    const { request, response, asked, caller: { user } } = exchange;
    let isSlow = false;
    const onSlow = (): void => {
      held.leave();
      isSlow = true;
      held.leave = this.#slowBodies.enter(user.name) ?? nobody;
      if (held.leave === nobody) throw new ApiError("TooManyRequests", "Too many slow requests, please try again later.", { details: { retryAfterSeconds } });
    };
    try {
      exchange.body = await readBody(request, { clock: this.#edge.world.clock, onSlow });
    } catch (error) {
      // What is left of a body that nobody reads would be taken for the next request.
      leaveBody(response);
      throw error;
    }
    if (!isSlow) return true;
    held.leave();
    held.leave = nobody;
    const seat = await this.#takeSeat(asked, user, response);
    // Who went away meanwhile has left before this seat was had.
    if (isGone(response)) seat?.leave();
    else held.leave = seat?.leave ?? nobody;
    return seat !== undefined;
  }

  /** A seat at once where one is free; else the request waits its turn, unless its client goes away meanwhile. */
  #takeSeat(asked: Asked, user: UserInfo, response: RawResponse): Ticket | undefined | Promise<Ticket | undefined> {
    const gone = new Ending();
    const seat = this.#fairness.admit(flowRequestOf(asked, user), gone);
    if (!(seat instanceof Promise)) return seat;
    const onClose = () => { gone.end(); };
    response.once("close", onClose);
    return seat.finally(() => { response.off("close", onClose); });
  }

  /** Who waits for another server takes a place among those who do, and leaves the seat to others: that server may take its time. */
  #leaveFor(server: string, seat: Ticket | undefined): Ticket | undefined {
    seat?.leave();
    const leave = seat === undefined ? undefined : this.#elsewhere.enter(server);
    return seat === undefined || leave === undefined ? undefined : { ...seat, leave };
  }

  /** Counts the request, ends it in time, and tells the handler when the client has gone. */
  #follow(exchange: Exchange, { isStream, leave }: { readonly isStream: boolean; readonly leave: () => void }): void {
    const { request, response, asked, ending } = exchange;
    this.#load?.note();
    const counted = this.#edge.metrics.begin(metricLabelsOf(asked, request.headers["content-type"]), { isStream, nowMs: this.#nowMs });
    const release = isStream ? this.#untilClosing(ending) : this.#edge.world.clock.after(requestTimeoutMs, () => { this.#refuse(exchange, requestTimedOut()); });
    this.#open += 1;
    const finish = () => {
      leave();
      release();
      ending.end();
      counted(response.statusCode);
      this.#open -= 1;
      if (this.#open === 0) this.#idle?.();
    };
    whenGone(response, finish);
  }

  /** A stream ends with the server; the answer forgets it. */
  #untilClosing(ending: Ending): () => void {
    const { signal } = this.#closing;
    const onClosing = () => { ending.end(); };
    signal.addEventListener("abort", onClosing, { once: true });
    return () => { signal.removeEventListener("abort", onClosing); };
  }

  #handle(exchange: Exchange): Answer | Promise<Answer> {
    const { target } = exchange.asked;
    switch (target.kind) {
      case "unknown-path": demandPath(this.#edge, exchange); return notFound;
      case "unknown-resource": demandPath(this.#edge, exchange); throw notServed();
      case "transaction": return answerTransaction(this.#edge, exchange);
      case "aggregated": return answerAggregated(this.#edge, exchange, target);
      case "resource": return answerResource(this.#edge, exchange, target);
      case "document": return answerDocument(this.#edge, exchange, target.path).then((answer) => answer ?? notFound);
    }
  }

  #send({ request, response, asked, trail, notes, headersBefore }: Exchange, answer: Answer): Promise<void> | undefined {
    if (answer.kind === "body") trail?.noteResponse(answer.body);
    else if (answer.kind === "stream" && isLongRunning(asked)) trail?.tell("ResponseStarted", { code: answer.code ?? 200 });
    return this.#writer.send(answer, {
      response, takesGzip: takesGzip(request), warnings: notes.warnings,
      headers: trail === undefined ? headersBefore : [...headersBefore, "audit-id", trail.id],
    });
  }

  /** Who may not do what it asks for is told that and nothing else, though the request was read first. */
  #refusalOf(exchange: Exchange | Incoming, error: ApiError): ApiError {
    if (!(exchange instanceof Exchange) || !aboutRequest.has(error.reason)) return error;
    const { asked, caller: { user } } = exchange;
    const access = attributesOf(asked);
    return access === undefined || this.#edge.authorizer.isAllowed(user, access) ? error : accessDenied(user.name, access);
  }

  /** Answers a refusal or failure as a Status; hangs up where the answer has begun. */
  #refuse(exchange: Exchange | Incoming, thrown: unknown): void {
    const { request, response, asked } = exchange;
    const error = this.#refusalOf(exchange, apiErrorOf(thrown));
    if (error.reason === "InternalError") this.#edge.world.log.error("a request failed", { path: asked.path, error: thrown });
    if (response.headersSent) { response.destroy(); return; }
    const answer = errorAnswer(error, request.headers.accept);
    if (exchange instanceof Exchange) void this.#send(exchange, answer);
    else void this.#writer.send(answer, { response, takesGzip: false, warnings: [], headers: [] });
  }
}

/** What can be said of a request before anybody looks whether it is allowed. */
const aboutRequest: ReadonlySet<ApiError["reason"]> = new Set(["BadRequest", "NotAcceptable", "UnsupportedMediaType", "RequestEntityTooLarge"]);

/** True where the body is another's to read. */
function isPassedOn({ target }: Asked): boolean {
  return target.kind === "aggregated" || (target.kind === "resource" && target.subresource === "proxy" && target.resource !== NodeKind);
}

/** What a request has taken a place of, until it leaves it. */
interface Held {
  leave: () => void;
}

const nobody = (): void => {};

/** The answer is the last of its connection, or of its stream. */
function leaveBody(response: RawResponse): void {
  const { stream } = response;
  if (stream === undefined) response.setHeader("connection", "close");
  else stream.once("finish", () => { stream.close(); });
}

const notFound = textAnswer("404 page not found\n", 404);

const tooManyRequests: Answer = { ...textAnswer("Too many requests, please try again later.\n", 429), headers: { "retry-after": String(retryAfterSeconds) } } as Answer;

function takesGzip({ headers }: RawRequest): boolean {
  const accepted = headers["accept-encoding"];
  return typeof accepted === "string" && /\bgzip\b/.test(accepted);
}

/** A place among the streams, which have no levels. */
function seatOfStream(leave: (() => void) | undefined): Ticket | undefined {
  return leave === undefined ? undefined : { schemaUid: "", levelUid: "", leave };
}
