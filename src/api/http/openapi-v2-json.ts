import type { Kind } from "../../model/kind.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { bytesOf } from "./answer.ts";
import { groupVersionsOf } from "./discovery.ts";
import { takeInTurns } from "../in-turns.ts";
import type { Steps } from "../in-turns.ts";
import { openApiSteps } from "./openapi-document.ts";

/** The OpenAPI v2 document of all kinds in JSON, for clients that read no protobuf. Made in turns. */
export function openApiV2JsonOf(kinds: readonly Kind[], version: string): Promise<Uint8Array> {
  return takeInTurns(jsonSteps(kinds, version));
}

function* jsonSteps(kinds: readonly Kind[], version: string): Steps<Uint8Array> {
  const paths: string[] = [];
  const definitions = new Map<string, string>();
  for (const group of groupVersionsOf(kinds)) {
    const document = yield* openApiSteps(group.kinds, version);
    for (const [path, item] of membersOf(document["paths"])) {
      yield;
      paths.push(`${JSON.stringify(path)}:${printed(pathItemOf(item))}`);
    }
    for (const [name, schema] of membersOf(isJsonObject(document["components"]) ? document["components"]["schemas"] : undefined)) {
      if (definitions.has(name)) continue;
      yield;
      definitions.set(name, `${JSON.stringify(name)}:${printed(schemaOf(definitionInV2(schema)))}`);
    }
  }
  const head = JSON.stringify({ swagger: "2.0", info: { title: "Capstan", version } }).slice(0, -1);
  return bytesOf(`${head},"paths":{${paths.join()}},"definitions":{${[...definitions.values()].join()}}}`);
}

function membersOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  return isJsonObject(value) ? Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, member] as const])) : [];
}

function printed(value: Json): string {
  return JSON.stringify(value).replaceAll('"#/components/schemas/', '"#/definitions/');
}

/**
 * A definition as version 2 shows it: where a kind takes unknown fields at its root, nothing but its name, for clients of that version would refuse what
 * is not among its properties. @see kubernetes apiextensions-apiserver pkg/controller/openapi/builder/builder.go buildKubeNative
 */
export function definitionInV2<T extends Json | undefined>(schema: T): T | JsonObject {
  const name = "x-kubernetes-group-version-kind";
  if (!isJsonObject(schema) || schema[name] === undefined || schema["x-kubernetes-preserve-unknown-fields"] !== true) return schema;
  return { type: "object", [name]: schema[name] };
}

/** Version 2 has no alternatives: what is a number or a text is a text of that format. */
function schemaOf(schema: Json): Json {
  if (!isJsonObject(schema) || schema["oneOf"] === undefined) return schema;
  const { oneOf: _either, ...rest } = schema;
  return { ...rest, type: "string" };
}

function pathItemOf(item: Json): Json {
  return Object.fromEntries(membersOf(item).map(([name, member]) => [name, name === "parameters" ? parametersOf(member) : operationOf(member)]));
}

/** What version 3 says in a schema, version 2 says of the parameter itself. */
function parametersOf(parameters: Json | undefined): readonly Json[] {
  return (Array.isArray(parameters) ? parameters : []).map((parameter: Json) => {
    if (!isJsonObject(parameter)) return parameter;
    const { schema, ...rest } = parameter;
    return { ...rest, ...(isJsonObject(schema) ? schema : {}) };
  });
}

function operationOf(operation: Json): Json {
  if (!isJsonObject(operation)) return operation;
  const { requestBody, responses, parameters, ...rest } = operation;
  const schema = contentSchema(requestBody);
  const body: readonly JsonObject[] = isJsonObject(requestBody) ? [{ name: "body", in: "body", required: true, schema: schema ?? { type: "object" } }] : [];
  return {
    ...rest, consumes: consumed(requestBody), produces: ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"], schemes: ["https"],
    parameters: [...body, ...parametersOf(parameters)],
    responses: Object.fromEntries(membersOf(responses).map(([code, response]) => {
      const answer = contentSchema(response);
      return [code, { description: isJsonObject(response) ? response["description"] ?? "" : "", ...(answer === undefined ? {} : { schema: answer }) }];
    })),
  };
}

function consumed(requestBody: Json | undefined): readonly string[] {
  const types = membersOf(isJsonObject(requestBody) ? requestBody["content"] : undefined).map(([type]) => type);
  return types.length === 0 ? ["*/*"] : types;
}

/** The schema of the first form of a body or an answer. */
function contentSchema(value: Json | undefined): Json | undefined {
  const [first] = membersOf(isJsonObject(value) ? value["content"] : undefined);
  return first !== undefined && isJsonObject(first[1]) ? first[1]["schema"] : undefined;
}
