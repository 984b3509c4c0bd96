import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { JobKind } from "../model/kinds/batch.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { Pod } from "../model/kinds/pod.ts";
import { controllerReference } from "../model/object.ts";
import { endLoops, testLoop } from "../../test/world/test-loop.ts";
import { pruneFinalizer, testRequestAnnotation, testResultAnnotation } from "./tracking.ts";

const repoURL = "https://git.example.com/shop.git";
afterEach(endLoops);

type Loop = Awaited<ReturnType<typeof testLoop>>;

function applicationOf(detail: Partial<Application["metadata"]> = {}): Application {
  return {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "shop", namespace: "default", ...detail }, status: {},
    spec: { source: { repoURL, targetRevision: "main", path: "deploy" }, destination: { namespace: "default" }, syncPolicy: { automated: { prune: true, selfHeal: true } } },
  };
}

function chart(templates: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { "deploy/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", ...Object.fromEntries(Object.entries(templates).map(([file, text]) => [`deploy/templates/${file}`, text])) };
}

function configMap(name: string, data: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: {${data}}\n`;
}

function job(name: string, annotations: string): string {
  return `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ${name}\n  annotations: {${annotations}}\nspec:\n  template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}\n`;
}

async function liveJob(loop: Loop, name: string) {
  return loop.client.get(JobKind, { namespace: "default", name });
}

async function end(loop: Loop, name: string, type: "Complete" | "Failed"): Promise<void> {
  const conditions = [...(type === "Complete" ? [{ type: "SuccessCriteriaMet", status: "True" }] : [{ type: "FailureTarget", status: "True", reason: "BackoffLimitExceeded" }]), { type, status: "True", reason: "Told", message: "as told" }];
  const times = { startTime: "2026-01-01T00:00:00Z", ...(type === "Complete" ? { completionTime: "2026-01-01T00:00:01Z" } : {}) };
  await loop.client.patch(JobKind, { namespace: "default", name }, { type: "merge", body: { status: { conditions, ...times } } }, { subresource: "status" });
  await loop.rest(2_000);
}

test("hooks run before and after an install by weight, and what is in between waits for them", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, chart({
    "m.yaml": configMap("a", "told: '{{ .Release.IsInstall }} {{ .Release.Revision }}'"), "second.yaml": job("second", 'helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "5"'),
    "first.yaml": job("first", 'helm.sh/hook: pre-install, helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"'), "after.yaml": job("after", "helm.sh/hook: post-install"), "test.yaml": job("probe", "helm.sh/hook: test-success"),
  }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  assert.ok(await liveJob(loop, "first"));
  assert.deepEqual([await liveJob(loop, "second"), await loop.configMap("a")], [undefined, undefined]);
  assert.equal((await loop.application()).status.operationState?.message, "waiting for the pre-install hook Job default/first");
  await end(loop, "first", "Complete");
  assert.ok(await liveJob(loop, "second"));
  await end(loop, "second", "Complete");
  assert.equal(await liveJob(loop, "first"), undefined);
  assert.deepEqual((await loop.configMap("a"))?.data, { told: "true 1" });
  assert.equal((await loop.syncs())[0]?.status.phase, "Running");
  await end(loop, "after", "Complete");
  const [sync] = await loop.syncs();
  assert.deepEqual([sync?.status.phase, sync?.status.steps?.map((step) => `${step.action} ${step.name} ${step.phase}`)], ["Succeeded", ["Hook first Done", "Hook second Done", "Create a Done", "Hook after Done"]]);
  assert.equal(await liveJob(loop, "probe"), undefined);
  await loop.rest(5_000);
  assert.equal((await loop.syncs()).length, 1);
  assert.equal((await loop.application()).status.sync?.status, "Synced");
});

test("an upgrade runs its own hooks, and its render knows that it is one", async () => {
  const loop = await testLoop();
  const files = { "up.yaml": job("up", "helm.sh/hook: pre-upgrade") };
  const release = "told: '{{ .Release.IsUpgrade }} {{ .Release.Revision }}'";
  loop.repositories.push(repoURL, chart({ ...files, "m.yaml": configMap("a", release) }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  assert.equal(await liveJob(loop, "up"), undefined);
  loop.repositories.push(repoURL, chart({ ...files, "m.yaml": configMap("a", `${release}, k: v`) }));
  await loop.reconciler.refresh(() => true, "Push");
  await loop.rest();
  assert.deepEqual((await loop.configMap("a"))?.data, { told: "false 1" });
  await end(loop, "up", "Complete");
  assert.deepEqual((await loop.configMap("a"))?.data, { told: "true 2", k: "v" });
  await loop.restart();
  await loop.rest(2_000);
  assert.deepEqual([(await loop.syncs()).length, (await loop.application()).status.release?.revision], [2, 2]);
});

test("a failed hook stops its sync before anything else is written", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, chart({ "pre.yaml": job("pre", 'helm.sh/hook: pre-install, helm.sh/hook-delete-policy: "hook-failed"'), "m.yaml": configMap("a", "") }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  await end(loop, "pre", "Failed");
  const [sync] = await loop.syncs();
  assert.deepEqual([sync?.status.phase, sync?.status.message], ["Failed", "the pre-install hook Job default/pre failed: as told"]);
  assert.equal(await loop.configMap("a"), undefined);
});

test("a failed hook's message says what its pod ended with", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, chart({ "pre.yaml": job("pre", "helm.sh/hook: pre-install") }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  const owner = await liveJob(loop, "pre");
  const podOf = (name: string, exitCode: number, message: string): Pod => ({
    apiVersion: "v1", kind: "Pod", spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] },
    metadata: { name, namespace: "default", labels: { "batch.kubernetes.io/job-name": "pre" }, ownerReferences: owner === undefined ? [] : [controllerReference(owner)] },
    status: { phase: "Failed", containerStatuses: [{ name: "c", ready: false, restartCount: 0, image: "i", imageID: "", state: { terminated: { exitCode, reason: "Error", message } } }] },
  });
  for (const pod of [podOf("pre-1", 3, "one\ntwo\nthree\nfour\nfive\nno database\n"), podOf("pre-0", 0, "")]) await loop.client.updateStatus(PodKind, { ...await loop.client.create(PodKind, pod), status: pod.status });
  await end(loop, "pre", "Failed");
  const [sync] = await loop.syncs();
  assert.equal(sync?.status.message, "the pre-install hook Job default/pre failed: as told; pod pre-1: container c ended with exit code 3: two\nthree\nfour\nfive\nno database");
});

test("a wave waits for its Job to complete, and a Job that failed ends the sync at once", async () => {
  for (const type of ["Complete", "Failed"] as const) {
    const loop = await testLoop();
    loop.repositories.push(repoURL, chart({ "job.yaml": job("migrate", 'capstan.dev/wave: "-1"'), "m.yaml": configMap("a", "") }));
    await loop.client.create(ApplicationKind, applicationOf());
    await loop.rest();
    assert.deepEqual([await loop.configMap("a"), (await loop.syncs())[0]?.status.phase], [undefined, "Running"]);
    assert.equal((await loop.application()).status.operationState?.message, "waiting for wave -1 to be healthy");
    await end(loop, "migrate", type);
    const [sync] = await loop.syncs();
    assert.deepEqual([sync?.status.phase, sync?.status.message], type === "Complete" ? ["Succeeded", "2 objects changed"] : ["Failed", "wave -1 will not be healthy: Job default/migrate failed: as told"]);
    assert.equal((await loop.configMap("a")) !== undefined, type === "Complete");
  }
});

test("chance, the clock and lookups are answered once for a release", async () => {
  const loop = await testLoop();
  const text = "p: '{{ randAlphaNum 20 }} {{ now | unixEpoch }}', own: '{{ (lookup `v1` `ConfigMap` `default` `other`).kind }}'";
  loop.repositories.push(repoURL, chart({ "m.yaml": configMap("a", text) }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  const first = (await loop.configMap("a"))?.data;
  assert.match(first?.["p"] ?? "", /^[a-zA-Z0-9]{20} \d+$/);
  assert.equal(first?.["own"], "");
  await loop.restart();
  await loop.rest(5_000);
  assert.deepEqual((await loop.configMap("a"))?.data, first);
  assert.equal((await loop.syncs()).length, 1);
});

test("a removal runs its hooks around what it removes", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, chart({ "m.yaml": configMap("a", ""), "down.yaml": job("down", "helm.sh/hook: pre-delete"), "gone.yaml": job("gone", "helm.sh/hook: post-delete") }));
  await loop.client.create(ApplicationKind, applicationOf({ finalizers: [pruneFinalizer] }));
  await loop.rest();
  await loop.client.remove(ApplicationKind, { namespace: "default", name: "shop" });
  await loop.rest();
  assert.ok(await liveJob(loop, "down"));
  assert.ok(await loop.configMap("a"));
  await end(loop, "down", "Complete");
  await loop.rest(3_000);
  assert.equal(await loop.configMap("a"), undefined);
  assert.ok(await liveJob(loop, "gone"));
  await end(loop, "gone", "Complete");
  await loop.rest(3_000);
  assert.equal(await loop.client.get(ApplicationKind, { namespace: "default", name: "shop" }), undefined);
});

test("tests run when somebody asks, and their end is told", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, chart({ "m.yaml": configMap("a", ""), "probe.yaml": job("probe", "helm.sh/hook: test") }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  const ask = async (value: string) => {
    await loop.client.patch(ApplicationKind, { namespace: "default", name: "shop" }, { type: "merge", body: { metadata: { annotations: { [testRequestAnnotation]: value } } } });
    await loop.rest(2_000);
  };
  await ask("1");
  await end(loop, "probe", "Complete");
  assert.equal((await loop.application()).metadata.annotations?.[testResultAnnotation], "Succeeded: 1 test passed");
  await ask("2");
  await end(loop, "probe", "Failed");
  assert.equal((await loop.application()).metadata.annotations?.[testResultAnnotation], "Failed: the test hook Job default/probe failed: as told");
});

test("a chart's definitions and what it marks to be kept outlive it", async () => {
  const loop = await testLoop();
  const kept = configMap("kept", "").replace("name: kept", "name: kept\n  annotations: {helm.sh/resource-policy: keep}");
  loop.repositories.push(repoURL, chart({ "m.yaml": configMap("a", ""), "kept.yaml": kept }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  loop.repositories.push(repoURL, chart({ "m.yaml": configMap("a", "") }));
  await loop.reconciler.refresh(() => true, "Push");
  await loop.rest();
  assert.ok(await loop.configMap("kept"));
});

/** A ConfigMap that a hook makes: done as soon as it is there. */
function hookMap(name: string, event: string, more = ""): string {
  return configMap(name, "").replace(`name: ${name}`, `name: ${name}\n  annotations: {helm.sh/hook: "${event}"${more}}`);
}

const allEvents = ["pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback", "pre-delete", "post-delete", "test"] as const;

test("each event runs the hooks that name it, and no others", async () => {
  const loop = await testLoop();
  const hooks = Object.fromEntries(allEvents.map((event) => [`${event}.yaml`, hookMap(event, event)]));
  const ran = async (): Promise<readonly string[]> => {
    const made: string[] = [];
    for (const event of allEvents) if (await loop.configMap(event) !== undefined) {
      made.push(event);
      await loop.client.remove(ConfigMapKind, { namespace: "default", name: event });
    }
    return made;
  };
  loop.repositories.push(repoURL, chart({ ...hooks, "m.yaml": configMap("a", "k: one") }));
  await loop.client.create(ApplicationKind, applicationOf({ finalizers: [pruneFinalizer] }));
  await loop.rest(3_000);
  assert.deepEqual(await ran(), ["pre-install", "post-install"]);
  loop.repositories.push(repoURL, chart({ ...hooks, "m.yaml": configMap("a", "k: two") }));
  await loop.reconciler.refresh(() => true, "Push");
  await loop.rest(3_000);
  assert.deepEqual(await ran(), ["pre-upgrade", "post-upgrade"]);
  await loop.client.patch(ConfigMapKind, { namespace: "default", name: "a" }, { type: "merge", body: { data: { k: "by hand" } } });
  await loop.rest(5_000);
  assert.deepEqual([(await loop.configMap("a"))?.data?.["k"], await ran()], ["two", []], "healing drift is no event");
  const [first] = await loop.syncs();
  await loop.client.patch(ApplicationKind, { namespace: "default", name: "shop" }, { type: "merge", body: { metadata: { annotations: { "capstan.dev/rollback-to": first?.metadata.name ?? "" } } } });
  await loop.rest(5_000);
  assert.deepEqual([(await loop.configMap("a"))?.data?.["k"], await ran()], ["one", ["pre-rollback", "post-rollback"]]);
  await loop.client.patch(ApplicationKind, { namespace: "default", name: "shop" }, { type: "merge", body: { metadata: { annotations: { [testRequestAnnotation]: "1" } } } });
  await loop.rest(3_000);
  assert.deepEqual(await ran(), ["test"]);
  await loop.client.remove(ApplicationKind, { namespace: "default", name: "shop" });
  await loop.rest(5_000);
  assert.deepEqual([await ran(), await loop.configMap("a")], [["pre-delete", "post-delete"], undefined]);
});

/** What is left of a hook that ran again, by its delete policy: a new object, the old one, or none. */
const policies: readonly (readonly [string, "new" | "same" | "none", RegExp | undefined])[] = [
  ["", "new", undefined],
  [", helm.sh/hook-delete-policy: before-hook-creation", "new", undefined],
  [", helm.sh/hook-delete-policy: hook-succeeded", "none", undefined],
  [", helm.sh/hook-delete-policy: hook-failed", "same", /the pre-upgrade hook ConfigMap default\/h failed: it exists already; its annotation helm\.sh\/hook-delete-policy does not say before-hook-creation/],
];

for (const [policy, left, message] of policies) {
  test(`a hook ${policy === "" ? "without a delete policy" : `with${policy.slice(1).replace("helm.sh/hook-delete-policy: ", "")}`} that runs again leaves ${left === "none" ? "nothing" : `the ${left} object`}`, async () => {
    const loop = await testLoop();
    const files = (value: string) => chart({ "h.yaml": hookMap("h", "pre-install,pre-upgrade", policy), "m.yaml": configMap("a", `k: ${value}`) });
    loop.repositories.push(repoURL, files("one"));
    await loop.client.create(ApplicationKind, applicationOf());
    await loop.rest(3_000);
    const before = (await loop.configMap("h"))?.metadata.uid;
    loop.repositories.push(repoURL, files("two"));
    await loop.reconciler.refresh(() => true, "Push");
    await loop.rest(5_000);
    const after = (await loop.configMap("h"))?.metadata.uid;
    assert.equal(after === undefined ? "none" : after === before ? "same" : "new", left);
    const last = (await loop.syncs()).find(({ spec }) => spec.planGeneration === 2);
    if (message === undefined) assert.equal(last?.status.phase, "Succeeded");
    else assert.match(last?.status.message ?? "", message);
  });
}

test("what a hook made is listed with its events while it is there, and is no part of the application's health", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, chart({ "m.yaml": configMap("a", ""), "after.yaml": job("after", "helm.sh/hook: post-install"), "down.yaml": job("down", "helm.sh/hook: pre-delete") }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  await end(loop, "after", "Failed");
  await loop.rest(2_000);
  const { status } = await loop.application();
  assert.deepEqual(status.resources?.map(({ kind, name, status: sync, hook, hookType }) => [kind, name, sync, hook, hookType]), [["ConfigMap", "a", "Synced", undefined, undefined], ["Job", "after", "Synced", true, "post-install"]]);
  assert.equal(status.health?.status, "Healthy");
  await loop.rest(10_000);
  await end(loop, "after", "Complete");
  await loop.client.remove(JobKind, { namespace: "default", name: "after" }, { propagation: "Background" });
  await loop.rest(2_000);
  assert.deepEqual((await loop.application()).status.resources?.map(({ name }) => name), ["a"]);
});

test("a sync that was begun is finished although its job was lost and the newest commit is broken", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, chart({ "pre.yaml": job("pre", "helm.sh/hook: pre-install"), "m.yaml": configMap("a", "k: good") }));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  assert.ok(await liveJob(loop, "pre"));
  loop.repositories.push(repoURL, chart({ "m.yaml": "{{ fail `broken on purpose` }}" }));
  await loop.restart();
  await loop.reconciler.refresh(() => true, "Push");
  await loop.rest(2_000);
  assert.match((await loop.application()).status.conditions?.map(({ message }) => message).join() ?? "", /broken on purpose/);
  await end(loop, "pre", "Complete");
  await loop.rest(2_000);
  assert.equal((await loop.syncs())[0]?.status.phase, "Succeeded");
  assert.deepEqual((await loop.configMap("a"))?.data, { k: "good" });
});
