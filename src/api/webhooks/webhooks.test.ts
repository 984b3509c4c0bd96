import assert from "node:assert/strict";
import { createServer } from "node:https";
import { test } from "node:test";
import { admin, testApi } from "../../../test/api/api.ts";
import type { TestApi } from "../../../test/api/api.ts";
import { configMap, deployment, pod, service } from "../../../test/api/objects.ts";
import type { MutatingWebhook, ValidatingWebhook } from "../../model/generated/admissionregistration-v1.ts";
import { MutatingWebhookConfigurationKind, ValidatingWebhookConfigurationKind } from "../../model/kinds/admissionregistration.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { realChance } from "../../world/real/chance.ts";
import { realClock } from "../../world/real/clock.ts";
import { createAuthority, issueCertificate } from "../http/certificates.ts";
import { CollectedNotes } from "../notes.ts";
import type { Outside, Question, Reply } from "../questions.ts";
import { jsonOf } from "../shape.ts";
import { HttpsOutside } from "./https-outside.ts";

const rules = [{ operations: ["CREATE", "UPDATE", "DELETE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps", "pods"], scope: "*" }] as const;
const common = { admissionReviewVersions: ["v1"], sideEffects: "None", rules } as const;

/** The request a webhook is asked with. */
function requestOf({ body }: Question): JsonObject {
  assert.ok(isJsonObject(body["request"]));
  return body["request"];
}

type Response = Readonly<Record<string, Json>> | "refused";

/** Webhooks by their URL's path, as somebody else would have written them. */
function webhooks(byPath: Readonly<Record<string, (request: JsonObject) => Response>>): Outside & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async ask(question): Promise<Reply> {
      const path = new URL(question.target.url).pathname.slice(1);
      asked.push(path);
      const request = requestOf(question);
      const response = byPath[path]?.(request) ?? { allowed: true };
      if (response === "refused") return { kind: "failed", message: "dial tcp 127.0.0.1:1: connect: connection refused" };
      return { kind: "answered", body: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: request["uid"] ?? null, allowed: true, ...response } } };
    },
  };
}

async function addMutating({ client }: TestApi, ...added: readonly Partial<MutatingWebhook>[]): Promise<void> {
  const all = added.map((webhook, index) => ({ ...common, name: `m${index}.example.com`, clientConfig: { url: `https://hooks.example.com/m${index}` }, ...webhook }));
  await client.create(MutatingWebhookConfigurationKind, { apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration", metadata: { name: "hooks" }, webhooks: all });
}

async function addValidating({ client }: TestApi, ...added: readonly Partial<ValidatingWebhook>[]): Promise<void> {
  const all = added.map((webhook, index) => ({ ...common, name: `v${index}.example.com`, clientConfig: { url: `https://hooks.example.com/v${index}` }, ...webhook }));
  await client.create(ValidatingWebhookConfigurationKind, { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration", metadata: { name: "hooks" }, webhooks: all });
}

/** A response that patches. */
function patch(...operations: readonly Json[]): Response {
  return { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") };
}

test("webhooks change an object in turn, each given what the one before left, and the result is what is stored", async () => {
  const outside = webhooks({
    m0: () => patch({ op: "add", path: "/data", value: { a: "1" } }),
    m1: ({ object }) => patch({ op: "add", path: "/data/b", value: isJsonObject(object) && isJsonObject(object["data"]) ? `after ${JSON.stringify(object["data"]["a"])}` : "" }),
  });
  const api = await testApi({ outside });
  await addMutating(api, {}, {});
  const made = await api.client.create(ConfigMapKind, configMap("c"));
  assert.deepEqual([made.data, outside.asked], [{ a: "1", b: 'after "1"' }, ["m0", "m1"]]);
  assert.deepEqual((await api.client.get(ConfigMapKind, { namespace: "default", name: "c" }))?.data, made.data);
});

test("a webhook that wants to see later changes is asked once more, after the plugins", async () => {
  const outside = webhooks({
    m0: ({ object }) => patch({ op: "add", path: "/metadata/annotations", value: { images: JSON.stringify(object).split('"image"').length - 1 === 2 ? "two" : "one" } }),
    m1: () => patch({ op: "add", path: "/spec/containers/-", value: { name: "side", image: "side:1" } }),
  });
  const api = await testApi({ outside });
  await addMutating(api, { reinvocationPolicy: "IfNeeded" }, {});
  const made = await api.client.create(PodKind, pod("p"));
  assert.deepEqual([made.metadata.annotations, made.spec.containers.length, outside.asked], [{ images: "two" }, 2, ["m0", "m1", "m0"]]);
  assert.equal(made.spec.containers[1]?.imagePullPolicy, "IfNotPresent");
});

test("the object a webhook is told of is the one that is stored, and a removal tells the old one", async () => {
  const seen: JsonObject[] = [];
  const api = await testApi({ outside: webhooks({ v0: (request) => { seen.push(request); return {}; } }) });
  await addValidating(api, {});
  const made = await api.client.create(ConfigMapKind, configMap("c", { a: "1" }));
  await api.client.update(ConfigMapKind, { ...made, data: { a: "2" } });
  await api.client.remove(ConfigMapKind, { namespace: "default", name: "c" }, {});
  assert.deepEqual(seen.map(({ operation }) => operation), ["CREATE", "UPDATE", "DELETE"]);
  const [created, updated, removed] = seen;
  assert.equal(isJsonObject(created?.["object"]) && isJsonObject(created["object"]["metadata"]) ? created["object"]["metadata"]["uid"] : "", made.metadata.uid);
  assert.deepEqual([created?.["oldObject"], removed?.["object"]], [null, null]);
  assert.deepEqual([updated?.["userInfo"], updated?.["name"], updated?.["namespace"], updated?.["dryRun"]], [{ username: "admin", groups: admin.groups }, "c", "default", false]);
});

test("a refusal is told in upstream's words, with the webhook's code, warnings and audit annotations", async () => {
  const api = await testApi({ outside: webhooks({
    v0: () => ({ warnings: ["careful"], auditAnnotations: { why: "because" } }),
    v1: () => ({ allowed: false, status: { code: 418, message: "no tea" } }),
  }) });
  await addValidating(api, {}, {});
  const notes = new CollectedNotes();
  await assert.rejects(api.verbs.create({ user: admin, notes }, ConfigMapKind, "default", jsonOf(configMap("c"))), { code: 418, message: 'admission webhook "v1.example.com" denied the request: no tea' });
  assert.deepEqual([notes.warnings, notes.annotations], [["careful"], { "v0.example.com/why": "because" }]);
});

test("a webhook that cannot be asked refuses the request, or is left out where its policy says so", async () => {
  const outside = webhooks({ v0: () => "refused", v1: () => "refused" });
  const api = await testApi({ outside });
  await addValidating(api, { failurePolicy: "Ignore" });
  await api.client.create(ConfigMapKind, configMap("a"));
  await addMutating(api, { name: "v1.example.com", clientConfig: { url: "https://hooks.example.com/v1" }, timeoutSeconds: 3 });
  await assert.rejects(api.client.create(ConfigMapKind, configMap("b")), {
    reason: "InternalError",
    message: 'Internal error occurred: failed calling webhook "v1.example.com": failed to call webhook: Post "https://hooks.example.com/v1?timeout=3s": dial tcp 127.0.0.1:1: connect: connection refused',
  });
});

test("a dry run asks only webhooks that say it does no harm", async () => {
  const api = await testApi({ outside: webhooks({}) });
  await addValidating(api, { sideEffects: "NoneOnDryRun" }, { sideEffects: "NoneOnDryRun", name: "other.example.com" });
  await api.client.create(ConfigMapKind, configMap("a"), { dryRun: true });
});

test("selectors, operations and exempt kinds decide who is asked", async () => {
  const outside = webhooks({});
  const api = await testApi({ outside });
  await addValidating(
    api, { objectSelector: { matchLabels: { a: "b" } } }, { namespaceSelector: { matchLabels: { none: "x" } } },
    { rules: [{ operations: ["UPDATE"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"], scope: "Namespaced" }] },
    { rules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }] },
  );
  const made = await api.client.create(ConfigMapKind, configMap("c", {}, { labels: { a: "b" } }));
  assert.deepEqual(outside.asked.splice(0).toSorted(), ["v0", "v3"]);
  await api.client.update(ConfigMapKind, { ...made, metadata: { ...made.metadata, labels: {} }, data: { x: "y" } });
  assert.deepEqual(outside.asked.splice(0).toSorted(), ["v0", "v2", "v3"]);
  await api.client.remove(ValidatingWebhookConfigurationKind, { namespace: "", name: "hooks" });
  assert.deepEqual(outside.asked, []);
});

test("a webhook is asked over TLS at its Service's address, trusted by its own authority", async (t) => {
  const world = { clock: realClock, chance: realChance };
  const authority = await createAuthority(world);
  const pair = await issueCertificate(authority, { commonName: "hook", hosts: ["hook.default.svc"], usage: "server", lifetimeMs: 60_000 }, world);
  const server = createServer({ key: pair.key, cert: pair.cert }, (request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => { text += chunk.toString(); });
    request.on("end", () => {
      const { request: { uid } } = JSON.parse(text) as { readonly request: { readonly uid: string } };
      response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, allowed: false, status: { message: `${request.url} says no` } } }));
    });
  });
  t.after(() => { server.closeAllConnections(); server.close(); });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const bound = server.address();
  assert.ok(typeof bound === "object" && bound !== null);
  const outside = new HttpsOutside(world);
  t.after(() => { outside.close(); });
  const api = await testApi({ outside, reservations: { serviceBlock: "127.0.0.0/8", nodePortMin: 1, nodePortMax: 2 } });
  await api.client.create(ServiceKind, service("hook", { clusterIP: "127.0.0.1", ports: [{ port: bound.port }] }));
  const clientConfig = { service: { namespace: "default", name: "hook", port: bound.port, path: "/check" }, caBundle: Buffer.from(authority.cert).toString("base64") };
  await addValidating(api, { clientConfig });
  await assert.rejects(api.client.create(ConfigMapKind, configMap("c")), { code: 400, message: 'admission webhook "v0.example.com" denied the request: /check?timeout=10s says no' });
});

const other = "11111111-1111-4111-8111-111111111111";
const put = (path: string, value: Json) => ({ op: "add", path, value });

test("a webhook changes nothing that the server alone writes, nor a status when the rest is written", async () => {
  const api = await testApi({ outside: webhooks({ m0: () => patch(
    put("/metadata/uid", other), put("/metadata/creationTimestamp", "2000-01-01T00:00:00Z"), put("/metadata/deletionTimestamp", "2000-01-01T00:00:00Z"), put("/metadata/generation", 9),
    put("/metadata/resourceVersion", "5"), put("/metadata/managedFields", []), put("/status", { phase: "Failed", reason: "Webhook" }), put("/metadata/labels", { a: "b" }),
  ) }) });
  await addMutating(api, {});
  const { metadata, status } = await api.client.create(PodKind, pod("p"));
  assert.notEqual(metadata.uid, other);
  assert.deepEqual([metadata.labels, metadata.deletionTimestamp, metadata.generation, status.phase, status.reason], [{ a: "b" }, undefined, 1, "Pending", undefined]);
  assert.ok((metadata.creationTimestamp ?? "") > "2001" && (metadata.managedFields ?? []).length > 0);
});

test("an object that a webhook gives another name is stored and found under it, and never in another namespace", async () => {
  const api = await testApi({ outside: webhooks({ m0: ({ name }) => patch(put("/metadata/name", "other"), ...(name === "away" ? [put("/metadata/namespace", "kube-system")] : [])) }) });
  await addMutating(api, {});
  assert.equal((await api.client.create(ConfigMapKind, configMap("c"))).metadata.name, "other");
  assert.equal((await api.client.get(ConfigMapKind, { namespace: "default", name: "other" }))?.metadata.name, "other");
  assert.equal(await api.client.get(ConfigMapKind, { namespace: "default", name: "c" }), undefined);
  await assert.rejects(api.client.create(ConfigMapKind, configMap("d")), { code: 409 });
  await assert.rejects(api.client.create(ConfigMapKind, configMap("away")), { code: 400, message: "the namespace of the provided object does not match the namespace sent on the request" });
});

test("an object keeps its name when it is changed, whatever a webhook says", async () => {
  const api = await testApi({ outside: webhooks({ m0: ({ operation }) => (operation === "UPDATE" ? patch(put("/metadata/name", "other")) : {}) }) });
  await addMutating(api, {});
  const made = await api.client.create(ConfigMapKind, configMap("c"));
  await assert.rejects(api.client.update(ConfigMapKind, { ...made, data: { a: "1" } }), { code: 422, message: 'ConfigMap "other" is invalid: metadata.name: Invalid value: "other": field is immutable' });
});

const connections = { rules: [{ operations: ["CONNECT"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods/*"], scope: "*" }] } as const;
const exec = { subresource: "exec", options: { stdin: true, container: "main", command: ["sh"] } };
const ref = { namespace: "default", name: "p" };

test("webhooks are asked about connections, are told what these are asked with, may change that, and may refuse them", async () => {
  const seen: JsonObject[] = [];
  const api = await testApi({ outside: webhooks({
    m0: () => patch({ op: "add", path: "/command", value: ["other"] }),
    v0: (request) => { seen.push(request); return request["subResource"] === "attach" ? { allowed: false, status: { message: "attaching to pods is not allowed", code: 403 } } : {}; },
  }) });
  await addMutating(api, connections);
  await addValidating(api, connections);
  assert.deepEqual(await api.verbs.admitConnection({ user: admin }, PodKind, ref, exec), { ...exec.options, command: ["other"] });
  await assert.rejects(api.verbs.admitConnection({ user: admin }, PodKind, ref, { subresource: "attach", options: {} }), { code: 403, message: 'admission webhook "v0.example.com" denied the request: attaching to pods is not allowed' });
  const [request] = seen;
  assert.partialDeepStrictEqual(request, {
    kind: { group: "", version: "v1", kind: "PodExecOptions" }, resource: { group: "", version: "v1", resource: "pods" }, subResource: "exec", operation: "CONNECT", name: "p", namespace: "default",
    object: { kind: "PodExecOptions", apiVersion: "v1", ...exec.options, command: ["other"] }, oldObject: null, options: null,
  });
});

test("a connection is not made with what a webhook leaves that are no options of it", async () => {
  const api = await testApi({ outside: webhooks({ m0: () => patch({ op: "replace", path: "/command", value: "sh" }) }) });
  await addMutating(api, connections);
  await assert.rejects(api.verbs.admitConnection({ user: admin }, PodKind, ref, exec), { reason: "InternalError", message: /options\.command/ });
});

test("webhooks that choose by labels, or by other operations, are not asked about connections", async () => {
  const outside = webhooks({});
  const api = await testApi({ outside });
  await addValidating(api, { ...connections, objectSelector: { matchExpressions: [{ key: "a", operator: "DoesNotExist" }] } }, { rules: [{ ...connections.rules[0], operations: ["CREATE", "UPDATE"] }] }, {
    rules: [{ ...connections.rules[0], operations: ["*"], resources: ["pods/exec"] }],
  });
  await api.verbs.admitConnection({ user: admin }, PodKind, ref, exec);
  assert.deepEqual(outside.asked, ["v2"]);
});

test("who is asked about a scale is shown the Scale, and changes that alone", async () => {
  const seen: JsonObject[] = [];
  const scaleRules = [{ operations: ["*"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments/scale"], scope: "*" }] as const;
  const api = await testApi({ outside: webhooks({
    m0: () => patch({ op: "replace", path: "/spec/replicas", value: 4 }),
    v0: (request) => { seen.push(request); return {}; },
  }) });
  await addMutating(api, { rules: scaleRules });
  await addValidating(api, { rules: scaleRules }, { rules: scaleRules, objectSelector: { matchLabels: { app: "d" } } });
  const made = await api.client.create(DeploymentKind, deployment("d", 1));
  const ref = { namespace: "default", name: "d" };
  const { stored } = await api.verbs.patch(api.caller, DeploymentKind, ref, { type: "merge", body: { spec: { replicas: 9 } } }, { subresource: "scale" });
  assert.partialDeepStrictEqual(stored.object(), { spec: { replicas: 4, template: made.spec.template } });
  assert.equal(seen.length, 1, "a Scale has no labels to be selected by");
  const scaled = { group: "autoscaling", version: "v1", kind: "Scale" };
  const resource = { group: "apps", version: "v1", resource: "deployments" };
  assert.partialDeepStrictEqual(seen[0], {
    kind: scaled, requestKind: scaled, resource, requestResource: resource, subResource: "scale", requestSubResource: "scale", operation: "UPDATE",
    object: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "d", uid: made.metadata.uid ?? "" }, spec: { replicas: 4 } }, oldObject: { kind: "Scale", spec: { replicas: 1 } },
  });
  assert.equal(isJsonObject(seen[0]?.["object"]) && "template" in seen[0]["object"], false);
});

test("who is asked about an eviction is shown the Eviction, may change it, and hears nothing of what follows", async () => {
  const seen: JsonObject[] = [];
  const everything = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["pods/*"], scope: "*" }] as const;
  let isAllowed = false;
  const api = await testApi({ outside: webhooks({
    m0: () => patch({ op: "add", path: "/deleteOptions", value: { preconditions: { uid: "another" } } }),
    v0: (request) => { seen.push(request); return { allowed: isAllowed, status: { message: "not now" } }; },
  }) });
  await api.client.create(PodKind, pod("p"));
  await addValidating(api, { rules: everything });
  const ref = { namespace: "default", name: "p" };
  const evict = () => api.verbs.act(api.caller, PodKind, ref, { name: "eviction", body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p", namespace: "default" } } });
  await assert.rejects(evict(), { message: 'admission webhook "v0.example.com" denied the request: not now' });
  assert.notEqual(await api.client.get(PodKind, ref), undefined);
  const eviction = { group: "policy", version: "v1", kind: "Eviction" };
  assert.partialDeepStrictEqual(seen.splice(0), [{ kind: eviction, resource: { group: "", version: "v1", resource: "pods" }, subResource: "eviction", operation: "CREATE", name: "p", namespace: "default", object: { kind: "Eviction", metadata: { name: "p" } }, oldObject: null }]);
  isAllowed = true;
  await addMutating(api, { rules: [{ ...everything[0], resources: ["pods/eviction"] }] });
  await assert.rejects(evict(), { reason: "Conflict" });
  await api.client.remove(MutatingWebhookConfigurationKind, { namespace: "", name: "hooks" });
  await evict();
  assert.deepEqual(seen.map(({ operation, subResource }) => [operation, subResource]), [["CREATE", "eviction"], ["CREATE", "eviction"]]);
  assert.equal(await api.client.get(PodKind, ref), undefined);
});

test("who is asked about a binding or a token is shown it", async () => {
  const seen: JsonObject[] = [];
  const everything = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["pods", "pods/*", "bindings", "serviceaccounts/token"], scope: "*" }] as const;
  const api = await testApi({ outside: webhooks({ v0: (request) => { seen.push(request); return {}; } }) });
  await api.client.create(PodKind, pod("p"));
  await addValidating(api, { rules: everything });
  await api.verbs.act(api.caller, PodKind, { namespace: "default", name: "p" }, { name: "binding", body: { metadata: { name: "p" }, target: { kind: "Node", name: "n" } } });
  await api.verbs.act(api.caller, ServiceAccountKind, { namespace: "default", name: "none" }, { name: "token", body: { spec: {} } }).catch(() => undefined);
  assert.deepEqual(seen.map(({ kind, subResource, operation, object }) => [isJsonObject(kind) && kind["kind"], subResource, operation, isJsonObject(object) && object["kind"]]), [["Binding", "binding", "CREATE", "Binding"], ["TokenRequest", "token", "CREATE", "TokenRequest"]]);
});
