import type { JsonObject } from "../../../value/json.ts";
import { parseJsonObject } from "../../../value/json.ts";
import { textOf } from "../../shape.ts";
import type { ProgramStreams, TerminalSize } from "../../nodes.ts";
import { StreamQueue, byteQueue } from "../../stream-queue.ts";
import type { SpdyStream } from "./spdy-session.ts";
import type { MessageSocket } from "./web-sockets.ts";

/** What a client wants to be connected with. */
export interface WantedStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly isTerminal: boolean;
}

/** A client's end of exec or attach, whatever carries it. */
export interface CommandSession {
  readonly streams: ProgramStreams;
  /** Tells how it went, after everything that was said. */
  finish(status: JsonObject): Promise<void>;
}

/** Input that waits for the program. */
const inputBytesMax = 262_144;
/** Sizes of a terminal that wait to be set; when more come, somebody drags a window. */
const sizesMax = 64;

/** Numbers of channels in WebSocket messages: the first byte of each. @see kubernetes apimachinery pkg/util/remotecommand */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** How a subprotocol writes messages, and how it tells the end. */
interface CommandProtocol {
  /** Texts instead of bytes: the channel's digit, then base64. */
  readonly isText?: boolean;
  /** Before version 4 a good end is told by silence, and another by its text alone. */
  readonly hasStatus?: boolean;
}

/** @see kubernetes streaming pkg/httpstream/wsstream/conn.go */
const protocols: Readonly<Record<string, CommandProtocol>> = {
  "v5.channel.k8s.io": { hasStatus: true },
  "v4.channel.k8s.io": { hasStatus: true },
  "v4.base64.channel.k8s.io": { hasStatus: true, isText: true },
  "channel.k8s.io": {},
  "base64.channel.k8s.io": { isText: true },
};

/** Subprotocols of exec and attach, best first. Version 5 lets the client end its input. */
export const commandProtocols: readonly string[] = Object.keys(protocols);

/** Exec or attach over WebSocket messages; without a protocol as by `channel.k8s.io`. `onGone` is called when the client has gone. */
export function commandOfMessages(socket: MessageSocket, wanted: WantedStreams, onGone: () => void): CommandSession {
  const input = byteQueue(inputBytesMax);
  const sizes = sizeQueue();
  const { isText = false, hasStatus = false } = protocols[socket.protocol] ?? {};
  const read = async () => {
    for await (const message of socket.messages) {
      const { channel, rest } = isText ? readText(message) : { channel: message[0], rest: message.subarray(1) };
      if (channel === channels.stdin && rest.length > 0) await input.push(rest);
      else if (channel === channels.resize) pushSize(sizes, Buffer.from(rest).toString("utf8"));
      else if (channel === channels.close && rest[0] === channels.stdin) input.end();
    }
    input.end();
    sizes.end();
    onGone();
  };
  void read();
  const send = (channel: number, bytes: Uint8Array) => socket.send(isText ? `${String(channel)}${Buffer.from(bytes).toString("base64")}` : Buffer.concat([Uint8Array.of(channel), bytes]));
  // An empty message tells the client that it is connected, as upstream.
  void send(wanted.stdout ? channels.stdout : wanted.stderr ? channels.stderr : channels.error, new Uint8Array(0));
  return {
    streams: {
      ...(wanted.stdin ? { stdin: input } : {}), ...(wanted.isTerminal ? { sizes } : {}),
      write: async (stream, bytes) => { if (wanted[stream]) await send(channels[stream], bytes); },
    },
    async finish(status) {
      if (hasStatus) await send(channels.error, Buffer.from(JSON.stringify(status)));
      else if (status["status"] !== "Success") await send(channels.error, Buffer.from(textOf(status, "message")));
      socket.close();
    },
  };
}

function readText(message: Uint8Array): { readonly channel: number; readonly rest: Uint8Array } {
  const [digit, text] = [Buffer.from(message.subarray(0, 1)).toString(), Buffer.from(message.subarray(1)).toString()];
  return { channel: /\d/.test(digit) ? Number(digit) : -1, rest: Buffer.from(text, "base64") };
}

/** Names of the streams a client opens over SPDY, besides `error`. */
export function streamNames({ stdin, stdout, stderr, isTerminal }: WantedStreams): readonly string[] {
  return ["error", ...(stdin ? ["stdin"] : []), ...(stdout ? ["stdout"] : []), ...(stderr ? ["stderr"] : []), ...(isTerminal ? ["resize"] : [])];
}

/** Exec or attach over the SPDY streams of these names. */
export function commandOfStreams(opened: ReadonlyMap<string, SpdyStream>, wanted: WantedStreams): CommandSession {
  const sizes = sizeQueue();
  const stdin = opened.get("stdin");
  void readSizes(opened.get("resize"), sizes);
  return {
    streams: {
      ...(wanted.stdin && stdin !== undefined ? { stdin: stdin.chunks } : {}), ...(wanted.isTerminal ? { sizes } : {}),
      write: async (stream, bytes) => { await opened.get(stream)?.write(bytes); },
    },
    async finish(status) {
      await opened.get("error")?.write(Buffer.from(JSON.stringify(status)));
      for (const stream of opened.values()) await stream.end();
    },
  };
}

/** Sizes come as JSON texts one after the other. */
async function readSizes(stream: SpdyStream | undefined, sizes: StreamQueue<TerminalSize>): Promise<void> {
  let text = "";
  for await (const chunk of stream?.chunks ?? []) {
    text += Buffer.from(chunk).toString("utf8");
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      pushSize(sizes, text.slice(0, end + 1));
      text = text.slice(end + 1);
    }
    // No size is that long; what is no JSON is dropped.
    if (text.length > 256) text = "";
  }
  sizes.end();
}

function sizeQueue(): StreamQueue<TerminalSize> {
  return new StreamQueue(sizesMax, () => 1);
}

/** A size beyond what terminals have, or no size at all, is left out. */
function pushSize(sizes: StreamQueue<TerminalSize>, text: string): void {
  const size = parseSize(text);
  if (size !== undefined && !sizes.isFull) void sizes.push(size);
}

/** Parses `{"Width":80,"Height":24}`. Pure. */
export function parseSize(text: string): TerminalSize | undefined {
  const parsed = parseJsonObject(text);
  const [columns, rows] = [parsed?.["Width"], parsed?.["Height"]];
  const isSize = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536;
  return isSize(columns) && isSize(rows) ? { columns, rows } : undefined;
}
