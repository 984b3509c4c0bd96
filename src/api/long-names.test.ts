import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { samplesOf } from "../../test/golden/samples.ts";
import { nameBytesMax } from "../model/check-metadata.ts";
import { apiVersionOf } from "../model/kind.ts";
import { kinds } from "../model/kinds.ts";
import { RoleBindingKind } from "../model/kinds/rbac.ts";
import { jsonOf, metadataOf, textOf } from "./shape.ts";

for (const kind of kinds.filter(({ isStored, verbs }) => isStored !== false && verbs?.includes("create") !== false)) {
  test(`a ${kind.kind} of ${apiVersionOf(kind)} whose name no key has room for is refused, and nothing breaks`, async () => {
    const { verbs, caller } = await testApi();
    const sample = samplesOf(kind).valid.map(jsonOf)[0] ?? {};
    const metadata = { ...metadataOf(sample), name: "x".repeat(2_000) };
    await assert.rejects(verbs.create(caller, kind, textOf(metadata, "namespace"), { ...sample, metadata }), { name: "ApiError", code: 422 });
  });
}

test("the longest name is taken, and one byte more is too long", async () => {
  const { verbs, caller } = await testApi();
  const sample = samplesOf(RoleBindingKind).valid.map(jsonOf)[0] ?? {};
  const named = (name: string) => ({ ...sample, metadata: { namespace: "default", name } });
  await verbs.create(caller, RoleBindingKind, "default", named("ä".repeat(nameBytesMax / 2)));
  await assert.rejects(verbs.create(caller, RoleBindingKind, "default", named("x".repeat(nameBytesMax + 1))), { message: /metadata\.name: Too long: may not be more than 512 bytes$/ });
});
