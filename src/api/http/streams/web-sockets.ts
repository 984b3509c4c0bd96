import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { withoutSocketBearer } from "../authentication.ts";
import { byteQueue } from "../../stream-queue.ts";

/** Longest message taken: clients send pieces of 32 KiB, and client libraries whole files of some megabytes. */
const messageBytesMax = 8_388_608;
/** Bytes on their way to a client before what is said waits. */
const bufferedBytesMax = 1_048_576;

/** Bytes of a client that wait to be taken before it is read no further. */
const waitingBytesMax = 1_048_576;

/** A WebSocket that speaks one of the protocols of this server. */
export interface MessageSocket {
  readonly protocol: string;
  /** Messages in order. Ends when the client has gone. */
  readonly messages: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. Texts are told apart from bytes on the way. */
  send(message: Uint8Array | string): Promise<void>;
  /** Ends it in good order. */
  close(): void;
}

const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: messageBytesMax, perMessageDeflate: false });

/** Protocols whose names a WebSocket library takes for broken ones: they hold a slash. */
server.on("headers", (lines, request) => {
  const tunnel = tunnels.get(request);
  if (tunnel !== undefined) lines.push(`Sec-WebSocket-Protocol: ${tunnel}`);
});
const tunnels = new WeakMap<IncomingMessage, string>();

/** A request that is to become a WebSocket, or another connection. */
export interface SocketHandshake {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The protocols a client offers, best first; a token among them is none. */
export function offeredProtocols({ headers }: IncomingMessage): readonly string[] {
  return (withoutSocketBearer(headers)["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "");
}

/** Answers the handshake with this protocol, empty for none. The client must have offered it. */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, protocol: string): Promise<WebSocket> {
  // One protocol is left, which is then the answer; a tunnel's name goes by another way.
  if (protocol === "" || protocol.includes("/")) {
    if (protocol !== "") tunnels.set(request, protocol);
    delete request.headers["sec-websocket-protocol"];
  } else request.headers["sec-websocket-protocol"] = protocol;
  return new Promise((resolve) => { server.handleUpgrade(request, socket, head, resolve); });
}

/** A WebSocket as a plain stream of bytes. */
export function asByteStream(socket: WebSocket): Duplex {
  return createWebSocketStream(socket);
}

/** A WebSocket as messages, read no faster than they are taken. */
export function asMessages(socket: WebSocket, protocol: string): MessageSocket {
  return {
    protocol,
    messages: messagesOf(socket),
    async send(message) {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount < bufferedBytesMax) { socket.send(message, () => undefined); return; }
      await new Promise<void>((resolve) => { socket.send(message, () => { resolve(); }); });
    },
    close() { socket.close(1000); },
  };
}

function messagesOf(socket: WebSocket): AsyncIterable<Uint8Array> {
  const waiting = byteQueue(waitingBytesMax);
  socket.on("message", (data: Buffer) => {
    void waiting.push(data).then(() => { socket.resume(); });
    if (waiting.isFull) socket.pause();
  });
  const onEnd = () => { waiting.end(); };
  socket.once("close", onEnd);
  socket.once("error", onEnd);
  return waiting;
}
