import fc from "fast-check";
import { apiVersionOf } from "../../src/model/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import { fieldsOf, findMessage, formsOf, shapeOf } from "../../src/model/schema.ts";
import type { Json, JsonObject } from "../../src/value/json.ts";

/** A value of a type with no zero in it, so that nothing may be left out on the way; messages end after `depth` levels. */
export function filled(type: string, depth: number): Json | undefined {
  const shape = shapeOf(type);
  if (shape.kind === "list") { const item = filled(shape.item, depth); return item === undefined ? undefined : [item, item]; }
  if (shape.kind === "map") { const item = filled(shape.item, depth); return item === undefined ? undefined : { a: item, b: item }; }
  if (shape.kind === "scalar") return scalars[shape.scalar]?.[0] ?? { any: ["thing", 1] };
  if (depth === 0) return undefined;
  const forms = formsOf(shape.message);
  if (forms !== undefined) return forms.map((form) => filled(form, depth)).find((value) => value !== undefined);
  const members = wireFieldsOf(shape.message).flatMap(([key, field]) => {
    const value = filled(field, depth - 1);
    return value === undefined ? [] : [[key, value] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** An object of a kind with every field set down to a depth, as a client would create it: what the server alone writes is left out of its metadata. */
export function filledObject(kind: Kind, depth: number): JsonObject {
  const { metadata: _metadata, ...rest } = filled(kind.message, depth) as JsonObject;
  const metadata = {
    name: "full", ...(kind.namespaced ? { namespace: "default" } : {}), labels: { a: "b" }, annotations: { "example.org/a": "b" }, finalizers: ["example.org/hold"],
    ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "u", controller: true, blockOwnerDeletion: true }],
  };
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...rest };
}

/** Any object of a message that its schema allows, in the form an answer has: nothing that omitempty leaves out. */
export function anyMessage(name: string, depth: number): fc.Arbitrary<JsonObject> {
  return fc.record(modelOf(name, depth), { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
}

function modelOf(name: string, depth: number): Readonly<Record<string, fc.Arbitrary<Json>>> {
  return Object.fromEntries(wireFieldsOf(name).flatMap(([key, type]) => {
    const value = anyValue(type, depth - 1);
    return value === undefined ? [] : [[key, value] as const];
  }));
}

function anyValue(type: string, depth: number): fc.Arbitrary<Json> | undefined {
  const shape = shapeOf(type);
  if (shape.kind === "scalar") return fc.constantFrom(...(scalars[shape.scalar] ?? [{ a: 1 }, { b: [true, null, "x"] }]));
  if (shape.kind === "message") {
    const model = depth <= 0 || formsOf(shape.message) !== undefined ? {} : modelOf(shape.message, depth);
    const [first] = Object.keys(model);
    return first === undefined ? undefined : fc.record(model, { requiredKeys: [first], noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
  }
  const item = anyValue(shape.item, depth);
  if (item === undefined) return undefined;
  if (shape.kind === "list") return fc.array(item, { minLength: 1, maxLength: 2 });
  return fc.dictionary(fc.constantFrom("a", "b.c/d", "e-f", "ü"), item, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
}

/** The fields of a message that travel in protobuf. An object inside another, as a claim's template, does not say on the wire what it is. */
function wireFieldsOf(name: string): readonly (readonly [string, string])[] {
  const isObject = findMessage(name)?.fields["typeMeta"] !== undefined;
  return [...fieldsOf(name)].flatMap(([key, field]) => (field.number === undefined || (isObject && (key === "kind" || key === "apiVersion")) ? [] : [[key, field.type] as const]));
}

/** Values of each scalar in the one form the server answers; the first is no zero. */
const scalars: Readonly<Record<string, readonly [Json, ...Json[]]>> = {
  string: ["text", "ünï", "a\nb", "\u{1f600}"], bool: [true], int32: [-7, 1, 2_147_483_647], int64: [-7, 300, 9_007_199_254_740_991], double: [1.5, -0.25],
  bytes: [Buffer.from("bytes").toString("base64"), "AA=="], quantity: ["100m", "1Gi", "3"], time: ["2026-01-02T03:04:05Z", "1969-12-31T23:59:59Z"],
  microTime: ["2026-01-02T03:04:05.000006Z"], duration: ["1m30s", "1h0m0s"], intOrString: ["25%", 8080, -1],
};
