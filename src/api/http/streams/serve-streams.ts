import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { ApiError } from "../../../model/api-error.ts";
import type { Clock } from "../../../world/clock.ts";
import { commandOfMessages, commandOfStreams, commandProtocols, streamNames } from "./command-session.ts";
import type { CommandSession } from "./command-session.ts";
import { forwardChannelProtocol, forwardMessages, forwardProtocol, forwardStreams, forwardTunnelProtocol, parsePorts } from "./port-forward.ts";
import type { ForwardTarget } from "./port-forward.ts";
import { runCommand } from "./remote-command.ts";
import type { CommandRequest } from "./remote-command.ts";
import { SpdySession } from "./spdy-session.ts";
import type { SpdyStream } from "./spdy-session.ts";
import { acceptWebSocket, asByteStream, asMessages, offeredProtocols } from "./web-sockets.ts";

/** A client has this long to open the streams it asked for, upstream's DefaultStreamCreationTimeout. */
const streamsWaitMs = 30_000;

/** An upgrade that is allowed: its connection, and where it leads. */
export interface StreamRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly target: ForwardTarget;
  readonly clock: Clock;
  /** Aborts when the client has gone or the server closes. */
  readonly signal: AbortSignal;
}

/** Exec and attach. Throws ApiError BadRequest when the client speaks nothing that is served. */
export async function serveCommand(asked: StreamRequest, command: CommandRequest): Promise<void> {
  const { request, socket, head, target, signal } = asked;
  const leaving = new AbortController();
  const either = AbortSignal.any([signal, leaving.signal]);
  const run = (session: CommandSession) => runCommand(command, { ...target, session }, either);
  if (isWebSocket(request)) {
    const offered = offeredProtocols(request);
    const protocol = offered.length === 0 ? "" : chooseProtocol(commandProtocols, offered);
    const messages = asMessages(await acceptWebSocket(request, socket, head, protocol), protocol);
    await run(commandOfMessages(messages, command, () => { leaving.abort(new Error("the client has gone")); }));
    return;
  }
  acceptSpdy(asked, chooseProtocol(["v4.channel.k8s.io"], spdyProtocols(request)));
  const wanted = streamNames(command);
  const opened = new Map<string, SpdyStream>();
  let begin: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => { begin = resolve; });
  const session = new SpdySession(socket, (stream) => {
    opened.set(stream.headers.get("streamtype") ?? "", stream);
    if (wanted.every((name) => opened.has(name))) begin();
  });
  const cancel = asked.clock.after(streamsWaitMs, () => { socket.destroy(); });
  const serving = session.run().finally(() => { leaving.abort(new Error("the client has gone")); begin(); });
  await complete;
  cancel();
  if (!either.aborted) {
    await run(commandOfStreams(opened, command));
    await session.close();
  }
  await serving;
}

/** Port forwarding, until the client has gone. Throws ApiError BadRequest when the client speaks nothing that is served. */
export async function serveForward(asked: StreamRequest, query: URLSearchParams): Promise<void> {
  const { request, socket, head, target, signal } = asked;
  if (!isWebSocket(request)) {
    acceptSpdy(asked, chooseProtocol([forwardProtocol], spdyProtocols(request)));
    await new SpdySession(socket, forwardStreams(target, signal)).run();
    return;
  }
  const protocol = chooseProtocol([forwardTunnelProtocol, forwardChannelProtocol], offeredProtocols(request));
  const ports = protocol === forwardChannelProtocol ? parsePorts(query) : [];
  const webSocket = await acceptWebSocket(request, socket, head, protocol);
  if (protocol === forwardChannelProtocol) await forwardMessages(asMessages(webSocket, protocol), ports, target, signal);
  else await new SpdySession(asByteStream(webSocket), forwardStreams(target, signal)).run();
}

function isWebSocket(request: IncomingMessage): boolean {
  return (request.headers.upgrade ?? "").toLowerCase() === "websocket";
}

/** What a SPDY client offers: several headers, which arrive as one. */
function spdyProtocols(request: IncomingMessage): readonly string[] {
  if ((request.headers.upgrade ?? "").toLowerCase() !== "spdy/3.1") throw new ApiError("BadRequest", "Upgrade request required");
  return [request.headers["x-stream-protocol-version"] ?? []].flat().flatMap((header) => header.split(",")).map((name) => name.trim());
}

/** The best protocol both speak. Throws BadRequest. */
function chooseProtocol(served: readonly string[], offered: readonly string[]): string {
  const chosen = served.find((name) => offered.includes(name));
  if (chosen === undefined) throw new ApiError("BadRequest", `unable to upgrade: client offers ${offered.join(", ")}; served are ${served.join(", ")}`);
  return chosen;
}

function acceptSpdy({ socket, head }: StreamRequest, protocol: string): void {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
}
