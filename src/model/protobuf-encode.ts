import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { writeScalar } from "./protobuf-scalars.ts";
import { ProtobufError } from "./protobuf-wire.ts";
import { BackwardWriter } from "./protobuf-writer.ts";
import { findMessage, formsOf, isInline, shapeOf } from "./schema.ts";
import type { Field, InlineField } from "./schema.ts";

/** Encodes JSON as a message of the schema, byte for byte as upstream's marshallers; members the schema does not have are left out. Throws ProtobufError. */
export function encodeMessage(name: string, json: JsonObject): Uint8Array {
  const writer = new BackwardWriter();
  writeMessage(writer, name, json);
  return writer.finish();
}

/** The same as one field of another message, its tag and length included. */
export function encodeField(number: number, name: string, json: JsonObject): Uint8Array {
  const writer = new BackwardWriter();
  writeMessage(writer, name, json);
  writer.close(number, 0);
  return writer.finish();
}

/** The same before what is written already. */
export function writeMessage(writer: BackwardWriter, name: string, json: JsonObject): void {
  for (const write of encoderOf(name)) write(writer, json);
}

/** Writes one field of an object. */
type FieldEncoder = (writer: BackwardWriter, json: JsonObject) => void;

/** Writes a value with its length and tag. */
type ValueEncoder = (writer: BackwardWriter, value: Json | undefined) => void;

const encoders = new Map<string, readonly FieldEncoder[]>();

/** A message's fields, the highest number first: the writer goes backwards. Made once for each message. */
function encoderOf(name: string): readonly FieldEncoder[] {
  const known = encoders.get(name);
  if (known !== undefined) return known;
  const message = findMessage(name);
  if (message === undefined) throw new ProtobufError(`no message ${name} is known`);
  const made = Object.entries(message.fields)
    .flatMap(([key, field]) => (field.number === undefined ? [] : [{ number: field.number, key, field }]))
    .toSorted((a, b) => b.number - a.number)
    .map(({ number, key, field }) => fieldEncoder(number, key, field));
  encoders.set(name, made);
  return made;
}

function fieldEncoder(number: number, key: string, field: Field | InlineField): FieldEncoder {
  if (isInline(field)) {
    return (writer, json) => {
      const before = writer.length;
      writeMessage(writer, field.inline, json);
      writer.close(number, before);
    };
  }
  const shape = shapeOf(field.type);
  if (shape.kind === "list") {
    const write = valueEncoder(number, shape.item);
    return (writer, json) => {
      const list = json[key];
      if (Array.isArray(list)) for (let i = list.length - 1; i >= 0; i--) write(writer, list[i] as Json | undefined);
    };
  }
  if (shape.kind === "map") return mapEncoder(number, key, shape.item);
  const write = valueEncoder(number, field.type);
  // What Go has as a plain value is written even when it is zero, what it has as a pointer or a slice only when it is there.
  const isOptional = field.pointer === true || field.type === "bytes" || field.type === "json";
  return (writer, json) => {
    const value = json[key];
    if ((value !== undefined && value !== null) || !isOptional) write(writer, value ?? undefined);
  };
}

function mapEncoder(number: number, key: string, item: string): FieldEncoder {
  const write = valueEncoder(2, item);
  return (writer, json) => {
    const map = json[key];
    if (!isJsonObject(map)) return;
    for (const name of Object.keys(map).toSorted().toReversed()) {
      const before = writer.length;
      write(writer, map[name]);
      const beforeName = writer.length;
      writer.text(name);
      writer.close(1, beforeName);
      writer.close(number, before);
    }
  };
}

function valueEncoder(number: number, type: string): ValueEncoder {
  const shape = shapeOf(type);
  if (shape.kind !== "message") return (writer, value) => { writeScalar(writer, { number, type, value }); };
  const isWrapped = formsOf(shape.message) !== undefined;
  return (writer, value) => {
    const json = isWrapped ? wrap(shape.message, value) : value;
    const before = writer.length;
    writeMessage(writer, shape.message, isJsonObject(json) ? json : {});
    writer.close(number, before);
  };
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
