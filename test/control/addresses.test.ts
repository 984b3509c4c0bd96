import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddressOf } from "../../src/api/address-objects.ts";
import { ipAddressController } from "../../src/controllers/ip-address/controller.ts";
import { serviceBlockController } from "../../src/controllers/service-block/controller.ts";
import { defaultReservations } from "../../src/api/reservations.ts";
import { IPAddressKind, ServiceCIDRKind } from "../../src/model/kinds/networking.ts";
import type { ServiceCIDR } from "../../src/model/kinds/networking.ts";
import { ServiceKind } from "../../src/model/kinds/service.ts";
import { service } from "../api/objects.ts";
import { testCluster } from "./test-cluster.ts";

test("an address that is removed by hand comes back while a Service has it, and one that no Service has goes", async () => {
  const { client, settle, stop } = await testCluster([ipAddressController]);
  const made = await client.create(ServiceKind, service("a"));
  const { clusterIP = "" } = made.spec;
  await client.remove(IPAddressKind, { namespace: "", name: clusterIP });
  await client.create(IPAddressKind, ipAddressOf("127.96.0.9", { namespace: "default", name: "gone" }));
  await client.create(IPAddressKind, { ...ipAddressOf("127.96.0.10", { namespace: "default", name: "g" }), metadata: { name: "127.96.0.10" } });
  await settle();
  assert.deepEqual((await client.list(IPAddressKind)).items.map(({ metadata, spec }) => [metadata.name, spec.parentRef.name]), [["127.96.0.10", "g"], [clusterIP, "a"]].toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
  await stop();
});

const block = (name: string, ...cidrs: readonly string[]): ServiceCIDR => ({ apiVersion: "networking.k8s.io/v1", kind: "ServiceCIDR", metadata: { name }, spec: { cidrs }, status: {} });
const refOf = (name: string) => ({ namespace: "", name });

test("a block of addresses is ready where Services can be reached, and says why it is not", async () => {
  const { client, settle, stop } = await testCluster([serviceBlockController]);
  const blocks = { kubernetes: "127.96.0.0/12", more: "127.120.0.0/24", outside: "10.0.0.0/24", machine: "127.0.0.0/24", pods: "127.64.0.0/10", six: "2001:db8::/112" };
  for (const [name, cidr] of Object.entries(blocks)) await client.create(ServiceCIDRKind, block(name, cidr));
  await settle();
  const { items } = await client.list(ServiceCIDRKind);
  assert.deepEqual(Object.fromEntries(items.map(({ metadata, status }) => [metadata.name, status.conditions?.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`.trim()).join()])), {
    kubernetes: "Ready True", more: "Ready True", outside: "Ready False NotLoopback", machine: "Ready False AddressesTaken", pods: "Ready False AddressesTaken", six: "Ready False NotLoopback",
  });
  assert.ok(items.every(({ metadata }) => metadata.finalizers?.includes("networking.k8s.io/service-cidr-finalizer") === true));
  assert.deepEqual(items.find(({ metadata }) => metadata.name === "machine")?.status.conditions?.[0]?.message, "Addresses of 127.0.0.0/24 are the machine's own (127.0.0.0/16): take another block within 127.0.0.0/8");
  await stop();
});

test("when a block is full Services get addresses of the next, which stays until they are gone", async () => {
  const { client, settle, stop } = await testCluster([serviceBlockController, ipAddressController], { reservations: { ...defaultReservations, serviceBlock: "127.96.0.0/30" } });
  await client.create(ServiceCIDRKind, block("kubernetes", "127.96.0.0/30"));
  for (const name of ["a", "b"]) await client.create(ServiceKind, service(name));
  await assert.rejects(client.create(ServiceKind, service("c")), { message: /range is full$/ });
  await client.create(ServiceCIDRKind, block("more", "127.120.0.0/24"));
  await assert.rejects(client.create(ServiceKind, service("c", { clusterIP: "127.120.0.7" })), { message: /The range of valid IPs is 127\.96\.0\.0\/30$/ }, "it is not ready yet");
  await settle();
  const asked = await client.create(ServiceKind, service("c", { clusterIP: "127.120.0.7" }));
  const given = await client.create(ServiceKind, service("d"));
  assert.equal(asked.spec.clusterIP, "127.120.0.7");
  assert.match(given.spec.clusterIP ?? "", /^127\.120\.0\.\d+$/);
  assert.deepEqual((await client.get(IPAddressKind, refOf("127.120.0.7")))?.spec.parentRef.name, "c");

  await client.remove(ServiceCIDRKind, refOf("more"));
  await settle();
  assert.deepEqual((await client.get(ServiceCIDRKind, refOf("more")))?.status.conditions?.map(({ status, reason }) => [status, reason]), [["False", "Terminating"]]);
  await assert.rejects(client.create(ServiceKind, service("e")), { message: /range is full$/ });
  const kept = await client.update(ServiceKind, { ...asked, metadata: { ...asked.metadata, labels: { x: "y" } } });
  assert.equal(kept.spec.clusterIP, "127.120.0.7");
  for (const name of ["c", "d"]) await client.remove(ServiceKind, { namespace: "default", name });
  await settle();
  assert.equal(await client.get(ServiceCIDRKind, refOf("more")), undefined);
  await stop();
});

test("a block goes at once when nobody has an address of it, or another block has them all", async () => {
  const { client, settle, stop } = await testCluster([serviceBlockController, ipAddressController], { reservations: { ...defaultReservations, serviceBlock: "127.96.0.0/30" } });
  for (const made of [block("empty", "127.121.0.0/24"), block("inner", "127.120.0.0/24"), block("outer", "127.120.0.0/16")]) await client.create(ServiceCIDRKind, made);
  await settle();
  await client.create(ServiceKind, service("a", { clusterIP: "127.120.0.7" }));
  for (const name of ["empty", "inner", "outer"]) {
    await client.remove(ServiceCIDRKind, refOf(name));
    await settle();
  }
  assert.deepEqual((await client.list(ServiceCIDRKind)).items.map(({ metadata }) => metadata.name), ["outer"]);
  await client.create(ServiceCIDRKind, block("other", "127.120.0.0/20"));
  await settle();
  assert.deepEqual((await client.list(ServiceCIDRKind)).items.map(({ metadata }) => metadata.name), ["other"]);
  await stop();
});
