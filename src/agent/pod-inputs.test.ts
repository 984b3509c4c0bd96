import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigMap, Container, Pod, Secret, Service, Volume } from "../model/generated/core-v1.ts";
import { containerEnv, fullNameOf } from "./container-env.ts";
import { expandReferences } from "./expand.ts";
import type { Lookup } from "./lookup.ts";
import { contentReferences } from "../model/pod-references.ts";
import { startRequest } from "./start-request.ts";
import { checkedPath, volumeContents } from "./volume-content.ts";

const configMap: ConfigMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "conf", namespace: "ns" }, data: { k: "v", other: "w" } };
const secret: Secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "ns" }, data: { token: Buffer.from("s3").toString("base64") } };
const service: Service = { apiVersion: "v1", kind: "Service", metadata: { name: "my-db", namespace: "ns" }, spec: { clusterIP: "127.96.0.9", ports: [{ name: "sql", port: 5432 }] }, status: {} };
const lookup: Lookup = {
  configMap: (_namespace, name) => (name === "conf" ? configMap : undefined),
  secret: (_namespace, name) => (name === "key" ? secret : undefined),
  token: () => "token",
  services: (namespace) => (namespace === "ns" ? [service] : []),
};
const node = { nodeName: "n", hostIP: "127.0.0.1", allocatable: { cpu: "2", memory: "2Gi" } };
const context = { lookup, node, podIP: "127.64.0.1" };

function podWith(container: Partial<Container>, volumes: readonly Volume[] = []): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "ns", uid: "u", labels: { app: "a" } }, spec: { containers: [{ name: "c", ...container }], volumes }, status: {} };
}

function envOf(container: Partial<Container>): ReadonlyMap<string, string> {
  const pod = podWith(container);
  const [first] = pod.spec.containers;
  assert.ok(first);
  return containerEnv(pod, first, context);
}

const expansions: readonly (readonly [string, string])[] = [["$(A)", "1"], ["$$(A)", "$(A)"], ["$(NO)", "$(NO)"], ["x$(A)y$(A)", "x1y1"], ["$A", "$A"], ["$$$(A)", "$1"], ["$(A", "$(A"]];
for (const [text, expected] of expansions) test(`${text} expands to ${expected}`, () => { assert.equal(expandReferences(text, (name) => (name === "A" ? "1" : undefined)), expected); });

test("a pod has a name in the cluster where it has a subdomain", () => {
  const pod = podWith({});
  assert.equal(fullNameOf(pod), undefined);
  assert.equal(fullNameOf({ ...pod, spec: { ...pod.spec, subdomain: "db" } }), "p.db.ns.svc.cluster.local");
  assert.equal(fullNameOf({ ...pod, spec: { ...pod.spec, hostname: "h", subdomain: "db" } }), "h.db.ns.svc.cluster.local");
});

test("an environment has the runtime's variables, services, sources and values, each over the one before", () => {
  const env = envOf({
    envFrom: [{ prefix: "P_", configMapRef: { name: "conf" } }, { secretRef: { name: "key" } }],
    env: [
      { name: "A", value: "1" }, { name: "B", value: "$(A)-$(P_k)-$(MY_DB_SERVICE_HOST)" }, { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }, { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } }, { name: "HOST", value: "0.0.0.0" }, { name: "NONE", valueFrom: { configMapKeyRef: { name: "no", key: "k", optional: true } } },
    ],
    resources: { limits: { cpu: "250m" } },
  });
  const expected = { A: "1", B: "1-v-127.96.0.9", IP: "127.64.0.1", LABEL: "a", CPU: "250", HOST: "0.0.0.0", P_other: "w", token: "s3", POD_IP: "127.64.0.1", CAPSTAN_POD_IP: "127.64.0.1", HOSTNAME: "p", MY_DB_SERVICE_PORT: "5432", MY_DB_SERVICE_PORT_SQL: "5432", MY_DB_PORT_5432_TCP: "tcp://127.96.0.9:5432", MY_DB_PORT_5432_TCP_ADDR: "127.96.0.9" };
  for (const [name, value] of Object.entries(expected)) assert.equal(env.get(name), value, name);
  assert.equal(env.has("NONE"), false);
});

const refusals: readonly (readonly [string, Partial<Container>])[] = [
  ['configmap "no" not found', { envFrom: [{ configMapRef: { name: "no" } }] }],
  ['secret "no" not found', { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "no", key: "k" } } }] }],
  ["couldn't find key x in ConfigMap ns/conf", { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "conf", key: "x" } } }] }],
  ["couldn't find key x in Secret ns/key", { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "key", key: "x" } } }] }],
];
for (const [message, container] of refusals) test(`an environment is refused with: ${message}`, () => { assert.throws(() => envOf(container), { message, reason: "CreateContainerConfigError" }); });

test("volumes hold the chosen keys at the chosen paths", () => {
  const volumes: readonly Volume[] = [
    { name: "all", configMap: { name: "conf" } },
    { name: "some", secret: { secretName: "key", items: [{ key: "token", path: "a/b", mode: 0o400 }], defaultMode: 0o600 } },
    { name: "both", projected: { sources: [{ configMap: { name: "conf", items: [{ key: "k", path: "k" }] } }, { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } }] } },
    { name: "tmp", emptyDir: { medium: "Memory" } },
  ];
  const [all, some, both, tmp] = volumeContents(podWith({}, volumes), { ...context, isHostPathAllowed: false });
  const filesOf = (content: typeof all) => (content?.kind === "files" ? content.files.map((file) => [file.path, Buffer.from(file.bytes).toString("utf8"), file.mode]) : []);
  assert.deepEqual(filesOf(all), [["k", "v", 0o644], ["other", "w", 0o644]]);
  assert.deepEqual(filesOf(some), [["a/b", "s3", 0o400]]);
  assert.deepEqual(filesOf(both), [["k", "v", 0o644], ["labels", 'app="a"', 0o644]]);
  assert.deepEqual(tmp, { kind: "empty", name: "tmp", isInMemory: true });
});

const mountRefusals: readonly (readonly [string, Volume])[] = [
  ['MountVolume.SetUp failed for volume "v" : configmap "no" not found', { name: "v", configMap: { name: "no" } }],
  ['MountVolume.SetUp failed for volume "v" : references non-existent secret key: x', { name: "v", secret: { secretName: "key", items: [{ key: "x", path: "x" }] } }],
  ['MountVolume.SetUp failed for volume "v" : hostPath volumes are not allowed on this node', { name: "v", hostPath: { path: "/" } }],
];
for (const [message, volume] of mountRefusals) test(`a volume is refused with: ${message}`, () => { assert.throws(() => volumeContents(podWith({}, [volume]), { ...context, isHostPathAllowed: false }), { message, reason: "FailedMount" }); });

for (const path of ["", "/a", "../a", "a/../../b", "..data", "a//b", "./a", "a\0"]) test(`the path ${JSON.stringify(path)} may not be in a volume`, () => { assert.throws(() => checkedPath(path)); });

test("a start request refuses a subPath that climbs, and root where it is forbidden", () => {
  const request = (container: Partial<Container>) => {
    const pod = podWith(container);
    const [first] = pod.spec.containers;
    assert.ok(first);
    return startRequest(pod, first, { ...context, attempt: 0, backoffMs: 0 });
  };
  assert.throws(() => request({ volumeMounts: [{ name: "v", mountPath: "/v", subPath: "a/../../b" }] }), { reason: "CreateContainerConfigError" });
  assert.throws(() => request({ securityContext: { runAsNonRoot: true } }), { reason: "CreateContainerConfigError" });
  assert.deepEqual(request({ command: ["run", "$(POD_IP)"], args: ["$(NO)"] }).command, ["run", "127.64.0.1", "$(NO)"]);
});

test("every object a pod reads is named once", () => {
  const pod = podWith({ envFrom: [{ configMapRef: { name: "a" } }], env: [{ name: "X", valueFrom: { secretKeyRef: { name: "b", key: "k" } } }] }, [{ name: "v", configMap: { name: "a" } }, { name: "w", projected: { sources: [{ secret: { name: "c" } }] } }]);
  assert.deepEqual(contentReferences(pod.spec), [{ kind: "ConfigMap", name: "a" }, { kind: "Secret", name: "b" }, { kind: "Secret", name: "c" }]);
});
