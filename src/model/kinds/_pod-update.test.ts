import assert from "node:assert/strict";
import { test } from "node:test";
import { pod } from "../../../test/api/objects.ts";
import type { Toleration } from "../generated/core-v1.ts";
import { printFieldError } from "../print-field-error.ts";
import { checkPodUpdate } from "./_pod-update.ts";

const a: Toleration = { key: "a", operator: "Exists", effect: "NoExecute" };
const b: Toleration = { key: "b", operator: "Equal", value: "x" };

function changes(old: readonly Toleration[], now: readonly Toleration[]): readonly string[] {
  return checkPodUpdate(pod("p", { tolerations: now }), pod("p", { tolerations: old })).map(printFieldError);
}

const refusal = ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"];

test("tolerations of a pod may become more and last longer, and do not go or change", () => {
  assert.deepEqual(changes([a], [b, a]), []);
  assert.deepEqual(changes([a], [{ ...a, tolerationSeconds: 5 }]), []);
  assert.deepEqual(changes([a, b], [a]), refusal);
  assert.deepEqual(changes([a], [{ ...a, effect: "NoSchedule" }]), refusal);
  assert.deepEqual(changes([b], [{ ...b, value: "y" }]), refusal);
});

test("forty thousand tolerations are looked through once", () => {
  const many = Array.from({ length: 40_000 }, (_, index): Toleration => ({ key: `k${index}`, operator: "Exists" }));
  const started = process.cpuUsage();
  assert.deepEqual(changes(many, [...many, b]), []);
  assert.ok(process.cpuUsage(started).user < 2_000_000);
});

test("a patch of a Go client, whose containers have empty resources in JSON alone, changes nothing but the image", () => {
  const [created, patched] = [[{ name: "main", image: "demo:1" }], [{ name: "main", image: "demo:2", resources: {} }]];
  assert.deepEqual(checkPodUpdate(pod("p", { containers: patched }), pod("p", { containers: created })).map(printFieldError), []);
  assert.deepEqual(checkPodUpdate(pod("p", { containers: created }), pod("p", { containers: patched })).map(printFieldError), []);
  const limited = [{ name: "main", image: "demo:1", resources: { limits: { cpu: "1" } } }];
  assert.equal(checkPodUpdate(pod("p", { containers: limited }), pod("p", { containers: created })).length, 1);
});
