import { ApiError } from "../../../model/api-error.ts";
import type { Answer } from "../answer.ts";
import { mediaTypes } from "../media-type.ts";
import { acceptWebSocket, asMessages, offeredProtocols } from "./web-sockets.ts";
import type { MessageSocket, SocketHandshake } from "./web-sockets.ts";

/** Subprotocols of what is only read; without one bytes are sent as they are. @see kubernetes streaming pkg/httpstream/wsstream/stream.go */
const readingProtocols: readonly string[] = ["", "binary.k8s.io", "base64.binary.k8s.io"];

const lineFeed = 10;

/** An upgrade to be answered with what a plain request would be. */
export interface ReadingRequest extends SocketHandshake {
  /** True for a watch: each event is a message of its own. */
  readonly isWatch: boolean;
}

/** Sends a log or the events of a watch as WebSocket messages, to its end. What the client says is left unread. Throws ApiError BadRequest before the upgrade. */
export async function serveReading({ request, socket, head, isWatch }: ReadingRequest, answer: () => Promise<Answer>): Promise<void> {
  if ((request.headers.upgrade ?? "").toLowerCase() !== "websocket") throw new ApiError("BadRequest", "this path takes no upgrade but to a WebSocket");
  const protocol = chooseReading(offeredProtocols(request), isWatch);
  const answered = await answer();
  const messages = asMessages(await acceptWebSocket(request, socket, head, protocol), protocol);
  void ignore(messages);
  if (isWatch && isProtobuf(answered)) await sendFrames(messages, chunksOf(answered));
  else if (isWatch) await sendLines(messages, chunksOf(answered));
  else await sendChunks(messages, chunksOf(answered), protocol === "base64.binary.k8s.io");
  messages.close();
}

/** Watches speak whatever one protocol is asked for, as upstream. */
function chooseReading(offered: readonly string[], isWatch: boolean): string {
  const [first = ""] = offered;
  if (isWatch ? offered.length <= 1 : offered.length === 0 || readingProtocols.includes(first)) return first;
  throw new ApiError("BadRequest", `unable to upgrade: client offers ${offered.join(", ")}; served are ${readingProtocols.filter((name) => name !== "").join(", ")}`);
}

async function ignore(socket: MessageSocket): Promise<void> {
  for await (const _message of socket.messages);
}

async function* chunksOf(answer: Answer): AsyncGenerator<Uint8Array> {
  switch (answer.kind) {
    case "body": yield answer.body; return;
    case "parts": yield* answer.parts; return;
    case "stream": yield* answer.chunks; return;
  }
}

/** An empty message first: the client knows that it is connected. */
async function sendChunks(socket: MessageSocket, chunks: AsyncIterable<Uint8Array>, isText: boolean): Promise<void> {
  await socket.send(isText ? "" : new Uint8Array());
  for await (const chunk of chunks) await socket.send(isText ? Buffer.from(chunk).toString("base64") : chunk);
}

function isProtobuf(answer: Answer): boolean {
  return answer.contentType.startsWith(mediaTypes.protobuf);
}

/** Of the number before each frame of a watch. */
const lengthBytes = 4;

/** Frames without their length: messages have their own. Chunks hold whole frames. */
async function sendFrames(socket: MessageSocket, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let from = 0; from < bytes.length;) {
      const end = from + lengthBytes + bytes.readUInt32BE(from);
      await socket.send(bytes.subarray(from + lengthBytes, end));
      from = end;
    }
  }
}

async function sendLines(socket: MessageSocket, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      await socket.send(bytes.toString("utf8", from, end + 1));
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
}
