import assert from "node:assert/strict";
import { test } from "node:test";
import { readField } from "../value/field-path.ts";
import { deepFreeze } from "../value/freeze.ts";
import type { JsonObject } from "../value/json.ts";
import { applyDefaults } from "./defaults.ts";
import { findKind, kinds } from "./kinds.ts";
import type { ApiObject } from "./object.ts";

function defaulted(object: JsonObject): ApiObject {
  const typed = deepFreeze(structuredClone(object)) as unknown as ApiObject;
  const kind = findKind(typed.apiVersion, typed.kind);
  assert.ok(kind !== undefined);
  return applyDefaults(kind, typed);
}

const container = { name: "c", image: "nginx" };
const pod = (spec: JsonObject): JsonObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [container], ...spec } });
const deployment = (spec: JsonObject): JsonObject => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec });
const service = (spec: JsonObject): JsonObject => ({ apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { ports: [{ port: 80 }], ...spec } });
const limits = { cpu: 0.5, memory: "1024Mi" };

const cases: readonly (readonly [title: string, object: JsonObject, path: string, expected: unknown])[] = [
  ["a pod restarts always", pod({}), "spec.restartPolicy", "Always"],
  ["an empty restart policy counts as absent", pod({ restartPolicy: "" }), "spec.restartPolicy", "Always"],
  ["a pod gets 30 seconds to end", pod({}), "spec.terminationGracePeriodSeconds", 30],
  ["zero seconds to end are kept", pod({ terminationGracePeriodSeconds: 0 }), "spec.terminationGracePeriodSeconds", 0],
  ["a pod gets an empty security context", pod({}), "spec.securityContext", {}],
  ["a pod has a status", pod({}), "status", {}],
  ["a Service says of its load balancer that there is nothing to say", service({}), "status", { loadBalancer: {} }],
  ["an Ingress does so too", { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "i" } }, "status", { loadBalancer: {} }],
  ["a budget counts from zero", { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "b" } }, "status", { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }],
  ["a DaemonSet counts from zero", { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "d" } }, "status", { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }],
  ["a ReplicaSet counts from zero", { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "r" } }, "status", { replicas: 0 }],
  ["an autoscaler counts from zero", { apiVersion: "autoscaling/v1", kind: "HorizontalPodAutoscaler", metadata: { name: "h" } }, "status", { currentReplicas: 0, desiredReplicas: 0 }],
  ["a Deployment has nothing to count", deployment({}), "status", {}],
  ["a template has metadata, if empty", { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "c" }, spec: { jobTemplate: { spec: { template: { spec: { containers: [container] } } } } } }, "spec.jobTemplate.metadata", {}],
  ["a NetworkPolicy without a selector has one of all pods", { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "n" }, spec: {} }, "spec.podSelector", {}],
  ["an image without tag is pulled always", pod({}), "spec.containers[0].imagePullPolicy", "Always"],
  ["an image with a tag is pulled once", pod({ containers: [{ name: "c", image: "host:5000/nginx:1.2" }] }), "spec.containers[0].imagePullPolicy", "IfNotPresent"],
  ["a registry's port is no tag", pod({ containers: [{ name: "c", image: "host:5000/nginx" }] }), "spec.containers[0].imagePullPolicy", "Always"],
  ["an image with a digest is pulled once", pod({ containers: [{ name: "c", image: "nginx@sha256:0" }] }), "spec.containers[0].imagePullPolicy", "IfNotPresent"],
  ["requests follow limits, in canonical form", pod({ containers: [{ ...container, resources: { limits } }] }), "spec.containers[0].resources.requests", { cpu: "500m", memory: "1Gi" }],
  ["ports are TCP", pod({ containers: [{ ...container, ports: [{ containerPort: 80 }] }] }), "spec.containers[0].ports[0].protocol", "TCP"],
  ["the host's network has the ports", pod({ hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }] }] }), "spec.containers[0].ports[0].hostPort", 80],
  ["probes have periods", pod({ containers: [{ ...container, readinessProbe: { httpGet: { port: 80 } } }] }), "spec.containers[0].readinessProbe", { httpGet: { port: 80, path: "/", scheme: "HTTP" }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }],
  ["a volume without source is empty", pod({ volumes: [{ name: "v" }] }), "spec.volumes[0]", { name: "v", emptyDir: {} }],
  ["config volumes are readable", pod({ volumes: [{ name: "v", configMap: { name: "c" } }] }), "spec.volumes[0].configMap.defaultMode", 420],
  ["nulls are left out", pod({ nodeName: null }), "spec.nodeName", undefined],
  ["a deployment has one replica", deployment({}), "spec.replicas", 1],
  ["zero replicas are kept", deployment({ replicas: 0 }), "spec.replicas", 0],
  ["a deployment rolls", deployment({}), "spec.strategy", { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } }],
  ["a recreating deployment has no rolling bounds", deployment({ strategy: { type: "Recreate" } }), "spec.strategy", { type: "Recreate" }],
  ["one given bound keeps the other's default", deployment({ strategy: { rollingUpdate: { maxSurge: 0 } } }), "spec.strategy.rollingUpdate", { maxSurge: 0, maxUnavailable: "25%" }],
  ["a template's pods are defaulted", deployment({ template: { spec: { containers: [container] } } }), "spec.template.spec.containers[0].terminationMessagePath", "/dev/termination-log"],
  ["a template's requests do not follow limits", deployment({ template: { spec: { containers: [{ ...container, resources: { limits } }] } } }), "spec.template.spec.containers[0].resources", { limits: { cpu: "500m", memory: "1Gi" } }],
  ["a service's target is its port", service({}), "spec.ports[0]", { port: 80, protocol: "TCP", targetPort: 80 }],
  ["a service is internal", service({}), "spec.internalTrafficPolicy", "Cluster"],
  ["a node port is external", service({ type: "NodePort" }), "spec.externalTrafficPolicy", "Cluster"],
  ["an external name has no traffic policy", service({ type: "ExternalName" }), "spec.internalTrafficPolicy", undefined],
  ["affinity has a time", service({ sessionAffinity: "ClientIP" }), "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 10800],
  ["a namespace carries its name as a label", { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } }, "metadata.labels[kubernetes.io/metadata.name]", "n"],
  ["a namespace is active", { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } }, "status.phase", "Active"],
  ["a secret is opaque", { apiVersion: "v1", kind: "Secret", metadata: { name: "n" } }, "type", "Opaque"],
  ["an application follows HEAD at the root", { apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "n" }, spec: { source: { repoURL: "x" }, destination: {} } }, "spec.source", { repoURL: "x", targetRevision: "HEAD", path: "." }],
  ["a sync starts pending", { apiVersion: "capstan.dev/v1", kind: "Sync", metadata: { name: "n" }, spec: {} }, "status.phase", "Pending"],
  ["a node's capacity is allocatable", { apiVersion: "v1", kind: "Node", metadata: { name: "n" }, status: { capacity: { cpu: 2 } } }, "status.allocatable", { cpu: "2" }],
];

for (const [title, object, path, expected] of cases) {
  test(title, () => assert.deepEqual(readField(defaulted(object), path), expected));
}

test("defaulting twice changes nothing more", () => {
  for (const [, object] of cases) {
    const once = defaulted(object);
    assert.deepEqual(defaulted(once as unknown as JsonObject), once);
  }
});

test("every kind can be defaulted from its name alone", () => {
  for (const kind of kinds) {
    const object = applyDefaults(kind, { apiVersion: "x", kind: kind.kind, metadata: { name: "a" } });
    assert.equal(object.metadata.name, "a");
  }
});
