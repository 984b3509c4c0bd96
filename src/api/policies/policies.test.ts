import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, testApi } from "../../../test/api/api.ts";
import type { TestApi } from "../../../test/api/api.ts";
import { configMap, deployment } from "../../../test/api/objects.ts";
import type { ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec } from "../../model/generated/admissionregistration-v1.ts";
import type { ApiError } from "../../model/api-error.ts";
import { ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind } from "../../model/kinds/admissionregistration.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { statusOf } from "../http/status.ts";
import { CollectedNotes } from "../notes.ts";

const matchConstraints = { resourceRules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["deployments", "configmaps"] }] } as const;

async function bind({ client }: TestApi, spec: Partial<ValidatingAdmissionPolicySpec>, binding: Partial<ValidatingAdmissionPolicyBindingSpec> = {}): Promise<void> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  await client.create(ValidatingAdmissionPolicyKind, { apiVersion, kind: "ValidatingAdmissionPolicy", metadata: { name: "p" }, spec: { matchConstraints, ...spec }, status: {} });
  await client.create(ValidatingAdmissionPolicyBindingKind, { apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "b" }, spec: { policyName: "p", validationActions: ["Deny"], ...binding } });
}

const denied = "is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request:";

test("what a policy does not take is refused with its message, its expression, or what an expression makes of it", async () => {
  for (const [validation, text] of [
    [{ expression: "object.spec.replicas <= 5" }, "failed expression: object.spec.replicas <= 5"],
    [{ expression: "object.spec.replicas <= 5", message: "too many" }, "too many"],
    [{ expression: "object.spec.replicas <= variables.most", messageExpression: "'at most ' + string(variables.most)" }, "at most 5"],
  ] as const) {
    const api = await testApi();
    await bind(api, { validations: [validation], variables: [{ name: "most", expression: "2 + 3" }] });
    await api.client.create(DeploymentKind, deployment("few", 5));
    await assert.rejects(api.client.create(DeploymentKind, deployment("many", 6)), { reason: "Invalid", code: 422, message: `deployments.apps "many" ${denied} ${text}` });
  }
});

const refused: readonly (readonly [string, Partial<ValidatingAdmissionPolicySpec>, RegExp])[] = [
  ["that cannot be read", { validations: [{ expression: "object.spec <" }] }, /spec\.validations\[0\]\.expression: Invalid value: "object\.spec <": compilation failed: /],
  ["about what is not there", { validations: [{ expression: "nothing.spec == 1" }] }, /spec\.validations\[0\]\.expression: Invalid value/],
  ["that is no question", { validations: [{ expression: "'x'" }] }, /spec\.validations\[0\]\.expression: Invalid value: "'x'": must evaluate to bool/],
  ["whose message is no text", { validations: [{ expression: "true", messageExpression: "1" }] }, /messageExpression: Invalid value: "1": must evaluate to string/],
  ["named like another", { validations: [{ expression: "true" }], variables: [{ name: "a", expression: "1" }, { name: "a", expression: "2" }] }, /spec\.variables\[1\]\.name: Duplicate value: "a"/],
  ["under a name that is none", { validations: [{ expression: "true" }], variables: [{ name: "a-b", expression: "1" }] }, /name is not a valid CEL identifier/],
  ["as a match condition that is no question", { validations: [{ expression: "true" }], matchConditions: [{ name: "m", expression: "1" }] }, /spec\.matchConditions\[0\]\.expression: Invalid value: "1": must evaluate to bool/],
];

for (const [title, spec, message] of refused) {
  test(`a policy with an expression ${title} is refused`, async () => {
    await assert.rejects(bind(await testApi(), spec), { reason: "Invalid", message });
  });
}

test("match conditions leave requests out, and a failing one follows the failure policy", async () => {
  const api = await testApi();
  await bind(api, { validations: [{ expression: "false" }], matchConditions: [{ name: "mine", expression: "request.userInfo.username != 'admin'" }] });
  await api.client.create(ConfigMapKind, configMap("a"));
  const strict = await testApi();
  await bind(strict, { validations: [{ expression: "object.data.missing == 'x'" }] });
  await assert.rejects(strict.client.create(ConfigMapKind, configMap("a", { other: "y" })), { message: /denied request: expression 'object.data.missing == 'x'' resulted in error: / });
  const lenient = await testApi();
  await bind(lenient, { failurePolicy: "Ignore", validations: [{ expression: "object.data.missing == 'x'" }] });
  await lenient.client.create(ConfigMapKind, configMap("a", { other: "y" }));
});

const questions: readonly (readonly [string, string, boolean])[] = [
  ["a right its user has", "authorizer.group('apps').resource('deployments').namespace('default').check('create').allowed()", true],
  ["the request itself", "authorizer.requestResource.check('update').allowed() && authorizer.requestResource.check('update').reason() == ''", true],
  ["a path", "authorizer.path('/metrics').check('get').allowed()", true],
  ["a ServiceAccount that may nothing", "authorizer.serviceAccount('default', 'a').group('').resource('pods').subresource('exec').name('p').check('create').allowed()", false],
  ["a right by selectors", "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=a').labelSelector('a=b').check('list').errored()", false],
  ["a ServiceAccount with no name", "authorizer.serviceAccount('default', 'A!').path('/').check('get').allowed()", false],
  ["so many rights that it costs too much", "range_.all(a, range_.all(b, authorizer.path('/').check('get').allowed()))".replaceAll("range_", "[1,2,3,4,5,6]"), false],
];

for (const [title, expression, isTaken] of questions) {
  test(`an expression may ask the authorizer about ${title}`, async () => {
    const api = await testApi();
    await bind(api, { validations: [{ expression }] });
    const made = api.client.create(ConfigMapKind, configMap("a"));
    await (isTaken ? made : assert.rejects(made, { reason: "Invalid" }));
  });
}

test("a message is made without the authorizer", async () => {
  const made = bind(await testApi(), { validations: [{ expression: "true", messageExpression: "authorizer.path('/').check('get').reason()" }] });
  await assert.rejects(made, { reason: "Invalid", message: /messageExpression: .* undeclared reference to 'authorizer'/ });
});

test("a refusal carries its message as a cause, and what other bindings warn of and note is told beside it", async () => {
  const api = await testApi();
  await bind(api, { validations: [{ expression: "false", message: "no" }], auditAnnotations: [{ key: "who", valueExpression: "request.userInfo.username" }] });
  await api.client.create(ValidatingAdmissionPolicyBindingKind, { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "c" }, spec: { policyName: "p", validationActions: ["Warn", "Audit"] } });
  const notes = new CollectedNotes();
  const made = api.verbs.create({ user: admin, notes }, ConfigMapKind, "default", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } });
  await assert.rejects(made, (error: ApiError) => {
    assert.deepEqual(statusOf(error)["details"], { name: "a", kind: "configmaps", causes: [{ message: "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no" }] });
    return true;
  });
  assert.deepEqual(notes.warnings, ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'c': no"]);
  assert.equal(notes.annotations["p/who"], "admin");
});

test("warnings and audit notes are told instead of a refusal where the binding says so", async () => {
  const api = await testApi();
  await bind(api, { validations: [{ expression: "has(object.data)", message: "no data" }], auditAnnotations: [{ key: "who", valueExpression: "request.userInfo.username" }] }, { validationActions: ["Warn", "Audit"] });
  const notes = new CollectedNotes();
  await api.verbs.create({ user: admin, notes }, ConfigMapKind, "default", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } });
  assert.deepEqual(notes.warnings, ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no data"]);
  assert.deepEqual(notes.annotations, {
    "p/who": "admin",
    "validation.policy.admission.k8s.io/validation_failure": '[{"message":"no data","policy":"p","binding":"b","expressionIndex":0,"validationActions":["Warn","Audit"]}]',
  });
});

test("a policy is evaluated with its parameters, and a missing one refuses unless it need not be there", async () => {
  const api = await testApi();
  const paramKind = { apiVersion: "v1", kind: "ConfigMap" };
  await bind(api, { paramKind, matchConstraints: { resourceRules: [{ operations: ["CREATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }] }, validations: [{ expression: "object.spec.replicas <= int(params.data.most)" }] }, { paramRef: { name: "limits", parameterNotFoundAction: "Deny" } });
  await assert.rejects(api.client.create(DeploymentKind, deployment("a", 1)), { message: /no params found for policy binding with `Deny` parameterNotFoundAction$/ });
  await api.client.create(ConfigMapKind, configMap("limits", { most: "2" }));
  await api.client.create(DeploymentKind, deployment("a", 2));
  await assert.rejects(api.client.create(DeploymentKind, deployment("b", 3)), { reason: "Invalid" });
});
