import { isJsonObject } from "../value/json.ts";
import type { Json } from "../value/json.ts";
import { parseDuration, printDuration } from "../value/duration.ts";
import { ProtobufError, readFields } from "./protobuf-wire.ts";
import type { WireField } from "./protobuf-wire.ts";
import type { BackwardWriter } from "./protobuf-writer.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The JSON of one scalar of the schema; undefined for a time that is not set. Throws ProtobufError. */
export function decodeScalar(type: string, value: WireField["value"]): Json | undefined {
  switch (type) {
    case "string": return textOf(type, value);
    case "bool": return numberOf(type, value) !== 0n;
    case "int32": return Number(BigInt.asIntN(32, numberOf(type, value)));
    case "int64": return Number(BigInt.asIntN(64, numberOf(type, value)));
    case "double": return value.kind === "fixed64" ? new DataView(value.bytes.buffer, value.bytes.byteOffset, 8).getFloat64(0, true) : 0;
    case "bytes": return Buffer.from(bytesOf(type, value)).toString("base64");
    case "quantity": return textAt(bytesOf(type, value), 1);
    case "time": case "microTime": return timeOf(type, bytesOf(type, value));
    case "duration": return printDuration(Number(BigInt.asIntN(64, numberAt(bytesOf(type, value), 1))) / nanosPerMs);
    case "intOrString": {
      const bytes = bytesOf(type, value);
      return numberAt(bytes, 1) === 1n ? textAt(bytes, 3) : Number(BigInt.asIntN(32, numberAt(bytes, 2)));
    }
    case "rawExtension": case "json": {
      const raw = textAt(bytesOf(type, value), 1);
      return raw === "" ? undefined : parseJson(type, raw);
    }
    default: throw new ProtobufError(`${type} has no protobuf form`);
  }
}

/** Writes one scalar with its length and tag; an absent value is written as its zero. */
export function writeScalar(writer: BackwardWriter, { number, type, value }: { readonly number: number; readonly type: string; readonly value: Json | undefined }): void {
  switch (type) {
    case "bool": writer.varint(value === true ? 1 : 0); writer.tag(number, 0); return;
    case "int32": case "int64": writer.varint(wholeOf(value)); writer.tag(number, 0); return;
    case "double": writer.double(typeof value === "number" ? value : 0); writer.tag(number, 1); return;
    default: {
      const before = writer.length;
      if (type === "string") writer.text(typeof value === "string" ? value : "");
      else if (type === "bytes") writer.raw(Buffer.from(typeof value === "string" ? value : "", "base64"));
      else writeWrapped(writer, type, value);
      writer.close(number, before);
    }
  }
}

const nanosPerMs = 1_000_000;

/** The scalars that protobuf wraps into a message; the highest number first. */
function writeWrapped(writer: BackwardWriter, type: string, value: Json | undefined): void {
  const text = typeof value === "string" ? value : "";
  switch (type) {
    case "quantity": writeScalar(writer, { number: 1, type: "string", value: typeof value === "number" ? String(value) : text || "0" }); return;
    case "time": case "microTime": writeTime(writer, type, text); return;
    case "duration": writer.varint(Math.round(parseDuration(text === "" ? "0s" : text) * nanosPerMs)); writer.tag(1, 0); return;
    case "intOrString":
      writeScalar(writer, { number: 3, type: "string", value: text });
      writer.varint(wholeOf(value));
      writer.tag(2, 0);
      writer.varint(typeof value === "string" ? 1 : 0);
      writer.tag(1, 0);
      return;
    case "rawExtension": case "json": if (value !== undefined) writeScalar(writer, { number: 1, type: "string", value: JSON.stringify(value) }); return;
    default: throw new ProtobufError(`${type} has no protobuf form`);
  }
}

/** Nothing for a time that is not set. */
function writeTime(writer: BackwardWriter, type: string, text: string): void {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return;
  writer.varint(type === "time" ? 0 : microsOf(text) * 1_000);
  writer.tag(2, 0);
  writer.varint(Math.floor(ms / 1_000));
  writer.tag(1, 0);
}

function wholeOf(value: Json | undefined): number {
  return typeof value === "number" ? Math.trunc(value) : 0;
}

/** The six fraction digits of a microTime. */
function microsOf(time: string): number {
  const fraction = /\.(\d{1,6})/.exec(time)?.[1] ?? "0";
  return Number(fraction.padEnd(6, "0"));
}

function timeOf(type: string, bytes: Uint8Array): string | undefined {
  const seconds = Number(BigInt.asIntN(64, numberAt(bytes, 1)));
  const nanos = Number(BigInt.asIntN(32, numberAt(bytes, 2)));
  if (seconds === 0 && nanos === 0) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new ProtobufError(`a ${type} lies beyond the calendar`);
  const whole = date.toISOString().slice(0, 19);
  return type === "time" ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z`;
}

function parseJson(type: string, text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) || type === "json" ? value : {};
  } catch {
    throw new ProtobufError(`a ${type} does not hold JSON`);
  }
}

function textAt(bytes: Uint8Array, number: number): string {
  let text = "";
  for (const field of readFields(bytes)) if (field.number === number) text = textOf("string", field.value);
  return text;
}

function numberAt(bytes: Uint8Array, number: number): bigint {
  let found = 0n;
  for (const field of readFields(bytes)) if (field.number === number && field.value.kind === "varint") found = field.value.number;
  return found;
}

function textOf(type: string, value: WireField["value"]): string {
  try {
    return decoder.decode(bytesOf(type, value));
  } catch (error) {
    if (error instanceof ProtobufError) throw error;
    throw new ProtobufError("a text is not UTF-8");
  }
}

function bytesOf(type: string, value: WireField["value"]): Uint8Array {
  if (value.kind === "bytes") return value.bytes;
  throw new ProtobufError(`a ${type} is not written as bytes`);
}

function numberOf(type: string, value: WireField["value"]): bigint {
  if (value.kind === "varint") return value.number;
  throw new ProtobufError(`a ${type} is not written as a number`);
}
