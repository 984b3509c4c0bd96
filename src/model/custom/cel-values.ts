import { durationOf } from "../../value/cel/engine.ts";
import { celOfJson, membersOf } from "../../value/cel/values.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { parseDuration } from "../../value/duration.ts";
import { readOr } from "../../value/value-error.ts";
import { additionalOf, isEmbedded, isIntOrString, itemsOf, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** The type a rule sees a value of this schema as. Objects with named fields are looked into at run time. */
export function celTypeOf(schema: Schema): string {
  if (schema.nullable === true || isIntOrString(schema)) return "dyn";
  switch (schema.type) {
    case "integer": return "int";
    case "number": return "double";
    case "boolean": return "bool";
    case "string": return textTypes[schema.format ?? ""] ?? "string";
    case "array": return `list<${itemTypeOf(itemsOf(schema))}>`;
    case "object": return additionalOf(schema) === undefined ? "dyn" : `map<string, ${itemTypeOf(additionalOf(schema))}>`;
    case undefined: default: return "dyn";
  }
}

function itemTypeOf(item: Schema | undefined): string {
  return item === undefined ? "dyn" : celMemberType(celTypeOf(item));
}

/** The type of members of a list or map: the checker knows lists and maps of one level, what lies deeper is looked into at run time. */
export function celMemberType(type: string): string {
  return type.startsWith("list<") || type.startsWith("map<") ? "dyn" : type;
}

/** Texts that are more than texts. */
const textTypes: Readonly<Record<string, string>> = { "date-time": "google.protobuf.Timestamp", date: "google.protobuf.Timestamp", duration: "google.protobuf.Duration", byte: "bytes" };

/** Words of CEL that a field's name may be only in disguise. */
const reservedWords: ReadonlySet<string> = new Set([
  "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
]);

/** A field's name as a rule writes it; undefined for one it cannot. @see kubernetes apiextensions-apiserver, x-kubernetes-validations, escaping */
export function celNameOf(name: string): string | undefined {
  if (reservedWords.has(name)) return `__${name}__`;
  const escaped = name.replaceAll("__", "__underscores__").replaceAll(".", "__dot__").replaceAll("-", "__dash__").replaceAll("/", "__slash__");
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined;
}

/** A value as rules see it: whole numbers of integer fields are ints, texts have the type of their format, fields nobody declared are not there. */
export function celOfSchema(schema: Schema, value: Json, isResource = isEmbedded(schema)): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const item = itemsOf(schema);
    return value.map((member: Json) => (item === undefined ? celOfJson(member) : celOfSchema(item, member)));
  }
  if (isJsonObject(value)) return celOfObject(schema, value, isResource);
  if (typeof value === "number") return schema.type === "number" ? value : celOfJson(value);
  return typeof value === "string" ? celOfText(schema, value) : value;
}

function celOfObject(schema: Schema, value: Readonly<Record<string, Json | undefined>>, isResource: boolean): unknown {
  const members: Record<string, unknown> = {};
  let count = 0;
  const additional = additionalOf(schema);
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || name === "__proto__") continue;
    count += 1;
    const declared = propertyOf(schema, name);
    const known = declared === undefined ? name : celNameOf(name);
    if (isResource && name === "metadata") members[name] = isJsonObject(member) ? celOfJson({ name: member["name"], generateName: member["generateName"] }) : {};
    else if (declared !== undefined && known !== undefined) members[known] = celOfSchema(declared, member);
    else if (declared === undefined && additional !== undefined) members[name] = celOfSchema(additional, member);
    else if (isResource && (name === "apiVersion" || name === "kind")) members[name] = member;
  }
  return membersOf(members, count);
}

function celOfText({ format = "" }: Schema, text: string): unknown {
  switch (format) {
    case "date-time": return new Date(text);
    case "date": return new Date(`${text}T00:00:00Z`);
    case "byte": return new Uint8Array(Buffer.from(text, "base64"));
    case "duration": return celOfDuration(text);
    default: return text;
  }
}

/** A text that is no duration was refused before any rule runs. */
function celOfDuration(text: string): unknown {
  return readOr(() => durationOf(parseDuration(text)), () => text);
}
