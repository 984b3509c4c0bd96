import { isJsonObject } from "../value/json.ts";
import type { Json } from "../value/json.ts";
import { ProtobufError, readFields, WireWriter } from "./protobuf-wire.ts";
import type { WireField } from "./protobuf-wire.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

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
    case "duration": return `${Number(BigInt.asIntN(64, numberAt(bytesOf(type, value), 1))) / nanosPerSecond}s`;
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

/** Writes one scalar; an absent value is written as its zero. */
export function encodeScalar(writer: WireWriter, { number, type, value }: { readonly number: number; readonly type: string; readonly value: Json | undefined }): void {
  switch (type) {
    case "string": writer.bytes(number, encoder.encode(typeof value === "string" ? value : "")); return;
    case "bool": writer.varint(number, value === true ? 1n : 0n); return;
    case "int32": case "int64": writer.varint(number, BigInt(typeof value === "number" ? Math.trunc(value) : 0)); return;
    case "double": writer.double(number, typeof value === "number" ? value : 0); return;
    case "bytes": writer.bytes(number, Buffer.from(typeof value === "string" ? value : "", "base64")); return;
    default: writer.bytes(number, encodeWrapped(type, value)); return;
  }
}

const nanosPerSecond = 1_000_000_000;

/** The scalars that protobuf wraps into a message. */
function encodeWrapped(type: string, value: Json | undefined): Uint8Array {
  const writer = new WireWriter();
  switch (type) {
    case "quantity": writer.bytes(1, encoder.encode(typeof value === "string" || typeof value === "number" ? String(value) : "0")); break;
    case "time": case "microTime": {
      if (typeof value !== "string") break;
      const ms = Date.parse(value);
      writer.varint(1, BigInt(Math.floor(ms / 1000)));
      writer.varint(2, type === "time" ? 0n : BigInt(microsOf(value)) * 1000n);
      break;
    }
    case "duration": writer.varint(1, BigInt(Math.round(Number.parseFloat(typeof value === "string" ? value : "0") * nanosPerSecond))); break;
    case "intOrString":
      writer.varint(1, typeof value === "string" ? 1n : 0n);
      writer.varint(2, BigInt(typeof value === "number" ? value : 0));
      writer.bytes(3, encoder.encode(typeof value === "string" ? value : ""));
      break;
    case "rawExtension": case "json": if (value !== undefined) writer.bytes(1, encoder.encode(JSON.stringify(value))); break;
    default: throw new ProtobufError(`${type} has no protobuf form`);
  }
  return writer.finish();
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
