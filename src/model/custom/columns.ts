import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { parseJsonPath, readJsonPath } from "../../value/jsonpath.ts";
import type { JsonPath } from "../../value/jsonpath.ts";
import { readOr } from "../../value/value-error.ts";
import type { CustomResourceColumnDefinition } from "../generated/apiextensions-v1.ts";
import type { Column } from "../kind.ts";
import type { ApiObject } from "../object.ts";
import { ageColumn, ageOf, nameColumn } from "../columns.ts";

/** The columns of a version: the name, then what the definition names, or the age where it names nothing. */
export function columnsOfVersion(definitions: readonly CustomResourceColumnDefinition[] | undefined): readonly Column[] {
  return [nameColumn, ...(definitions === undefined || definitions.length === 0 ? [creationColumn] : definitions.map(columnOf))];
}

const creationColumn: Column = { ...ageColumn, type: "date", description: "When the object was made." };

function columnOf({ name, type, format, priority, description, jsonPath }: CustomResourceColumnDefinition): Column {
  const path = pathOf(jsonPath);
  return {
    name, type: typeOf(type), priority: priority ?? 0, ...(format === undefined ? {} : { format }), ...(description === undefined ? {} : { description }),
    value: (object, nowMs) => (path === undefined ? null : cellOf(type, readJsonPath(path, asJsonOf(object)), nowMs)),
  };
}

const types: Readonly<Record<string, Column["type"]>> = { string: "string", integer: "integer", number: "number", boolean: "boolean", date: "date" };

function typeOf(type: string): Column["type"] {
  return types[type] ?? "string";
}

/** A path that cannot be read was refused with its definition; one stored before that shows nothing. */
function pathOf(text: string): JsonPath | undefined {
  return readOr(() => parseJsonPath(text), () => undefined);
}

/** @see kubernetes apiextensions-apiserver pkg/registry/customresource/tableconvertor */
function cellOf(type: string, values: readonly Json[], nowMs: number): string | number | boolean | null {
  const [value] = values;
  if (value === undefined || value === null) return null;
  switch (type) {
    case "integer": return typeof value === "number" ? Math.trunc(value) : null;
    case "number": return typeof value === "number" ? value : null;
    case "boolean": return typeof value === "boolean" ? value : null;
    case "date": return typeof value === "string" ? ageOf(value, nowMs) : null;
    default: return printed(value);
  }
}

/** A text as it is, anything else as JSON. */
function printed(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function asJsonOf(object: ApiObject): Json {
  const json: unknown = object;
  return isJsonObject(json) ? json : null;
}
