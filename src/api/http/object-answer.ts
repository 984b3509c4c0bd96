import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { JsonObject } from "../../value/json.ts";
import { jsonOf } from "../shape.ts";
import type { StoredList, StoredObject } from "../verbs.ts";
import { bytesOf, documentAnswer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { AnswerFormat } from "./media-type.ts";
import { partialListOf, partialOf, tableOf } from "./table.ts";

/** How objects of a kind are to be answered. */
export interface ObjectAnswerOptions {
  readonly kind: Kind;
  readonly format: AnswerFormat;
  readonly includeObject: "Metadata" | "Object" | "None";
  readonly nowMs: number;
  readonly code?: number;
  readonly warnings?: readonly string[];
}

const newline = bytesOf("\n");
const comma = bytesOf(",");
const listEnd = bytesOf("]}\n");

/** One object: its stored bytes as they are, unless another form was asked for. */
export function objectAnswer(stored: StoredObject, options: ObjectAnswerOptions): Answer {
  const { format, kind } = options;
  const rest = { ...(options.code === undefined ? {} : { code: options.code }), ...(options.warnings === undefined ? {} : { warnings: options.warnings }) };
  if (format.as === "table") {
    const metadata = { resourceVersion: stored.object().metadata.resourceVersion ?? "" };
    const table = tableOf([stored.object()], metadata, { kind, metaVersion: format.metaVersion, includeObject: options.includeObject, nowMs: options.nowMs, hasColumns: true });
    return documentAnswer(table, format.encoding, rest);
  }
  if (format.as === "partial") return documentAnswer(partialOf(stored.object(), format.metaVersion), format.encoding, rest);
  if (format.encoding === "yaml") return documentAnswer(jsonOf(stored.object()), "yaml", rest);
  return { kind: "body", code: 200, contentType: "application/json", body: concat([...stored.pieces?.() ?? [stored.bytes()], newline]), ...rest };
}

/** A list: stored bytes one after the other, unless another form was asked for. */
export function listAnswer(list: StoredList, options: ObjectAnswerOptions): Answer {
  const { format, kind } = options;
  const metadata = listMetadata(list);
  const objects = () => list.items.map((item) => item.object());
  if (format.as === "table") {
    return documentAnswer(tableOf(objects(), metadata, { kind, metaVersion: format.metaVersion, includeObject: options.includeObject, nowMs: options.nowMs, hasColumns: true }), format.encoding);
  }
  if (format.as === "partial") return documentAnswer(partialListOf(objects(), metadata, format.metaVersion), format.encoding);
  const head = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata };
  if (format.encoding === "yaml") return documentAnswer({ ...head, items: objects().map(jsonOf) }, "yaml");
  const parts = fillParts(listPieces(`${JSON.stringify(head).slice(0, -1)},"items":[`, list.items));
  const first = parts.next();
  if (first.done === true) return { kind: "body", code: 200, contentType: "application/json", body: first.value };
  return { kind: "parts", contentType: "application/json", parts: startingWith(first.value, parts) };
}

/** Bytes of one part of a long list: sent within a fraction of a millisecond, and long enough that parts cost little. */
export const partBytes = 131_072;

function* listPieces(head: string, items: readonly StoredObject[]): Generator<Uint8Array> {
  yield bytesOf(head);
  for (const [index, item] of items.entries()) {
    if (index > 0) yield comma;
    if (item.pieces === undefined) yield item.bytes();
    else yield* item.pieces();
  }
  yield listEnd;
}

/** Copies the pieces into one buffer, and yields it whenever it is full; answers what is in it in the end. */
function* fillParts(pieces: Iterable<Uint8Array>): Generator<Uint8Array, Uint8Array> {
  const part = new Uint8Array(partBytes);
  let length = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length;) {
      const count = Math.min(piece.length - from, partBytes - length);
      part.set(count === piece.length ? piece : piece.subarray(from, from + count), length);
      from += count;
      length += count;
      if (length < partBytes) continue;
      yield part;
      length = 0;
    }
  }
  return part.subarray(0, length);
}

function* startingWith(first: Uint8Array, rest: Iterator<Uint8Array, Uint8Array>): Generator<Uint8Array> {
  yield first;
  for (;;) {
    const { done, value } = rest.next();
    yield value;
    if (done === true) return;
  }
}

function listMetadata(list: StoredList): JsonObject {
  return {
    resourceVersion: list.resourceVersion,
    ...(list.continue === undefined || list.continue === "" ? {} : { continue: list.continue }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
}

/** All parts in one piece. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += part.length;
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
