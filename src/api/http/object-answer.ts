import { ApiError } from "../../model/api-error.ts";
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
import { mapInTurns } from "../in-turns.ts";
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
const comma = 0x2c;
const listEnd = bytesOf("]}\n");

/** One object: its stored bytes as they are, unless another form was asked for. */
export function objectAnswer(stored: StoredObject, options: ObjectAnswerOptions): Answer {
  const { format, kind } = options;
  if (format.as === "partial-list") throw wrongForm(`you requested PartialObjectMetadataList, but the requested object is not a list (${goTypeOf(kind)})`);
  const rest = { ...(options.code === undefined ? {} : { code: options.code }), ...(options.warnings === undefined ? {} : { warnings: options.warnings }) };
  if (format.as === "table") {
    const metadata = { resourceVersion: stored.object().metadata.resourceVersion ?? "" };
    const table = tableOf([stored.object()], metadata, { kind, metaVersion: format.metaVersion, includeObject: options.includeObject, nowMs: options.nowMs, hasColumns: true });
    return documentAnswer(table, format.encoding, rest);
  }
  if (format.as === "partial") return documentAnswer(partialOf(stored.object(), format.metaVersion), format.encoding, rest);
  if (format.encoding === "protobuf") return { kind: "body", code: 200, contentType: mediaTypes.protobuf, body: protobufOf(kind, stored), ...rest };
  if (format.encoding === "yaml") return documentAnswer(jsonOf(stored.object()), "yaml", rest);
  return { kind: "body", code: 200, contentType: "application/json", body: lineOf(stored), ...rest };
}

/** An object's bytes and a line end: written once, into the room most objects need. */
function lineOf(stored: StoredObject): Uint8Array {
  const line = Buffer.allocUnsafe(usualObjectBytes);
  const end = stored.copyTo?.(line, 0);
  if (end === undefined || end === line.length) return concat([stored.bytes(), newline]);
  line.set(newline, end);
  return line.subarray(0, end + 1);
}

/** Most objects are shorter. Small enough to be cut from one of Node's pooled buffers. */
const usualObjectBytes = 4_000;

/** An object in its protobuf envelope. */
export function protobufOf(kind: Kind, stored: StoredObject): Uint8Array {
  return sealObject({ apiVersion: apiVersionOf(kind), kind: kind.kind, message: kind.message }, jsonOf(stored.object()));
}

/** A list: stored bytes one after the other, unless another form was asked for; that is made in turns. */
export async function listAnswer(list: StoredList, options: ObjectAnswerOptions): Promise<Answer> {
  const { format, kind } = options;
  if (format.as === "partial") throw wrongForm(`you requested PartialObjectMetadata, but the requested object is a list (${goTypeOf(kind, "List")})`);
  const metadata = listMetadata(list);
  const head = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata };
  if (format.encoding === "protobuf") return protobufListAnswer(list, options);
  const { open, member, item } = listForm(options, format.as === "object" ? head : undefined, metadata);
  if (format.encoding === "yaml") return documentAnswer({ ...open, [member]: await mapInTurns(list.items, (stored) => item(stored.object())) }, "yaml");
  const items = format.as === "object" ? list.items : await mapInTurns(list.items, (stored) => bytesOf(JSON.stringify(item(stored.object()))));
  return answerOf(mediaTypes.json, { opening: bytesOf(`${JSON.stringify(open).slice(0, -1)},"${member}":[`), items, isSeparated: true, closing: listEnd });
}

/** What is asked for is no list, or is one. */
function wrongForm(message: string): ApiError {
  return new ApiError("NotAcceptable", message);
}

/** What Kubernetes calls a kind in Go, which its message tells. */
function goTypeOf({ group, kind, schema }: Kind, ending = ""): string {
  if (schema !== undefined) return `*unstructured.Unstructured${ending}`;
  const [place = ""] = group.split(".");
  return `*${goPackages.get(place) ?? place}.${kind}${ending}`;
}

/** Groups whose kinds lie elsewhere: both views of an event are one type. */
const goPackages: ReadonlyMap<string, string> = new Map([["", "core"], ["events", "core"]]);

/** What stands around the items of a list, and what each of them is turned into. */
interface ListForm {
  readonly open: JsonObject;
  readonly member: "items" | "rows";
  readonly item: (object: ApiObject) => Json;
}

function listForm(options: ObjectAnswerOptions, head: JsonObject | undefined, metadata: JsonObject): ListForm {
  const { metaVersion } = options.format;
  if (head !== undefined) return { open: head, member: "items", item: jsonOf };
  if (options.format.as === "partial-list") return { open: { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${metaVersion}`, metadata }, member: "items", item: (object) => partialOf(object, metaVersion) };
  const table = { kind: options.kind, metaVersion, includeObject: options.includeObject, nowMs: options.nowMs, hasColumns: true };
  return { open: tableHeadOf(metadata, table), member: "rows", item: (object) => rowOf(object, table) };
}

/** The envelope says how long the list is, so all of it is written before the first byte leaves. */
async function protobufListAnswer(list: StoredList, { format, kind }: ObjectAnswerOptions): Promise<Answer> {
  const { metaVersion, as } = format;
  const isPartial = as === "partial-list";
  const message = isPartial ? "meta/v1.PartialObjectMetadata" : kind.message;
  const items = await mapInTurns(list.items, (stored) => encodeField(listNumbers.items, message, jsonOf(stored.object())));
  const metadata = encodeField(listNumbers.metadata, "meta/v1.ListMeta", listMetadata(list));
  const name = isPartial ? { apiVersion: `meta.k8s.io/${metaVersion}`, kind: "PartialObjectMetadataList" } : { apiVersion: apiVersionOf(kind), kind: `${kind.kind}List` };
  const { opening, closing } = envelopeAround({ ...name, sizeBytes: items.reduce((sum, item) => sum + item.length, metadata.length) });
  return answerOf(mediaTypes.protobuf, { opening: concat([opening, metadata]), items, isSeparated: false, closing });
}

/** What a list is written of: items, what stands around them, and whether commas stand between them. */
interface ListPieces {
  readonly opening: Uint8Array;
  readonly items: readonly (StoredObject | Uint8Array)[];
  readonly isSeparated: boolean;
  readonly closing: Uint8Array;
}

/** In one piece when it is short, else in parts. */
function answerOf(contentType: string, pieces: ListPieces): Answer {
  const parts = fillParts(pieces);
  const first = parts.next();
  if (first.done === true) return { kind: "body", code: 200, contentType, body: first.value };
  return { kind: "parts", contentType, parts: startingWith(first.value, parts) };
}

/** Bytes of one part of a long list: sent within a fraction of a millisecond, and long enough that parts cost little. */
export const partBytes = 131_072;

/** Room most items of a short list need. */
const itemBytes = 4_096;

/** Copies the pieces into one buffer, and yields it whenever the next one does not fit; answers what is in it in the end. */
function* fillParts({ opening, items, isSeparated, closing }: ListPieces): Generator<Uint8Array, Uint8Array> {
  // What ends the list, and a comma, have room behind everything.
  const spareBytes = closing.length + 1;
  const wholeBytes = opening.length + partBytes + spareBytes;
  let part = Buffer.allocUnsafe(Math.min(wholeBytes, opening.length + itemBytes * items.length + spareBytes));
  let room = part.subarray(0, -spareBytes);
  room.set(opening);
  let length = opening.length;
  let isFirst = true;
  for (const item of items) {
    if (isSeparated && !isFirst) part[length++] = comma;
    isFirst = false;
    let end = copyInto(room, length, item);
    if (end === undefined && part.length < wholeBytes) {
      part = Buffer.concat([room.subarray(0, length)], wholeBytes);
      room = part.subarray(0, -spareBytes);
      end = copyInto(room, length, item);
    }
    if (end === undefined) {
      yield part.subarray(0, length);
      end = copyInto(room, 0, item);
      // Longer than a part: it is one of its own.
      if (end === undefined) yield item instanceof Uint8Array ? item : item.bytes();
    }
    length = end ?? 0;
  }
  part.set(closing, length);
  return part.subarray(0, length + closing.length);
}

/** Where an item ends that is written from `at` on; undefined where it does not fit. */
function copyInto(room: Uint8Array, at: number, item: StoredObject | Uint8Array): number | undefined {
  if (!(item instanceof Uint8Array) && item.copyTo !== undefined) return item.copyTo(room, at);
  const bytes = item instanceof Uint8Array ? item : item.bytes();
  if (at + bytes.length > room.length) return undefined;
  room.set(bytes, at);
  return at + bytes.length;
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
