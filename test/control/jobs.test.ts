import assert from "node:assert/strict";
import { test } from "node:test";
import { JobKind } from "../../src/model/kinds/batch.ts";
import { EventKind } from "../../src/model/kinds/event.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { refOf } from "../../src/model/object.ts";
import { isActive } from "../../src/model/pods.ts";
import { trackingFinalizer } from "../../src/controllers/job/job-pods.ts";
import { jobCluster, jobNow, jobOf, podsOf, trueConditions } from "./job-cluster.ts";

test("a job runs its pod to the end, is complete, and says so", async () => {
  const { client, settle, stop } = await jobCluster(() => 0);
  await client.create(JobKind, jobOf("once"));
  await settle();
  const job = await jobNow(client, "once");
  assert.deepEqual(trueConditions(job), ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"]);
  const { conditions: _conditions, ...status } = job.status;
  assert.deepEqual(status, { startTime: "2026-01-01T00:00:00Z", completionTime: "2026-01-01T00:00:00Z", succeeded: 1, terminating: 0, ready: 0, uncountedTerminatedPods: {} });
  const [pod] = await podsOf(client);
  assert.equal(pod?.metadata.finalizers, undefined, "a counted pod is kept by nothing");
  assert.equal(pod?.metadata.labels?.["batch.kubernetes.io/job-name"], "once");
  assert.equal(pod?.metadata.ownerReferences?.[0]?.uid, job.metadata.uid);
  await stop();
  const events = (await client.list(EventKind, { namespace: "default" })).items.filter(({ involvedObject }) => involvedObject.kind === "Job").map(({ reason }) => reason);
  assert.deepEqual(events, ["SuccessfulCreate", "Completed"]);
});

test("a failing job is tried again with a growing wait, until its limit", async () => {
  const { client, settle, world, stop } = await jobCluster(() => 1);
  await client.create(JobKind, jobOf("bad", { backoffLimit: 2 }));
  const startMs = world.clock.nowMs();
  const seen: (readonly [number, number])[] = [];
  for (let second = 0; second <= 31; second++) {
    await settle();
    const count = (await podsOf(client)).length;
    if (count !== seen.at(-1)?.[1]) seen.push([(world.clock.nowMs() - startMs) / 1000, count]);
    await world.clock.advance(1000);
  }
  assert.deepEqual(seen, [[0, 1], [10, 2], [30, 3]]);
  const job = await jobNow(client, "bad");
  assert.deepEqual(trueConditions(job), ["FailureTarget BackoffLimitExceeded", "Failed BackoffLimitExceeded"]);
  assert.equal(job.status.failed, 3);
  assert.equal(job.status.completionTime, undefined);
  await stop();
});

test("never more pods run than parallelism says, and each completion is counted once although pods go", async () => {
  let most = 0;
  let ended = 0;
  const { client, settle, stop } = await jobCluster(() => { ended++; return 0; });
  const abort = new AbortController();
  const { resourceVersion } = await client.list(PodKind);
  const counting = (async () => {
    for await (const event of client.watch(PodKind, { resourceVersion }, abort.signal)) {
      if (event.type === "BOOKMARK") continue;
      most = Math.max(most, (await podsOf(client)).filter(isActive).length);
      // Whoever tidies up may remove a pod the moment it has ended: it is counted nevertheless.
      if (event.type === "MODIFIED" && event.object.status.phase === "Succeeded" && event.object.metadata.deletionTimestamp === undefined) {
        await client.remove(PodKind, refOf(event.object)).catch(() => {});
      }
    }
  })();
  await client.create(JobKind, jobOf("many", { completions: 12, parallelism: 3 }));
  for (let turn = 0; turn < 10; turn++) await settle();
  const job = await jobNow(client, "many");
  assert.deepEqual([job.status.succeeded, job.status.failed, trueConditions(job).length], [12, undefined, 2]);
  assert.ok(most <= 3, `${most} pods were active at once`);
  assert.equal(ended, 12);
  assert.equal((await podsOf(client)).length, 0);
  abort.abort();
  await counting.catch(() => {});
  await stop();
});

test("a deleted pod counts as failed and another takes its place", async () => {
  let isDone = false;
  const { client, settle, world, stop } = await jobCluster(() => (isDone ? 0 : undefined));
  await client.create(JobKind, jobOf("steady"));
  await settle();
  const [first] = await podsOf(client);
  await client.remove(PodKind, refOf(first!));
  await settle();
  assert.equal((await jobNow(client, "steady")).status.failed, 1);
  isDone = true;
  await world.clock.advance(41_000);
  await settle();
  const job = await jobNow(client, "steady");
  assert.deepEqual([job.status.succeeded, job.status.failed], [1, 1]);
  await stop();
});

test("a suspended job has no pods, and begins anew when it is resumed", async () => {
  const { client, settle, world, stop } = await jobCluster(() => undefined);
  await client.create(JobKind, jobOf("later", { suspend: true, parallelism: 2, completions: 2, activeDeadlineSeconds: 60 }));
  await settle();
  const suspended = await jobNow(client, "later");
  assert.deepEqual([trueConditions(suspended), suspended.status.startTime, (await podsOf(client)).length], [["Suspended JobSuspended"], undefined, 0]);
  await world.clock.advance(100_000);
  const suspend = async (value: boolean): Promise<void> => {
    await client.patch(JobKind, { namespace: "default", name: "later" }, { type: "merge", body: { spec: { suspend: value } } });
    await settle();
  };
  await suspend(false);
  const running = await jobNow(client, "later");
  assert.deepEqual([trueConditions(running), running.status.startTime, running.status.active, running.status.ready], [[], "2026-01-01T00:01:40Z", 2, 2]);
  await suspend(true);
  const again = await jobNow(client, "later");
  assert.deepEqual([again.status.active, again.status.failed, (await podsOf(client)).length], [undefined, undefined, 0], "pods that a pause ends are not failed");
  await suspend(false);
  await world.clock.advance(61_000);
  await settle();
  assert.deepEqual(trueConditions(await jobNow(client, "later")), ["FailureTarget DeadlineExceeded", "Failed DeadlineExceeded"]);
  assert.deepEqual((await podsOf(client)).filter(isActive), []);
  await stop();
});

test("a deleted job takes its pods along, or leaves them when asked", async () => {
  const { client, settle, stop } = await jobCluster(() => undefined);
  for (const propagation of ["Background", "Foreground", "Orphan"] as const) {
    await client.create(JobKind, jobOf("going", { parallelism: 2, completions: 2 }));
    await settle();
    assert.equal((await podsOf(client)).length, 2, propagation);
    await client.remove(JobKind, { namespace: "default", name: "going" }, { propagation });
    await settle();
    assert.equal(await client.get(JobKind, { namespace: "default", name: "going" }), undefined, propagation);
    const left = await podsOf(client);
    assert.equal(left.length, propagation === "Orphan" ? 2 : 0, propagation);
    assert.ok(left.every(({ metadata }) => (metadata.finalizers ?? []).length === 0 && (metadata.ownerReferences ?? []).length === 0));
  }
  await stop();
});

test("a namespace with running jobs can be deleted", async () => {
  const { client, settle, world, stop } = await jobCluster(() => undefined);
  await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "tmp" }, spec: {}, status: {} });
  await client.create(JobKind, { ...jobOf("busy", { parallelism: 2, completions: 2 }), metadata: { name: "busy", namespace: "tmp" } });
  await settle();
  assert.equal((await client.list(PodKind, { namespace: "tmp" })).items.length, 2);
  await client.remove(NamespaceKind, { namespace: "", name: "tmp" });
  await settle();
  await world.clock.advance(60_000);
  await settle();
  assert.equal(await client.get(NamespaceKind, { namespace: "", name: "tmp" }), undefined);
  await stop();
});

test("a job of another controller is left alone", async () => {
  const { client, settle, stop } = await jobCluster(() => 0);
  await client.create(JobKind, jobOf("foreign", { managedBy: "example.com/queue" }));
  await settle();
  assert.deepEqual((await jobNow(client, "foreign")).status, {});
  await stop();
});

test("an orphan that fits a job by its own selector is adopted and counted", async () => {
  const { client, settle, stop } = await jobCluster((pod) => (pod.metadata.name === "stray" ? 0 : undefined));
  await client.create(PodKind, { apiVersion: "v1", kind: "Pod", metadata: { name: "stray", namespace: "default", labels: { app: "x" } }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "a" }] }, status: {} });
  const { spec } = jobOf("own");
  await client.create(JobKind, { ...jobOf("own"), spec: { ...spec, manualSelector: true, selector: { matchLabels: { app: "x" } }, template: { ...spec.template, metadata: { name: "", labels: { app: "x" } } } } });
  await settle();
  const job = await jobNow(client, "own");
  assert.deepEqual([job.status.succeeded, trueConditions(job).at(-1)], [1, "Complete CompletionsReached"]);
  const stray = await client.get(PodKind, { namespace: "default", name: "stray" });
  assert.equal(stray?.metadata.finalizers?.includes(trackingFinalizer) ?? false, false);
  await stop();
});
