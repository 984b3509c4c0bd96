import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, testApi, tokenApi } from "../../../test/api/api.ts";
import type { TestApi } from "../../../test/api/api.ts";
import { configMap, deployment, pod } from "../../../test/api/objects.ts";
import type { MutatingAdmissionPolicyBindingSpec, MutatingAdmissionPolicySpec, Mutation, MutatingWebhook } from "../../model/generated/admissionregistration-v1.ts";
import type { ApiError } from "../../model/api-error.ts";
import { MutatingAdmissionPolicyBindingKind, MutatingAdmissionPolicyKind, MutatingWebhookConfigurationKind, ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind } from "../../model/kinds/admissionregistration.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import type { Kind } from "../../model/kind.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { statusOf } from "../http/status.ts";
import type { Outside } from "../questions.ts";
import { jsonOf } from "../shape.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
const rule = { operations: ["CREATE", "UPDATE"], apiGroups: ["*"], apiVersions: ["*"], resources: ["deployments", "configmaps", "pods"] } as const;

function merge(expression: string): Mutation {
  return { patchType: "ApplyConfiguration", applyConfiguration: { expression } };
}

function patch(expression: string): Mutation {
  return { patchType: "JSONPatch", jsonPatch: { expression } };
}

interface Bound extends Partial<MutatingAdmissionPolicySpec> {
  readonly name?: string;
  readonly binding?: Partial<MutatingAdmissionPolicyBindingSpec>;
}

async function bind({ client }: Pick<TestApi, "client">, { name = "p", binding = {}, ...spec }: Bound): Promise<void> {
  await client.create(MutatingAdmissionPolicyKind, { apiVersion, kind: "MutatingAdmissionPolicy", metadata: { name }, spec: { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: "Never", ...spec } });
  await client.create(MutatingAdmissionPolicyBindingKind, { apiVersion, kind: "MutatingAdmissionPolicyBinding", metadata: { name }, spec: { policyName: name, ...binding } });
}

async function withPolicies(...policies: readonly Bound[]): Promise<TestApi> {
  const api = await testApi();
  for (const policy of policies) await bind(api, policy);
  return api;
}

const changes: readonly (readonly [title: string, Mutation, data: Readonly<Record<string, string>>])[] = [
  ["a merge adds to what is there", merge("Object{data: {'b': '2'}}"), { a: "1", b: "2" }],
  ["a merge replaces what it names", merge("Object{data: {'a': object.metadata.name}}"), { a: "c" }],
  ["a merge of nothing changes nothing", merge("Object{}"), { a: "1" }],
  ["a field that is absent is left out", merge("Object{?data: object.?nothing}"), { a: "1" }],
  ["a patch adds, at a key that is escaped", patch("[JSONPatch{op: 'add', path: '/data/' + jsonpatch.escapeKey('x~y') , value: 'z'}].filter(p, false) + [JSONPatch{op: 'add', path: '/data/b', value: '2'}]"), { a: "1", b: "2" }],
  ["a patch replaces and removes", patch("[JSONPatch{op: 'replace', path: '/data/a', value: 'x'}, JSONPatch{op: 'copy', from: '/data/a', path: '/data/b'}, JSONPatch{op: 'remove', path: '/data/a'}]"), { b: "x" }],
  ["a patch whose test does not hold changes nothing", patch("[JSONPatch{op: 'test', path: '/data/a', value: '7'}, JSONPatch{op: 'remove', path: '/data/a'}]"), { a: "1" }],
  ["a patch of no operations changes nothing", patch("object.metadata.name == 'c' ? [] : [JSONPatch{op: 'remove', path: '/data'}]"), { a: "1" }],
  ["a patch takes a map of messages and lists as its value", patch("[JSONPatch{op: 'add', path: '/data', value: {'k': string([1, 2].size())}}]"), { k: "2" }],
  ["what asks, where and how is known", merge("Object{data: {'who': request.userInfo.username + ' ' + request.operation + ' ' + namespaceObject.metadata.name, 'may': string(authorizer.requestResource.check('create').allowed()), 'old': string(oldObject == null)}}"), { a: "1", who: "admin CREATE default", may: "true", old: "true" }],
];

for (const [title, mutation, data] of changes) {
  test(title, async () => {
    const { client } = await withPolicies({ mutations: [mutation] });
    assert.deepEqual((await client.create(ConfigMapKind, configMap("c", { a: "1" }))).data, data);
    assert.deepEqual((await client.get(ConfigMapKind, { namespace: "default", name: "c" }))?.data, data);
  });
}

test("a merge goes into lists by their keys, and what the server completes is completed", async () => {
  const { client } = await withPolicies({ mutations: [merge(`Object{
    metadata: Object.metadata{annotations: {'mutated-by': 'policy'}}, // maps have no names
    spec: Object.spec{replicas: 3, template: Object.spec.template{spec: Object.spec.template.spec{containers: [
      Object.spec.template.spec.containers{name: 'main', imagePullPolicy: 'Always'}, Object.spec.template.spec.containers{name: 'side', image: 'side:1'}]}}}}`)] });
  const made = await client.create(DeploymentKind, deployment("d", 1));
  assert.equal(made.spec.replicas, 3);
  assert.equal(made.metadata.annotations?.["mutated-by"], "policy");
  assert.deepEqual(made.spec.template.spec?.containers.map(({ name, image, imagePullPolicy, terminationMessagePath }) => [name, image, imagePullPolicy, terminationMessagePath]), [
    ["main", "demo:1", "Always", "/dev/termination-log"], ["side", "side:1", "IfNotPresent", "/dev/termination-log"],
  ]);
});

test("mutations and policies run in order, each given what the one before left, and the result is judged", async () => {
  const api = await withPolicies(
    { name: "b", mutations: [merge("Object{data: {'trace': object.data.trace + 'c'}}")] },
    { name: "a", variables: [{ name: "at", expression: "object.?data.?trace.orValue('')" }], mutations: [merge("Object{data: {'trace': variables.at + 'a'}}"), merge("Object{data: {'trace': variables.at + 'b'}}")] },
  );
  assert.equal((await api.client.create(ConfigMapKind, configMap("c"))).data?.["trace"], "abc");
  await api.client.create(ValidatingAdmissionPolicyKind, { apiVersion, kind: "ValidatingAdmissionPolicy", metadata: { name: "v" }, spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "object.data.trace != 'abc'", message: "seen" }] }, status: {} });
  await api.client.create(ValidatingAdmissionPolicyBindingKind, { apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "v" }, spec: { policyName: "v", validationActions: ["Deny"] } });
  await assert.rejects(api.client.create(ConfigMapKind, configMap("d")), { message: /seen$/ });
});

const refusals: readonly (readonly [title: string, Mutation, message: RegExp])[] = [
  ["a field the schema does not have", merge("Object{nothing: 1}"), /^policy 'p' with binding 'p' denied request: error applying patch: failed to convert patch object to typed object: \.nothing: field not declared in schema$/],
  ["a value of the wrong type", merge("Object{spec: Object.spec{replicas: 'x'}}"), /typed object: \.spec\.replicas: expected numeric \(int or float\), got string$/],
  ["an atomic list", merge("Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'main', args: ['a']}]}}}}"), /error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \.spec\.template\.spec\.containers\[0\]\.args$/],
  ["an atomic struct", merge("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}"), /atomic arrays, maps or structs: \.spec\.selector$/],
  ["a message called as another field", merge("Object{spec: Object.status{}}"), /type mismatch: unexpected type name "Object\.status", expected "Object\.spec", which matches field name path from root Object type$/],
  ["a missing member", merge("Object{metadata: Object.metadata{name: object.nothing}}"), /denied request: expression 'Object\{metadata: .*\}' resulted in error: no such key: nothing$/],
  ["a patch of what is not there", patch("[JSONPatch{op: 'remove', path: '/spec/nothing'}]"), /denied request: JSON Patch: /],
  ["a patch with an unknown operation", patch("[JSONPatch{op: 'smash', path: '/spec'}]"), /denied request: JSON Patch: Unexpected kind: smash$/],
  ["items of a list that are no operations", patch("[dyn(1)]"), /type mismatch: JSONPatchType\.expression should evaluate to array of JSONPatch$/],
];

for (const [title, mutation, message] of refusals) {
  test(`${title} refuses the request, or leaves the object as it is where the policy may be ignored`, async () => {
    const strict = await withPolicies({ mutations: [mutation] });
    await assert.rejects(strict.client.create(DeploymentKind, deployment("d", 1)), (error: ApiError) => {
      assert.match(error.message, message);
      const { reason, code, details } = statusOf(error);
      assert.deepEqual([reason, code, details], ["Invalid", 403, { name: "d", group: "apps", kind: "deployments", causes: [{ message: error.message }] }]);
      return true;
    });
    const lenient = await withPolicies({ failurePolicy: "Ignore", mutations: [mutation] });
    assert.equal((await lenient.client.create(DeploymentKind, deployment("d", 1))).spec.replicas, 1);
  });
}

test("a patch with a field no Deployment has is the server's error, whatever the policy says", async () => {
  const { client } = await withPolicies({ failurePolicy: "Ignore", mutations: [patch("[JSONPatch{op: 'add', path: '/spec/nothing', value: 1}]")] });
  await assert.rejects(client.create(DeploymentKind, deployment("d", 1)), { reason: "InternalError", message: /strict decoding error: unknown field "spec.nothing"$/ });
});

test("match conditions, constraints of the binding and exempt kinds leave requests as they are", async () => {
  const mutations = [merge("Object{metadata: Object.metadata{labels: {'seen': 'yes'}}}")];
  for (const more of [{ matchConditions: [{ name: "mine", expression: "request.userInfo.username != 'admin'" }] }, { binding: { matchResources: { namespaceSelector: { matchLabels: { a: "b" } } } } }, { binding: { policyName: "another" } }] satisfies readonly Bound[]) {
    const { client } = await withPolicies({ mutations, ...more });
    assert.equal((await client.create(ConfigMapKind, configMap("c"))).metadata.labels, undefined);
  }
  const failing = await withPolicies({ mutations, matchConditions: [{ name: "m", expression: "object.nothing == 1" }] });
  await assert.rejects(failing.client.create(ConfigMapKind, configMap("c")), { message: /^policy 'p' with binding 'p' denied request: expression 'object.nothing == 1' resulted in error: / });
  const all = await withPolicies({ mutations, matchConstraints: { resourceRules: [{ ...rule, resources: ["*"] }] } });
  await bind(all, { name: "q", mutations });
  assert.equal((await all.client.get(MutatingAdmissionPolicyKind, { namespace: "", name: "q" }))?.metadata.labels, undefined);
});

test("a policy is evaluated once for each of its parameters, and a missing one refuses unless it need not be there", async () => {
  const spec = { paramKind: { apiVersion: "v1", kind: "ConfigMap" }, matchConstraints: { resourceRules: [{ ...rule, resources: ["pods"] }] }, mutations: [merge("Object{metadata: Object.metadata{labels: params.data}}")] };
  const strict = await withPolicies({ ...spec, binding: { paramRef: { name: "labels", parameterNotFoundAction: "Deny" } } });
  await assert.rejects(strict.client.create(PodKind, pod("a")), { reason: "Forbidden", code: 403, message: "policy 'p' with binding 'p' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction" });
  const api = await withPolicies({ ...spec, binding: { paramRef: { selector: { matchLabels: { use: "labels" } }, parameterNotFoundAction: "Allow" } } });
  assert.equal((await api.client.create(PodKind, pod("a"))).metadata.labels, undefined);
  for (const [name, value] of [["one", "1"], ["two", "2"]] as const) await api.client.create(ConfigMapKind, configMap(name, { [name]: value, last: value }, { labels: { use: "labels" } }));
  assert.deepEqual((await api.client.create(PodKind, pod("b"))).metadata.labels, { one: "1", two: "2", last: "2" });
});

test("an update is changed too, by what it was before; a dry run shows the change and keeps nothing", async () => {
  const { client, verbs, caller } = await withPolicies({ matchConstraints: { resourceRules: [{ ...rule, operations: ["UPDATE"] }] }, mutations: [merge("Object{data: {'before': oldObject.data.a}}")] });
  const made = await client.create(ConfigMapKind, configMap("c", { a: "1" }));
  const shown = await verbs.update(caller, ConfigMapKind, { namespace: "default", name: "c" }, { ...jsonOf(made), data: { a: "2" } }, { dryRun: true });
  assert.deepEqual(jsonOf(shown.stored.object())["data"], { a: "2", before: "1" });
  assert.deepEqual((await client.get(ConfigMapKind, { namespace: "default", name: "c" }))?.data, { a: "1" });
  assert.deepEqual((await client.update(ConfigMapKind, { ...made, data: { a: "3" } })).data, { a: "3", before: "1" });
});

test("what a policy sees is the version it asks for, and what it leaves is the version that was sent", async () => {
  const { client } = await withPolicies({ matchConstraints: { resourceRules: [{ ...rule, apiGroups: ["autoscaling"], apiVersions: ["v1"], resources: ["horizontalpodautoscalers"] }] }, mutations: [merge("Object{spec: Object.spec{targetCPUUtilizationPercentage: object.spec.maxReplicas}}")] });
  const kind = [...(await testApi()).verbs.kinds.all].find((candidate) => candidate.kind === "HorizontalPodAutoscaler" && candidate.version === "v2");
  assert.ok(kind);
  const made = await client.create(kind, { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: { namespace: "default", name: "h" }, spec: { maxReplicas: 7, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" } } } as never);
  assert.deepEqual((made as unknown as { readonly spec: { readonly metrics: unknown } }).spec.metrics, [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 7 } } }]);
});

/** A webhook that adds to `data.trace`. */
function tracing(letter: string): Outside {
  return {
    async ask({ body }) {
      const request = body["request"];
      const object = isJsonObject(request) ? request["object"] : undefined;
      const data = isJsonObject(object) && isJsonObject(object["data"]) ? object["data"] : {};
      const operations = [{ op: "add", path: "/data", value: { ...data, trace: `${typeof data["trace"] === "string" ? data["trace"] : ""}${letter}` } }];
      return { kind: "answered", body: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: isJsonObject(request) ? request["uid"] ?? null : null, allowed: true, patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") } } };
    },
  };
}

const trace = (letter: string): Mutation => merge(`Object{data: {'trace': object.?data.?trace.orValue('') + '${letter}'}}`);

const rounds: readonly (readonly [title: string, policies: readonly Bound[], webhook: Partial<MutatingWebhook>, trace: string])[] = [
  ["policies come before webhooks, and once", [{ name: "a", mutations: [trace("a")] }, { name: "b", mutations: [trace("b")] }], { reinvocationPolicy: "Never" }, "abw"],
  ["a policy that may be asked again is asked once more after the webhooks", [{ name: "a", mutations: [trace("a")], reinvocationPolicy: "IfNeeded" }, { name: "b", mutations: [trace("b")] }], { reinvocationPolicy: "Never" }, "abwa"],
  ["one that did not mean the request at first does not mean it later", [{ name: "a", mutations: [trace("a")], matchConditions: [{ name: "late", expression: "has(object.data)" }], reinvocationPolicy: "IfNeeded" }], { reinvocationPolicy: "Never" }, "w"],
  ["then so is a webhook that wants to see what came after it", [{ name: "a", mutations: [trace("a")], reinvocationPolicy: "IfNeeded" }], { reinvocationPolicy: "IfNeeded" }, "awaw"],
];

for (const [title, policies, webhook, expected] of rounds) {
  test(`${title}: ${expected}`, async () => {
    const api = await testApi({ outside: tracing("w") });
    for (const policy of policies) await bind(api, policy);
    await api.client.create(MutatingWebhookConfigurationKind, { apiVersion, kind: "MutatingWebhookConfiguration", metadata: { name: "w" }, webhooks: [{
      name: "w.example.com", clientConfig: { url: "https://w.example.com" }, admissionReviewVersions: ["v1"], sideEffects: "None", rules: [{ ...rule, resources: ["configmaps"] }], ...webhook,
    }] });
    assert.equal((await api.client.create(ConfigMapKind, configMap("c"))).data?.["trace"], expected);
  });
}

const invalid: readonly (readonly [title: string, spec: Partial<MutatingAdmissionPolicySpec>, message: RegExp])[] = [
  ["without mutations", { mutations: [] }, /spec\.mutations: Required value: mutations must contain at least one item/],
  ["of removals", { matchConstraints: { resourceRules: [{ ...rule, operations: ["DELETE"] }] } }, /spec\.matchConstraints\.resourceRules\.operations: Unsupported value: "DELETE": supported values: "\*", "CONNECT", "CREATE", "UPDATE"/],
  ["of nothing", { matchConstraints: {} }, /spec\.matchConstraints\.resourceRules: Required value/],
  ["with a rule for nothing", { matchConstraints: { resourceRules: [{ operations: ["*", "CREATE"], apiGroups: [], apiVersions: [""], resources: ["*", "pods"] }] } }, /operations: Invalid value.*if '\*' is present, must not specify other operations.*apiGroups: Required value.*apiVersions\[0\]: Required value.*if '\*' is present, must not specify other resources without subresources/],
  ["whose merge is no object", { mutations: [merge("Object.spec{}")] }, /spec\.mutations\[0\]\.applyConfiguration\.expression: Invalid value: "Object\.spec\{\}": must evaluate to Object but got Object\.spec/],
  ["whose patch is no list", { mutations: [patch("JSONPatch{op: 'add'}")] }, /jsonPatch\.expression: Invalid value: .*must evaluate to list\(JSONPatch\) but got JSONPatch/],
  ["with an operation of the wrong type", { mutations: [patch("[JSONPatch{op: 1}]")] }, /compilation failed: ERROR: <input>:1:16: expected type of field 'op' is 'string' but provided type is 'int'/],
  ["with a message nobody knows", { mutations: [merge("Object{spec: Invalid{}}")] }, /ERROR: <input>:1:14: undeclared reference to 'Invalid'/],
  ["that makes a message in a variable", { variables: [{ name: "a", expression: "Object{}" }] }, /spec\.variables\[0\]\.expression: .*undeclared reference to 'Object'/],
  ["about parameters it does not have", { mutations: [merge("Object{data: params.data}")] }, /undeclared reference to 'params'/],
  ["without an expression", { mutations: [{ patchType: "JSONPatch", jsonPatch: {} }] }, /spec\.mutations\[0\]\.jsonPatch\.expression: Required value/],
  ["with the wrong part", { mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "Object{}" } }] }, /applyConfiguration: Invalid value: "\{applyConfiguration\}": must not be specified when patchType is JSONPatch.*jsonPatch: Required value: must be specified when patchType is JSONPatch/],
  ["with parameters of no kind", { paramKind: { apiVersion: "a/b/c", kind: "" } }, /spec\.paramKind\.apiVersion: Invalid value: "a\/b\/c".*spec\.paramKind\.kind: Required value/],
];

for (const [title, spec, message] of invalid) {
  test(`a policy ${title} is refused`, async () => {
    await assert.rejects(bind(await testApi(), { mutations: [merge("Object{}")], ...spec }), { reason: "Invalid", message });
  });
}

test("a policy says whether it may be asked again, and a binding which parameters it means", async () => {
  const { client } = await testApi();
  const policy = { apiVersion, kind: "MutatingAdmissionPolicy", metadata: { name: "p" }, spec: { matchConstraints: { resourceRules: [rule] }, mutations: [merge("Object{}")] } } as const;
  await assert.rejects(client.create(MutatingAdmissionPolicyKind, policy), { message: /spec\.reinvocationPolicy: Required value/ });
  const binding = { apiVersion, kind: "MutatingAdmissionPolicyBinding", metadata: { name: "b" }, spec: { policyName: "P_", paramRef: { parameterNotFoundAction: "Ask" } } } as const;
  await assert.rejects(client.create(MutatingAdmissionPolicyBindingKind, binding), { message: /spec\.policyName: Invalid value: "P_".*spec\.paramRef: Required value: one of name or selector must be specified.*parameterNotFoundAction: Unsupported value: "Ask"/ });
});

test("a container that a policy adds shares the token's volume with those that were there", async () => {
  const { client } = await tokenApi();
  await client.create(ServiceAccountKind, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "bot", namespace: "default" } });
  await bind({ client }, { mutations: [merge("Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'proxy', image: 'mesh:1', restartPolicy: 'Always'}]}}")] });
  const { spec } = await client.create(PodKind, pod("p", { serviceAccountName: "bot" }));
  assert.equal(spec.volumes?.length, 1);
  for (const { volumeMounts } of [...spec.containers, ...spec.initContainers ?? []]) assert.deepEqual(volumeMounts?.map(({ name }) => name), [spec.volumes[0]?.name]);
});

test("a mutation that costs too much is ended", async () => {
  const { client } = await withPolicies({ mutations: [merge("Object{data: {'n': string([1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map(x, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map(x, authorizer.path('/').check('get').allowed())).size())}}")] });
  await assert.rejects(client.create(ConfigMapKind, configMap("c")), { reason: "Invalid", message: /actual cost limit exceeded$/ });
});

test("the fields a policy adds are nobody's", async () => {
  const { client, verbs } = await withPolicies({ mutations: [merge("Object{data: {'b': '2'}}")] });
  await verbs.create({ user: admin, userAgent: "kubectl/v1.36" }, ConfigMapKind, "default", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "1" } });
  const made = await client.get(ConfigMapKind, { namespace: "default", name: "c" });
  assert.deepEqual(made?.metadata.managedFields?.map(({ manager, fieldsV1 }) => [manager, fieldsV1]), [["kubectl", { "f:data": { ".": {}, "f:a": {} } }]]);
});

for (const [form, mutation] of [["merge", merge("Object{spec: Object.spec{replicas: object.spec.replicas + oldObject.spec.replicas}}")], ["patch", patch("[JSONPatch{op: 'replace', path: '/spec/replicas', value: object.spec.replicas + oldObject.spec.replicas}]")]] as const) {
  test(`a ${form} of a scale changes the Scale, and what it scales by that alone`, async () => {
    const resourceRules = [{ operations: ["UPDATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments/scale"] }] as const;
    const api = await withPolicies({ matchConstraints: { resourceRules }, matchConditions: [{ name: "kind", expression: "object.kind == 'Scale' && request.kind.kind == 'Scale' && request.resource.resource == 'deployments'" }], mutations: [mutation] });
    await api.client.create(DeploymentKind, deployment("d", 2));
    const scaled = await api.client.patch(DeploymentKind, { namespace: "default", name: "d" }, { type: "merge", body: { spec: { replicas: 3 } } }, { subresource: "scale" });
    assert.deepEqual([scaled.spec.replicas, scaled.spec.template.metadata?.labels], [5, { app: "d" }]);
  });
}

const connected = { resourceRules: [{ operations: ["CONNECT"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods/*", "services/proxy", "nodes/proxy"] }] } as const;
const options = (subresource: string, given: JsonObject) => ({ subresource, options: given });
const place = { namespace: "default", name: "p" };

for (const [title, kind, connection, mutation, expected] of [
  ["a command", PodKind, options("exec", { stdin: true, command: ["sh"] }), patch("[JSONPatch{op: 'add', path: '/command/0', value: request.userInfo.username}]"), { stdin: true, command: ["admin", "sh"] }],
  ["where an attachment goes", PodKind, options("attach", { stdout: true }), merge("Object{container: 'main', stdin: object.stdout}"), { stdout: true, stdin: true, container: "main" }],
  ["the ports of a forwarding", PodKind, options("portforward", { ports: [1] }), patch("[JSONPatch{op: 'replace', path: '/ports', value: [2, 3]}]"), { ports: [2, 3] }],
  ["the path at a pod", PodKind, options("proxy", { path: "/a" }), merge("Object{path: object.path + '/b'}"), { path: "/a/b" }],
  ["the path at a Service", ServiceKind, options("proxy", { path: "/a" }), merge("Object{path: object.kind + '/' + request.operation}"), { path: "ServiceProxyOptions/CONNECT" }],
  ["the path at a node", NodeKind, options("proxy", {}), merge("Object{path: '/metrics'}"), { path: "/metrics" }],
] as const) {
  test(`a policy may change what a connection is asked with: ${title}`, async () => {
    const api = await withPolicies({ matchConstraints: connected, mutations: [mutation] });
    assert.deepEqual(await api.verbs.admitConnection({ user: admin }, kind as Kind, kind === NodeKind ? { ...place, namespace: "" } : place, connection), expected);
  });
}

test("an atomic list of a connection's options is no part of a merge, and a wrong type none of a patch", async () => {
  const ask = async (mutation: Mutation) => (await withPolicies({ matchConstraints: connected, mutations: [mutation] })).verbs.admitConnection({ user: admin }, PodKind, place, options("exec", { command: ["sh"] }));
  await assert.rejects(ask(merge("Object{command: ['x']}")), { message: /may not mutate atomic arrays, maps or structs: \.command$/ });
  await assert.rejects(ask(patch("[JSONPatch{op: 'replace', path: '/command', value: 7}]")), { reason: "InternalError" });
});

test("a policy sees an Eviction as it is asked for, and may change that alone", async () => {
  const resourceRules = [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods/eviction"] }] as const;
  const api = await withPolicies({
    matchConstraints: { resourceRules }, matchConditions: [{ name: "kind", expression: "object.kind == 'Eviction' && request.kind.group == 'policy' && request.subResource == 'eviction'" }],
    mutations: [merge("Object{deleteOptions: Object.deleteOptions{preconditions: Object.deleteOptions.preconditions{uid: 'another'}}}")],
  });
  await api.client.create(PodKind, pod("p"));
  const evict = () => api.verbs.act(api.caller, PodKind, place, { name: "eviction", body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p", namespace: "default" } } });
  await assert.rejects(evict(), { reason: "Conflict", message: /the UID in the precondition \(another\)/ });
  await api.client.remove(MutatingAdmissionPolicyBindingKind, { namespace: "", name: "p" });
  await evict();
});
