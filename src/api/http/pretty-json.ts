import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answer.ts";
import { mediaTypes, parseAccept } from "./media-type.ts";

const [quoteByte, backslash, comma, colon, space, newline] = [0x22, 0x5c, 0x2c, 0x3a, 0x20, 0x0a];
const openers: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closers: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/** Programs people read JSON with. @see kubernetes apiserver pkg/endpoints/handlers/negotiation/negotiate.go isPrettyPrint */
const readers = /^(?:curl|Wget|Mozilla\/5\.0)/;

/** Whether a client wants to read JSON itself: it says so, or is a program for that. */
export function wantsPretty(url: string, { "user-agent": userAgent, accept }: IncomingHttpHeaders): boolean {
  // Schemas are for programs, whoever reads them.
  if (url.startsWith("/openapi/")) return false;
  const asked = url.includes("pretty") ? new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("pretty") ?? "" : "";
  if (accept?.includes("pretty=1") === true && parseAccept(accept).some(({ parameters }) => parameters.get("pretty") === "1")) return true;
  return asked === "" ? userAgent !== undefined && readers.test(userAgent) : /^(?:1|t|T|true|TRUE|True)$/.test(asked);
}

/** A JSON answer with a line for each member; any other as it is. Streams stay a line an event. */
export function prettyAnswer(answer: Answer): Answer {
  if (answer.kind === "stream" || answer.contentType !== mediaTypes.json) return answer;
  if (answer.kind === "parts") return { ...answer, parts: prettyParts(answer.parts) };
  if (answer.body.length <= turnBytes || answer.code !== 200 || answer.headers !== undefined || answer.warnings !== undefined) return { ...answer, body: Buffer.concat([...prettyParts([answer.body])]) };
  return { kind: "parts", contentType: answer.contentType, parts: prettyParts(cut(answer.body)) };
}

/** Bytes laid out in one turn: less than a millisecond. */
const turnBytes = 65_536;

function* cut(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += turnBytes) yield body.subarray(at, at + turnBytes);
}

/** The same JSON with line breaks and two blanks for each level; whatever the parts are cut at. Empty objects and lists stay closed. Pure. */
export function* prettyParts(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  const state: Position = { depth: 0, isText: false, isEscaped: false, isOpened: false };
  for (const part of parts) yield indent(part, state);
}

/** Where in a document one part ends and the next begins. */
interface Position {
  depth: number;
  isText: boolean;
  isEscaped: boolean;
  /** Right behind a bracket: the line break waits until something stands in it. */
  isOpened: boolean;
}

function indent(part: Uint8Array, state: Position): Uint8Array {
  const out = new Laid(part.length);
  for (const byte of part) {
    if (state.isText) {
      out.add(byte);
      if (state.isEscaped) state.isEscaped = false;
      else if (byte === backslash) state.isEscaped = true;
      else if (byte === quoteByte) state.isText = false;
    } else if (closers.has(byte)) {
      state.depth -= 1;
      if (!state.isOpened) out.breakLine(state.depth);
      state.isOpened = false;
      out.add(byte);
    } else if (byte !== newline && byte !== space) {
      if (state.isOpened) out.breakLine(state.depth);
      state.isOpened = openers.has(byte);
      if (state.isOpened) state.depth += 1;
      state.isText = byte === quoteByte;
      out.add(byte);
      if (byte === comma) out.breakLine(state.depth);
      else if (byte === colon) out.add(space);
    }
  }
  return out.bytes;
}

/** Bytes that grow. */
class Laid {
  #bytes: Uint8Array;
  #length = 0;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected * 2 + 16);
  }

  get bytes(): Uint8Array { return this.#bytes.subarray(0, this.#length); }

  add(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow(this.#length * 2);
    this.#bytes[this.#length++] = byte;
  }

  breakLine(depth: number): void {
    this.add(newline);
    const end = this.#length + depth * 2;
    if (end > this.#bytes.length) this.#grow(end * 2);
    this.#bytes.fill(space, this.#length, end);
    this.#length = end;
  }

  #grow(size: number): void {
    const larger = new Uint8Array(size);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
