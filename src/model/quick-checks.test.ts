import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { samplesOf } from "../../test/golden/samples.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { canonicalBody } from "./canonical-body.ts";
import { findSchemaErrors } from "./check-schema.ts";
import { findTypeErrors } from "./check-types.ts";
import { applyDefaults } from "./defaults.ts";
import { pruneUnknownFields } from "./fields.ts";
import { kinds } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { isWellTyped, isWithinSchema } from "./quick-checks.ts";

const json = (object: ApiObject): JsonObject => object as unknown as JsonObject;
const samples = kinds.filter((kind) => kind.schema === undefined).flatMap((kind) => samplesOf(kind).valid.map((object) => ({ kind, object: json(applyDefaults(kind, canonicalBody(kind, json(object)) as unknown as ApiObject)) })));

/** The paths of everything in a value, itself left out. */
function pathsIn(value: Json | undefined, above: readonly string[] = []): readonly (readonly string[])[] {
  const members = Array.isArray(value) ? value.map((item: Json, index) => [String(index), item] as const) : isJsonObject(value) ? Object.entries(value) : [];
  return members.flatMap(([name, member]) => [[...above, name], ...pathsIn(member, [...above, name])]);
}

function withChange(value: Json | undefined, path: readonly string[], change: Json | undefined): Json | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return change;
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => (String(index) === name ? withChange(item, rest, change) ?? [] : [item]));
  return { ...(value as JsonObject), [name]: withChange((value as JsonObject)[name], rest, change) };
}

test("a yes of the quick look is what the walk finds, whatever is changed in a right object", () => {
  const change = fc.oneof(fc.constantFrom<Json | undefined>(undefined, null, "", 0, -1, 1.5, true, {}, [], "x", "1Gi", "2026-01-01T00:00:00Z", ["x", "x"], [null], { x: null }, { unknown: 1 }), fc.string());
  fc.assert(fc.property(fc.constantFrom(...samples), fc.nat(), change, ({ kind, object }, number, value) => {
    const paths = pathsIn(object);
    const path = paths[number % paths.length] ?? [];
    const changed = withChange(object, path, value) as JsonObject;
    if (isWellTyped(kind.message, changed)) {
      assert.deepEqual([findTypeErrors(kind, changed), pruneUnknownFields(kind, changed).unknown], [[], []]);
    }
    if (isWithinSchema(kind.message, changed)) assert.deepEqual([findTypeErrors(kind, changed), pruneUnknownFields(kind, changed).unknown, findSchemaErrors(kind, changed)], [[], [], []]);
  }), { numRuns: 2_000 });
});

test("right objects need no walk, but for definitions, whose schemas JSON writes in several forms", () => {
  const walked = samples.filter(({ kind, object }) => !isWellTyped(kind.message, object) || !isWithinSchema(kind.message, object)).map(({ kind }) => kind.kind);
  assert.deepEqual([...new Set(walked)].toSorted(), ["CustomResourceDefinition"]);
});
