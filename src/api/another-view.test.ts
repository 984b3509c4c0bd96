import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import type { JsonObject } from "../value/json.ts";
import { HorizontalPodAutoscalerKind, HorizontalPodAutoscalerV1Kind } from "../model/kinds/autoscaling.ts";
import { EventKind } from "../model/kinds/event.ts";
import { EventsEventKind } from "../model/kinds/events.ts";
import { kinds } from "../model/kinds.ts";
import { samplesOf } from "../../test/golden/samples.ts";
import { applyDefaults } from "../model/defaults.ts";
import { jsonOf } from "./shape.ts";

const ref = { namespace: "default", name: "sample" };

function firstSample(kind: typeof kinds[number]): JsonObject {
  const [sample] = samplesOf(kind).valid;
  assert.ok(sample !== undefined);
  return jsonOf(sample);
}

test("an event written in one group is read, listed and watched in the other", async () => {
  const { verbs, caller } = await testApi();
  await verbs.create(caller, EventsEventKind, "default", firstSample(EventsEventKind));
  const core = jsonOf((await verbs.get(caller, EventKind, ref)).object());
  assert.equal(core["message"], "It began.");
  assert.equal((core["involvedObject"] as JsonObject)["name"], "p");
  assert.equal(core["apiVersion"], "v1");
  const listed = await verbs.list(caller, EventsEventKind, { fieldSelector: "regarding.name=p" });
  const [item] = listed.items;
  assert.ok(item !== undefined);
  const sent = JSON.parse(new TextDecoder().decode(item.bytes())) as JsonObject;
  assert.deepEqual([sent["apiVersion"], sent["note"], sent["message"]], ["events.k8s.io/v1", "It began.", undefined]);
  assert.deepEqual(sent, jsonOf(item.object()));
  await verbs.patch(caller, EventKind, ref, { type: "merge", body: { message: "It ended." } });
  const stop = new AbortController();
  for await (const [event] of verbs.watch(caller, EventsEventKind, {}, stop.signal)) {
    assert.ok(event !== undefined && event.type === "ADDED");
    assert.equal(jsonOf(event.stored.object())["note"], "It ended.");
    stop.abort();
  }
  await verbs.remove(caller, EventsEventKind, ref);
  await assert.rejects(async () => verbs.get(caller, EventKind, ref), { code: 404 });
});

test("an autoscaler of v1 is one of v2, and a change through one view keeps what only the other has", async () => {
  const { verbs, caller } = await testApi();
  await verbs.create(caller, HorizontalPodAutoscalerV1Kind, "default", firstSample(HorizontalPodAutoscalerV1Kind));
  const spec = jsonOf((await verbs.get(caller, HorizontalPodAutoscalerKind, ref)).object())["spec"] as JsonObject;
  assert.deepEqual(spec["metrics"], [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } }]);
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
  await verbs.patch(caller, HorizontalPodAutoscalerKind, ref, { type: "merge", body: { spec: { behavior } } });
  await verbs.patch(caller, HorizontalPodAutoscalerV1Kind, ref, { type: "merge", body: { spec: { maxReplicas: 9 } } });
  const after = jsonOf((await verbs.get(caller, HorizontalPodAutoscalerKind, ref)).object());
  const changed = after["spec"] as JsonObject;
  assert.equal(changed["maxReplicas"], 9);
  assert.equal(((changed["behavior"] as JsonObject)["scaleDown"] as JsonObject)["stabilizationWindowSeconds"], 60);
  assert.equal((after["metadata"] as JsonObject)["annotations"], undefined);
});

for (const kind of kinds.filter(({ storedAs }) => storedAs !== undefined)) {
  test(`samples of ${kind.group}/${kind.version} ${kind.kind} come back from the store as they went in`, () => {
    for (const sample of samplesOf(kind).valid) {
      const full = jsonOf(applyDefaults(kind, sample));
      assert.deepEqual(kind.storedAs?.toView(kind.storedAs.toStored(full)), full);
    }
    const stored = kind.storedAs?.kind;
    for (const sample of stored === undefined ? [] : samplesOf(stored).valid) {
      const full = jsonOf(applyDefaults(stored ?? kind, sample));
      assert.deepEqual(kind.storedAs?.toStored(kind.storedAs.toView(full)), full);
    }
  });
}
