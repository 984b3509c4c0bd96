import type { Kind } from "../../model/kind.ts";
import { WireWriter } from "../../model/protobuf-wire.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { groupVersionsOf } from "./discovery.ts";
import { mapSteps, takeInTurns, turn } from "../in-turns.ts";
import { openApiSteps } from "./openapi-document.ts";
import { definitionInV2 } from "./openapi-v2-json.ts";

const encoder = new TextEncoder();

/**
 * The OpenAPI v2 document of all kinds in gnostic's protobuf: definitions, and for each path the operations with their kind and query parameters.
 * Numbers are those of openapi.v2 (gnostic OpenAPIv2.proto). Made in turns, for it takes a tenth of a second.
 */
export async function openApiV2Of(kinds: readonly Kind[], version: string): Promise<Uint8Array> {
  const paths: Uint8Array[] = [];
  const definitions = new Map<string, Uint8Array>();
  for (const group of groupVersionsOf(kinds)) {
    await turn();
    const document = await takeInTurns(openApiSteps(group.kinds, version));
    paths.push(...await takeInTurns(mapSteps(Object.entries(at(document, "paths")), ([path, item]) => written((writer) => { named(writer, 2, path, (value) => { writePathItem(value, item); }); }))));
    const fresh = Object.entries(at(document, "components", "schemas")).filter(([name]) => !definitions.has(name));
    const made = await takeInTurns(mapSteps(fresh, ([name, schema]) => [name, written((writer) => { named(writer, 1, name, (value) => { writeSchema(value, definitionInV2(schema)); }); })] as const));
    for (const [name, bytes] of made) definitions.set(name, bytes);
  }
  return written((writer) => {
    text(writer, 1, "2.0");
    message(writer, 2, (info) => { text(info, 1, "Capstan"); text(info, 2, version); });
    writer.bytes(8, Buffer.concat(paths));
    writer.bytes(9, Buffer.concat([...definitions.values()]));
  });
}

const methodNumbers: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

function writePathItem(writer: WireWriter, item: Json | undefined): void {
  if (!isJsonObject(item)) return;
  for (const [method, number] of Object.entries(methodNumbers)) {
    const operation = item[method];
    if (isJsonObject(operation)) message(writer, number, (value) => { writeOperation(value, operation); });
  }
}

function writeOperation(writer: WireWriter, operation: JsonObject): void {
  for (const tag of listOf(operation["tags"])) text(writer, 1, textOf(tag));
  text(writer, 6, "application/json");
  text(writer, 7, "*/*");
  for (const parameter of listOf(operation["parameters"]).filter(isJsonObject)) {
    // ParametersItem.parameter, Parameter.non_body_parameter, NonBodyParameter.query_parameter_sub_schema
    nest(writer, [8, 1, 2, 3], (query) => {
      text(query, 2, "query");
      text(query, 4, textOf(parameter["name"]));
      text(query, 6, textOf(isJsonObject(parameter["schema"]) ? parameter["schema"]["type"] : undefined));
      query.varint(20, 1n);
    });
  }
  message(writer, 9, (responses) => { named(responses, 1, "200", (value) => { message(value, 1, (response) => { text(response, 1, "OK"); }); }); });
  writeExtensions(writer, 13, operation);
}

function writeSchema(writer: WireWriter, given: Json | undefined): void {
  if (!isJsonObject(given)) return;
  const schema = mergedReference(given);
  const reference = textOf(schema["$ref"]);
  if (reference !== "") text(writer, 1, reference.replace("#/components/schemas/", "#/definitions/"));
  if (schema["format"] !== undefined) text(writer, 2, textOf(schema["format"]));
  if (schema["description"] !== undefined) text(writer, 4, textOf(schema["description"]));
  if (schema["default"] !== undefined) message(writer, 5, (value) => { text(value, 2, JSON.stringify(schema["default"])); });
  for (const name of listOf(schema["required"])) text(writer, 19, textOf(name));
  for (const item of listOf(schema["enum"])) message(writer, 20, (value) => { text(value, 2, JSON.stringify(item)); });
  if (schema["additionalProperties"] !== undefined) nest(writer, [21, 1], (value) => { writeSchema(value, schema["additionalProperties"]); });
  // Version 2 has no oneOf: a number or a text is called a text, as upstream does.
  const type = schema["oneOf"] === undefined ? textOf(schema["type"]) : "string";
  if (type !== "") message(writer, 22, (value) => { text(value, 1, type); });
  if (schema["items"] !== undefined) nest(writer, [23, 1], (value) => { writeSchema(value, schema["items"]); });
  const { properties } = schema;
  if (isJsonObject(properties)) message(writer, 25, (value) => { for (const [name, property] of Object.entries(properties)) named(value, 1, name, (inner) => { writeSchema(inner, property); }); });
  writeExtensions(writer, 31, schema);
}

/** `allOf` with one reference and something beside it is a reference with something beside it here. */
function mergedReference(schema: JsonObject): JsonObject {
  const [only] = listOf(schema["allOf"]);
  if (!isJsonObject(only)) return schema;
  const { allOf: _allOf, ...rest } = schema;
  return { ...rest, ...only };
}

function writeExtensions(writer: WireWriter, number: number, source: JsonObject): void {
  for (const [name, value] of Object.entries(source)) {
    if (name.startsWith("x-")) named(writer, number, name, (any) => { text(any, 2, JSON.stringify(value)); });
  }
}

function text(writer: WireWriter, number: number, value: string): void {
  writer.bytes(number, encoder.encode(value));
}

function message(writer: WireWriter, number: number, write: (inner: WireWriter) => void): void {
  writer.bytes(number, written(write));
}

/** A pair of name and value, as gnostic writes the members of a map. */
function named(writer: WireWriter, number: number, name: string, write: (value: WireWriter) => void): void {
  message(writer, number, (pair) => { text(pair, 1, name); message(pair, 2, write); });
}

/** Messages inside each other, the outermost number first. */
function nest(writer: WireWriter, numbers: readonly number[], write: (inner: WireWriter) => void): void {
  const [first, ...rest] = numbers;
  if (first === undefined) write(writer);
  else message(writer, first, (inner) => { nest(inner, rest, write); });
}

function written(write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter();
  write(writer);
  return writer.finish();
}

function at(object: JsonObject, ...keys: readonly string[]): JsonObject {
  let value: Json | undefined = object;
  for (const key of keys) value = isJsonObject(value) ? value[key] : undefined;
  return isJsonObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
