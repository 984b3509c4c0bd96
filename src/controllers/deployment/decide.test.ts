import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Deployment } from "../../model/kinds/deployment.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { controllerReference } from "../../model/object.ts";
import { printTime } from "../../world/clock.ts";
import { decideDeployment } from "./decide.ts";
import type { DeploymentDecision } from "./decide.ts";
import { fencepostsOf, replicasOf, scaleInProportion } from "./replica-counts.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

interface Wish {
  readonly replicas?: number;
  readonly maxSurge?: number | string;
  readonly maxUnavailable?: number | string;
  readonly image?: string;
  readonly paused?: boolean;
  readonly historyLimit?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly status?: Deployment["status"];
}

function deployment({ replicas = 3, maxSurge = 1, maxUnavailable = 0, image = "a:1", paused = false, historyLimit = 10, annotations = {}, status = {} }: Wish = {}): Deployment {
  return {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "n", uid: "d", generation: 1, resourceVersion: "1", annotations }, status,
    spec: {
      replicas, paused, revisionHistoryLimit: historyLimit, progressDeadlineSeconds: 600, selector: { matchLabels: { app: "web" } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
      template: { metadata: { name: "", labels: { app: "web" } }, spec: { containers: [{ name: "c", image }] } },
    },
  };
}

function replicaSet(of: Deployment, { name, size, available = size, revision = 0, ageSeconds = 0 }: { readonly name: string; readonly size: number; readonly available?: number; readonly revision?: number; readonly ageSeconds?: number }): ReplicaSet {
  const wished = String(replicasOf(of.spec));
  return {
    apiVersion: "apps/v1", kind: "ReplicaSet",
    metadata: {
      name, namespace: "n", uid: name, generation: 1, resourceVersion: "1", creationTimestamp: printTime(nowMs - ageSeconds * 1000), ownerReferences: [controllerReference(of)],
      labels: { app: "web", "pod-template-hash": name },
      annotations: {
        "deployment.kubernetes.io/desired-replicas": wished, "deployment.kubernetes.io/max-replicas": String(Number(wished) + fencepostsOf(of).maxSurge),
        ...(revision === 0 ? {} : { "deployment.kubernetes.io/revision": String(revision) }),
      },
    },
    spec: { replicas: size, selector: {}, template: { ...of.spec.template, metadata: { name: "", labels: { app: "web", "pod-template-hash": name } } } },
    status: { replicas: size, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}

function decide(subject: Deployment, sets: readonly ReplicaSet[], options: { readonly oldPodsRunning?: number; readonly atMs?: number } = {}): DeploymentDecision {
  return decideDeployment({ deployment: subject, sets, oldPodsRunning: options.oldPodsRunning ?? 0, hash: "new", nowMs: options.atMs ?? nowMs });
}

const sizesOf = (decision: DeploymentDecision): unknown => Object.fromEntries(decision.updates.map(({ set }) => [set.metadata.name, set.spec.replicas]));

test("surge rounds up, unavailable rounds down, and both zero allow one unavailable", () => {
  const table: readonly (readonly [number, number | string, number | string, number, number])[] = [
    [10, "25%", "25%", 3, 2], [1, "25%", "25%", 1, 0], [3, 0, 0, 0, 1], [4, "50%", 1, 2, 1], [2, 1, 5, 1, 2], [0, "25%", "25%", 0, 1],
  ];
  for (const [replicas, maxSurge, maxUnavailable, surge, unavailable] of table) {
    const posts = fencepostsOf(deployment({ replicas, maxSurge, maxUnavailable }));
    assert.deepEqual(posts, { maxSurge: surge, maxUnavailable: unavailable }, `${replicas} ${maxSurge} ${maxUnavailable}`);
  }
});

test("the first set is made at full size, with hash, revision and owner", () => {
  const { create, revision, status } = decide(deployment(), []);
  assert.equal(create?.metadata.name, "web-new");
  assert.equal(create?.spec.replicas, 3);
  assert.deepEqual(create?.spec.selector, { matchLabels: { app: "web", "pod-template-hash": "new" } });
  assert.equal(create?.metadata.annotations?.["deployment.kubernetes.io/revision"], "1");
  assert.equal(create?.metadata.ownerReferences?.[0]?.uid, "d");
  assert.equal(revision, "1");
  assert.ok(status.conditions?.some((condition) => condition.reason === "NewReplicaSetCreated"));
});

test("the set of a new template begins as large as the surge allows", () => {
  const old = replicaSet(deployment(), { name: "old", size: 3, revision: 1 });
  assert.equal(decide(deployment({ image: "a:2" }), [old]).create?.spec.replicas, 1);
  assert.equal(decide(deployment({ image: "a:2", maxSurge: 0, maxUnavailable: 1 }), [old]).create?.spec.replicas, 0);
});

test("a template that was there before is served by its old set, at a new revision with the old one in its history", () => {
  const first = replicaSet(deployment(), { name: "first", size: 0, revision: 1, ageSeconds: 60 });
  const second = replicaSet(deployment({ image: "a:2" }), { name: "second", size: 3, revision: 2 });
  const decision = decide(deployment(), [first, second]);
  assert.equal(decision.create, undefined);
  const [update] = decision.updates;
  assert.equal(update?.set.metadata.name, "first");
  assert.equal(update?.set.spec.replicas, 1);
  assert.equal(update?.set.metadata.annotations?.["deployment.kubernetes.io/revision"], "3");
  assert.equal(update?.set.metadata.annotations?.["deployment.kubernetes.io/revision-history"], "1");
  assert.equal(update?.message, "Scaled up replica set first from 0 to 1");
});

test("a set stored before the server filled its template in serves the filled one", () => {
  const subject = deployment();
  const containers = [{ name: "c", image: "a:1", imagePullPolicy: "IfNotPresent" as const, resources: {} }];
  const filled = { ...subject, spec: { ...subject.spec, template: { ...subject.spec.template, spec: { containers } } } };
  assert.deepEqual(decide(filled, [replicaSet(subject, { name: "old", size: 3, revision: 1 })]).create, undefined);
});

test("pods that never became available go before healthy ones", () => {
  const subject = deployment({ replicas: 3, maxSurge: 1, maxUnavailable: 1, image: "a:3", annotations: { "deployment.kubernetes.io/revision": "3" } });
  const sets = [
    replicaSet(deployment({ image: "a:1", maxUnavailable: 1 }), { name: "good", size: 2, revision: 1, ageSeconds: 60 }),
    replicaSet(deployment({ image: "a:2", maxUnavailable: 1 }), { name: "bad", size: 1, available: 0, revision: 2, ageSeconds: 30 }),
    replicaSet(subject, { name: "new", size: 1, available: 0, revision: 3 }),
  ];
  assert.deepEqual(sizesOf(decide(subject, sets)), { bad: 0 });
});

test("nothing shrinks while a set's status does not speak of its present size", () => {
  const subject = deployment({ image: "a:2", annotations: { "deployment.kubernetes.io/revision": "2" } });
  const old = replicaSet(deployment(), { name: "old", size: 3, revision: 1 });
  const fresh = replicaSet(subject, { name: "new", size: 1, revision: 2 });
  assert.deepEqual(sizesOf(decide(subject, [old, fresh])), { old: 2 });
  assert.deepEqual(decide(subject, [old, { ...fresh, metadata: { ...fresh.metadata, generation: 2 } }]).updates, []);
});

test("scaling in the middle of a rollout keeps the proportions", () => {
  const before = deployment({ replicas: 10, maxSurge: 3, maxUnavailable: 2 });
  const old = replicaSet(before, { name: "old", size: 8, revision: 1 });
  const fresh = replicaSet({ ...deployment({ replicas: 10, maxSurge: 3, maxUnavailable: 2, image: "a:2" }) }, { name: "fresh", size: 5, revision: 2 });
  const sizes = scaleInProportion(deployment({ replicas: 15, maxSurge: 3, maxUnavailable: 2, image: "a:2" }), [old, fresh]).map(({ set, replicas }) => [set.metadata.name, replicas]);
  assert.deepEqual(Object.fromEntries(sizes), { old: 11, fresh: 7 });
});

test("a paused deployment scales but does not roll out, and says so", () => {
  const old = replicaSet(deployment(), { name: "old", size: 3, revision: 1 });
  const decision = decide(deployment({ image: "a:2", paused: true, replicas: 5 }), [old]);
  assert.equal(decision.create, undefined);
  assert.deepEqual(sizesOf(decision), { old: 5 });
  assert.ok(decision.status.conditions?.some((condition) => condition.reason === "DeploymentPaused" && condition.status === "Unknown"));
});

test("recreate waits until the last old pod ended", () => {
  const subject = deployment({ image: "a:2" });
  const recreate: Deployment = { ...subject, spec: { ...subject.spec, strategy: { type: "Recreate" } } };
  const old = replicaSet(deployment(), { name: "old", size: 3, revision: 1 });
  assert.deepEqual(sizesOf(decide(recreate, [old])), { old: 0 });
  const emptied = replicaSet(deployment(), { name: "old", size: 0, revision: 1 });
  assert.equal(decide(recreate, [emptied], { oldPodsRunning: 1 }).create, undefined);
  assert.equal(decide(recreate, [emptied]).create?.spec.replicas, 3);
});

test("a complete rollout forgets the oldest sets beyond the limit", () => {
  const subject = deployment({ image: "a:4", historyLimit: 1, annotations: { "deployment.kubernetes.io/revision": "4" } });
  const sets = [1, 2, 3].map((revision) => replicaSet(deployment({ image: `a:${revision}` }), { name: `r${revision}`, size: 0, revision }));
  const decision = decide(subject, [...sets, replicaSet(subject, { name: "r4", size: 3, revision: 4 })]);
  assert.deepEqual(decision.removes.map((set) => set.metadata.name), ["r1", "r2"]);
});

test("a rollout that stands still times out once, with the set's name", () => {
  const conditions = [{ type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message: "", lastUpdateTime: printTime(nowMs), lastTransitionTime: printTime(nowMs) }];
  const subject = deployment({ annotations: { "deployment.kubernetes.io/revision": "1" }, status: { conditions, replicas: 3, updatedReplicas: 3, readyReplicas: 0 } });
  const set = replicaSet(subject, { name: "web-1", size: 3, available: 0, revision: 1 });
  const early = decide(subject, [set], { atMs: nowMs + 599_000 });
  assert.equal(early.againMs, 2000);
  const late = decide(subject, [set], { atMs: nowMs + 601_000 });
  assert.deepEqual(late.status.conditions?.find((condition) => condition.type === "Progressing")?.message, 'ReplicaSet "web-1" has timed out progressing.');
});

test("whatever the numbers and the order of things, a rollout stays within its bounds and ends", () => {
  const wish = fc.record({
    replicas: fc.integer({ min: 1, max: 12 }), maxSurge: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("10%", "25%", "100%")),
    maxUnavailable: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("10%", "25%")),
  });
  fc.assert(fc.property(wish, fc.array(fc.nat(100), { minLength: 5, maxLength: 40 }), (numbers, luck) => {
    const images = ["a:2", "a:3", "a:2"];
    let subject = deployment({ ...numbers, image: "a:1" });
    let sets: readonly ReplicaSet[] = [replicaSet(subject, { name: "web-a:1", size: numbers.replicas, revision: 1, ageSeconds: 100 })];
    const { maxSurge, maxUnavailable } = fencepostsOf(subject);
    for (let step = 0; step < 400; step++) {
      const image = images[Math.min(Math.floor(step / 6), images.length - 1)]!;
      subject = { ...subject, spec: { ...subject.spec, template: { ...subject.spec.template, spec: { containers: [{ name: "c", image }] } } } };
      const decision = decideDeployment({ deployment: subject, sets, oldPodsRunning: 0, hash: image, nowMs: nowMs + step * 1000 });
      const changed = new Map(decision.updates.map(({ set }) => [set.metadata.name, set]));
      sets = sets.filter((set) => !decision.removes.includes(set)).map((set) => {
        const next = changed.get(set.metadata.name) ?? set;
        const size = replicasOf(next.spec);
        // Some of the missing pods come up, by luck; surplus ones go at once.
        const known = Math.min(next.status.availableReplicas ?? 0, size);
        const available = step > 300 ? size : known + ((luck[(step + size) % luck.length] ?? 0) % (size - known + 1));
        return { ...next, status: { replicas: size, availableReplicas: available, readyReplicas: available, observedGeneration: 1 } };
      });
      if (decision.create !== undefined) {
        const { name } = decision.create.metadata;
        sets = [...sets, { ...decision.create, metadata: { ...decision.create.metadata, uid: name, generation: 1, creationTimestamp: printTime(nowMs + step * 1000) }, status: { replicas: 0, availableReplicas: 0, observedGeneration: 1 } }];
      }
      const total = sets.reduce((sum, set) => sum + replicasOf(set.spec), 0);
      const available = sets.reduce((sum, set) => sum + (set.status.availableReplicas ?? 0), 0);
      assert.ok(total <= numbers.replicas + maxSurge, `${total} pods wished`);
      assert.ok(available >= numbers.replicas - maxUnavailable, `${available} pods available`);
      subject = { ...subject, status: decision.status, metadata: { ...subject.metadata, annotations: { "deployment.kubernetes.io/revision": decision.revision ?? subject.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? "" } } };
    }
    assert.equal(sets.find((set) => set.metadata.name === "web-a:2")?.spec.replicas, numbers.replicas);
    assert.equal(subject.status.updatedReplicas, numbers.replicas);
  }), { numRuns: 60 });
});
