import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import type { Service } from "../../model/kinds/service.ts";
import { decideSlices, endpointsPerSliceMax } from "./decide.ts";

function service(extra: Partial<Service["spec"]> = {}): Service {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "n", uid: "s" }, spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http", protocol: "TCP" }], ...extra }, status: {} };
}

function pod(index: number, options: { readonly port?: number; readonly isReady?: boolean; readonly isEnding?: boolean } = {}): Pod {
  return {
    apiVersion: "v1", kind: "Pod", metadata: { name: `p${index}`, namespace: "n", uid: `u${index}`, ...(options.isEnding === true ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
    spec: { nodeName: "one", containers: [{ name: "c", ports: [{ name: "http", containerPort: options.port ?? 8080, protocol: "TCP" }] }] },
    status: { podIP: `10.0.${Math.floor(index / 256)}.${index % 256}`, phase: "Running", conditions: [{ type: "Ready", status: options.isReady === false ? "False" : "True" }] },
  };
}

/** Slices as they are after a decision. */
function after(slices: readonly EndpointSlice[], decision: ReturnType<typeof decideSlices>, round: number): readonly EndpointSlice[] {
  const updated = new Map(decision.update.map((slice) => [slice.metadata.name, slice]));
  const kept = slices.filter((slice) => !decision.remove.includes(slice)).map((slice) => updated.get(slice.metadata.name) ?? slice);
  return [...kept, ...decision.create.map((slice, index) => ({ ...slice, metadata: { ...slice.metadata, name: `web-${round}-${index}` } }))];
}

test("ready, serving and terminating say what they mean", () => {
  const pods = [pod(0), pod(1, { isReady: false }), pod(2, { isEnding: true })];
  const conditions = (subject: Service) => decideSlices(subject, pods, []).create[0]?.endpoints?.map((endpoint) => endpoint.conditions);
  assert.deepEqual(conditions(service()), [
    { ready: true, serving: true, terminating: false }, { ready: false, serving: false, terminating: false }, { ready: false, serving: true, terminating: true },
  ]);
  assert.deepEqual(conditions(service({ publishNotReadyAddresses: true }))?.map((condition) => condition?.ready), [true, true, true]);
});

test("pods whose named port has another number are in a slice of their own", () => {
  const { create } = decideSlices(service(), [pod(0), pod(1, { port: 9090 }), pod(2)], []);
  assert.deepEqual(create.map((slice) => [slice.ports?.[0]?.port, slice.endpoints?.length]), [[8080, 2], [9090, 1]]);
});

test("a headless service says so on its slices", () => {
  assert.equal(decideSlices(service({ clusterIP: "None" }), [pod(0)], []).create[0]?.metadata.labels?.["service.kubernetes.io/headless"], "");
});

test("nothing to change changes nothing", () => {
  const pods = [pod(0), pod(1)];
  const slices = after([], decideSlices(service(), pods, []), 0);
  assert.deepEqual(decideSlices(service(), pods, slices), { create: [], update: [], remove: [] });
});

test("whatever comes and goes, each pod is an endpoint exactly once, in slices of bounded size", () => {
  fc.assert(fc.property(fc.array(fc.uniqueArray(fc.nat(260), { maxLength: 240 }), { minLength: 1, maxLength: 4 }), (rounds) => {
    let slices: readonly EndpointSlice[] = [];
    for (const [round, indexes] of rounds.entries()) {
      slices = after(slices, decideSlices(service(), indexes.map((index) => pod(index)), slices), round);
      const names = slices.flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => endpoint.targetRef?.name));
      assert.equal(names.length, indexes.length);
      assert.deepEqual(new Set(names), new Set(indexes.map((index) => `p${index}`)));
      assert.ok(slices.every((slice) => (slice.endpoints ?? []).length <= endpointsPerSliceMax));
    }
  }), { numRuns: 40 });
});
