import assert from "node:assert/strict";
import { test } from "node:test";
import { testCluster } from "../../../test/control/test-cluster.ts";
import { bootstrapCluster } from "../../api/bootstrap.ts";
import type { ClusterRole, PolicyRule } from "../../model/generated/rbac-v1.ts";
import { ClusterRoleKind } from "../../model/kinds/rbac.ts";
import { clusterRoleAggregationController } from "./controller.ts";
import { decideAggregate } from "./decide.ts";

const rule = (resource: string): PolicyRule => ({ apiGroups: [""], resources: [resource], verbs: ["get"] });

function role(name: string, labels: Readonly<Record<string, string>>, rules: readonly PolicyRule[]): ClusterRole {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name, labels }, rules };
}

test("an aggregated role has the rules of the roles it chooses, by name, each once, and none of its own", () => {
  const sum: ClusterRole = { ...role("sum", { to: "sum" }, [rule("nodes")]), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: "sum" } }] } };
  const parts = [role("b", { to: "sum" }, [rule("pods"), rule("services")]), role("a", { to: "sum" }, [rule("pods")]), role("c", {}, [rule("secrets")]), sum];
  assert.deepEqual(decideAggregate(sum, parts), [rule("pods"), rule("services")]);
  assert.equal(decideAggregate({ ...sum, rules: [rule("pods"), rule("services")] }, parts), undefined);
});

test("admin, edit and view gather along the chain, and a label on a new role is enough to be gathered", async () => {
  const cluster = await testCluster([clusterRoleAggregationController]);
  await bootstrapCluster(cluster.client);
  await cluster.client.create(ClusterRoleKind, role("widgets", { "rbac.authorization.k8s.io/aggregate-to-view": "true" }, [rule("widgets")]));
  await cluster.settle();
  for (const name of ["view", "edit", "admin"]) {
    const found = await cluster.client.get(ClusterRoleKind, { namespace: "", name });
    const resources = (found?.rules ?? []).flatMap((one) => one.resources ?? []);
    assert.deepEqual([resources.includes("widgets"), resources.includes("pods")], [true, true], name);
  }
  await cluster.stop();
});
