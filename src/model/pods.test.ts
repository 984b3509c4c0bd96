import assert from "node:assert/strict";
import { test } from "node:test";
import { printQuantity } from "../value/quantity.ts";
import { printTime } from "../world/clock.ts";
import { findCondition, parseTime, withCondition, withoutCondition } from "./conditions.ts";
import type { DeploymentCondition } from "./generated/apps-v1.ts";
import type { Container, Pod, PodSpec } from "./generated/core-v1.ts";
import { hostPortsOf, isActive, isAvailable, isPortConflict, isReady, qosClassOf, requestsOf } from "./pods.ts";
import type { Resources } from "./pods.ts";
import { templateHash } from "./template-hash.ts";

function container(cpu: string, more: Partial<Container> = {}): Container {
  return { name: "c", resources: { requests: { cpu } }, ...more };
}

function printed(resources: Resources): Record<string, string> {
  return Object.fromEntries(Object.entries(resources).map(([name, amount]) => [name, printQuantity(amount)]));
}

const totals: readonly (readonly [title: string, spec: PodSpec, cpu: string])[] = [
  ["containers add up", { containers: [container("100m"), container("1")] }, "1100m"],
  ["a larger init container counts alone", { containers: [container("1")], initContainers: [container("2"), container("500m")] }, "2"],
  ["sidecars add to the containers", { containers: [container("1")], initContainers: [container("500m", { restartPolicy: "Always" })] }, "1500m"],
  ["an init container stands beside the sidecars before it", { containers: [container("1")], initContainers: [container("500m", { restartPolicy: "Always" }), container("3")] }, "3500m"],
  ["the overhead comes on top", { containers: [container("1")], overhead: { cpu: "250m" } }, "1250m"],
];

for (const [title, spec, cpu] of totals) test(title, () => assert.deepEqual(printed(requestsOf(spec)), { cpu }));

const both = { cpu: "1", memory: "1Gi" };
const classes: readonly (readonly [PodSpec, string])[] = [
  [{ containers: [{ name: "c" }] }, "BestEffort"],
  [{ containers: [{ name: "c", resources: { requests: { cpu: "1" } } }] }, "Burstable"],
  [{ containers: [{ name: "c", resources: { requests: both, limits: both } }] }, "Guaranteed"],
  [{ containers: [{ name: "c", resources: { limits: both } }] }, "Guaranteed"],
  [{ containers: [{ name: "c", resources: { limits: both } }, { name: "d" }] }, "Burstable"],
  [{ containers: [{ name: "c", resources: { requests: { cpu: "500m" }, limits: both } }] }, "Burstable"],
];

for (const [spec, expected] of classes) test(`${JSON.stringify(spec)} is ${expected}`, () => assert.equal(qosClassOf(spec), expected));

test("host ports conflict on one address or any", () => {
  const [port] = hostPortsOf({ containers: [{ name: "c", ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] }] });
  assert.deepEqual(port, { hostIP: "", protocol: "TCP", port: 8080 });
  assert.equal(isPortConflict({ hostIP: "127.0.0.1", protocol: "TCP", port: 1 }, { hostIP: "127.0.0.2", protocol: "TCP", port: 1 }), false);
  assert.equal(isPortConflict({ hostIP: "0.0.0.0", protocol: "TCP", port: 1 }, { hostIP: "127.0.0.2", protocol: "TCP", port: 1 }), true);
  assert.equal(isPortConflict({ hostIP: "", protocol: "UDP", port: 1 }, { hostIP: "", protocol: "TCP", port: 1 }), false);
});

test("a pod is available when it has been ready long enough", () => {
  const pod: Pod = {
    apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: printTime(10_000) }] },
  };
  assert.equal(isReady(pod), true);
  assert.equal(isActive(pod), true);
  assert.equal(isAvailable(pod, 0, 10_000), true);
  assert.equal(isAvailable(pod, 5, 14_999), false);
  assert.equal(isAvailable(pod, 5, 15_000), true);
});

test("a condition's transition time moves only when its status does", () => {
  const first = withCondition<DeploymentCondition>([], { type: "Ready", status: "False", reason: "a" }, 1000);
  const second = withCondition(first, { type: "Ready", status: "False", reason: "b" }, 2000);
  const third = withCondition(second, { type: "Ready", status: "True", reason: "b" }, 3000);
  assert.deepEqual([first, second, third].map((list) => [list[0]?.reason, parseTime(list[0]?.lastTransitionTime)]), [["a", 1000], ["b", 1000], ["b", 3000]]);
  assert.equal(withCondition(third, { type: "Ready", status: "True", reason: "b" }, 9000), third);
  assert.equal(findCondition(withoutCondition(third, "Ready"), "Ready"), undefined);
});

test("equal templates have one hash, and a collision gives another", () => {
  const a = { metadata: { name: "", labels: { x: "1", y: "2" } }, spec: { containers: [] } };
  const b = { spec: { containers: [] }, metadata: { labels: { y: "2", x: "1" }, name: "" } };
  assert.equal(templateHash(a), templateHash(b));
  assert.notEqual(templateHash(a), templateHash(a, 1));
  assert.match(templateHash(a), /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
});
