import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { decodeScalar, encodeScalar } from "./protobuf-scalars.ts";
import { ProtobufError, readFields, WireWriter } from "./protobuf-wire.ts";
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

/** Opens the envelope `k8s\0` + runtime.Unknown. Throws ProtobufError. */
export function openEnvelope(bytes: Uint8Array): ProtobufEnvelope {
  if (!magic.every((byte, index) => bytes[index] === byte)) throw new ProtobufError("the body does not begin with k8s\\0");
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

/** Puts an object's message into the envelope. */
export function sealEnvelope({ apiVersion, kind, raw }: ProtobufEnvelope): Uint8Array {
  const encoder = new TextEncoder();
  const typeMeta = new WireWriter();
  typeMeta.bytes(1, encoder.encode(apiVersion));
  typeMeta.bytes(2, encoder.encode(kind));
  const unknown = new WireWriter();
  unknown.bytes(1, typeMeta.finish());
  unknown.bytes(2, raw);
  // Content encoding and type are written empty, as upstream's marshaller does.
  unknown.bytes(3, new Uint8Array(0));
  unknown.bytes(4, new Uint8Array(0));
  const body = unknown.finish();
  const whole = new Uint8Array(magic.length + body.length);
  whole.set(magic);
  whole.set(body, magic.length);
  return whole;
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

/** Encodes JSON as a message of the schema; members the schema does not have are left out. Throws ProtobufError. */
export function encodeMessage(name: string, json: JsonObject): Uint8Array {
  const message = findMessage(name);
  if (message === undefined) throw new ProtobufError(`no message ${name} is known`);
  const writer = new WireWriter();
  for (const [number, { key, field }] of [...numbersOf(name, message)].toSorted(([a], [b]) => a - b)) {
    if (isInline(field)) writer.bytes(number, encodeMessage(field.inline, json));
    else encodeField(writer, number, field, json[key]);
  }
  return writer.finish();
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

/** The message around a value that JSON has bare. A schema beside a truth says that it is true. */
function wrap(message: string, value: Json | undefined): JsonObject {
  const entries = Object.entries(findMessage(message)?.fields ?? {}).flatMap(([key, field]) => (isInline(field) ? [] : [[key, field.type] as const]));
  const fits = (type: string) => {
    const { kind } = shapeOf(type);
    return Array.isArray(value) ? kind === "list" : isJsonObject(value) ? kind === "message" : kind === "scalar";
  };
  return Object.fromEntries(entries.flatMap(([key, type]) => {
    if (fits(type)) return [[key, value] as const];
    return type === "bool" && isJsonObject(value) ? [[key, true] as const] : [];
  }));
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

function encodeField(writer: WireWriter, number: number, field: Field, value: Json | undefined): void {
  const shape = shapeOf(field.type);
  if (shape.kind === "list") {
    for (const item of Array.isArray(value) ? (value as readonly Json[]) : []) encodeValue(writer, number, shape.item, item);
  } else if (shape.kind === "map") {
    for (const key of Object.keys(isJsonObject(value) ? value : {}).toSorted()) {
      const entry = new WireWriter();
      entry.bytes(1, new TextEncoder().encode(key));
      encodeValue(entry, 2, shape.item, isJsonObject(value) ? value[key] : undefined);
      writer.bytes(number, entry.finish());
    }
  } else if ((value !== undefined && value !== null) || (field.pointer !== true && field.type !== "bytes" && field.type !== "json")) {
    encodeValue(writer, number, field.type, value ?? undefined);
  }
}

function encodeValue(writer: WireWriter, number: number, type: string, value: Json | undefined): void {
  const shape = shapeOf(type);
  if (shape.kind !== "message") { encodeScalar(writer, { number, type, value }); return; }
  const json = formsOf(shape.message) === undefined ? value : wrap(shape.message, value);
  writer.bytes(number, encodeMessage(shape.message, isJsonObject(json) ? json : {}));
}
