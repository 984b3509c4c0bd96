import admissionregistration from "./schema/admissionregistration-v1.json" with { type: "json" };
import apidiscovery from "./schema/apidiscovery-v2.json" with { type: "json" };
import apiextensions from "./schema/apiextensions-v1.json" with { type: "json" };
import apiregistration from "./schema/apiregistration-v1.json" with { type: "json" };
import apps from "./schema/apps-v1.json" with { type: "json" };
import authentication from "./schema/authentication-v1.json" with { type: "json" };
import authorization from "./schema/authorization-v1.json" with { type: "json" };
import autoscaling from "./schema/autoscaling-v1.json" with { type: "json" };
import autoscalingV2 from "./schema/autoscaling-v2.json" with { type: "json" };
import batch from "./schema/batch-v1.json" with { type: "json" };
import capstan from "./schema/capstan-v1.json" with { type: "json" };
import certificates from "./schema/certificates-v1.json" with { type: "json" };
import coordination from "./schema/coordination-v1.json" with { type: "json" };
import core from "./schema/core-v1.json" with { type: "json" };
import discovery from "./schema/discovery-v1.json" with { type: "json" };
import events from "./schema/events-v1.json" with { type: "json" };
import flowcontrol from "./schema/flowcontrol-v1.json" with { type: "json" };
import meta from "./schema/meta-v1.json" with { type: "json" };
import networking from "./schema/networking-v1.json" with { type: "json" };
import node from "./schema/node-v1.json" with { type: "json" };
import policy from "./schema/policy-v1.json" with { type: "json" };
import rbac from "./schema/rbac-v1.json" with { type: "json" };
import resource from "./schema/resource-v1.json" with { type: "json" };
import scheduling from "./schema/scheduling-v1.json" with { type: "json" };
import schedulingV1alpha3 from "./schema/scheduling-v1alpha3.json" with { type: "json" };
import storage from "./schema/storage-v1.json" with { type: "json" };
import { isJsonObject } from "../value/json.ts";
import type { Json } from "../value/json.ts";

/**
 * One field of a message, as data. Everything the API does with a field is derived from this.
 *
 * `type` is a scalar (`string bool int32 int64 double bytes quantity time microTime duration intOrString
 * rawExtension json`), a message (`core/v1.Pod`), `list<T>` or `map<string,T>`.
 */
export interface Field {
  /** Protobuf field number; absent for fields that only exist in JSON. */
  readonly number?: number;
  readonly type: string;
  /** A missing value is an error. */
  readonly required?: boolean;
  /** Absent and zero are told apart. */
  readonly pointer?: boolean;
  /** Written even when empty. */
  readonly always?: boolean;
  /** Strategic merge patch: `merge`, `replace`, `retainKeys`, or `merge,retainKeys`. */
  readonly patchStrategy?: string;
  readonly mergeKey?: string;
  /** Server-side apply: a list without it is atomic. */
  readonly listType?: string;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  readonly structType?: string;
  readonly default?: Json;
  /** The only values allowed. */
  readonly enum?: readonly string[];
  /** Values known today; others are allowed. */
  readonly known?: readonly string[];
  readonly gate?: string;
  readonly protobufName?: string;
}

/** Fields of another message that sit in the same JSON object; protobuf nests them under `number`. */
export interface InlineField {
  readonly inline: string;
  readonly number?: number;
}

/** A default the server fills in; `when` and `from` are read by hand in `defaults/`, `value` mechanically. */
export interface ServerDefault {
  readonly value?: Json;
  readonly from?: string;
  readonly when?: string;
  readonly per?: string;
  /** How `from` is changed on its way. */
  readonly transform?: string;
  /** The time of the request. */
  readonly now?: boolean;
}

export interface Message {
  readonly fields: Readonly<Record<string, Field | InlineField>>;
  readonly structType?: string;
  readonly union?: boolean;
  /** Two fields of protobuf, `=name`, of which JSON has only the one that its value's form tells. */
  readonly jsonEither?: boolean;
  readonly defaults?: Readonly<Record<string, ServerDefault | readonly ServerDefault[]>>;
}

/** The messages of one API group and version. */
export interface SchemaPackage {
  readonly package: string;
  readonly apiVersion: string;
  readonly protobufPackage: string;
  readonly openapiPrefix: string;
  readonly messages: Readonly<Record<string, Message>>;
}

/** Every schema package, in the order of `schema/`. */
export const schemaPackages: readonly SchemaPackage[] = [
  admissionregistration, apidiscovery, apiextensions, apiregistration, apps, authentication, authorization, autoscaling, autoscalingV2, batch, capstan, certificates, coordination, core, discovery, events, flowcontrol, meta, networking, node, policy, rbac, resource, scheduling, schedulingV1alpha3, storage,
];

const messages: ReadonlyMap<string, Message> = new Map(
  schemaPackages.flatMap((pkg) => Object.entries(pkg.messages).map(([name, message]) => [`${pkg.package}.${name}`, message] as const)),
);

/** The message called `core/v1.Pod` and the like, or undefined. */
export function findMessage(name: string): Message | undefined {
  return messages.get(name);
}

/** True for a field that stands for the fields of another message. */
export function isInline(field: Field | InlineField): field is InlineField {
  return "inline" in field;
}

const flattened = new Map<string, ReadonlyMap<string, Field>>();

/** The JSON fields of a message with inlined messages flattened in. Throws for an unknown name. */
export function fieldsOf(name: string): ReadonlyMap<string, Field> {
  const known = flattened.get(name);
  if (known !== undefined) return known;
  const message = findMessage(name);
  if (message === undefined) throw new Error(`no message ${name} in src/model/schema`);
  const fields = new Map<string, Field>();
  for (const [key, field] of Object.entries(message.fields)) {
    if (!isInline(field)) fields.set(key, field);
    else for (const [innerKey, inner] of fieldsOf(field.inline)) fields.set(innerKey, inner);
  }
  flattened.set(name, fields);
  return fields;
}

/** A field type taken apart. */
export type TypeShape =
  | { readonly kind: "scalar"; readonly scalar: string }
  | { readonly kind: "message"; readonly message: string }
  | { readonly kind: "list"; readonly item: string }
  | { readonly kind: "map"; readonly item: string };

/** Takes a `Field.type` apart. */
export function shapeOf(type: string): TypeShape {
  if (type.startsWith("list<")) return { kind: "list", item: type.slice(5, -1) };
  if (type.startsWith("map<string,")) return { kind: "map", item: type.slice(11, -1) };
  return type.includes("/") ? { kind: "message", message: type } : { kind: "scalar", scalar: type };
}

/** True for the key of a field whose value stands in JSON where its message does: `=items`. */
export function isWholeValue(key: string): boolean {
  return key.startsWith("=");
}

/** What a message is in JSON when it is no object with fields: the types its value may have. Protobuf wraps them. */
export function formsOf(message: string): readonly string[] | undefined {
  return forms.get(message);
}

const forms: ReadonlyMap<string, readonly string[]> = new Map([...messages].flatMap(([name, { fields }]) => {
  const types = Object.entries(fields).flatMap(([key, field]) => (isWholeValue(key) && !isInline(field) ? [field.type] : []));
  return types.length === 0 ? [] : [[name, types] as const];
}));

/** `shapeOf` for a value in JSON: a message that JSON does not write as an object has the shape of the form its value takes. */
export function shapeOfValue(type: string, value: Json): TypeShape {
  const shape = shapeOf(type);
  const own = shape.kind === "message" ? forms.get(shape.message) : undefined;
  return own === undefined ? shape : shapeOf(own.find((form) => hasForm(shapeOf(form), value)) ?? own[0] ?? type);
}

function hasForm({ kind }: TypeShape, value: Json): boolean {
  if (Array.isArray(value)) return kind === "list";
  return isJsonObject(value) ? kind === "message" || kind === "map" : kind === "scalar";
}
