import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { filledObject } from "../../test/api/schema-objects.ts";
import { samplesOf } from "../../test/golden/samples.ts";
import { ApiError } from "../model/api-error.ts";
import { apiVersionOf } from "../model/kind.ts";
import { kinds } from "../model/kinds.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { jsonOf, metadataOf, textOf } from "./shape.ts";

/** How deep an object is filled beside its samples: deeper ones have thousands of parts. */
const filledDepth = 4;

for (const kind of kinds.filter(({ isStored }) => isStored !== false)) {
  test(`a ${kind.kind} of ${apiVersionOf(kind)} with a part left out, null or empty is taken or refused, and nothing breaks`, async () => {
    const { verbs, caller } = await testApi();
    for (const sample of [...samplesOf(kind).valid.map(jsonOf), filledObject(kind, filledDepth)]) {
      const namespace = textOf(metadataOf(sample), "namespace");
      const ref = { namespace, name: textOf(metadataOf(sample), "name") };
      const isThere = await verbs.create(caller, kind, namespace, sample).then(() => true, () => false);
      for (const { what, object } of brokenForms(sample)) {
        await assertUnbroken(verbs.create(caller, kind, namespace, object, { dryRun: true }), `${what}, created`);
        if (isThere) await assertUnbroken(verbs.update(caller, kind, ref, object, { dryRun: true }), `${what}, updated`);
      }
    }
  });
}

async function assertUnbroken(write: Promise<unknown>, what: string): Promise<void> {
  await write.catch((error: unknown) => { assert.ok(error instanceof ApiError && error.reason !== "InternalError", `${what}: ${error instanceof Error ? error.stack : String(error)}`); });
}

/** An object with one part after the other made unlike what it was. Most such objects are refused. */
function* brokenForms(sample: JsonObject): Generator<{ readonly what: string; readonly object: JsonObject }> {
  for (const path of pathsIn(sample)) {
    for (const [how, parts] of [["left out", []], ["null", [null]], ["empty", [{}]]] as const) yield { what: `${path.join(".")} ${how}`, object: withParts(sample, path, parts) as JsonObject };
  }
}

/** Paths to all members, and to the first item of every list: the others are alike. */
function* pathsIn(value: Json, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (Array.isArray(value) && value[0] !== undefined) yield* pathsIn(value[0], [...path, "0"]);
  if (isJsonObject(value)) for (const [name, member] of Object.entries(value)) yield* pathsIn(member ?? null, [...path, name]);
}

/** A value with what is at a path replaced by other parts: none or one. */
function withParts(value: Json, [head = "", ...rest]: readonly string[], parts: readonly Json[]): Json {
  const replaced = (name: string, part: Json): readonly Json[] => {
    if (name !== head) return [part];
    return rest.length === 0 ? parts : [withParts(part, rest, parts)];
  };
  if (Array.isArray(value)) return value.flatMap((item, index) => replaced(String(index), item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => replaced(name, member ?? null).map((part) => [name, part] as const)));
}
