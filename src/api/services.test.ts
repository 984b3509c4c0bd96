import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testApi } from "../../test/api/api.ts";
import { service } from "../../test/api/objects.ts";
import { isApiError } from "../model/api-error.ts";
import { IPAddressKind, ServiceCIDRKind } from "../model/kinds/networking.ts";
import type { IPAddress } from "../model/kinds/networking.ts";
import { ServiceKind } from "../model/kinds/service.ts";
import type { Service } from "../model/kinds/service.ts";
import { bootstrapCluster } from "./bootstrap.ts";
import { CollectedNotes } from "./notes.ts";
import { createReservations, defaultReservations } from "./reservations.ts";
import { jsonOf } from "./shape.ts";

type Spec = Service["spec"];

const ref = { namespace: "default", name: "a" };

/** A block of two usable addresses. */
const tiny = { serviceBlock: "127.96.0.0/30", nodePortMin: 30_000, nodePortMax: 30_001 };

test("a Service gets a loopback address of the block, and the same one when it is made anew", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a"));
  assert.match(made.spec.clusterIP ?? "", /^127\.(9[6-9]|10[0-9]|11[01])\.\d+\.\d+$/);
  assert.deepEqual([made.spec.clusterIPs, made.spec.ipFamilies, made.spec.ipFamilyPolicy], [[made.spec.clusterIP], ["IPv4"], "SingleStack"]);
  await client.remove(ServiceKind, ref);
  assert.equal((await client.create(ServiceKind, service("a"))).spec.clusterIP, made.spec.clusterIP);
});

test("daemons with different seeds on one machine give Services of one name different addresses, each always the same", async () => {
  const addressOf = async (seed: string) => {
    const { client } = await testApi({ reservations: { ...defaultReservations, seed } });
    return (await client.create(ServiceKind, service("a"))).spec.clusterIP;
  };
  assert.notEqual(await addressOf("/home/ada/.capstan"), await addressOf("/home/bob/.capstan"));
  assert.equal(await addressOf("/home/ada/.capstan"), await addressOf("/home/ada/.capstan"));
});

test("many Services made at once all get different addresses and ports", async () => {
  const { client } = await testApi({ reservations: { serviceBlock: "127.96.0.0/26", nodePortMin: 30_000, nodePortMax: 30_039 } });
  const made = await Promise.all(Array.from({ length: 40 }, (_, index) => client.create(ServiceKind, service(`s${index}`, { type: "NodePort" }))));
  assert.equal(new Set(made.map(({ spec }) => spec.clusterIP)).size, 40);
  assert.equal(new Set(made.map(({ spec }) => spec.ports?.[0]?.nodePort)).size, 40);
});

test("an update that leaves the address and ports out keeps them", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a", { type: "NodePort" }));
  const updated = await client.update(ServiceKind, service("a", { type: "NodePort", selector: { app: "a" } }));
  assert.deepEqual([updated.spec.clusterIP, updated.spec.ports], [made.spec.clusterIP, made.spec.ports]);
});

test("the address of a Service may not change", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a"));
  await assert.rejects(client.update(ServiceKind, { ...made, spec: { ...made.spec, clusterIP: "127.96.0.9", clusterIPs: ["127.96.0.9"] } }), { reason: "Invalid", message: /may not change once set/ });
});

test("what a Service no longer needs can be taken by another", async () => {
  const { client } = await testApi({ reservations: tiny });
  const made = await client.create(ServiceKind, service("a", { type: "NodePort", ports: [{ port: 80, nodePort: 30_001 }] }));
  const plain = await client.update(ServiceKind, { ...made, spec: { ...made.spec, type: "ClusterIP" } });
  assert.equal(plain.spec.ports?.[0]?.nodePort, undefined);
  await client.create(ServiceKind, service("b", { type: "NodePort", ports: [{ port: 80, nodePort: 30_001 }] }));
  const external = await client.update(ServiceKind, { ...plain, spec: { ...plain.spec, type: "ExternalName", externalName: "example.com" } });
  assert.equal(external.spec.clusterIP, undefined);
  assert.equal((await client.create(ServiceKind, service("c"))).spec.clusterIP, made.spec.clusterIP);
});

test("a transaction may hand an address from one Service to another", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a"));
  const { clusterIP = "" } = made.spec;
  const { objects } = await client.transact({ writes: [{ verb: "remove", kind: ServiceKind, ref }, { verb: "create", object: service("b", { clusterIP }) }] });
  assert.partialDeepStrictEqual(objects[1], { spec: { clusterIP } });
});

test("the address of a Service is an object that names it, and goes with it or with its address", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a"));
  const [address] = (await client.list(IPAddressKind)).items;
  assert.deepEqual([address?.metadata.name, address?.spec.parentRef, address?.metadata.labels], [
    made.spec.clusterIP, { group: "", resource: "services", namespace: "default", name: "a" },
    { "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" },
  ]);
  assert.deepEqual([address?.metadata.uid?.length, (address?.metadata.creationTimestamp ?? "") !== ""], [36, true]);
  await client.update(ServiceKind, { ...made, spec: { ...made.spec, type: "ExternalName", externalName: "example.com" } });
  assert.deepEqual((await client.list(IPAddressKind)).items, []);
  await client.create(ServiceKind, service("b"));
  await client.remove(ServiceKind, { namespace: "default", name: "b" });
  assert.deepEqual((await client.list(IPAddressKind)).items, []);
});

test("an address somebody made an object of by hand is given to no Service", async () => {
  const { client } = await testApi({ reservations: tiny });
  const taken: IPAddress = { apiVersion: "networking.k8s.io/v1", kind: "IPAddress", metadata: { name: "127.96.0.1" }, spec: { parentRef: { group: "gateway.networking.k8s.io", resource: "gateways", namespace: "default", name: "g" } } };
  await client.create(IPAddressKind, taken);
  assert.equal((await client.create(ServiceKind, service("a"))).spec.clusterIP, "127.96.0.2");
  await assert.rejects(client.create(ServiceKind, service("b", { clusterIP: "127.96.0.1" })), { message: /provided IP is already allocated$/ });
  await assert.rejects(client.create(ServiceKind, service("b")), { message: /range is full$/ });
});

test("a cluster has its block of addresses as an object, and addresses of Services that were without one", async () => {
  const { client, store } = await testApi();
  const made = await client.create(ServiceKind, service("a"));
  await client.remove(IPAddressKind, { namespace: "", name: made.spec.clusterIP ?? "" });
  await bootstrapCluster(client, { serviceBlock: "127.96.0.0/12" });
  assert.deepEqual((await client.get(ServiceCIDRKind, { namespace: "", name: "kubernetes" }))?.spec, { cidrs: ["127.96.0.0/12"] });
  assert.deepEqual((await client.list(IPAddressKind)).items.map(({ metadata }) => metadata.name), [made.spec.clusterIP]);
  const before = store.revision;
  await bootstrapCluster(client);
  assert.equal(store.revision, before);
});

test("a headless Service keeps None and an ExternalName has no address", async () => {
  const { client } = await testApi();
  const headless = await client.create(ServiceKind, service("a", { clusterIP: "None" }));
  assert.deepEqual([headless.spec.clusterIP, headless.spec.clusterIPs], ["None", ["None"]]);
  const external = await client.create(ServiceKind, service("b", { type: "ExternalName", externalName: "example.com" }));
  assert.equal(external.spec.clusterIP, undefined);
});

const refusals = [
  { title: "an address outside the block", spec: { clusterIP: "10.0.0.1" }, message: 'Service "a" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided IP (10.0.0.1) is not in the valid range. The range of valid IPs is 127.96.0.0/30' },
  { title: "an address another has", spec: { clusterIP: "127.96.0.1" }, message: 'Service "a" is invalid: spec.clusterIPs: Invalid value: ["127.96.0.1"]: failed to allocate IP 127.96.0.1: provided IP is already allocated' },
  { title: "a node port another has", spec: { type: "NodePort", ports: [{ port: 80, nodePort: 30_000 }] }, message: 'Service "a" is invalid: spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated' },
  { title: "a node port outside the range", spec: { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] }, message: 'Service "a" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30001' },
] as const;

for (const { title, spec, message } of refusals) {
  test(`${title} is refused and takes nothing`, async () => {
    const { client, store } = await testApi({ reservations: tiny });
    await client.create(ServiceKind, service("b", { type: "NodePort", clusterIP: "127.96.0.1", ports: [{ port: 80, nodePort: 30_000 }] }));
    const before = store.revision;
    await assert.rejects(client.create(ServiceKind, service("a", spec)), { code: 422, message });
    assert.equal(store.revision, before);
  });
}

test("a full block refuses the next Service", async () => {
  const { client } = await testApi({ reservations: tiny });
  await client.create(ServiceKind, service("a"));
  await client.create(ServiceKind, service("b"));
  await assert.rejects(client.create(ServiceKind, service("c")), { code: 422, message: 'Service "c" is invalid: spec.clusterIPs: Internal error: failed to allocate a serviceIP: range is full' });
});

test("a block that is none is refused with an example", () => {
  for (const serviceBlock of ["", "127.96.0.0", "127.96.0.0/33", "x/12", "127.96.0.256/12"]) {
    assert.throws(() => createReservations({ ...tiny, serviceBlock }), /is not an IPv4 block such as 127\.96\.0\.0\/12/);
  }
});

test("when all node ports are taken the next Service is refused, and one that goes gives its port to the next", async () => {
  const { client } = await testApi({ reservations: { ...defaultReservations, nodePortMin: 30_000, nodePortMax: 30_001 } });
  const nodePort = (name: string) => service(name, { type: "NodePort" });
  await client.create(ServiceKind, nodePort("a"));
  await client.create(ServiceKind, nodePort("b"));
  await assert.rejects(client.create(ServiceKind, nodePort("c")), { message: /spec\.ports\[0\]\.nodePort: Internal error: failed to allocate a nodePort: range is full$/ });
  await client.remove(ServiceKind, { namespace: "default", name: "a" });
  assert.ok((await client.create(ServiceKind, nodePort("c"))).spec.ports?.[0]?.nodePort !== undefined);
});

test("a balancer that keeps to local endpoints has a port for health checks as long as it needs one", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a", { type: "LoadBalancer", externalTrafficPolicy: "Local" }));
  const port = made.spec.healthCheckNodePort;
  assert.ok(port !== undefined && port >= 30_000 && !made.spec.ports?.some(({ nodePort }) => nodePort === port));
  const kept = await client.update(ServiceKind, service("a", { type: "LoadBalancer", externalTrafficPolicy: "Local" }));
  assert.equal(kept.spec.healthCheckNodePort, port);
  const taken = client.create(ServiceKind, service("c", { type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: port }));
  await assert.rejects(taken, { reason: "Invalid", message: `Service "c" is invalid: spec.healthCheckNodePort: Invalid value: ${port}: provided port is already allocated` });
  const plain = await client.update(ServiceKind, { ...kept, spec: { ...kept.spec, type: "ClusterIP" } });
  assert.deepEqual([plain.spec.healthCheckNodePort, plain.spec.externalTrafficPolicy, plain.spec.allocateLoadBalancerNodePorts], [undefined, undefined, undefined]);
  await client.create(ServiceKind, service("b", { type: "NodePort", ports: [{ port: 80, nodePort: port }] }));
});

/** A Service that is refused, and why. */
const refusedSpecs: readonly (readonly [spec: Parameters<typeof service>[1], why: string])[] = [
  [{ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }, "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400"],
  [{ externalIPs: ["x"] }, 'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  [{ externalIPs: ["127.0.0.1"] }, 'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [{ loadBalancerSourceRanges: ["1.2.3.0/24"] }, "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  [{ type: "LoadBalancer", loadBalancerSourceRanges: ["x"] }, 'spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  [{ externalTrafficPolicy: "Local" }, 'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
  [{ type: "NodePort", healthCheckNodePort: 30_001 }, "spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"],
  [{ loadBalancerClass: "a/b" }, "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  [{ allocateLoadBalancerNodePorts: false }, "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  [{ ipFamilies: ["IPv6"] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  [{ ipFamilyPolicy: "RequireDualStack" }, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
  [{ trafficDistribution: "Near" }, 'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"'],
  [{ clusterIPs: ["127.96.0.5"] }, 'spec.clusterIPs: Invalid value: ["127.96.0.5"]: must be empty when `clusterIP` is not specified'],
  [{ clusterIP: "127.96.0.5", clusterIPs: ["127.96.0.6"] }, 'spec.clusterIPs: Invalid value: ["127.96.0.6"]: first value must match `clusterIP`'],
  [{ clusterIP: "None", clusterIPs: ["None", "127.96.0.6"] }, 'spec.clusterIPs: Invalid value: ["None","127.96.0.6"]: \'None\' must be the first and only value'],
  [{ clusterIP: "fd00::1" }, 'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'],
  [{ clusterIP: "fd00::1", ipFamilies: ["IPv4"] }, 'spec.clusterIPs[0]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`'],
  [{ clusterIP: "127.96.0.5", clusterIPs: ["127.96.0.5", "127.96.0.6"] }, 'spec.clusterIPs: Invalid value: ["127.96.0.5","127.96.0.6"]: may specify no more than one IP for each IP family'],
  [{ clusterIP: "127.96.0.5", clusterIPs: ["127.96.0.5", "fd00::1"] }, '[spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple cluster IPs are specified, spec.clusterIPs[1]: Invalid value: ["127.96.0.5","fd00::1"]: IPv6 is not configured on this cluster]'],
  [{ ipFamilies: ["IPv4", "IPv6"] }, 'spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple IP families are specified'],
  [{ ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] }, 'spec.ipFamilies[1]: Invalid value: "IPv6": not configured on this cluster'],
  [{ ipFamilies: ["IPv4", "IPv4"] }, 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
  [{ clusterIP: "None", selector: { a: "b" }, ipFamilyPolicy: "RequireDualStack" }, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
  [{ type: "ExternalName", externalName: "a.b", ipFamilies: ["IPv4"] }, "spec.ipFamilies: Forbidden: may not be set for ExternalName services"],
  [{ type: "ExternalName", externalName: "a.b", ipFamilyPolicy: "SingleStack" }, "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services"],
  [{ type: "ExternalName", externalName: "a.b", clusterIP: "None" }, "spec.clusterIPs: Forbidden: may not be set for ExternalName services"],
  [{ clusterIP: "None", ports: [{ port: 80, targetPort: 70_000 }] }, "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive"],
  [{ type: "ClusterIP", ports: [{ port: 80, nodePort: 30_000 }] }, "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  [{ ports: [{ name: "a", port: 80 }, { name: "b", port: 80 }] }, 'spec.ports[1]: Duplicate value: {"AppProtocol":null,"Name":"","NodePort":0,"Port":80,"Protocol":"TCP","TargetPort":0}'],
];

for (const [spec, why] of refusedSpecs) {
  test(`a Service with ${JSON.stringify(spec)} is refused`, async () => {
    const { client } = await testApi();
    await assert.rejects(client.create(ServiceKind, service("a", spec)), { message: `Service "a" is invalid: ${why}` });
  });
}

/** What becomes of the families and addresses of a new Service, in a cluster of IPv4 alone. */
const families: readonly (readonly [spec: Spec, policy: string | undefined, families: readonly string[] | undefined])[] = [
  [{}, "SingleStack", ["IPv4"]],
  [{ ipFamilyPolicy: "PreferDualStack" }, "PreferDualStack", ["IPv4"]],
  [{ clusterIP: "None", selector: { a: "b" } }, "SingleStack", ["IPv4"]],
  [{ clusterIP: "None" }, "RequireDualStack", ["IPv4", "IPv6"]],
  [{ clusterIP: "None", ipFamilies: ["IPv6"] }, "RequireDualStack", ["IPv6", "IPv4"]],
  [{ clusterIP: "None", ipFamilyPolicy: "SingleStack" }, "SingleStack", ["IPv4"]],
  [{ type: "ExternalName", externalName: "a.b" }, undefined, undefined],
];

for (const [spec, policy, expected] of families) {
  test(`a Service with ${JSON.stringify(spec)} is of the families ${String(expected)}`, async () => {
    const { client } = await testApi();
    const { spec: { ipFamilyPolicy, ipFamilies, clusterIP, internalTrafficPolicy } } = await client.create(ServiceKind, service("a", spec));
    assert.deepEqual([ipFamilyPolicy, ipFamilies], [policy, expected]);
    assert.equal(clusterIP === undefined, spec.type === "ExternalName");
    assert.equal(internalTrafficPolicy, spec.type === "ExternalName" ? undefined : "Cluster");
  });
}

/** A Service, what a client makes of it with a PUT of these fields alone, and what is then there or why not. */
interface Change {
  readonly title: string;
  readonly from: Spec;
  readonly to: (made: Spec) => Spec;
  readonly end: ((after: Spec, before: Spec) => readonly unknown[]) | string;
  readonly are?: readonly unknown[];
}

const port = (nodePort: number, extra: Partial<NonNullable<Spec["ports"]>[number]> = {}) => ({ port: 80, nodePort, ...extra });

const changes: readonly Change[] = [
  { title: "a port keeps its node port when its number changes", from: { type: "NodePort" }, to: () => ({ type: "NodePort", ports: [{ port: 8080 }] }), end: (after, before) => [after.ports?.[0]?.nodePort === before.ports?.[0]?.nodePort, after.ports?.[0]?.port], are: [true, 8080] },
  { title: "a node port follows the name of its port", from: { type: "NodePort", ports: [port(30_100, { name: "a" }), port(30_101, { name: "b", port: 81 })] }, to: () => ({ type: "NodePort", ports: [{ name: "b", port: 80 }, { name: "c", port: 81 }] }), end: ({ ports }) => [ports?.[0]?.nodePort, ports?.[1]?.nodePort === 30_100], are: [30_101, false] },
  { title: "a node port that moved to another port is not given twice", from: { type: "NodePort", ports: [port(30_100, { name: "a" })] }, to: () => ({ type: "NodePort", ports: [port(30_100, { name: "b" }), { name: "a", port: 81 }] }), end: ({ ports }) => [ports?.[0]?.nodePort, ports?.[1]?.nodePort === 30_100], are: [30_100, false] },
  { title: "a node port can be changed", from: { type: "NodePort", ports: [port(30_100)] }, to: () => ({ type: "NodePort", ports: [port(30_101)] }), end: ({ ports }) => [ports?.[0]?.nodePort], are: [30_101] },
  { title: "without node ports they go, and how clients outside come in goes with them", from: { type: "NodePort", ports: [port(30_100)] }, to: (made) => ({ ...made, type: "ClusterIP" }), end: ({ ports, externalTrafficPolicy, clusterIP }, before) => [ports?.[0]?.nodePort, externalTrafficPolicy, clusterIP === before.clusterIP], are: [undefined, undefined, true] },
  { title: "a new node port in a Service that has none any more is refused", from: { type: "NodePort", ports: [port(30_100)] }, to: (made) => ({ ...made, type: "ClusterIP", ports: [port(30_100), port(30_101, { name: "b", port: 81 })] }), end: "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP', spec.ports[1].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'" },
  { title: "a name elsewhere takes address and families away", from: {}, to: (made) => ({ ...made, type: "ExternalName", externalName: "a.b" }), end: ({ clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, internalTrafficPolicy, ports }) => [clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, internalTrafficPolicy, ports?.length], are: [undefined, undefined, undefined, undefined, undefined, 1] },
  { title: "a name elsewhere with families is refused", from: {}, to: () => ({ type: "ExternalName", externalName: "a.b", ipFamilies: ["IPv6"] }), end: "spec.ipFamilies: Forbidden: may not be set for ExternalName services" },
  { title: "what was a name elsewhere gets an address", from: { type: "ExternalName", externalName: "a.b" }, to: (made) => ({ ...made, type: "ClusterIP", ports: [{ port: 80 }] }), end: ({ clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, internalTrafficPolicy }) => [clusterIP?.startsWith("127."), clusterIPs?.length, ipFamilies, ipFamilyPolicy, internalTrafficPolicy], are: [true, 1, ["IPv4"], "SingleStack", "Cluster"] },
  { title: "what was a name elsewhere gets node ports", from: { type: "ExternalName", externalName: "a.b" }, to: () => ({ type: "NodePort", ports: [{ port: 80 }] }), end: ({ ports, externalTrafficPolicy }) => [(ports?.[0]?.nodePort ?? 0) >= 30_000, externalTrafficPolicy], are: [true, "Cluster"] },
  { title: "a policy that is left out stays", from: { ipFamilyPolicy: "PreferDualStack" }, to: () => ({}), end: ({ ipFamilyPolicy, ipFamilies }) => [ipFamilyPolicy, ipFamilies], are: ["PreferDualStack", ["IPv4"]] },
  { title: "one family of two goes when the policy says so", from: { clusterIP: "None" }, to: (made) => ({ ...made, ipFamilyPolicy: "SingleStack" }), end: ({ ipFamilyPolicy, ipFamilies }) => [ipFamilyPolicy, ipFamilies], are: ["SingleStack", ["IPv4"]] },
  { title: "one family of two does not go by itself", from: { clusterIP: "None" }, to: (made) => ({ ...made, ipFamilies: ["IPv4"] }), end: "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be 'SingleStack' to release the secondary IP family" },
  { title: "a headless Service stays one", from: { clusterIP: "None", selector: { a: "b" } }, to: () => ({ selector: { a: "b" } }), end: ({ clusterIP, clusterIPs }) => [clusterIP, clusterIPs], are: ["None", ["None"]] },
  { title: "a headless Service gets no address", from: { clusterIP: "None", selector: { a: "b" } }, to: () => ({ clusterIP: "127.96.0.9" }), end: 'spec.clusterIPs[0]: Invalid value: ["127.96.0.9"]: may not change once set' },
  { title: "an address that no block has is refused as a change", from: {}, to: () => ({ clusterIP: "10.0.0.1" }), end: 'spec.clusterIPs[0]: Invalid value: ["10.0.0.1"]: may not change once set' },
  { title: "clients of one endpoint are let go, with how long they stayed", from: { sessionAffinity: "ClientIP" }, to: (made) => ({ ...made, sessionAffinity: "None" }), end: ({ sessionAffinity, sessionAffinityConfig }) => [sessionAffinity, sessionAffinityConfig], are: ["None", undefined] },
  { title: "clients stay with one endpoint for three hours", from: {}, to: (made) => ({ ...made, sessionAffinity: "ClientIP" }), end: ({ sessionAffinityConfig }) => [sessionAffinityConfig], are: [{ clientIP: { timeoutSeconds: 10_800 } }] },
  { title: "a balancer that asks no node any more gives its port for that back", from: { type: "LoadBalancer", externalTrafficPolicy: "Local" }, to: (made) => ({ ...made, externalTrafficPolicy: "Cluster" }), end: ({ healthCheckNodePort, externalTrafficPolicy }) => [healthCheckNodePort, externalTrafficPolicy], are: [undefined, "Cluster"] },
  { title: "the port for health checks may not change", from: { type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 30_200 }, to: (made) => ({ ...made, healthCheckNodePort: 30_201 }), end: "spec.healthCheckNodePort: Forbidden: field is immutable" },
  { title: "the class of a balancer may not change", from: { type: "LoadBalancer", loadBalancerClass: "a/b" }, to: (made) => ({ ...made, loadBalancerClass: "a/c" }), end: 'spec.loadBalancerClass: Invalid value: "a/c": may not change once set' },
  { title: "the ranges of a balancer do not go by themselves", from: { type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0/8"] }, to: (made) => ({ ...made, type: "ClusterIP" }), end: "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'" },
  { title: "a balancer that gives no node ports any more keeps those it has", from: { type: "LoadBalancer", ports: [port(30_100)] }, to: (made) => ({ ...made, allocateLoadBalancerNodePorts: false }), end: ({ ports }) => [ports?.[0]?.nodePort], are: [30_100] },
];

for (const { title, from, to, end, are = [] } of changes) {
  test(title, async () => {
    const { client } = await testApi();
    const { spec: before } = await client.create(ServiceKind, service("a", from));
    const update = client.update(ServiceKind, service("a", to(before)));
    if (typeof end === "string") await assert.rejects(update, ({ message }: Error) => message.includes(end));
    else assert.deepEqual(end((await update).spec, before), are);
  });
}

test("ports of one number share a node port in a new Service, and one somebody asked for is given to nobody else", async () => {
  const { client } = await testApi({ reservations: { ...defaultReservations, nodePortMin: 30_000, nodePortMax: 30_002 } });
  const names = await client.create(ServiceKind, service("names", { type: "NodePort", ports: [{ name: "udp", port: 53, protocol: "UDP" }, { name: "tcp", port: 53, protocol: "TCP", nodePort: 30_001 }] }));
  assert.deepEqual(names.spec.ports?.map(({ nodePort }) => nodePort), [30_001, 30_001]);
  const both = await client.create(ServiceKind, service("both", { type: "NodePort", ports: [{ name: "a", port: 80 }, { name: "b", port: 81, nodePort: 30_000 }] }));
  assert.deepEqual(both.spec.ports?.map(({ nodePort }) => nodePort), [30_002, 30_000]);
});

test("a balancer without node ports of its own is given those it asks for, and nobody else is", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports: [{ name: "a", port: 80 }, { name: "b", port: 81, nodePort: 30_100 }] }));
  assert.deepEqual(made.spec.ports?.map(({ nodePort }) => nodePort), [undefined, 30_100]);
  await assert.rejects(client.create(ServiceKind, service("b", { type: "NodePort", ports: [{ port: 80, nodePort: 30_100 }] })), { message: /provided port is already allocated$/ });
});

test("where a balancer is goes when the Service is none any more, and is checked while it is", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, service("a", { type: "LoadBalancer" }));
  const at = (ingress: NonNullable<NonNullable<typeof made.status.loadBalancer>["ingress"]>) => client.updateStatus(ServiceKind, { ...made, metadata: { namespace: "default", name: "a" }, status: { loadBalancer: { ingress } } });
  assert.deepEqual((await at([{ ip: "10.0.0.1" }])).status.loadBalancer?.ingress, [{ ip: "10.0.0.1", ipMode: "VIP" }]);
  await assert.rejects(at([{ ip: "x" }]), { message: /status\.loadBalancer\.ingress\[0\]\.ip: Invalid value: "x": must be a valid IP address/ });
  await assert.rejects(at([{ hostname: "10.0.0.1" }]), { message: /must be a DNS name, not an IP address/ });
  await assert.rejects(at([{ ip: "10.0.0.1", ipMode: "Far" }]), { message: /ipMode: Unsupported value: "Far": supported values: "Proxy", "VIP"/ });
  const plain = await client.update(ServiceKind, service("a", { type: "ClusterIP" }));
  assert.deepEqual(plain.status.loadBalancer, {});
  await assert.rejects(at([{ ip: "10.0.0.1" }]), { message: /status\.loadBalancer\.ingress: Forbidden: may only be used when `spec\.type` is 'LoadBalancer'/ });
});

test("what nobody listens to in a Service is told", async () => {
  const { verbs } = await testApi();
  const told = async (name: string, spec: Spec) => {
    const notes = new CollectedNotes();
    await verbs.create({ user: { name: "ada", groups: ["system:masters"] }, notes }, ServiceKind, "default", jsonOf(service(name, spec)), {});
    return notes.warnings;
  };
  assert.deepEqual(await told("a", { externalName: "a.b" }), ['spec.externalName is ignored when spec.type is not "ExternalName"']);
  assert.deepEqual(await told("b", { clusterIP: "None", sessionAffinity: "ClientIP", externalIPs: ["10.0.0.1"] }), ["spec.externalIPs is ignored for headless services", "spec.SessionAffinity is ignored for headless services"]);
  assert.deepEqual(await told("c", {}), []);
});

/** Left out half of the time: most of what is said goes with one type alone. */
const seldom = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 });
const change = fc.record({
  type: fc.constantFrom("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"), clusterIP: seldom("None", "127.96.0.9"), externalName: fc.constant("a.b"),
  ports: fc.uniqueArray(fc.record({ port: fc.integer({ min: 80, max: 84 }), protocol: fc.constantFrom("TCP", "UDP"), name: fc.constantFrom("a", "b", "c"), nodePort: seldom(30_000, 30_001) }), { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
  externalTrafficPolicy: seldom("Local"), allocateLoadBalancerNodePorts: seldom(false),
});

test("whatever a Service becomes, what it shows is taken for it, and nothing else", async () => {
  const { client, store } = await testApi({ reservations: { ...defaultReservations, nodePortMin: 30_000, nodePortMax: 30_009 } });
  const taken = () => store.list("/reservations/node-ports/").entries.map(({ key }) => Number(key.split("/").at(-1))).toSorted((a, b) => a - b);
  await fc.assert(fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (steps) => {
    let made: Service | undefined;
    for (const step of steps) {
      const spec = JSON.parse(JSON.stringify(step)) as Spec;
      const write = made === undefined ? client.create(ServiceKind, service("a", spec)) : client.update(ServiceKind, service("a", spec));
      made = await write.catch((error: unknown) => {
        assert.ok(isApiError(error, "Invalid"), String(error));
        return made;
      });
      const shown = [...(made?.spec.type === "ExternalName" ? [] : (made?.spec.ports ?? []).map(({ nodePort }) => nodePort)), made?.spec.healthCheckNodePort].filter((value) => value !== undefined);
      assert.deepEqual(taken(), [...new Set(shown)].toSorted((a, b) => a - b));
      const { clusterIP = "None" } = made?.spec ?? {};
      assert.deepEqual((await client.list(IPAddressKind)).items.map(({ metadata }) => metadata.name), clusterIP === "None" ? [] : [clusterIP]);
    }
    if (made !== undefined) await client.remove(ServiceKind, ref);
    assert.deepEqual([taken(), (await client.list(IPAddressKind)).items], [[], []]);
  }), { numRuns: 60 });
});
