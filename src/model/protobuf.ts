import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { writeMessage } from "./protobuf-encode.ts";
import { decodeScalar } from "./protobuf-scalars.ts";
import { ProtobufError, readFields } from "./protobuf-wire.ts";
import { BackwardWriter } from "./protobuf-writer.ts";
import { findMessage, formsOf, isInline, shapeOf } from "./schema.ts";
import type { Field, InlineField, Message } from "./schema.ts";

/** Nesting of messages read: no kind reaches a quarter of it. */
const depthMax = 100;

/** What every object in protobuf begins with. @see kubernetes apimachinery pkg/runtime/serializer/protobuf */
const magic = Uint8Array.from([0x6b, 0x38, 0x73, 0x00]);

/** An object taken out of its envelope: its message's bytes, and what kind it says it is. */
export interface ProtobufEnvelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** True for bytes that begin as an object in protobuf does. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** Opens the envelope `k8s\0` + runtime.Unknown. Throws ProtobufError. */
export function openEnvelope(bytes: Uint8Array): ProtobufEnvelope {
  if (!isEnvelope(bytes)) throw new ProtobufError("the body does not begin with k8s\\0");
  let typeMeta: JsonObject = {};
  let raw = new Uint8Array(0);
  for (const { number, value } of readFields(bytes.subarray(magic.length))) {
    if (value.kind !== "bytes") continue;
    if (number === 1) typeMeta = Object.fromEntries([...readFields(value.bytes)].flatMap((field) => (field.value.kind === "bytes" ? [[String(field.number), new TextDecoder().decode(field.value.bytes)]] : [])));
    if (number === 2) raw = Uint8Array.from(value.bytes);
    if (number === 3 && value.bytes.length > 0) throw new ProtobufError("the body has an encoding of its own, which is not read");
  }
  const text = (key: string) => (typeof typeMeta[key] === "string" ? typeMeta[key] : "");
  return { apiVersion: text("1"), kind: text("2"), raw };
}

/** Writes an object in its envelope. Content encoding and type are written empty, as upstream's marshaller does. Throws ProtobufError. */
export function sealObject({ apiVersion, kind, message }: { readonly apiVersion: string; readonly kind: string; readonly message: string }, json: JsonObject): Uint8Array {
  const writer = new BackwardWriter();
  writer.close(4, writer.length);
  writer.close(3, writer.length);
  const before = writer.length;
  writeMessage(writer, message, json);
  writer.close(2, before);
  writeOpening(writer, apiVersion, kind);
  return writer.finish();
}

/** What stands around a message that was written elsewhere, in pieces of `sizeBytes` altogether. */
export function envelopeAround({ apiVersion, kind, sizeBytes }: { readonly apiVersion: string; readonly kind: string; readonly sizeBytes: number }): { readonly opening: Uint8Array; readonly closing: Uint8Array } {
  const closing = new BackwardWriter();
  closing.close(4, closing.length);
  closing.close(3, closing.length);
  const opening = new BackwardWriter();
  opening.varint(sizeBytes);
  opening.tag(2, 2);
  writeOpening(opening, apiVersion, kind);
  return { opening: opening.finish(), closing: closing.finish() };
}

/** What the object is, and before it the magic bytes. */
function writeOpening(writer: BackwardWriter, apiVersion: string, kind: string): void {
  const before = writer.length;
  writeText(writer, 2, kind);
  writeText(writer, 1, apiVersion);
  writer.close(1, before);
  writer.raw(magic);
}

function writeText(writer: BackwardWriter, field: number, text: string): void {
  const before = writer.length;
  writer.text(text);
  writer.close(field, before);
}

/**
 * Decodes a message of the schema to its JSON. Unknown numbers are skipped. Plain fields with a zero value are left out, as omitempty does,
 * unless the schema writes them always. Throws ProtobufError.
 */
export function decodeMessage(name: string, bytes: Uint8Array, depth = 0): JsonObject {
  if (depth > depthMax) throw new ProtobufError(`messages are nested deeper than ${depthMax}`);
  const message = findMessage(name);
  if (message === undefined) throw new ProtobufError(`no message ${name} is known`);
  const byNumber = numbersOf(name, message);
  const result: Record<string, Json> = {};
  const lists = new Map<string, Json[]>();
  const maps = new Map<string, Record<string, Json>>();
  for (const { number, value } of readFields(bytes)) {
    const known = byNumber.get(number);
    if (known === undefined) continue;
    const { key, field } = known;
    if (isInline(field)) {
      if (value.kind === "bytes") Object.assign(result, decodeMessage(field.inline, value.bytes, depth + 1));
      continue;
    }
    const shape = shapeOf(field.type);
    if (shape.kind === "list") {
      const list = lists.get(key) ?? [];
      list.push(decodeValue(shape.item, value, depth) ?? null);
      lists.set(key, list);
    } else if (shape.kind === "map") {
      const entry = decodeEntry(shape.item, value, depth);
      const map = maps.get(key) ?? {};
      map[entry.key] = entry.value;
      maps.set(key, map);
    } else {
      const decoded = decodeValue(field.type, value, depth);
      if (decoded !== undefined && (field.pointer === true || field.always === true || !isZero(decoded))) result[key] = decoded;
    }
  }
  return { ...result, ...Object.fromEntries(lists), ...Object.fromEntries(maps) };
}

type Numbered = { readonly key: string; readonly field: Field | InlineField };

const numbered = new Map<string, ReadonlyMap<number, Numbered>>();

/** A message's fields by number. Inlined messages without a number, as TypeMeta, are not on the wire. */
function numbersOf(name: string, message: Message): ReadonlyMap<number, Numbered> {
  const known = numbered.get(name);
  if (known !== undefined) return known;
  const fields = new Map(Object.entries(message.fields).flatMap(([key, field]) => (field.number === undefined ? [] : [[field.number, { key, field }] as const])));
  numbered.set(name, fields);
  return fields;
}

type WireValue = Parameters<typeof decodeScalar>[1];

function decodeValue(type: string, value: WireValue, depth: number): Json | undefined {
  const shape = shapeOf(type);
  if (shape.kind !== "message") return decodeScalar(type, value);
  if (value.kind !== "bytes") throw new ProtobufError(`a ${type} is not written as a message`);
  const decoded = decodeMessage(shape.message, value.bytes, depth + 1);
  return formsOf(shape.message) === undefined ? decoded : unwrap(shape.message, decoded);
}

/** The one value that JSON has of a wrapping message: a list or an object before a plain truth, as upstream's marshallers have it. */
function unwrap(message: string, wrapped: JsonObject): Json {
  const values = Object.values(wrapped).filter((value) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  const [whole] = values.toSorted((a, b) => Number(typeof a === "boolean") - Number(typeof b === "boolean"));
  if (whole !== undefined) return whole;
  const [first = ""] = formsOf(message) ?? [];
  return first === "bool" ? false : shapeOf(first).kind === "list" ? [] : null;
}

function decodeEntry(type: string, value: WireValue, depth: number): { readonly key: string; readonly value: Json } {
  if (value.kind !== "bytes") throw new ProtobufError("a map entry is not written as a message");
  let key = "";
  let decoded: Json | undefined;
  for (const field of readFields(value.bytes)) {
    if (field.number === 1 && field.value.kind === "bytes") key = new TextDecoder().decode(field.value.bytes);
    if (field.number === 2) decoded = decodeValue(type, field.value, depth);
  }
  if (key === "__proto__") throw new ProtobufError("a map has a key called __proto__, which is not allowed");
  return { key, value: decoded ?? (type === "string" || type === "bytes" ? "" : null) };
}

/** What omitempty leaves out, and empty messages with it. */
function isZero(value: Json): boolean {
  return value === null || value === "" || value === 0 || value === false || (isJsonObject(value) && Object.keys(value).length === 0);
}
