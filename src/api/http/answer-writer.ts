import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { World } from "../../world/world.ts";
import type { Answer } from "./answer.ts";
import { isGone } from "./exchange.ts";
import type { RawResponse } from "./exchange.ts";
import { compressFromBytes, streamStallMaxMs } from "./limits.ts";
import type { LoadWatch } from "./load-watch.ts";
import { StreamPump } from "./stream-pump.ts";
import type { PumpOptions } from "./stream-pump.ts";
import { StreamTurns } from "./stream-turns.ts";
import { printWarnings } from "./warning-headers.ts";

const compress = promisify(gzip);

/** Fastest level, as upstream: lists are sent over fast networks. */
const compressLevel = 1;

/** Codes whose answers have no body, and therefore no headers that describe one. @see RFC 9110 section 8.6 */
const bodylessCodes: ReadonlySet<number> = new Set([204, 304]);

/** Where an answer goes, and what goes with it beside what its handler says. */
export interface Sending {
  readonly response: RawResponse;
  readonly takesGzip: boolean;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  /** For people, beside the answer's own. */
  readonly warnings: readonly string[];
}

type BodyAnswer = Extract<Answer, { readonly kind: "body" }>;
type PartsAnswer = Extract<Answer, { readonly kind: "parts" }>;
type StreamAnswer = Extract<Answer, { readonly kind: "stream" }>;

/** Writes answers: their headers, compressed for whom takes that, and what is long no faster than the client reads. */
export class AnswerWriter {
  readonly #world: Pick<World, "clock" | "log">;
  readonly #pumping: PumpOptions;

  /** @param load told of each part of a stream */
  constructor(world: Pick<World, "clock" | "log">, load: LoadWatch | undefined) {
    this.#world = world;
    this.#pumping = { world, load, turns: new StreamTurns() };
  }

  /** Sends an answer where none was sent yet. Resolves when all of it is written, of a stream its head; a client that goes away or takes nothing is no error. */
  send(answer: Answer, sending: Sending): Promise<void> | undefined {
    if (answer.kind === "stream") { this.#sendStream(answer, sending); return undefined; }
    if (isBegun(sending.response)) return undefined;
    switch (answer.kind) {
      case "body":
        if (sending.takesGzip && answer.body.length >= compressFromBytes) return this.#sendCompressed(answer, sending);
        sendBody(answer, Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.length), sending);
        return undefined;
      case "parts": return this.#sendParts(answer, sending);
    }
  }

  async #sendCompressed(answer: BodyAnswer, sending: Sending): Promise<void> {
    const body = await compress(answer.body, { level: compressLevel });
    if (!isBegun(sending.response)) sendBody(answer, body, { ...sending, headers: [...sending.headers, ...gzipHeaders] });
  }

  /** Sends part after part, each when the one before it has left: between two parts other requests have their turn. */
  async #sendParts({ contentType, parts }: PartsAnswer, { response, takesGzip, headers, warnings }: Sending): Promise<void> {
    warn(response, warnings);
    response.writeHead(200, [...headers, "content-type", contentType, ...uncached, ...(takesGzip ? gzipHeaders : [])]);
    const compressor = takesGzip ? createGzip({ level: compressLevel }) : undefined;
    compressor?.pipe(response);
    const target = compressor ?? response;
    response.once("close", () => { compressor?.destroy(); });
    try {
      for (const part of parts) if (isGone(response) || !await this.#written(target, part)) { response.destroy(); return; }
      target.end();
    } catch (error) {
      this.#world.log.warn("a list broke off", { error });
      response.destroy();
    }
  }

  #sendStream({ code = 200, contentType, headers: own = {}, chunks }: StreamAnswer, { response, headers, warnings }: Sending): void {
    const pump = new StreamPump(this.#pumping, chunks[Symbol.asyncIterator](), response);
    if (isBegun(response)) { pump.stop(); return; }
    warn(response, warnings);
    response.writeHead(code, [...headers, ...(contentType === "" ? [] : ["content-type", contentType]), ...("cache-control" in own ? [] : uncached), ...Object.entries(own).flat()]);
    // HTTP/1.1 would keep them until the first event.
    response.flushHeaders?.();
    pump.start();
  }

  /** Answers whether the bytes have left; false when the client takes nothing for long. */
  #written(target: Writable, bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#world.clock.after(streamStallMaxMs, () => { resolve(false); });
      target.write(bytes, (error) => {
        cancel();
        resolve(error === undefined || error === null);
      });
    });
  }
}

const uncached = ["cache-control", "no-cache, private"] as const;
const gzipHeaders = ["content-encoding", "gzip", "vary", "Accept-Encoding"] as const;

/** True where there is nothing left to answer. */
function isBegun(response: RawResponse): boolean {
  return response.headersSent || isGone(response);
}

/** Head and body in one go: most answers are a kilobyte or two. */
function sendBody({ code, contentType, headers: own, warnings: ownWarnings }: BodyAnswer, body: Buffer, { response, headers, warnings }: Sending): void {
  const all = [...headers];
  if (!bodylessCodes.has(code)) all.push("content-type", contentType, "content-length", String(body.length));
  if (own?.["cache-control"] === undefined) all.push(...uncached);
  if (own !== undefined) for (const [name, value] of Object.entries(own)) all.push(name, value);
  warn(response, ownWarnings === undefined ? warnings : [...ownWarnings, ...warnings]);
  response.writeHead(code, all);
  response.end(body);
}

/** Each warning is a header of its own. */
function warn(response: RawResponse, warnings: readonly string[]): void {
  if (warnings.length > 0) response.setHeader("warning", [...printWarnings(warnings)]);
}
