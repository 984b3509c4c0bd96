import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplicaSet } from "../../model/generated/apps-v1.ts";
import type { Application } from "../../model/generated/capstan-v1.ts";
import type { Pod } from "../../model/generated/core-v1.ts";
import type { ApiObject } from "../../model/object.ts";
import type { ClusterState } from "./cluster-state.ts";
import { objectsOf } from "./cluster-state.ts";
import { buildTree, flatten } from "./tree.ts";

const nowMs = Date.parse("2026-01-01T00:10:00Z");

function owned(name: string, uid: string, owner: string, extra: object): ApiObject {
  return { apiVersion: "v1", kind: "Pod", ...extra, metadata: { name, namespace: "default", uid, creationTimestamp: "2026-01-01T00:00:00Z", ownerReferences: [{ apiVersion: "v1", kind: "x", name: "x", uid: owner, controller: true }] } };
}

function replicaSet(name: string, uid: string, replicas: number): ReplicaSet {
  return owned(name, uid, "d", { apiVersion: "apps/v1", kind: "ReplicaSet", spec: { replicas, selector: {} }, status: { replicas } }) as ReplicaSet;
}

function pod(name: string, owner: string, reason: string | undefined): Pod {
  const state = reason === undefined ? { running: {} } : { waiting: { reason } };
  return owned(name, name, owner, {
    spec: { containers: [{ name: "web" }] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: reason === undefined ? "True" : "False" }], containerStatuses: [{ name: "web", ready: reason === undefined, restartCount: 2, image: "", imageID: "", state }] },
  }) as Pod;
}

const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default", uid: "d" }, spec: { replicas: 2, selector: {}, template: {} }, status: { readyReplicas: 1, replicas: 2 } };

const application: Application = {
  apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "shop", namespace: "default" }, spec: { source: { repoURL: "x" }, destination: {} },
  status: { resources: [{ group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web", status: "OutOfSync", drift: ["spec.replicas: 3 → 2"], health: { status: "Progressing" } }, { version: "v1", kind: "ConfigMap", namespace: "default", name: "gone", status: "Missing" }] },
};

function state(): ClusterState {
  const empty = { applications: undefined, syncs: undefined, repositories: undefined, services: undefined, endpointslices: undefined, nodes: undefined, events: undefined, namespaces: undefined, serviceaccounts: undefined, configmaps: undefined, secrets: undefined };
  return {
    ...empty, deployments: objectsOf([deployment]), replicasets: objectsOf([replicaSet("web-old", "r1", 0), replicaSet("web-new", "r2", 2)]), pods: objectsOf([pod("web-new-b", "r2", "CrashLoopBackOff"), pod("web-new-a", "r2", undefined)]),
  } as unknown as ClusterState;
}

test("the tree goes from what is deployed down to pods, the present before the past", () => {
  const tree = buildTree(application, state(), nowMs);
  assert.deepEqual(flatten(tree).map(({ kind, name }) => `${kind} ${name}`), ["Deployment web", "ReplicaSet web-new", "Pod web-new-a", "Pod web-new-b", "ReplicaSet web-old", "ConfigMap gone"]);
  assert.deepEqual(flatten(tree).filter(({ isPast }) => isPast).map(({ name }) => name), ["web-old"]);
});

test("every line has a health, a detail and an id of its own", () => {
  const lines = flatten(buildTree(application, state(), nowMs));
  const crashing = lines.find(({ name }) => name === "web-new-b");
  assert.equal(crashing?.health?.status, "Degraded");
  assert.match(crashing?.detail ?? "", /^CrashLoopBackOff · 0\/1 ready · 2 restarts$/);
  assert.equal(lines[0]?.sync, "OutOfSync");
  assert.deepEqual(lines[0]?.drift, ["spec.replicas: 3 → 2"]);
  assert.equal(new Set(lines.map(({ id }) => id)).size, lines.length);
});

test("what a hook made stands below what is kept true, with its events and its pods, and without a sync state", () => {
  const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "migrate", namespace: "default", uid: "j" }, spec: { template: {} }, status: { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] } };
  const withHook: Application = { ...application, status: { resources: [...(application.status.resources ?? []), { group: "batch", version: "v1", kind: "Job", namespace: "default", name: "migrate", status: "Synced", hook: true, hookType: "pre-install,pre-upgrade" }] } };
  const tree = buildTree(withHook, { ...state(), jobs: objectsOf([job]), pods: objectsOf([pod("migrate-a", "j", undefined)]) } as unknown as ClusterState, nowMs);
  const hook = tree.at(-1);
  assert.deepEqual([hook?.name, hook?.hook, hook?.sync, hook?.detail, hook?.children.map(({ name }) => name)], ["migrate", "pre-install,pre-upgrade", undefined, "Complete · 1/1 succeeded", ["migrate-a"]]);
  assert.equal(tree[0]?.hook, undefined);
});

test("below a CronJob stand its jobs, the newest first, and below each its pods, well or not by their own rules", () => {
  const cronJob = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "often", namespace: "default", uid: "c" }, spec: { schedule: "*/5 * * * *", suspend: false }, status: {} };
  const job = (name: string, minute: number, status: object) => ({
    apiVersion: "batch/v1", kind: "Job", spec: { completions: 2 }, status,
    metadata: { name, namespace: "default", uid: name, creationTimestamp: `2026-01-01T00:0${minute}:00Z`, ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "often", uid: "c", controller: true }] },
  });
  const jobs = [job("often-1", 1, { succeeded: 1, conditions: [{ type: "Failed", status: "True", message: "Job has reached the specified backoff limit" }] }), job("often-2", 6, { active: 1 })];
  const own: Application = { ...application, status: { resources: [{ group: "batch", version: "v1", kind: "CronJob", namespace: "default", name: "often", status: "Synced" }] } };
  const tree = buildTree(own, { ...state(), cronjobs: objectsOf([cronJob]), jobs: objectsOf(jobs), pods: objectsOf([pod("often-2-a", "often-2", undefined)]) } as unknown as ClusterState, nowMs);
  assert.deepEqual(flatten(tree).map(({ name, health, detail }) => [name, health?.status, name.endsWith("-a") ? "" : detail]), [
    ["often", undefined, "*/5 * * * *"], ["often-2", "Progressing", "Running · 0/2 succeeded"], ["often-2-a", flatten(tree)[2]?.health?.status, ""], ["often-1", "Degraded", "Failed · 1/2 succeeded"],
  ]);
});

test("below a ReplicationController stand its pods", () => {
  const controller = { apiVersion: "v1", kind: "ReplicationController", metadata: { name: "old", namespace: "default", uid: "o" }, spec: { replicas: 2 }, status: { replicas: 2, readyReplicas: 1 } };
  const own: Application = { ...application, status: { resources: [{ group: "", version: "v1", kind: "ReplicationController", namespace: "default", name: "old", status: "Synced" }] } };
  const tree = buildTree(own, { ...state(), replicationcontrollers: objectsOf([controller]), pods: objectsOf([pod("old-a", "o", undefined)]) } as unknown as ClusterState, nowMs);
  assert.deepEqual(flatten(tree).map(({ name, detail }) => [name, detail]), [["old", "1/2 ready"], ["old-a", "Running · 1/1 ready · 2 restarts"]]);
});

test("an object that does not exist is a line without children", () => {
  const gone = buildTree(application, state(), nowMs).find(({ name }) => name === "gone");
  assert.deepEqual([gone?.sync, gone?.detail, gone?.children], ["Missing", "", []]);
});
