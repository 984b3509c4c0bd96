import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../value/json.ts";
import { withField } from "../value/field-path.ts";
import { applyDefaults } from "./defaults.ts";
import { pruneUnknownFields, printUnknownField } from "./fields.ts";
import { DeploymentKind } from "./kinds/deployment.ts";
import type { Deployment } from "./kinds/deployment.ts";
import { SecretKind } from "./kinds/secret.ts";
import { causeReasons, invalidError, printFieldError } from "./print-field-error.ts";
import { validateObject } from "./validate.ts";

const deployment: JsonObject = {
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" },
  spec: { selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx" }] } } },
};

function errorsOf(body: Json): readonly string[] {
  return validateObject(DeploymentKind, applyDefaults(DeploymentKind, body as unknown as Deployment)).map(printFieldError);
}

test("a good deployment has nothing wrong", () => assert.deepEqual(errorsOf(deployment), []));

const subdomainRule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const cases: readonly (readonly [path: string, value: Json, error: string])[] = [
  ["metadata.name", "Web", `metadata.name: Invalid value: "Web": ${subdomainRule}`],
  ["metadata.name", "", "metadata.name: Required value: name or generateName is required"],
  ["metadata.namespace", "", "metadata.namespace: Required value"],
  ["metadata.labels", { a: "b c" }, "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"],
  ["metadata.labels", { a: 1 }, "metadata.labels[a]: Invalid value: 1: must be a string"],
  ["metadata.annotations", { a: "x".repeat(262145) }, "metadata.annotations: Too long: may not be more than 262144 bytes"],
  ["metadata.finalizers", ["x"], "metadata.finalizers[0]: Invalid value: \"x\": name is neither a standard finalizer name nor is it fully qualified"],
  ["spec.replicas", "three", "spec.replicas: Invalid value: \"three\": must be an integer"],
  ["spec.replicas", 1.5, "spec.replicas: Invalid value: 1.5: must be an integer"],
  ["spec.replicas", 2 ** 31, "spec.replicas: Invalid value: 2147483648: must be an integer of 32 bits"],
  ["spec.paused", "yes", "spec.paused: Invalid value: \"yes\": must be true or false"],
  ["spec.template.spec.containers", { name: "c" }, "spec.template.spec.containers: Invalid value: {\"name\":\"c\"}: must be a list"],
  ["spec.template.spec.containers[0].imagePullPolicy", "Sometimes", "spec.template.spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\""],
  ["spec.template.spec.containers[0].name", "", "spec.template.spec.containers[0].name: Required value"],
  ["spec.template.spec.containers[0].resources", { limits: { cpu: "1x" } }, "spec.template.spec.containers[0].resources.limits[cpu]: Invalid value: \"1x\": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ["spec.template.spec.containers[1]", { name: "c", image: "nginx" }, "spec.template.spec.containers[1].name: Duplicate value: \"c\""],
];

for (const [path, value, error] of cases) {
  test(`${path} = ${JSON.stringify(value).slice(0, 40)} is refused`, () => assert.deepEqual(errorsOf(withField(deployment, path, value)), [error]));
}

test("unknown fields are named and left out", () => {
  const body = withField(withField(deployment, "spec.foo", 1), "spec.template.spec.containers[0].bar", {}) as JsonObject;
  const { object, unknown } = pruneUnknownFields(DeploymentKind, body);
  assert.deepEqual(unknown.map(printUnknownField), ['unknown field "spec.template.spec.containers[0].bar"', 'unknown field "spec.foo"']);
  assert.deepEqual(object, deployment);
  assert.equal(pruneUnknownFields(DeploymentKind, deployment).object, deployment);
});

test("an invalid object is refused with upstream's message and causes", () => {
  const one = invalidError(DeploymentKind, "x", [{ type: "Invalid", path: "spec.replicas", value: -1, detail: "must be greater than or equal to 0" }]);
  assert.equal(one.message, 'Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0');
  assert.equal(one.code, 422);
  const two = invalidError(SecretKind, "x", [{ type: "Required", path: "a", detail: "" }, { type: "Forbidden", path: "b", detail: "no" }]);
  assert.equal(two.message, 'Secret "x" is invalid: [a: Required value, b: Forbidden: no]');
  assert.deepEqual(two.causes.map((cause) => causeReasons[cause.type]), ["FieldValueRequired", "FieldValueForbidden"]);
});

test("a secret's value is in no message", () => {
  const body = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "default" }, data: { password: "hunter2 is not base64" } };
  const errors = validateObject(SecretKind, body).map(printFieldError);
  assert.deepEqual(errors, ['data[password]: Invalid value: "<hidden>": must be base64 text']);
});

test("names and uids stay what they are", () => {
  const old = applyDefaults(DeploymentKind, withField(deployment, "metadata.uid", "1") as unknown as Deployment);
  const errors = validateObject(DeploymentKind, { ...old, metadata: { ...old.metadata, uid: "2" } }, old).map(printFieldError);
  assert.deepEqual(errors, ['metadata.uid: Invalid value: "2": field is immutable']);
});
