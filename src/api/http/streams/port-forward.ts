import { ApiError } from "../../../model/api-error.ts";
import type { NodeConnection, NodePod } from "../../nodes.ts";
import { byteQueue } from "../../stream-queue.ts";
import type { SpdyStream } from "./spdy-session.ts";
import type { MessageSocket } from "./web-sockets.ts";

/** Subprotocol over SPDY, and the WebSocket that carries SPDY inside. */
export const forwardProtocol = "portforward.k8s.io";
/** @see forwardProtocol */
export const forwardTunnelProtocol = `SPDY/3.1+${forwardProtocol}`;
/** The older form: a channel a port, straight over WebSocket messages. */
export const forwardChannelProtocol = "v4.channel.k8s.io";

/** Ports one WebSocket of the older form may name: channels are one byte, two a port. */
const portsMax = 64;
/** Bytes of one channel that wait for the pod. */
const waitingBytesMax = 262_144;
/** Connections of one session that wait for their second stream. */
const unpairedMax = 128;

/** Where connections lead. */
export interface ForwardTarget {
  readonly node: NodeConnection;
  readonly pod: NodePod;
}

/** The two streams of one connection. */
interface Ends {
  readonly chunks: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  fail(message: string): Promise<void>;
}

/** Pairs the streams of a SPDY session by their request, and connects each pair to its port. */
export function forwardStreams(target: ForwardTarget, signal: AbortSignal): (stream: SpdyStream) => void {
  const waiting = new Map<string, SpdyStream>();
  return (stream) => {
    const request = stream.headers.get("requestid") ?? "";
    const type = stream.headers.get("streamtype");
    const other = waiting.get(request);
    if (other === undefined || other.headers.get("streamtype") === type) {
      if (waiting.size >= unpairedMax || (type !== "data" && type !== "error")) void stream.end();
      else waiting.set(request, stream);
      return;
    }
    waiting.delete(request);
    const [data, error] = type === "data" ? [stream, other] : [other, stream];
    const ends: Ends = {
      chunks: data.chunks, write: (bytes) => data.write(bytes),
      async end() { await data.end(); await error.end(); },
      async fail(message) { await error.write(Buffer.from(message)); await error.end(); await data.end(); },
    };
    void forward(target, { ends, port: Number(data.headers.get("port")) }, signal);
  };
}

/** The ports of the older form. Throws BadRequest. */
export function parsePorts(query: URLSearchParams): readonly number[] {
  const ports = query.getAll("ports").flatMap((list) => list.split(",")).map(Number);
  if (ports.length === 0) throw new ApiError("BadRequest", "query parameter \"ports\" is required");
  if (ports.length > portsMax || !ports.every(isPort)) throw new ApiError("BadRequest", `query parameter "ports" names up to ${portsMax} ports from 1 to 65535`);
  return ports;
}

/** Serves the older form until the client has gone: channel 2n is the nth port's data, 2n+1 its errors; both begin with the port's number. */
export async function forwardMessages(socket: MessageSocket, ports: readonly number[], target: ForwardTarget, signal: AbortSignal): Promise<void> {
  const send = (channel: number, bytes: Uint8Array) => socket.send(Buffer.concat([Uint8Array.of(channel), bytes]));
  const inputs = ports.map((port, index) => {
    const number = Uint8Array.of(port & 0xff, port >> 8);
    void send(index * 2, number);
    void send(index * 2 + 1, number);
    const chunks = byteQueue(waitingBytesMax);
    const ends: Ends = {
      chunks, write: (bytes) => send(index * 2, bytes), end: () => Promise.resolve(), fail: (message) => send(index * 2 + 1, Buffer.from(message)),
    };
    return { chunks, running: forward(target, { ends, port }, signal) };
  });
  // A client that goes, or a pod that has hung up on every port, ends it.
  const allDone = Promise.all(inputs.map(({ running }) => running)).then(() => { socket.close(); });
  for await (const message of socket.messages) {
    const channel = message[0] ?? 0;
    if (channel % 2 === 0) await inputs[channel / 2]?.chunks.push(message.subarray(1));
  }
  for (const { chunks } of inputs) chunks.end();
  await allDone;
}

/** Carries one connection both ways until both ends are done. Failures are told to the client. */
async function forward({ node, pod }: ForwardTarget, { ends, port }: { readonly ends: Ends; readonly port: number }, signal: AbortSignal): Promise<void> {
  const fail = async (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    await ends.fail(`error forwarding port ${port} to pod ${pod.name}_${pod.namespace}, uid ${pod.uid}: ${message}`);
  };
  if (!isPort(port)) { await fail(new Error("it is no port number")); return; }
  try {
    const connection = await node.connect(pod, port, signal);
    const sending = (async () => {
      for await (const chunk of ends.chunks) await connection.write(chunk);
      connection.end();
    })();
    try {
      for await (const chunk of connection.chunks) await ends.write(chunk);
    } finally {
      await ends.end();
      // What the client still says has nobody to hear it.
      connection.destroy();
    }
    void sending.catch(() => undefined);
  } catch (error) {
    await fail(error);
  }
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65_536;
}
