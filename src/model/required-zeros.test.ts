import assert from "node:assert/strict";
import { test } from "node:test";
import { filledObject } from "../../test/api/schema-objects.ts";
import { samplesOf } from "../../test/golden/samples.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { applyDefaults } from "./defaults.ts";
import { checkTypes } from "./check-types.ts";
import type { Kind } from "./kind.ts";
import { findKind, kinds } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { printFieldError } from "./print-field-error.ts";
import { validateObject } from "./validate.ts";

/** The value without one member, for each member anywhere in it. */
function* withoutEach(value: Json): Iterable<Json> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    for (const [index, item] of items.entries()) for (const less of withoutEach(item)) yield items.with(index, less);
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (name === "apiVersion" || name === "kind" || name === "metadata") continue;
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      if (member !== undefined) for (const less of withoutEach(member)) yield { ...value, [name]: less };
    }
  }
}

/** Deep enough for what a spec holds itself; the samples go deeper. */
const depthMax = 3;

function errorsOf(kind: Kind, body: Json, old?: JsonObject): readonly string[] {
  const object = body as unknown as ApiObject;
  if (checkTypes(kind, body as JsonObject).length > 0) return ["types"];
  const completed = applyDefaults(kind, object);
  const prepared = kind.prepare?.(completed, old as unknown as ApiObject | undefined) ?? completed;
  return validateObject(kind, prepared, old as unknown as ApiObject | undefined).map(printFieldError);
}

for (const kind of kinds) {
  test(`whatever an object of ${kind.kind} in ${kind.group}/${kind.version} lacks, what is wrong with the rest is told`, () => {
    const whole = filledObject(kind, depthMax);
    for (const sample of [...samplesOf(kind).valid, whole] as readonly JsonObject[]) {
      for (const less of withoutEach(sample)) {
        errorsOf(kind, less);
        errorsOf(kind, less, sample);
      }
    }
  });
}

const container = { name: "c", image: "i" };

/** What lacks something, and all that is said of it. */
const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ["a container without its name", { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "default" }, spec: { containers: [{}] } }, ["spec.containers[0].name: Required value", "spec.containers[0].image: Required value"]],
  ["a mount without a path, of no volume", { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "default" }, spec: { containers: [{ ...container, volumeMounts: [{ name: "v" }] }] } }, ["spec.containers[0].volumeMounts[0].mountPath: Required value", 'spec.containers[0].volumeMounts[0].name: Not found: "v"']],
  ["a selector without an operator", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", namespace: "default" }, spec: { selector: { matchExpressions: [{ key: "a" }] }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [container] } } } }, ['spec.selector: Invalid value: {"matchExpressions":[{"key":"a"}]}: "" is not a valid label selector operator']],
  ["a Deployment without a selector, and a wrong count", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", namespace: "default" }, spec: { replicas: -1, template: { metadata: { labels: { a: "b" } }, spec: { containers: [container] } } } }, ["spec.selector: Required value", "spec.replicas: Invalid value: -1: must be greater than or equal to 0"]],
];

for (const [title, body, expected] of cases) {
  test(`of ${title} all is told`, () => {
    const kind = findKind(body["apiVersion"] as string, body["kind"] as string);
    assert.ok(kind !== undefined);
    assert.deepEqual(errorsOf(kind, body), expected);
  });
}
