import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { pruneUnknownFields } from "../../../src/model/fields.ts";
import { findKind } from "../../../src/model/kinds.ts";
import { applyStrategicMerge } from "../../../src/model/strategic-merge.ts";
import { deepFreeze } from "../../../src/value/freeze.ts";
import { applyJsonPatch } from "../../../src/value/json-patch.ts";
import type { Json, JsonObject } from "../../../src/value/json.ts";
import { isJsonObject } from "../../../src/value/json.ts";
import { applyMergePatch } from "../../../src/value/merge-patch.ts";
import { isValueError } from "../../../src/value/value-error.ts";
import { seededChance } from "../../world/fake-world.ts";
import { findKubectl } from "../kubectl/kubectl.ts";
import { patchLocally } from "./kubectl-local.ts";
import type { Patched } from "./kubectl-local.ts";
import { drawRound } from "./random-patches.ts";
import type { PatchRound, PatchType } from "./random-patches.ts";
import { patchOf, strategicGroups, wholeOf } from "./strategic-cases.ts";

/** `npm run patches` asks kubectl more often, and about every case of the table. */
const thoroughRounds = Number(process.env["CAPSTAN_PATCH_ROUNDS"] ?? 0);

/** Processes of kubectl, of 60 ms each. */
const roundsByType: Readonly<Record<PatchType, number>> = { strategic: 60, json: 20, merge: 8 };

/** Objects one patch is tried on. */
const objectsPerRound = 8;

const kubectl = findKubectl();

for (const group of strategicGroups) {
  describe(`strategic merge of ${group.subject}`, () => {
    const message = findKind(group.apiVersion, group.kind)?.message ?? "";
    for (const [title, target, patch, expected] of group.cases) {
      test(title, () => {
        const merge = () => applyStrategicMerge(message, deepFreeze(wholeOf(group, target)), deepFreeze(patchOf(group, patch)));
        if (expected["refused"] instanceof RegExp) assert.throws(merge, { message: expected["refused"] });
        else assert.deepEqual(pruneUnknownFields({ message }, merge()).object, wholeOf(group, expected as JsonObject));
      });
    }
  });
}

describe("kubectl patch --local does the same", { skip: kubectl === undefined ? "no kubectl on this machine" : false }, () => {
  const path = kubectl ?? "";
  for (const [type, rounds] of Object.entries(roundsByType) as [PatchType, number][]) {
    test(`to random objects with random patches of type ${type}`, async () => {
      await fc.assert(fc.asyncProperty(fc.integer(), async (seed) => {
        await compare(path, drawRound(seededChance(seed), type, objectsPerRound));
      }), { numRuns: Math.max(rounds, thoroughRounds), endOnFailure: true });
    });
  }

  if (thoroughRounds > 0) test("to the cases of the table", async () => {
    for (const group of strategicGroups) {
      const kind = findKind(group.apiVersion, group.kind);
      assert.ok(kind !== undefined);
      for (const [, target, patch] of group.cases) await compare(path, { kind, type: "strategic", objects: [wholeOf(group, target)], patch: patchOf(group, patch) });
    }
  });
});

async function compare(path: string, round: PatchRound): Promise<void> {
  const { patched, stderr } = await patchLocally(path, round);
  // A field newer than this kubectl.
  if (stderr.includes("unable to find api field in struct")) return;
  round.objects.forEach((object, index) => {
    const expected = patched[index];
    assert.deepEqual(ours(round, deepFreeze(object)), expected === undefined ? undefined : decoded(round.type, expected), `${JSON.stringify(round.patch)} of ${JSON.stringify(object)}: ${stderr}`);
  });
}

function ours({ kind, type, patch }: PatchRound, object: JsonObject): Patched {
  try {
    switch (type) {
      case "strategic": return isJsonObject(patch) ? decoded(type, applyStrategicMerge(kind.message, object, patch)) : undefined;
      case "merge": return applyMergePatch(object, patch) as JsonObject;
      case "json": return applyJsonPatch(object, patch) as JsonObject;
    }
  } catch (error) {
    if (isValueError(error)) return undefined;
    throw error;
  }
}

/** What a strategic merge leaves still has the nulls and directives that a server's decoder drops. */
function decoded(type: PatchType, value: JsonObject): JsonObject {
  return type === "strategic" ? withoutNoise(value) as JsonObject : value;
}

function withoutNoise(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutNoise(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => (name.startsWith("$") || member === null || member === undefined ? [] : [[name, withoutNoise(member)] as const])));
}
