import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../value/json.ts";
import { applyDefaults } from "../defaults.ts";
import type { Kind } from "../kind.ts";
import type { ApiObject } from "../object.ts";
import { printFieldError } from "../print-field-error.ts";
import { validateObject } from "../validate.ts";
import { HorizontalPodAutoscalerKind, HorizontalPodAutoscalerV1Kind } from "./autoscaling.ts";
import { JobKind } from "./batch.ts";
import { LimitRangeKind, ResourceQuotaKind } from "./core-limits.ts";
import { DeploymentKind } from "./deployment.ts";
import { IngressKind, NetworkPolicyKind } from "./networking.ts";
import { PersistentVolumeClaimKind } from "./persistent-volume.ts";
import { RoleKind } from "./rbac.ts";
import { SecretKind } from "./secret.ts";

function bodyOf(kind: Kind, rest: JsonObject): ApiObject {
  const { metadata, ...parts } = rest;
  const body = { apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`, kind: kind.kind, metadata: { name: "x", namespace: "default", ...(metadata as JsonObject | undefined) }, ...parts };
  return applyDefaults(kind, body as unknown as ApiObject);
}

const paths = (...list: readonly JsonObject[]): JsonObject => ({ spec: { rules: [{ http: { paths: list } }] } });
const port = { service: { name: "s", port: { number: 80 } } };
const autoscaler = (change: JsonObject): JsonObject => ({ spec: { scaleTargetRef: { kind: "Deployment", name: "d", apiVersion: "apps/v1" }, maxReplicas: 3, ...change } });
const claim = (change: JsonObject): JsonObject => ({ spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...change } });
const path = "spec.rules[0].http.paths[0]";

/** What is refused, and upstream's words for it. */
const refused: readonly (readonly [kind: Kind, body: JsonObject, errors: readonly string[]])[] = [
  [IngressKind, paths({ path: "/", backend: port }), [`${path}.pathType: Required value: pathType must be specified`]],
  [IngressKind, paths({ path: "x", pathType: "Prefix", backend: port }), [`${path}.path: Invalid value: "x": must be an absolute path`]],
  [IngressKind, paths({ path: "/a//b", pathType: "Exact", backend: port }), [`${path}.path: Invalid value: "/a//b": must not contain '//'`]],
  [IngressKind, paths({ path: "/", pathType: "Prefix", backend: {} }), [`${path}.backend: Invalid value: "": resource or service backend is required`]],
  [IngressKind, paths({ path: "/", pathType: "Prefix", backend: { service: { name: "s" } } }), [`${path}.backend: Required value: port name or number is required`]],
  [IngressKind, { spec: { rules: [{ host: "*.a.*" }] } }, ["spec.rules[0].host: Invalid value: \"*.a.*\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"]],
  [IngressKind, { metadata: { annotations: { "kubernetes.io/ingress.class": "b" } }, spec: { defaultBackend: port, ingressClassName: "a" } }, ["annotations.kubernetes.io/ingress.class: Invalid value: \"b\": must match `ingressClassName` when both are specified"]],
  [NetworkPolicyKind, { spec: { podSelector: { matchExpressions: [{ key: "a", operator: "In" }] } } }, ["spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"]],
  [HorizontalPodAutoscalerKind, autoscaler({ maxReplicas: 0 }), ["spec.maxReplicas: Invalid value: 0: must be greater than 0", "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`"]],
  [HorizontalPodAutoscalerKind, autoscaler({ scaleTargetRef: { kind: "D", name: "a/b" } }), ['spec.scaleTargetRef.name: Invalid value: "a/b": may not contain \'/\'']],
  [HorizontalPodAutoscalerKind, autoscaler({ metrics: [{ type: "Resource" }] }), ["spec.metrics[0].resource: Required value: must populate information for the given metric source"]],
  [HorizontalPodAutoscalerKind, autoscaler({ metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } }] }), ["spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization"]],
  [HorizontalPodAutoscalerKind, autoscaler({ metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 5 } }, pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "1" } } }] }), ["spec.metrics[0].pods: Forbidden: must populate the given metric source only"]],
  [HorizontalPodAutoscalerKind, autoscaler({ metrics: [{ type: "External", external: { metric: { name: "m" }, target: { type: "X", value: "-1" } } }] }), ['spec.metrics[0].external.target.type: Invalid value: "X": must be either Utilization, Value, or AverageValue', 'spec.metrics[0].external.target.value: Invalid value: "-1": must be positive']],
  [HorizontalPodAutoscalerKind, autoscaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 5000 } } }), ["spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 5000: must be less than or equal to 3600"]],
  [HorizontalPodAutoscalerKind, autoscaler({ behavior: { scaleDown: { policies: [{ type: "X", value: 0, periodSeconds: 2000 }] } } }), [
    'spec.behavior.scaleDown.policies[0].type: Unsupported value: "X": supported values: "Percent", "Pods"', "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero",
    "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800",
  ]],
  [HorizontalPodAutoscalerV1Kind, autoscaler({ targetCPUUtilizationPercentage: 0 }), ["spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0"]],
  [PersistentVolumeClaimKind, claim({ resources: { requests: { storage: "0" } } }), ['spec.resources.requests[storage]: Invalid value: "0": must be greater than zero']],
  [PersistentVolumeClaimKind, claim({ dataSource: { kind: "Foo", name: "x" } }), ['spec.dataSource: Invalid value: "Foo"']],
  [RoleKind, { rules: [{ apiGroups: [""], resources: ["pods"] }] }, ["rules[0].verbs: Required value: verbs must contain at least one value"]],
  [SecretKind, { type: "kubernetes.io/service-account-token" }, ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]],
  [SecretKind, { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "eA==" } }, ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be a JSON object']],
  [ResourceQuotaKind, { spec: { hard: { pods: "1.5" } } }, ['spec.hard[pods]: Invalid value: "1500m": must be an integer']],
  [ResourceQuotaKind, { spec: { hard: { foo: "1" } } }, ['spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified', 'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota']],
  [DeploymentKind, { spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }], ephemeralContainers: [{ name: "e", image: "i" }] } } } }, ["spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"]],
];

for (const [kind, body, errors] of refused) {
  test(`${kind.kind} ${JSON.stringify(body).slice(0, 170)} is refused`, () => assert.deepEqual(validateObject(kind, bodyOf(kind, body)).map(printFieldError), errors));
}

/** Required by the API's description, and yet nobody asks for it. */
const taken: readonly (readonly [kind: Kind, body: JsonObject])[] = [
  [LimitRangeKind, { spec: {} }],
  [ResourceQuotaKind, { spec: { hard: { "count/deployments.apps": "3", "requests.example.com/gpu": "1", "gold.storageclass.storage.k8s.io/requests.storage": "1Gi", "limits.memory": "1Gi", "services.nodeports": "0" } } }],
  [JobKind, { spec: { podFailurePolicy: {}, template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i", livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: "X" }] } } }], securityContext: { sysctls: [{ name: "a.b" }] } } } } }],
];

for (const [kind, body] of taken) {
  test(`${kind.kind} ${JSON.stringify(body).slice(0, 170)} is taken`, () => {
    const made = bodyOf(kind, body);
    const errors = validateObject(kind, kind.prepare?.(made, undefined) ?? made).map(printFieldError).filter((error) => !error.includes("selector"));
    assert.deepEqual(errors, []);
  });
}

test("what may not change may not be set later either", () => {
  const old = bodyOf(ResourceQuotaKind, { spec: {} });
  const next = bodyOf(ResourceQuotaKind, { spec: { scopes: ["BestEffort"] } });
  assert.deepEqual(validateObject(ResourceQuotaKind, next, old as never).map(printFieldError), ['spec.scopes: Invalid value: ["BestEffort"]: field is immutable']);
});
