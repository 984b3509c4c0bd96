import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddressOf } from "../../src/api/address-objects.ts";
import { ipAddressController } from "../../src/controllers/ip-address/controller.ts";
import { serviceBlockController } from "../../src/controllers/service-block/controller.ts";
import { IPAddressKind, ServiceCIDRKind } from "../../src/model/kinds/networking.ts";
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

test("the cluster's own block of addresses is ready, and another says that it is not used", async () => {
  const { client, settle, stop } = await testCluster([serviceBlockController]);
  for (const name of ["kubernetes", "other"]) await client.create(ServiceCIDRKind, { apiVersion: "networking.k8s.io/v1", kind: "ServiceCIDR", metadata: { name }, spec: { cidrs: ["127.96.0.0/12"] }, status: {} });
  await settle();
  const ready = (await client.list(ServiceCIDRKind)).items.map(({ status }) => status.conditions?.map(({ type, status: is, message }) => [type, is, message]));
  assert.deepEqual(ready, [[["Ready", "True", "Kubernetes default Service CIDR is ready"]], [["Ready", "False", "Services get their addresses from the ServiceCIDR kubernetes alone"]]]);
  await stop();
});
