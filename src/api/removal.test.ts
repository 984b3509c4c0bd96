import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, testApi } from "../../test/api/api.ts";
import type { TestApi } from "../../test/api/api.ts";
import { configMap, deployment, pod } from "../../test/api/objects.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { JobKind } from "../model/kinds/batch.ts";
import { DeploymentKind } from "../model/kinds/deployment.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { Pod } from "../model/kinds/pod.ts";
import { CollectedNotes } from "./notes.ts";

const ref = { namespace: "default", name: "a" };

interface PodCase {
  readonly title: string;
  readonly spec?: Partial<Pod["spec"]>;
  readonly phase?: "Running" | "Succeeded" | "Failed";
  readonly graceSeconds?: number;
  /** Undefined: gone at once. */
  readonly expected?: { readonly deletionTimestamp: string; readonly deletionGracePeriodSeconds: number };
}

const podCases: readonly PodCase[] = [
  { title: "a running pod gets its 30 seconds", spec: { nodeName: "n" }, phase: "Running", expected: { deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 } },
  { title: "a pod gets its own grace period", spec: { nodeName: "n", terminationGracePeriodSeconds: 5 }, expected: { deletionTimestamp: "2026-01-01T00:00:05Z", deletionGracePeriodSeconds: 5 } },
  { title: "the request's grace period wins", spec: { nodeName: "n" }, graceSeconds: 60, expected: { deletionTimestamp: "2026-01-01T00:01:00Z", deletionGracePeriodSeconds: 60 } },
  { title: "a pod that no node runs goes at once" },
  { title: "a finished pod goes at once", spec: { nodeName: "n" }, phase: "Succeeded" },
  { title: "a failed pod goes at once", spec: { nodeName: "n" }, phase: "Failed", graceSeconds: 10 },
  { title: "a grace period of 0 removes at once", spec: { nodeName: "n" }, phase: "Running", graceSeconds: 0 },
];

for (const { title, spec, phase, graceSeconds, expected } of podCases) {
  test(title, async () => {
    const { client } = await testApi();
    await createPod({ client }, spec, phase);
    const left = await client.remove(PodKind, ref, graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds });
    if (expected === undefined) {
      assert.equal(left, undefined);
      assert.equal(await client.get(PodKind, ref), undefined);
    } else {
      assert.partialDeepStrictEqual(left?.metadata, { ...expected, generation: 2 });
    }
  });
}

async function createPod({ client }: Pick<TestApi, "client">, spec: Partial<Pod["spec"]> = {}, phase?: Pod["status"]["phase"]): Promise<void> {
  const made = await client.create(PodKind, pod("a", spec));
  if (phase !== undefined) await client.updateStatus(PodKind, { ...made, status: { ...made.status, phase } });
}

test("a later delete may shorten the grace period and never lengthens it", async () => {
  const api = await testApi();
  await createPod(api, { nodeName: "n" }, "Running");
  await api.client.remove(PodKind, ref);
  const longer = await api.client.remove(PodKind, ref, { gracePeriodSeconds: 90 });
  assert.equal(longer?.metadata.deletionTimestamp, "2026-01-01T00:00:30Z");
  const shorter = await api.client.remove(PodKind, ref, { gracePeriodSeconds: 10 });
  assert.deepEqual([shorter?.metadata.deletionTimestamp, shorter?.metadata.deletionGracePeriodSeconds, shorter?.metadata.generation], ["2026-01-01T00:00:10Z", 10, 2]);
  assert.equal(await api.client.remove(PodKind, ref, { gracePeriodSeconds: 0 }), undefined);
});

test("an object with finalizers waits, and goes with the last one", async () => {
  const { client } = await testApi();
  await client.create(ConfigMapKind, configMap("a", {}, { finalizers: ["example.com/one", "example.com/two"] }));
  const waiting = await client.remove(ConfigMapKind, ref);
  assert.partialDeepStrictEqual(waiting?.metadata, { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 });
  const again = await client.remove(ConfigMapKind, ref);
  assert.equal(again?.metadata.resourceVersion, waiting?.metadata.resourceVersion, "a second delete changes nothing");
  await client.patch(ConfigMapKind, ref, { type: "merge", body: { metadata: { finalizers: ["example.com/two"] } } });
  assert.ok(await client.get(ConfigMapKind, ref));
  await client.patch(ConfigMapKind, ref, { type: "merge", body: { metadata: { finalizers: null } } });
  assert.equal(await client.get(ConfigMapKind, ref), undefined);
});

test("a pod with a finalizer stays when its grace is used up, and goes with the finalizer", async () => {
  const api = await testApi();
  await api.client.create(PodKind, pod("a", { nodeName: "n" }, { finalizers: ["example.com/hold"] }));
  await api.client.remove(PodKind, ref);
  const waiting = await api.client.remove(PodKind, ref, { gracePeriodSeconds: 0 });
  assert.equal(waiting?.metadata.deletionGracePeriodSeconds, 0);
  await api.client.patch(PodKind, ref, { type: "merge", body: { metadata: { finalizers: null } } });
  assert.equal(await api.client.get(PodKind, ref), undefined);
});

const propagations = [
  { propagation: "Background", finalizers: undefined },
  { propagation: "Foreground", finalizers: ["foregroundDeletion"] },
  { propagation: "Orphan", finalizers: ["orphan"] },
] as const;

for (const { propagation, finalizers } of propagations) {
  test(`a ${propagation} delete leaves ${finalizers?.[0] ?? "nothing"} behind`, async () => {
    const { client } = await testApi();
    await client.create(DeploymentKind, deployment("a", 1));
    const left = await client.remove(DeploymentKind, ref, { propagation });
    assert.deepEqual(left?.metadata.finalizers, finalizers);
    if (left !== undefined) assert.equal(left.metadata.generation, 2);
  });
}

test("a delete is refused after the revision it names has passed, also when it passes in between", async () => {
  const { client } = await testApi();
  const made = await client.create(ConfigMapKind, configMap("a"));
  const [patched, removed] = await Promise.allSettled([
    client.patch(ConfigMapKind, ref, { type: "merge", body: { data: { x: "1" } } }),
    client.remove(ConfigMapKind, ref, { preconditions: { resourceVersion: made.metadata.resourceVersion ?? "" } }),
  ]);
  assert.deepEqual([patched.status, removed.status], ["fulfilled", "rejected"]);
});

test("a collection is removed by selector", async () => {
  const { client, verbs, caller } = await testApi();
  for (const [name, tier] of [["a", "front"], ["b", "back"], ["c", "front"]] as const) await client.create(ConfigMapKind, configMap(name, {}, { labels: { tier } }));
  const listed = (await client.list(ConfigMapKind, { namespace: "default" })).resourceVersion;
  const removed = await verbs.removeCollection(caller, ConfigMapKind, { namespace: "default", labelSelector: "tier=front" });
  assert.deepEqual(removed.items.map(({ name }) => name), ["a", "c"]);
  assert.equal(removed.resourceVersion, listed);
  assert.deepEqual((await client.list(ConfigMapKind, { namespace: "default" })).items.map(({ metadata }) => metadata.name), ["b"]);
});

test("whoever deletes a job and says nothing of its pods leaves them, and is warned", async () => {
  const { verbs, client } = await testApi();
  const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "a", namespace: "default" }, status: {}, spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } } } as const;
  const remove = async (propagation?: "Background" | "Orphan") => {
    await client.create(JobKind, job);
    const notes = new CollectedNotes();
    await verbs.remove({ user: admin, notes }, JobKind, ref, propagation === undefined ? {} : { propagation });
    const left = await client.get(JobKind, ref);
    if (left !== undefined) await client.patch(JobKind, ref, { type: "merge", body: { metadata: { finalizers: null } } });
    return [left?.metadata.finalizers, notes.warnings.length];
  };
  assert.deepEqual([await remove(), await remove("Orphan"), await remove("Background")], [[["orphan"], 1], [["orphan"], 0], [undefined, 0]]);
});
