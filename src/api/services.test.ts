import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { service } from "../../test/api/objects.ts";
import { IPAddressKind, ServiceCIDRKind } from "../model/kinds/networking.ts";
import type { IPAddress } from "../model/kinds/networking.ts";
import { ServiceKind } from "../model/kinds/service.ts";
import { bootstrapCluster } from "./bootstrap.ts";
import { createReservations, defaultReservations } from "./reservations.ts";

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
  [{ ipFamilies: ["IPv6"] }, 'spec.ipFamilies[0]: Invalid value: ["IPv6"]: not configured on this cluster'],
  [{ ipFamilyPolicy: "RequireDualStack" }, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
  [{ trafficDistribution: "Near" }, 'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose"'],
  [{ ports: [{ name: "a", port: 80 }, { name: "b", port: 80 }] }, 'spec.ports[1]: Duplicate value: {"AppProtocol":null,"Name":"","NodePort":0,"Port":80,"Protocol":"TCP","TargetPort":0}'],
];

for (const [spec, why] of refusedSpecs) {
  test(`a Service with ${JSON.stringify(spec)} is refused`, async () => {
    const { client } = await testApi();
    await assert.rejects(client.create(ServiceKind, service("a", spec)), { message: `Service "a" is invalid: ${why}` });
  });
}
