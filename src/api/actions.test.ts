import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { makeCertificateRequest } from "../../test/api/certificate-requests.ts";
import { pod } from "../../test/api/objects.ts";
import { isApiError } from "../model/api-error.ts";
import type { CertificateSigningRequest } from "../model/generated/certificates-v1.ts";
import { kinds } from "../model/kinds.ts";
import { BindingKind } from "../model/kinds/binding.ts";
import { CertificateSigningRequestKind } from "../model/kinds/certificates.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { Pod } from "../model/kinds/pod.ts";
import { PodDisruptionBudgetKind } from "../model/kinds/policy.ts";
import type { PodDisruptionBudget } from "../model/kinds/policy.ts";
import { subresourcesOf } from "../model/subresource.ts";
import type { Json } from "../value/json.ts";
import { printTime } from "../world/clock.ts";
import { realChance } from "../world/real/chance.ts";
import { realClock } from "../world/real/clock.ts";
import { actions } from "./actions.ts";
import { judgeEviction } from "./actions/evict.ts";
import { createAuthority } from "./http/certificates.ts";

const ref = { namespace: "default", name: "a" };
const budgetRef = { namespace: "default", name: "b" };
const ready: Pod["status"] = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "a", namespace: "default" } };

/** What a client would send of a value. */
function bare(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function budget(status: PodDisruptionBudget["status"], spec: PodDisruptionBudget["spec"] = {}): PodDisruptionBudget {
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "b", namespace: "default", generation: 1 }, spec: { selector: { matchLabels: { app: "a" } }, ...spec }, status };
}

test("a binding gives a pod its node, its condition and the binding's annotations, once", async () => {
  const { client, verbs, caller } = await testApi();
  await client.create(PodKind, pod("a", {}, { annotations: { own: "1" } }));
  const bind = (name: string) => verbs.act(caller, PodKind, ref, { name: "binding", body: { metadata: { name: "a", annotations: { why: "room" } }, target: { kind: "Node", name } } });
  assert.equal((await bind("n1"))["status"], "Success");
  const bound = await client.get(PodKind, ref);
  assert.deepEqual([bound?.spec.nodeName, bound?.metadata.generation], ["n1", 1]);
  assert.deepEqual(bound?.metadata.annotations, { own: "1", why: "room" });
  assert.deepEqual(bound?.status.conditions?.map(({ type, status }) => [type, status]), [["PodScheduled", "True"]]);
  await assert.rejects(bind("n2"), (error) => isApiError(error, "Conflict") && error.message.includes('pod a is already assigned to node "n1"'));
  await assert.rejects(bind(""), (error) => isApiError(error, "Invalid") && error.message.includes("target.name: Required value"));
});

test("a binding of the namespace does the same, by the right to create bindings", async () => {
  const { client, verbs } = await testApi({ rules: [{ subject: { user: "old" }, rules: [{ verbs: ["create"], apiGroups: [""], resources: ["bindings"] }] }] });
  await client.create(PodKind, pod("a"));
  const body = { metadata: { name: "a" }, target: { kind: "Node", name: "n1" } };
  await assert.rejects(verbs.act({ user: { name: "jane", groups: [] } }, BindingKind, ref, { name: "", body }), (error) => isApiError(error, "Forbidden") && error.message.includes('cannot create resource "bindings"'));
  assert.equal((await verbs.act({ user: { name: "old", groups: [] } }, BindingKind, ref, { name: "", body }))["status"], "Success");
  assert.equal((await client.get(PodKind, ref))?.spec.nodeName, "n1");
});

test("a pod that runs is resized by that part alone, in cpu and memory, within its class", async () => {
  const { client } = await testApi();
  const resources = (cpu: string, more: Readonly<Record<string, string>> = {}) => ({ requests: { cpu, ...more } });
  await client.create(PodKind, pod("a", { nodeName: "n1", containers: [{ name: "main", image: "demo:1", resources: resources("1", { "ephemeral-storage": "1Gi" }) }] }));
  const resize = (value: unknown, also: object = {}) => client.patch(PodKind, ref, { type: "strategic", body: bare({ spec: { containers: [{ name: "main", resources: value, ...also }] } }) }, { subresource: "resize" });
  const resized = await resize(resources("2"), { image: "other:1" });
  assert.deepEqual([resized.spec.containers[0]?.resources?.requests?.["cpu"], resized.spec.containers[0]?.image], ["2", "demo:1"], "nothing else is written");
  await assert.rejects(resize({ requests: { "ephemeral-storage": "2Gi" } }), (error) => isApiError(error, "Invalid") && error.message.includes("spec.containers[0].resources: Forbidden: only cpu and memory resources are mutable"));
  await assert.rejects(resize({ requests: { cpu: null } }), (error) => isApiError(error, "Invalid") && error.message.includes("resource requests cannot be removed"));
  await assert.rejects(resize({ limits: { cpu: "2", memory: "1Gi" }, requests: { memory: "1Gi" } }), (error) => isApiError(error, "Invalid") && error.message.includes("Pod QOS Class may not change as a result of resizing"));
  await assert.rejects(client.patch(PodKind, ref, { type: "merge", body: bare({ spec: { containers: [{ name: "main", image: "demo:1", resources: resources("3") }] } }) }), (error) => isApiError(error, "Invalid"));
});

test("an eviction removes a pod, marks why, and takes one disruption from its budget", async () => {
  const { client, verbs, caller } = await testApi();
  await client.create(PodKind, pod("a", { nodeName: "n1" }, { labels: { app: "a" } }));
  await client.patch(PodKind, ref, { type: "merge", body: { status: bare(ready) } }, { subresource: "status" });
  await client.create(PodDisruptionBudgetKind, budget({}));
  const evict = () => verbs.act(caller, PodKind, ref, { name: "eviction", body: eviction });
  const setStatus = (status: PodDisruptionBudget["status"]) => client.patch(PodDisruptionBudgetKind, budgetRef, { type: "merge", body: { status: bare(status) } }, { subresource: "status" });
  await assert.rejects(evict(), (error) => isApiError(error, "TooManyRequests") && error.details.retryAfterSeconds === 10 && error.causes[0]?.detail === "The disruption budget b is still being processed by the server.");
  await setStatus({ observedGeneration: 1, currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0 });
  await assert.rejects(evict(), (error) => isApiError(error, "TooManyRequests") && error.message === "Cannot evict pod as it would violate the pod's disruption budget."
    && error.causes[0]?.detail === "The disruption budget b needs 1 healthy pods and has 1 currently");
  assert.equal((await client.get(PodKind, ref))?.metadata.deletionTimestamp, undefined);
  await setStatus({ disruptionsAllowed: 1 });
  await evict();
  const leaving = await client.get(PodKind, ref);
  assert.notEqual(leaving?.metadata.deletionTimestamp, undefined);
  assert.equal(leaving?.status.conditions?.find(({ type }) => type === "DisruptionTarget")?.reason, "EvictionByEvictionAPI");
  const charged = await client.get(PodDisruptionBudgetKind, budgetRef);
  assert.equal(charged?.status.disruptionsAllowed, 0);
  assert.deepEqual(Object.keys(charged.status.disruptedPods ?? {}), ["a"]);
});

test("an eviction with dryRun decides and changes nothing", async () => {
  const { client, verbs, caller, store } = await testApi();
  await client.create(PodKind, pod("a"));
  const { revision } = store;
  await verbs.act(caller, PodKind, ref, { name: "eviction", body: eviction, dryRun: true });
  assert.equal(store.revision, revision);
  await verbs.act(caller, PodKind, ref, { name: "eviction", body: eviction });
  assert.equal(await client.get(PodKind, ref), undefined);
});

test("what a budget says follows its counts, its policy and the pod's health", () => {
  const counts = { observedGeneration: 1, currentHealthy: 2, desiredHealthy: 2 };
  const table: readonly (readonly [PodDisruptionBudget, boolean, string])[] = [
    [budget({ ...counts, disruptionsAllowed: 1 }), true, "charged"],
    [budget({ ...counts, disruptionsAllowed: 0 }), true, "refused"],
    [budget({ ...counts, disruptionsAllowed: 0 }), false, "free"],
    [budget({ ...counts, currentHealthy: 1, disruptionsAllowed: 0 }), false, "refused"],
    [budget({ ...counts, currentHealthy: 1, disruptionsAllowed: 0 }, { unhealthyPodEvictionPolicy: "AlwaysAllow" }), false, "free"],
    [budget({ ...counts, disruptionsAllowed: 0 }, { unhealthyPodEvictionPolicy: "AlwaysAllow" }), true, "refused"],
    [budget({ ...counts, observedGeneration: 0, disruptionsAllowed: 1 }), true, "refused"],
    [budget({ ...counts, disruptionsAllowed: -1 }), true, "refused"],
  ];
  for (const [one, isReady, verdict] of table) assert.equal(judgeEviction(one, isReady).kind, verdict, JSON.stringify(one.status));
});

test("an action needs the right to create that subresource", async () => {
  const { client, verbs } = await testApi();
  await client.create(PodKind, pod("a"));
  const jane = { user: { name: "jane", groups: [] } };
  for (const name of ["binding", "eviction"]) {
    await assert.rejects(verbs.act(jane, PodKind, ref, { name, body: eviction }), (error) => isApiError(error, "Forbidden") && error.message.includes(`cannot create resource "pods/${name}"`));
  }
  await assert.rejects(verbs.act(jane, PodKind, ref, { name: "other", body: {} }), (error) => isApiError(error, "NotFound"));
});

test("ephemeral containers are added by their part alone, and stay as they are", async () => {
  const { client } = await testApi();
  await client.create(PodKind, pod("a"));
  const debug = { name: "debug", image: "busybox:1", targetContainerName: "main" };
  const patch = (containers: readonly unknown[], subresource?: "ephemeralcontainers") => client.patch(PodKind, ref, { type: "merge", body: bare({ spec: { ephemeralContainers: containers, activeDeadlineSeconds: 5 } }) }, subresource === undefined ? {} : { subresource });
  await assert.rejects(patch([debug]), (error) => isApiError(error, "Invalid") && error.message.includes("pod updates may not change fields other than"));
  const debugged = await patch([debug], "ephemeralcontainers");
  assert.equal(debugged.spec.ephemeralContainers?.[0]?.name, "debug");
  assert.equal(debugged.spec.activeDeadlineSeconds, undefined, "nothing else is written");
  const goSends = { ...debugged.spec.ephemeralContainers?.[0], resources: {} };
  assert.equal((await patch([goSends, { name: "second", image: "busybox:1" }], "ephemeralcontainers")).spec.ephemeralContainers?.length, 2, "a Go client sends resources where there are none");
  await assert.rejects(patch([], "ephemeralcontainers"), (error) => isApiError(error, "Invalid") && error.message.includes('existing ephemeral containers "debug" may not be removed'));
  await assert.rejects(patch([{ ...debug, image: "other" }], "ephemeralcontainers"), (error) => isApiError(error, "Invalid") && error.message.includes('existing ephemeral containers "debug" may not be changed'));
  await assert.rejects(patch([debug, { name: "main", image: "busybox:1" }], "ephemeralcontainers"), (error) => isApiError(error, "Invalid") && error.message.includes('spec.ephemeralContainers[1].name: Duplicate value: "main"'));
});

test("who approves a certificate does not sign it, and who signs does not approve", async () => {
  const { client, world } = await testApi();
  const name = { namespace: "", name: "c" };
  const request: CertificateSigningRequest = {
    apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name: "c" }, status: {},
    spec: { request: Buffer.from((await makeCertificateRequest({ subject: "CN=joe" })).request).toString("base64"), signerName: "example.com/a", usages: ["client auth"] },
  };
  await client.create(CertificateSigningRequestKind, request);
  const certificate = Buffer.from((await createAuthority({ clock: realClock, chance: realChance })).cert).toString("base64");
  const condition = (type: string) => ({ type, status: "True", reason: "x" });
  const approved = await client.patch(CertificateSigningRequestKind, name, { type: "merge", body: { status: { conditions: [condition("Approved")], certificate } } }, { subresource: "approval" });
  assert.deepEqual([approved.status.conditions?.map(({ type }) => type), approved.status.certificate], [["Approved"], undefined]);
  const [first] = approved.status.conditions ?? [];
  assert.deepEqual([first?.lastUpdateTime, first?.lastTransitionTime], [printTime(world.clock.nowMs()), printTime(world.clock.nowMs())]);
  await assert.rejects(client.patch(CertificateSigningRequestKind, name, { type: "merge", body: { status: { conditions: [{ ...condition("Approved"), status: "False" }] } } }, { subresource: "approval" }),
    (error) => isApiError(error, "Invalid") && error.message.includes('status.conditions[0].status: Unsupported value: "False": supported values: "True"'));
  const none = client.patch(CertificateSigningRequestKind, name, { type: "merge", body: { status: { certificate: "bm9uZQ==" } } }, { subresource: "status" });
  await assert.rejects(none, (error) => isApiError(error, "Invalid") && error.message.includes("must contain at least one CERTIFICATE PEM block"));
  const signed = await client.patch(CertificateSigningRequestKind, name, { type: "merge", body: { status: { conditions: [condition("Denied"), condition("Failed")], certificate } } }, { subresource: "status" });
  assert.deepEqual([signed.status.conditions?.map(({ type }) => type), signed.status.certificate], [["Approved", "Failed"], certificate]);
  const status = (body: object) => client.patch(CertificateSigningRequestKind, name, { type: "merge", body: { status: { ...body } } }, { subresource: "status" });
  for (const change of [{ certificate: null }, { certificate: "bm9uZQ==" }]) {
    await assert.rejects(status(change), (error) => isApiError(error, "Invalid") && error.message.includes("updates may not modify existing certificate content"));
  }
  await assert.rejects(client.patch(CertificateSigningRequestKind, name, { type: "merge", body: { status: { conditions: [condition("Approved"), condition("Denied")] } } }, { subresource: "approval" }),
    (error) => isApiError(error, "Invalid") && error.message.includes("Approved and Denied conditions are mutually exclusive"));
});

test("every action a kind names is there", () => {
  const named = kinds.filter((kind) => kind !== BindingKind).flatMap((kind) => subresourcesOf(kind).filter(({ type }) => type === "action").map(({ name }) => `${kind.plural}/${name}`));
  assert.deepEqual(actions.filter(({ kind }) => kind !== BindingKind).map(({ kind, name }) => `${kind.plural}/${name}`).toSorted(), named.toSorted());
});
