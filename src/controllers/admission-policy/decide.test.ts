import assert from "node:assert/strict";
import { test } from "node:test";
import type { CustomResourceDefinition } from "../../model/generated/apiextensions-v1.ts";
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicySpec } from "../../model/generated/admissionregistration-v1.ts";
import { kinds } from "../../model/kinds.ts";
import { decideStatus, kindsOfDefinitions } from "./decide.ts";

const workloads = { resourceRules: [{ operations: ["CREATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments", "statefulsets"] }] } as const;

function policy(spec: Partial<ValidatingAdmissionPolicySpec>): ValidatingAdmissionPolicy {
  return { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", metadata: { name: "p", generation: 2 }, spec: { matchConstraints: workloads, ...spec }, status: {} };
}

const fitting: readonly (readonly [string, Partial<ValidatingAdmissionPolicySpec>])[] = [
  ["a field that is there", { validations: [{ expression: "object.spec.replicas > 1 && object.spec.template.spec.containers.all(c, c.image.startsWith('a'))" }] }],
  ["an object that is asked whether it is there", { validations: [{ expression: "oldObject == null || has(object.metadata.labels) && object.metadata.labels['a'] == 'b'" }] }],
  ["the authorizer", { validations: [{ expression: "authorizer.requestResource.check('get').allowed()" }] }],
  ["a variable of another", { variables: [{ name: "a", expression: "object.spec.replicas" }, { name: "b", expression: "variables.a + 1" }], validations: [{ expression: "variables.b > 2" }] }],
  ["a quantity", { validations: [{ expression: "quantity(object.spec.template.spec.containers[0].resources.limits['cpu']).isLessThan(quantity('1'))" }] }],
  ["a resource that is not known", { matchConstraints: { resourceRules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }] }, validations: [{ expression: "object.foo > 1" }] }],
  ["a parameter of any kind", { paramKind: { apiVersion: "example.com/v1", kind: "Limit" }, validations: [{ expression: "params.most > 1" }] }],
];

for (const [title, spec] of fitting) {
  test(`an expression about ${title} is not warned of`, () => {
    assert.deepEqual(decideStatus(policy(spec), kinds), { observedGeneration: 2, typeChecking: {} });
  });
}

const wrong: readonly (readonly [string, Partial<ValidatingAdmissionPolicySpec>, string])[] = [
  ["a field that is not there", { validations: [{ expression: "object.foo > 1" }] }, "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'foo'\n | object.foo > 1\n | ......^\n\napps/v1, Kind=StatefulSet: ERROR: <input>:1:7: undefined field 'foo'\n | object.foo > 1\n | ......^\n"],
  ["a field of only one of two kinds", { validations: [{ expression: "object.spec.serviceName == 'a'" }] }, "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'serviceName'\n | object.spec.serviceName == 'a'\n | ...........^\n"],
  ["a variable that is not there", { matchConstraints: { resourceRules: [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }] }, variables: [{ name: "a", expression: "1" }], validations: [{ expression: "variables.b > 1" }] }, "v1, Kind=Pod: ERROR: <input>:1:10: undefined field 'b'\n | variables.b > 1\n | .........^\n"],
  ["a parameter of a known kind", { paramKind: { apiVersion: "v1", kind: "ConfigMap" }, matchConstraints: { resourceRules: [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }] }, validations: [{ expression: "params.date == ''" }] }, "v1, Kind=Pod: ERROR: <input>:1:7: undefined field 'date'\n | params.date == ''\n | ......^\n"],
];

for (const [title, spec, warning] of wrong) {
  test(`an expression about ${title} is warned of with its place, for each kind`, () => {
    assert.deepEqual(decideStatus(policy(spec), kinds), { observedGeneration: 2, typeChecking: { expressionWarnings: [{ fieldRef: "spec.validations[0].expression", warning }] } });
  });
}

const widgets: CustomResourceDefinition = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.my-shop.example" }, status: { conditions: [{ type: "Established", status: "True" }] },
  spec: {
    group: "my-shop.example", scope: "Namespaced", names: { kind: "Widget", plural: "widgets" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: {
      spec: { type: "object", properties: {
        size: { type: "integer" }, "max-size": { type: "integer" }, share: { type: "number" }, port: { "x-kubernetes-int-or-string": true }, due: { type: "string", format: "date-time" }, note: { type: "string", nullable: true },
        parts: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } }, limits: { type: "object", additionalProperties: { type: "integer" } },
        rows: { type: "array", items: { type: "array", items: { type: "string" } } }, free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      } },
    } } } }, { name: "v0", served: false, storage: false, schema: { openAPIV3Schema: { type: "object", properties: {} } } }, { name: "v2", served: true, storage: false, schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } }],
  },
};

const widgetKinds = [...kinds, ...kindsOfDefinitions([widgets])];

/** A policy with one validation, for a version of widgets. */
function widgetPolicy(expression: string, version = "v1", more: Partial<ValidatingAdmissionPolicySpec> = {}): ValidatingAdmissionPolicy {
  return policy({ matchConstraints: { resourceRules: [{ operations: ["*"], apiGroups: ["my-shop.example"], apiVersions: [version], resources: ["widgets"] }] }, validations: [{ expression }], ...more });
}

for (const expression of [
  "object.spec.size > 1 && object.spec.max__dash__size > 2", "object.spec.share > 1 || object.spec.share > 1.5", "object.spec.port == 80 || object.spec.port == 'http'", "object.spec.due.startsWith('2026')",
  "object.spec.note == null || object.spec.note == 'a'", "object.spec.parts.all(p, p.name != '')", "object.spec.limits['a'] < 3", "object.spec.rows[0][0] == 'a'", "object.spec.free.anything.at.all == 1",
  "object.metadata.labels['a'] == object.kind && object.apiVersion != ''", "oldObject == null || oldObject.spec.size == object.spec.size",
]) {
  test(`${expression} fits the schema of a definition`, () => assert.deepEqual(decideStatus(widgetPolicy(expression), widgetKinds).typeChecking, {}));
}

for (const [expression, problem] of [
  ["object.spec.sizes > 1", "undefined field 'sizes'"], ["object.spec.parts.all(p, p.title != '')", "undefined field 'title'"], ["object.spec.size == 'a'", "found no matching overload for '_==_' applied to '(int, string)'"],
  ["object.spec.limits['a'] == 'x'", "found no matching overload for '_==_' applied to '(int, string)'"], ["object.metadata.label == 'x'", "undefined field 'label'"], ["object.status.ready", "undefined field 'status'"],
] as const) {
  test(`${expression} does not: ${problem}`, () => {
    const [warning, ...more] = decideStatus(widgetPolicy(expression), widgetKinds).typeChecking?.expressionWarnings ?? [];
    assert.equal(more.length, 0);
    assert.ok(warning?.warning.startsWith("my-shop.example/v1, Kind=Widget: ERROR: <input>:1:") === true && warning.warning.includes(problem), warning?.warning);
  });
}

test("versions that are not served or take any fields are not checked, and parameters of a definition's kind are", () => {
  for (const version of ["v0", "v2"]) assert.deepEqual(decideStatus(widgetPolicy("object.spec.nothing == 1", version), widgetKinds).typeChecking, {});
  const limited = { ...widgetPolicy("object.spec.size < params.spec.most"), metadata: { name: "p" } };
  const { typeChecking } = decideStatus({ ...limited, spec: { ...limited.spec, paramKind: { apiVersion: "my-shop.example/v1", kind: "Widget" } } }, widgetKinds);
  assert.match(typeChecking?.expressionWarnings?.[0]?.warning ?? "", /undefined field 'most'/);
});

test("types that do not fit are told in the checker's words, and a policy that was checked is not checked again", () => {
  const asked = policy({ matchConstraints: { resourceRules: [{ operations: ["*"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }] }, validations: [{ expression: "true", messageExpression: "object.spec.replicas + 'x'" }] });
  const status = decideStatus(asked, kinds);
  assert.deepEqual(status.typeChecking?.expressionWarnings?.map(({ fieldRef }) => fieldRef), ["spec.validations[0].messageExpression"]);
  assert.match(status.typeChecking?.expressionWarnings?.[0]?.warning ?? "", /found no matching overload for '_\+_' applied to '\(int, string\)'/);
  assert.equal(decideStatus({ ...asked, status }, kinds), status);
  assert.equal(decideStatus({ ...asked, metadata: { ...asked.metadata, generation: 3 }, status }, kinds).observedGeneration, 3);
});
