import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { samplesOf } from "../../test/golden/samples.ts";
import { isApiError } from "../model/api-error.ts";
import { printFieldError } from "../model/print-field-error.ts";
import { kinds } from "../model/kinds.ts";
import type { JsonObject } from "../value/json.ts";
import { jsonOf, metadataOf, textOf } from "./shape.ts";

for (const kind of kinds.filter(({ isStored }) => isStored !== false)) {
  const { valid, invalid } = samplesOf(kind);
  for (const [index, sample] of valid.map(jsonOf).entries()) {
    test(`${kind.kind} sample ${index + 1} is created, written back unchanged, patched, listed and removed`, async () => {
      const { verbs, caller, store } = await testApi();
      const namespace = textOf(metadataOf(sample), "namespace");
      const ref = { namespace, name: textOf(metadataOf(sample), "name") };
      const made = await verbs.create(caller, kind, namespace, sample);
      assert.deepEqual(made.warnings, []);
      const { revision } = store;
      await verbs.update(caller, kind, ref, JSON.parse(new TextDecoder().decode(made.stored.bytes())) as JsonObject);
      assert.equal(store.revision, revision, "what was read and is written back changes nothing");
      const patched = await verbs.patch(caller, kind, ref, { type: "strategic", body: { metadata: { annotations: { seen: "yes" } } } });
      for (const { stored } of [made, patched]) assert.deepEqual(stored.object(), JSON.parse(new TextDecoder().decode(stored.bytes())), "what is told of a write is what is stored");
      assert.equal(patched.stored.object().metadata.annotations?.["seen"], "yes");
      const listed = await verbs.list(caller, kind, { namespace, fieldSelector: `metadata.name=${ref.name}` });
      assert.deepEqual(listed.items.map((stored) => stored.object()), [patched.stored.object()]);
      const removed = await verbs.remove(caller, kind, ref);
      assert.equal(removed.kind, kind.kind === "Namespace" || kind.removalFinalizer !== undefined || kind.defaultPropagation !== undefined ? "waiting" : "removed");
    });
  }

  for (const { error, object: wrong } of invalid) {
    const object = jsonOf(wrong);
    // The namespace of a cluster-scoped object is taken away before it is looked at, as upstream.
    if (!kind.namespaced && error.startsWith("metadata.namespace")) continue;
    test(`a ${kind.kind} is refused: ${error}`, async () => {
      const { verbs, caller, store } = await testApi();
      const { revision } = store;
      await assert.rejects(verbs.create(caller, kind, textOf(metadataOf(object), "namespace"), object), (refusal) => {
        assert.ok(isApiError(refusal, "Invalid", "BadRequest"), String(refusal));
        // A value of the wrong type is refused in the words of decoders; the causes say where.
        const said = refusal.reason === "BadRequest" ? refusal.causes.map(printFieldError).join() : refusal.message;
        assert.ok(said.includes(error), said);
        return true;
      });
      assert.equal(store.revision, revision);
    });
  }
}
