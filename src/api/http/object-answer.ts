import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import { envelopeAround, sealObject } from "../../model/protobuf.ts";
import { encodeField } from "../../model/protobuf-encode.ts";
import { pooledBytes } from "../../value/byte-pool.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { jsonOf } from "../shape.ts";
import type { StoredList, StoredObject } from "../verbs.ts";
import { bytesOf, documentAnswer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { mapInTurns } from "./in-turns.ts";
import { mediaTypes } from "./media-type.ts";
import type { AnswerFormat } from "./media-type.ts";
import { partialOf, rowOf, tableHeadOf, tableOf } from "./table.ts";

/** Where every list message has its members. */
const listNumbers = { metadata: 1, items: 2 } as const;

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
  if (format.encoding === "protobuf") return { kind: "body", code: 200, contentType: mediaTypes.protobuf, body: protobufOf(kind, stored), ...rest };
  if (format.encoding === "yaml") return documentAnswer(jsonOf(stored.object()), "yaml", rest);
  return { kind: "body", code: 200, contentType: "application/json", body: concat([...stored.pieces?.() ?? [stored.bytes()], newline]), ...rest };
}

/** An object in its protobuf envelope. */
export function protobufOf(kind: Kind, stored: StoredObject): Uint8Array {
  return sealObject({ apiVersion: apiVersionOf(kind), kind: kind.kind, message: kind.message }, jsonOf(stored.object()));
}

/** A list: stored bytes one after the other, unless another form was asked for; that is made in turns. */
export async function listAnswer(list: StoredList, options: ObjectAnswerOptions): Promise<Answer> {
  const { format, kind } = options;
  const metadata = listMetadata(list);
  const head = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata };
  if (format.encoding === "protobuf") return protobufListAnswer(list, options);
  const { open, member, item } = listForm(options, format.as === "object" ? head : undefined, metadata);
  if (format.encoding === "yaml") return documentAnswer({ ...open, [member]: await mapInTurns(list.items, (stored) => item(stored.object())) }, "yaml");
  const opening = `${JSON.stringify(open).slice(0, -1)},"${member}":[`;
  if (format.as === "object") return answerOf(mediaTypes.json, listPieces(opening, list.items));
  const items = await mapInTurns(list.items, (stored) => bytesOf(JSON.stringify(item(stored.object()))));
  return answerOf(mediaTypes.json, joinedPieces(opening, items));
}

/** What stands around the items of a list, and what each of them is turned into. */
interface ListForm {
  readonly open: JsonObject;
  readonly member: "items" | "rows";
  readonly item: (object: ApiObject) => Json;
}

function listForm(options: ObjectAnswerOptions, head: JsonObject | undefined, metadata: JsonObject): ListForm {
  const { metaVersion } = options.format;
  if (head !== undefined) return { open: head, member: "items", item: jsonOf };
  if (options.format.as === "partial") return { open: { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${metaVersion}`, metadata }, member: "items", item: (object) => partialOf(object, metaVersion) };
  const table = { kind: options.kind, metaVersion, includeObject: options.includeObject, nowMs: options.nowMs, hasColumns: true };
  return { open: tableHeadOf(metadata, table), member: "rows", item: (object) => rowOf(object, table) };
}

/** The envelope says how long the list is, so all of it is written before the first byte leaves. */
async function protobufListAnswer(list: StoredList, { format, kind }: ObjectAnswerOptions): Promise<Answer> {
  const { metaVersion, as } = format;
  const message = as === "partial" ? "meta/v1.PartialObjectMetadata" : kind.message;
  const items = await mapInTurns(list.items, (stored) => encodeField(listNumbers.items, message, jsonOf(stored.object())));
  const metadata = encodeField(listNumbers.metadata, "meta/v1.ListMeta", listMetadata(list));
  const name = as === "partial" ? { apiVersion: `meta.k8s.io/${metaVersion}`, kind: "PartialObjectMetadataList" } : { apiVersion: apiVersionOf(kind), kind: `${kind.kind}List` };
  const { opening, closing } = envelopeAround({ ...name, sizeBytes: items.reduce((sum, item) => sum + item.length, metadata.length) });
  return answerOf(mediaTypes.protobuf, [opening, metadata, ...items, closing]);
}

/** In one piece when it is short, else in parts. */
function answerOf(contentType: string, pieces: Iterable<Uint8Array>): Answer {
  const parts = fillParts(pieces);
  const first = parts.next();
  if (first.done === true) return { kind: "body", code: 200, contentType, body: first.value };
  return { kind: "parts", contentType, parts: startingWith(first.value, parts) };
}

/** Bytes of one part of a long list: sent within a fraction of a millisecond, and long enough that parts cost little. */
export const partBytes = 131_072;

function* joinedPieces(head: string, items: readonly Uint8Array[]): Generator<Uint8Array> {
  yield bytesOf(head);
  for (const [index, item] of items.entries()) {
    if (index > 0) yield comma;
    yield item;
  }
  yield listEnd;
}

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
  const whole = pooledBytes(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
