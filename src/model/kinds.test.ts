import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { samplesOf } from "../../test/golden/samples.ts";
import { deepFreeze } from "../value/freeze.ts";
import { checkTypes } from "./check-types.ts";
import { applyDefaults } from "./defaults.ts";
import { pruneUnknownFields } from "./fields.ts";
import type { FieldError } from "./field-error.ts";
import type { Kind } from "./kind.ts";
import { apiVersionOf } from "./kind.ts";
import { kinds } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { printFieldError } from "./print-field-error.ts";
import { fieldsOf } from "./schema.ts";
import { validateObject } from "./validate.ts";

const goldenFolder = new URL("../../test/golden/", import.meta.url);

/** The road of a write up to the store: types, defaults, preparation, validation. */
function admit(kind: Kind, sent: ApiObject, old?: ApiObject): { readonly object: ApiObject; readonly errors: readonly FieldError[] } {
  const body = deepFreeze(structuredClone(sent)) as unknown as Record<string, never>;
  assert.deepEqual(pruneUnknownFields(kind, body).unknown, []);
  const typeErrors = checkTypes(kind, body);
  if (typeErrors.length > 0) return { object: sent, errors: typeErrors };
  const defaulted = deepFreeze(applyDefaults(kind, body as unknown as ApiObject));
  const object = deepFreeze(kind.prepare?.(defaulted, old) ?? defaulted);
  return { object, errors: validateObject(kind, object, old) };
}

for (const kind of kinds) {
  test(`${kind.kind} has a name column and samples, right and wrong`, () => {
    const { valid, invalid } = samplesOf(kind);
    assert.ok(kind.columns.some((column) => column.format === "name"));
    assert.ok(valid.length > 0 && invalid.length > 0);
    for (const path of [...(kind.immutable ?? []), ...(kind.secretPaths ?? [])]) assert.ok(fieldsOf(kind.message).has(path.split(".")[0] ?? ""), path);
  });

  for (const [index, sample] of samplesOf(kind).valid.entries()) {
    test(`${kind.kind} sample ${index + 1} is admitted, may be written again unchanged, and prints`, () => {
      const { object, errors } = admit(kind, sample);
      assert.deepEqual(errors.map(printFieldError), []);
      assert.deepEqual([object.apiVersion, object.kind], [apiVersionOf(kind), kind.kind]);
      const again = admit(kind, object, object);
      assert.deepEqual(again.errors.map(printFieldError), []);
      assert.deepEqual(again.object, object);
      for (const column of kind.columns) assert.notEqual(column.value(object, 0), undefined, column.name);
      for (const [label, read] of Object.entries(kind.selectableFields)) assert.equal(typeof read(object), "string", label);
      for (const label of kind.textFields ?? []) {
        const text = kind.selectableFields[label]?.(object);
        if (text !== "") assert.ok(JSON.stringify(object).includes(`${JSON.stringify(label.split(".").at(-1))}:${JSON.stringify(text)}`), label);
      }
      if (kind.health !== undefined) assert.match(kind.health(object, 0).status, /^[A-Z]/);
    });
  }

  for (const { error, object } of samplesOf(kind).invalid) {
    test(`${kind.kind} is refused: ${error.slice(0, 90)}`, () => assert.deepEqual(admit(kind, object).errors.map(printFieldError), [error]));
  }

  test(`${kind.kind}'s row prints from an empty object, as a bookmark's does`, () => {
    const empty = applyDefaults(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: "" } });
    for (const column of kind.columns) assert.doesNotThrow(() => column.value(empty, 0), column.name);
  });
}

const columns = JSON.parse(readFileSync(new URL("columns.json", goldenFolder), "utf8")) as Readonly<Record<string, unknown>>;

for (const kind of kinds.filter((candidate) => columns[`${apiVersionOf(candidate)} ${candidate.kind}`] !== undefined)) {
  test(`${apiVersionOf(kind)} ${kind.kind} has Kubernetes' columns`, () => {
    assert.deepEqual(kind.columns.map(({ name, type, format, priority }) => [name, type, format ?? "", priority]), columns[`${apiVersionOf(kind)} ${kind.kind}`]);
  });
}

function updateErrors(kindName: string, change: (object: ApiObject) => unknown): readonly string[] {
  const kind = kinds.find((candidate) => candidate.kind === kindName);
  assert.ok(kind !== undefined);
  const [sample] = samplesOf(kind).valid;
  assert.ok(sample !== undefined);
  const { object: old } = admit(kind, sample);
  return admit(kind, change(structuredClone(old)) as ApiObject, old).errors.map(printFieldError);
}

/** Changes a copy deeply; a test's own business. */
function merged(object: unknown, change: Record<string, unknown>): unknown {
  const copy = { ...(object as Record<string, unknown>) };
  for (const [key, value] of Object.entries(change)) copy[key] = typeof value === "object" && value !== null && !Array.isArray(value) ? merged(copy[key] ?? {}, value as Record<string, unknown>) : value;
  return copy;
}

const updates: readonly (readonly [title: string, kind: string, change: Record<string, unknown>, errors: readonly string[]])[] = [
  ["a deployment's selector stays", "Deployment", { spec: { selector: { matchLabels: { app: "x", b: "c" } }, template: { metadata: { labels: { app: "x", b: "c" } } } } }, ['spec.selector: Invalid value: {"matchLabels":{"app":"x","b":"c"}}: field is immutable']],
  ["a secret's type stays", "Secret", { type: "example.com/x" }, ['type: Invalid value: "example.com/x": field is immutable']],
  ["an artifact's data stays and is not shown", "Artifact", { data: "aGEh" }, ['data: Invalid value: "<hidden>": field is immutable']],
  ["a pod's image may change", "Pod", { spec: { containers: [{ name: "c", image: "nginx:2", imagePullPolicy: "IfNotPresent", terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" }] } }, []],
  ["a pod is bound to its node", "Pod", { spec: { nodeName: "n" } }, []],
  ["a deployment may be scaled", "Deployment", { spec: { replicas: 5 } }, []],
];

for (const [title, kind, change, errors] of updates) {
  test(title, () => assert.deepEqual(updateErrors(kind, (object) => merged(object, change)), errors));
}

test("a sync's spec stays as it was recorded", () => {
  const errors = updateErrors("Sync", (object) => merged(object, { spec: { application: "b" } }));
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? "", /^spec: Invalid value: .*: field is immutable$/);
});

test("a pod's other fields stay, and the refusal names them", () => {
  const errors = updateErrors("Pod", (object) => merged(object, { spec: { hostname: "h" } }));
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? "", /^spec: Forbidden: pod updates may not change fields other than .*changed: hostname\)$/);
});

test("a service may not change its address", () => {
  const kind = kinds.find((candidate) => candidate.kind === "Service");
  assert.ok(kind !== undefined);
  const at = (clusterIP: string) => merged(samplesOf(kind).valid[0], { spec: { clusterIP, clusterIPs: [clusterIP] } }) as ApiObject;
  const { object: old } = admit(kind, at("10.0.0.1"));
  assert.deepEqual(admit(kind, at("10.0.0.1"), old).errors, []);
  assert.deepEqual(admit(kind, at("10.0.0.2"), old).errors.map(printFieldError), ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set']);
});

test("immutable data stays", () => {
  const frozen = updateErrors("ConfigMap", (object) => merged(object, { immutable: true }));
  assert.deepEqual(frozen, []);
  const kind = kinds.find((candidate) => candidate.kind === "ConfigMap");
  assert.ok(kind !== undefined);
  const old = admit(kind, merged(samplesOf(kind).valid[0], { immutable: true }) as ApiObject).object;
  const { errors } = admit(kind, merged(old, { immutable: false, data: { x: "y" } }) as ApiObject, old);
  assert.deepEqual(errors.map(printFieldError), ["immutable: Forbidden: field is immutable when `immutable` is set", "data: Forbidden: field is immutable when `immutable` is set"]);
});
