import assert from "node:assert/strict";
import { test } from "node:test";
import { createApiServiceController } from "../../src/controllers/api-service/controller.ts";
import type { ApiEndpoint } from "../../src/controllers/api-service/decide.ts";
import { EndpointsKind } from "../../src/model/kinds/core-limits.ts";
import { EndpointSliceKind } from "../../src/model/kinds/endpoint-slice.ts";
import { ServiceKind } from "../../src/model/kinds/service.ts";
import { service } from "../api/objects.ts";
import { testCluster } from "./test-cluster.ts";

const ref = { namespace: "default", name: "kubernetes" };

test("the API's own Service comes when the API listens, follows it, and comes back when somebody removes it", async () => {
  let at: ApiEndpoint | undefined;
  const { client, settle, stop, world } = await testCluster([createApiServiceController({ clusterIP: "127.96.0.1", endpoint: () => at })]);
  await settle();
  assert.equal(await client.get(ServiceKind, ref), undefined);
  const found = async () => [
    (await client.get(ServiceKind, ref))?.spec.clusterIP, (await client.get(EndpointSliceKind, ref))?.endpoints?.[0]?.addresses[0],
    (await client.get(EndpointSliceKind, ref))?.ports?.[0]?.port, (await client.get(EndpointsKind, ref))?.subsets?.[0]?.ports?.[0]?.port,
  ];
  at = { host: "127.0.0.1", port: 7443 };
  await world.clock.advance(1_000);
  await settle();
  assert.deepEqual(await found(), ["127.96.0.1", "127.0.0.1", 7443, 7443]);
  at = { host: "127.0.0.1", port: 7444 };
  await client.remove(ServiceKind, ref);
  await settle();
  assert.deepEqual(await found(), ["127.96.0.1", "127.0.0.1", 7444, 7444]);
  await client.remove(EndpointSliceKind, ref);
  await client.remove(EndpointsKind, ref);
  await settle();
  assert.deepEqual(await found(), ["127.96.0.1", "127.0.0.1", 7444, 7444]);
  await stop();
});

test("where another Service has its address, it takes any other", async () => {
  const at: { current?: ApiEndpoint } = {};
  const { client, settle, stop, world } = await testCluster([createApiServiceController({ clusterIP: "127.96.0.1", endpoint: () => at.current })]);
  await client.create(ServiceKind, service("older", { clusterIP: "127.96.0.1" }));
  at.current = { host: "127.0.0.1", port: 7443 };
  await world.clock.advance(1_000);
  await settle();
  const made = await client.get(ServiceKind, ref);
  assert.ok(made !== undefined && made.spec.clusterIP !== "127.96.0.1");
  await stop();
});
