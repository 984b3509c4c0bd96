import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { ApiError } from "../../../model/api-error.ts";
import type { Pod } from "../../../model/kinds/pod.ts";
import { findSubresource } from "../../../model/subresource.ts";
import type { NodeConnection, NodePod } from "../../nodes.ts";
import type { Caller } from "../../verbs.ts";
import { connectOptions, withOptions } from "../connect-options.ts";
import { openAggregated } from "../aggregated.ts";
import type { AggregatedTarget } from "../aggregated.ts";
import { CollectedNotes } from "../../notes.ts";
import { auditStartOf, noteDecision } from "../audited.ts";
import type { Authenticator } from "../authentication.ts";
import { errorAnswer } from "../answer.ts";
import type { EdgeRequest } from "../answer.ts";
import type { Edge } from "../edge.ts";
import { retryAfterSeconds } from "../limits.ts";
import type { Inflight } from "../limits.ts";
import { nodeOf, podFor } from "../pod-logs.ts";
import { openProxy } from "../proxy.ts";
import type { ResourceTarget } from "../request-path.ts";
import { connectLabelsOf, metricLabelsOf, parseAsked } from "../request-traits.ts";
import type { Asked } from "../request-traits.ts";
import { identify } from "../identify.ts";
import { notServed } from "../../errors.ts";
import { answerResource } from "../resource-requests.ts";
import { apiErrorOf } from "../status.ts";
import { passUpgrade } from "./proxy-upgrade.ts";
import { parseCommandRequest } from "./remote-command.ts";
import { serveReading } from "./serve-reading.ts";
import { serveCommand, serveForward } from "./serve-streams.ts";
import type { StreamRequest } from "./serve-streams.ts";

/** An open stream nothing goes over for this long is cut off: upstream's --streaming-connection-idle-timeout. */
const idleMaxMs = 14_400_000;
/** How often that is looked at. */
const idleLookMs = 600_000;
/** A client that vanished without a word is found by the machine within some minutes. */
const keepAliveMs = 30_000;

/** Connections that begin with an upgrade. */
const upgraded: ReadonlySet<string> = new Set(["attach", "exec", "portforward"]);

/** What the shell is made of. */
export interface UpgradeShellOptions {
  readonly edge: Edge;
  readonly authenticator: Authenticator;
  readonly streams: Inflight;
}

/** An upgrade as Node has it, until the signal aborts. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: TLSSocket;
  readonly head: Buffer;
  readonly signal: AbortSignal;
}

/** Takes HTTP/1.1 upgrades: exec, attach and port forwarding, over WebSocket or SPDY/3.1, logs and watches over WebSocket, and what programs behind proxies speak. Refusals are Statuses, before the upgrade. */
export class UpgradeShell {
  readonly #options: UpgradeShellOptions;
  readonly #closing = new AbortController();
  readonly #open = new Set<Duplex>();

  constructor(options: UpgradeShellOptions) {
    this.#options = options;
  }

  /** Serves one upgrade to its end. Never throws. */
  async take(request: IncomingMessage, socket: TLSSocket, head: Buffer): Promise<void> {
    const { world } = this.#options.edge;
    const ending = new AbortController();
    const end = () => { ending.abort(new Error("the connection has ended")); };
    // A client that breaks off is found by its `close`.
    socket.on("error", () => undefined);
    socket.once("close", end);
    this.#closing.signal.addEventListener("abort", end, { once: true });
    this.#open.add(socket);
    const cancelIdle = this.#watchIdle(socket);
    try {
      await this.#serve({ request, socket, head, signal: ending.signal });
    } catch (error) {
      refuse(socket, error instanceof ApiError ? error : apiErrorOf(error));
      if (!(error instanceof ApiError)) world.log.error("a stream failed", { path: request.url?.split("?")[0], error });
    } finally {
      cancelIdle();
      this.#open.delete(socket);
      this.#closing.signal.removeEventListener("abort", end);
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#closing.abort();
    for (const socket of this.#open) socket.destroy();
  }

  async #serve({ request, socket, head, signal }: Upgrade): Promise<void> {
    const { edge, authenticator } = this.#options;
    const asked = parseAsked(request.method ?? "", request.url ?? "/", edge);
    const identity = await identify({ authenticator, authorizer: edge.authorizer }, { headers: request.headers, rawHeaders: request.rawHeaders, socket }, asked);
    const trail = edge.auditor?.begin(auditStartOf(asked, identity, { url: request.url ?? "/", headers: request.headers, socket }));
    const notes = new CollectedNotes();
    if (trail !== undefined) noteDecision(asked, identity.user, { authorizer: edge.authorizer, notes });
    const end = (code: number): void => { trail?.tell("ResponseComplete", { code, annotations: notes.annotations }); };
    try {
      if (identity.refusal !== undefined) throw identity.refusal;
      await this.#connect({ request, socket, head, signal }, asked, { user: identity.user, notes });
      end(switchedProtocols);
    } catch (error) {
      end(apiErrorOf(error).code);
      throw error;
    }
  }

  async #connect({ request, socket, head, signal }: Upgrade, asked: Asked, caller: Caller): Promise<void> {
    const { target, query, verb } = asked;
    const { edge } = this.#options;
    if (this.#closing.signal.aborted) throw new ApiError("ServiceUnavailable", "the server is shutting down", { details: { retryAfterSeconds } });
    if (isReading(asked)) { await this.#read({ request, socket, head, signal }, asked, caller); return; }
    if (target.kind === "resource" && target.subresource === "proxy") { await this.#proxy({ request, socket, head, signal }, { ...asked, target }, caller); return; }
    if (target.kind === "aggregated") { await this.#aggregated({ request, socket, head, signal }, { ...asked, target }, caller); return; }
    const subresource = target.kind === "resource" ? target.subresource ?? "" : "";
    if (target.kind !== "resource" || findSubresource(target.resource, subresource)?.type !== "connection" || !upgraded.has(subresource) || verb === undefined) throw new ApiError("BadRequest", "this path takes no upgrade");
    const ref = { namespace: target.namespace ?? "", name: target.name ?? "" };
    const pod = await podFor(edge, caller, { verb, subresource, ref });
    const options = connectOptions(subresource, query);
    const admitted = await edge.verbs.admitConnection(caller, target.resource, ref, { subresource, options });
    const wanted = admitted === options ? query : withOptions(query, admitted);
    const node = nodeOfPod(edge, pod);
    const leave = this.#enter(caller);
    const opened: StreamRequest = {
      request, socket, head, signal, clock: edge.world.clock,
      target: { node, pod: { ...ref, uid: pod.metadata.uid ?? "" } satisfies NodePod },
    };
    // An upgrade is answered with 101 once it is under way, and told apart from other requests by nothing else.
    const counted = edge.metrics.begin(connectLabelsOf(target), { isStream: true, nowMs: () => edge.world.clock.monotonicMs() });
    try {
      if (subresource === "portforward") await serveForward(opened, wanted);
      else await serveCommand(opened, parseCommandRequest(subresource === "exec" ? "exec" : "attach", wanted, pod));
    } finally {
      leave();
      counted(switchedProtocols);
    }
  }

  /** What else is a stream, for programs that speak WebSocket only: a log, or a watch. */
  async #read({ request, socket, head, signal }: Upgrade, asked: Asked, caller: Caller): Promise<void> {
    const { edge } = this.#options;
    const leave = this.#enter(caller);
    const ending = new AbortController();
    const plain: EdgeRequest = {
      method: asked.method, path: asked.path, query: asked.query, contentType: undefined, ifNoneMatch: undefined, body: new Uint8Array(), caller,
      accept: request.headers.accept,
      signal: AbortSignal.any([signal, ending.signal]), end: () => { ending.abort(); },
    };
    const counted = edge.metrics.begin(metricLabelsOf(asked, undefined), { isStream: true, nowMs: () => edge.world.clock.monotonicMs() });
    try {
      const { target } = asked;
      await serveReading({ request, socket, head, isWatch: asked.verb === "watch" }, async () => {
        if (target.kind !== "resource") throw notServed();
        return answerResource(edge, plain, target);
      });
    } finally {
      ending.abort();
      leave();
      counted(switchedProtocols);
    }
  }

  /** Whatever a program in a pod makes of it. */
  async #proxy({ request, socket, head, signal }: Upgrade, { path, query, target, verb = "" }: Asked & { readonly target: ResourceTarget }, caller: Caller): Promise<void> {
    const { edge } = this.#options;
    const leave = this.#enter(caller);
    try {
      const program = await openProxy(edge, { caller, path, query, signal }, target, verb);
      const counted = edge.metrics.begin(connectLabelsOf(target), { isStream: true, nowMs: () => edge.world.clock.monotonicMs() });
      await passUpgrade(program, { request, socket, head }).finally(() => { counted(switchedProtocols); });
    } finally {
      leave();
    }
  }

  /** Whatever another server makes of it. */
  async #aggregated({ request, socket, head, signal }: Upgrade, asked: Asked & { readonly target: AggregatedTarget }, caller: Caller): Promise<void> {
    const { edge } = this.#options;
    const leave = this.#enter(caller);
    try {
      const program = await openAggregated(edge, { caller, path: asked.path, query: asked.query, signal, remoteAddress: socket.remoteAddress }, asked.target);
      const counted = edge.metrics.begin({ ...metricLabelsOf(asked, undefined), verb: "CONNECT" }, { isStream: true, nowMs: () => edge.world.clock.monotonicMs() });
      await passUpgrade(program, { request, socket, head }).finally(() => { counted(switchedProtocols); });
    } finally {
      leave();
    }
  }

  /** A place among the streams. Throws ApiError TooManyRequests. */
  #enter({ user }: Caller): () => void {
    const leave = this.#options.streams.enter(user.name);
    if (leave === undefined) throw new ApiError("TooManyRequests", "Too many requests, please try again later.", { details: { retryAfterSeconds } });
    return leave;
  }

  #watchIdle(socket: TLSSocket): () => void {
    const { clock } = this.#options.edge.world;
    socket.setKeepAlive(true, keepAliveMs);
    socket.setTimeout(0);
    let before = -1;
    let sinceMs = clock.monotonicMs();
    let cancel: () => void = () => undefined;
    const look = () => {
      const now = socket.bytesRead + socket.bytesWritten;
      if (now !== before) { before = now; sinceMs = clock.monotonicMs(); }
      if (clock.monotonicMs() - sinceMs >= idleMaxMs) socket.destroy();
      else cancel = clock.after(idleLookMs, look);
    };
    look();
    return () => { cancel(); };
  }
}

function isReading({ target, verb }: Asked): boolean {
  return target.kind === "resource" && (verb === "watch" || (verb === "get" && target.subresource === "log"));
}

/** The code of an upgrade. */
const switchedProtocols = 101;

function nodeOfPod(edge: Edge, pod: Pod): NodeConnection {
  const nodeName = pod.spec.nodeName ?? "";
  if (nodeName === "") throw new ApiError("BadRequest", `pod ${pod.metadata.name} does not have a host assigned`);
  return nodeOf(edge, nodeName);
}

/** Answers an upgrade that is not to be, and hangs up. Nothing when the upgrade was already answered. */
function refuse(socket: TLSSocket, error: ApiError): void {
  const answer = errorAnswer(error);
  if (answer.kind !== "body" || socket.destroyed || socket.bytesWritten > 0 && !socket.writable) { socket.destroy(); return; }
  const lines = [`HTTP/1.1 ${answer.code} ${error.reason}`, `Content-Type: ${answer.contentType}`, `Content-Length: ${answer.body.length}`, "Connection: close"];
  socket.end(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), answer.body]));
}
