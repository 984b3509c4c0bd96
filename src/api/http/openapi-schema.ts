import { describeField, describeMessage } from "../../model/descriptions.ts";
import { customMessagePrefix } from "../../model/custom/kinds-of.ts";
import { metadataMessage } from "../../model/custom/schema-parts.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { findMessage, formsOf, isInline, schemaPackages, shapeOf } from "../../model/schema.ts";
import type { Field, Message } from "../../model/schema.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { Steps } from "../in-turns.ts";

/** Names of the scalar types that have a schema of their own. */
const scalarComponents: ReadonlyMap<string, { readonly name: string; readonly schema: JsonObject }> = new Map([
  ["quantity", { name: "io.k8s.apimachinery.pkg.api.resource.Quantity", schema: { type: "string", description: "A fixed-point number: 100m, 1.5, 128Mi." } }],
  ["time", { name: "io.k8s.apimachinery.pkg.apis.meta.v1.Time", schema: { type: "string", format: "date-time", description: "RFC 3339, whole seconds." } }],
  ["microTime", { name: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", schema: { type: "string", format: "date-time", description: "RFC 3339 with microseconds." } }],
  ["duration", { name: "io.k8s.apimachinery.pkg.apis.meta.v1.Duration", schema: { type: "string", description: "A duration such as 1m30s." } }],
  ["intOrString", { name: "io.k8s.apimachinery.pkg.util.intstr.IntOrString", schema: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }], description: "A number, or a text such as 25%." } }],
  ["rawExtension", { name: "io.k8s.apimachinery.pkg.runtime.RawExtension", schema: { type: "object", description: "Any object." } }],
]);

const plainScalars: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ["string", { type: "string" }], ["bool", { type: "boolean" }], ["int32", { type: "integer", format: "int32" }], ["int64", { type: "integer", format: "int64" }],
  ["double", { type: "number", format: "double" }], ["bytes", { type: "string", format: "byte" }], ["json", { "x-kubernetes-preserve-unknown-fields": true }],
]);

const prefixes: ReadonlyMap<string, string> = new Map(schemaPackages.map((pkg) => [pkg.package, pkg.openapiPrefix]));

/** The OpenAPI name of a message: `io.k8s.api.core.v1.Pod`. */
export function componentName(message: string): string {
  if (message.startsWith(customMessagePrefix)) return message.slice(customMessagePrefix.length);
  const dot = message.indexOf(".");
  return `${prefixes.get(message.slice(0, dot)) ?? message.slice(0, dot)}.${message.slice(dot + 1)}`;
}

/** A reference to a component of an OpenAPI v3 document. */
export function refTo(component: string): JsonObject {
  return { $ref: `#/components/schemas/${component}` };
}

/** The schemas of these messages and of everything they refer to, by component name in alphabetical order; made a message a step. */
export function* componentSteps(messages: readonly string[], kinds: readonly Kind[]): Steps<JsonObject> {
  const found = new Map<string, JsonObject>(kinds.flatMap(customComponents));
  const open = found.size === 0 ? [...messages] : [...messages, metadataMessage, listMetadataMessage];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const component = componentName(name);
    const message = findMessage(name);
    if (found.has(component) || message === undefined) continue;
    yield;
    found.set(component, schemaOf(name, message, kinds));
    for (const type of typesIn(message)) {
      const shape = shapeOf(type);
      if (shape.kind === "message") open.push(shape.message);
      const scalar = shape.kind === "scalar" ? scalarComponents.get(shape.scalar) : undefined;
      if (scalar !== undefined) found.set(scalar.name, scalar.schema);
    }
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const listMetadataMessage = "meta/v1.ListMeta";

/** The schema of a definition's kind, and that of its list. */
function customComponents(kind: Kind): readonly (readonly [string, JsonObject])[] {
  if (kind.schema === undefined) return [];
  const list: JsonObject = {
    type: "object", description: `A list of ${kind.kind}.`, required: ["items"],
    properties: {
      apiVersion: { type: "string" }, kind: { type: "string" }, items: { type: "array", items: refTo(componentName(kind.message)) },
      metadata: refTo(componentName(listMetadataMessage)),
    },
    "x-kubernetes-group-version-kind": [{ group: kind.group, version: kind.version, kind: `${kind.kind}List` }],
  };
  return [[componentName(kind.message), kind.schema.openApi], [componentName(`${kind.message}List`), list]];
}

/** The types of a message's fields with lists and maps taken off, and what it inlines. */
function typesIn(message: Message): readonly string[] {
  return Object.values(message.fields).flatMap((field) => {
    if (isInline(field)) return typesIn(findMessage(field.inline) ?? { fields: {} });
    let { type } = field;
    for (let shape = shapeOf(type); shape.kind === "list" || shape.kind === "map"; shape = shapeOf(type)) type = shape.item;
    return [type];
  });
}

function schemaOf(name: string, message: Message, kinds: readonly Kind[]): JsonObject {
  const forms = formsOf(name);
  // Where JSON has one of two forms, upstream's document says nothing of either.
  if (forms !== undefined) return forms.length === 1 ? typeSchema(forms[0] ?? "json") : {};
  const properties: Record<string, Json> = {};
  const required: string[] = [];
  collectFields(name, { properties, required });
  const groupVersionKinds = kindsOfMessage(name, kinds);
  const description = describeMessage(name) ?? (isList(message) ? `A list of ${name.slice(name.indexOf(".") + 1, -"List".length)} objects.` : undefined);
  return {
    type: "object",
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required: required.toSorted() } : {}),
    ...(message.structType === undefined ? {} : { "x-kubernetes-map-type": message.structType }),
    ...(groupVersionKinds.length > 0 ? { "x-kubernetes-group-version-kind": groupVersionKinds } : {}),
  };
}

function isList({ fields }: Message): boolean {
  const { metadata, items } = fields;
  return metadata !== undefined && !isInline(metadata) && metadata.type === listMetadataMessage && items !== undefined;
}

function collectFields(name: string, { properties, required }: { readonly properties: Record<string, Json>; readonly required: string[] }): void {
  const message = findMessage(name) ?? { fields: {} };
  for (const [key, field] of Object.entries(message.fields)) {
    if (isInline(field)) {
      collectFields(field.inline, { properties, required });
      continue;
    }
    properties[key] = fieldSchema(field, { serverDefault: message.defaults?.[key], description: describeField(name, key) });
    if (field.required === true) required.push(key);
  }
}

function fieldSchema(field: Field, { serverDefault, description }: { readonly serverDefault: unknown; readonly description: string | undefined }): JsonObject {
  const extensions: Record<string, Json> = {};
  if (description !== undefined) extensions["description"] = description;
  if (field.patchStrategy !== undefined) extensions["x-kubernetes-patch-strategy"] = field.patchStrategy;
  if (field.mergeKey !== undefined) extensions["x-kubernetes-patch-merge-key"] = field.mergeKey;
  if (field.listMapKeys !== undefined) extensions["x-kubernetes-list-map-keys"] = field.listMapKeys;
  if (field.listType !== undefined) extensions["x-kubernetes-list-type"] = field.listType;
  const mapType = field.mapType ?? field.structType;
  if (mapType !== undefined) extensions["x-kubernetes-map-type"] = mapType;
  const value = field.default ?? plainDefault(serverDefault);
  if (value !== undefined) extensions["default"] = value;
  if (field.enum !== undefined) extensions["enum"] = field.enum.toSorted();
  const schema = typeSchema(field.type);
  if (!("$ref" in schema) || Object.keys(extensions).length === 0) return { ...schema, ...extensions };
  return { allOf: [schema], ...extensions };
}

/** A default that holds without a condition. */
function plainDefault(serverDefault: unknown): Json | undefined {
  if (typeof serverDefault !== "object" || serverDefault === null || Array.isArray(serverDefault) || "when" in serverDefault || !("value" in serverDefault)) return undefined;
  return serverDefault.value as Json;
}

function typeSchema(type: string): JsonObject {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case "list": return { type: "array", items: typeSchema(shape.item) };
    case "map": return { type: "object", additionalProperties: typeSchema(shape.item) };
    case "message": return refTo(componentName(shape.message));
    case "scalar": {
      const scalar = scalarComponents.get(shape.scalar);
      return scalar === undefined ? plainScalars.get(shape.scalar) ?? {} : refTo(scalar.name);
    }
  }
}

/** The group, version and kind a message stands for: a kind, its list, or an option every group takes. */
function kindsOfMessage(name: string, kinds: readonly Kind[]): readonly JsonObject[] {
  if (name === "meta/v1.Status") return [{ group: "", version: "v1", kind: "Status" }];
  if (name === "autoscaling/v1.Scale") return [{ group: "autoscaling", version: "v1", kind: "Scale" }];
  if (name === "meta/v1.DeleteOptions") {
    const versions = new Map(kinds.map((kind) => [apiVersionOf(kind), { group: kind.group, version: kind.version, kind: "DeleteOptions" }] as const));
    return [...versions.values()];
  }
  const isList = name.endsWith("List");
  const kind = kinds.find((candidate) => candidate.message === name || (isList && `${candidate.message}List` === name));
  if (kind === undefined) return [];
  return [{ group: kind.group, version: kind.version, kind: kind.message === name ? kind.kind : `${kind.kind}List` }];
}
