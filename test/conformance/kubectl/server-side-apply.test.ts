import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConfigMapKind } from "../../../src/model/kinds/config-map.ts";
import { DeploymentKind } from "../../../src/model/kinds/deployment.ts";
import { findKubectl } from "./kubectl.ts";
import { useProgram } from "../program.ts";
import type { Program } from "../program.ts";
import { startLoopbackEdge } from "./loopback-edge.ts";
import type { LoopbackEdge } from "./loopback-edge.ts";
import { deployment } from "./manifests.ts";

/** `CAPSTAN_KUBECTL_VERSIONS=1.27,1.33` runs others than the machine's own; they lie beside it. */
const versions = (process.env["CAPSTAN_KUBECTL_VERSIONS"] ?? "").split(",").filter((version) => version !== "");

for (const version of versions.length === 0 ? [undefined] : versions) describeApply(version);

function describeApply(version: string | undefined): void {
  const path = findKubectl(version);
  const skip = path === undefined ? `no kubectl ${version ?? ""} on this machine` : false;
  describe(`kubectl apply --server-side, ${version ?? "of this machine"}`, { skip, concurrency: 2 }, () => {
    let edge: LoopbackEdge;
    let kubectl: Program;
    let count = 0;
    before(async () => {
      edge = await startLoopbackEdge();
      kubectl = useProgram(path ?? "kubectl", edge.directory);
    });
    after(async () => edge.close());

    /** A namespace of its own for each test. */
    const room = async () => {
      const name = `apply-${count += 1}`;
      await kubectl.ok(["create", "namespace", name]);
      const ok = (args: readonly string[], input?: string) => kubectl.ok(["-n", name, ...args], input);
      const run = (args: readonly string[], input?: string) => kubectl.run(["-n", name, ...args], input);
      const managers = async (what: string) => (await ok(["get", what, "--show-managed-fields", "-o", "jsonpath={range .metadata.managedFields[*]}{.manager} {.operation} {.subresource};{end}"])).split(";").filter((line) => line !== "").map((line) => line.trim()).toSorted();
      return { name, ok, run, managers };
    };
    const apply = ["apply", "--server-side", "-f", "-"];
    const applied = "deployment.apps/web serverside-applied\n";

    test("it creates, and the second time changes nothing", async () => {
      const { name, ok, managers } = await room();
      assert.equal(await ok(apply, deployment()), applied);
      const first = await edge.admin.get(DeploymentKind, { namespace: name, name: "web" });
      assert.equal(await ok(apply, deployment()), applied);
      const second = await edge.admin.get(DeploymentKind, { namespace: name, name: "web" });
      assert.equal(second?.metadata.resourceVersion, first?.metadata.resourceVersion);
      assert.deepEqual(await managers("deploy/web"), ["kubectl Apply"]);
    });

    test("another manager's field is a conflict, which force overcomes", async () => {
      const { ok, run, managers } = await room();
      await ok(apply, deployment());
      await ok(["scale", "deploy", "web", "--replicas", "5"]);
      const refused = await run(apply, deployment({ replicas: 3 }));
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /Apply failed with 1 conflict: conflict with "kubectl[\d.]*" with subresource "scale" using apps\/v1: \.spec\.replicas/);
      assert.match(refused.stderr, /Please review the fields above--they currently have other managers/);
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.spec.replicas}"]), "5");
      assert.equal(await ok([...apply, "--force-conflicts"], deployment({ replicas: 3 })), applied);
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.spec.replicas}"]), "3");
      assert.deepEqual(await managers("deploy/web"), ["kubectl Apply"]);
    });

    test("two managers share an object, and one may share a field it agrees on", async () => {
      const { ok, run, managers } = await room();
      await ok(["apply", "--server-side", "--field-manager", "a", "-f", "-"], configMap({ one: "1", both: "x" }));
      await ok(["apply", "--server-side", "--field-manager", "b", "-f", "-"], configMap({ two: "2", both: "x" }));
      assert.deepEqual(await managers("configmap/c"), ["a Apply", "b Apply"]);
      const refused = await run(["apply", "--server-side", "--field-manager", "b", "-f", "-"], configMap({ two: "2", both: "y" }));
      assert.match(refused.stderr, /conflict with "a": \.data\.both/);
      await ok(["apply", "--server-side", "--field-manager", "a", "-f", "-"], configMap({ both: "x" }));
      assert.deepEqual(JSON.parse(await ok(["get", "configmap", "c", "-o", "jsonpath={.data}"])), { both: "x", two: "2" });
      await ok(["apply", "--server-side", "--field-manager", "a", "-f", "-"], configMap({}));
      assert.deepEqual(JSON.parse(await ok(["get", "configmap", "c", "-o", "jsonpath={.data}"])), { both: "x", two: "2" });
    });

    test("what client-side apply made is taken over without a conflict", async () => {
      const { ok, managers } = await room();
      await ok(["apply", "-f", "-"], deployment());
      assert.deepEqual(await managers("deploy/web"), ["kubectl-client-side-apply Update"]);
      assert.equal(await ok(apply, deployment({ image: "nginx:1.26" })), applied);
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"]), "nginx:1.26");
      // kubectl gives the note of its last client-side apply a manager of its own, so that people may go back.
      assert.deepEqual(await managers("deploy/web"), ["kubectl Apply", "kubectl-last-applied Apply"]);
      assert.equal(await ok(apply, deployment({ image: "nginx:1.26" }).replace("        env: [{name: A, value: \"1\"}]\n", "")), applied);
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].env}"]), "");
    });

    test("diff --server-side shows what an apply would change and changes nothing", async () => {
      const { ok, run } = await room();
      await ok(apply, deployment());
      const same = await run(["diff", "--server-side", "-f", "-"], deployment());
      assert.equal(same.code, 0, same.stdout + same.stderr);
      const changed = await run(["diff", "--server-side", "-f", "-"], deployment({ image: "nginx:1.26" }));
      assert.equal(changed.code, 1, changed.stderr);
      assert.match(changed.stdout, /^\+\s+(- )?image: nginx:1\.26$/m);
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"]), "nginx:1.25");
      assert.equal(await ok([...apply, "--dry-run=server"], deployment({ name: "other" })), "deployment.apps/other serverside-applied (server dry run)\n");
      assert.match((await run(["get", "deploy", "other"])).stderr, /NotFound/);
    });

    test("managed fields are hidden unless asked for, and can be forgotten", async () => {
      const { name, ok, managers } = await room();
      await ok(apply, deployment());
      assert.doesNotMatch(await ok(["get", "deploy", "web", "-o", "yaml"]), /managedFields/);
      const shown = await ok(["get", "deploy", "web", "-o", "yaml", "--show-managed-fields"]);
      assert.match(shown, /manager: kubectl\n {4}operation: Apply\n/);
      assert.match(shown, /k:\{"containerPort":80,"protocol":"TCP"\}:\n/);
      await ok(["patch", "deploy", "web", "--type", "json", "-p", '[{"op":"replace","path":"/metadata/managedFields","value":[{}]}]']);
      assert.deepEqual(await managers("deploy/web"), []);
      await ok(["label", "deploy", "web", "x=y"]);
      assert.deepEqual(await managers("deploy/web"), []);
      await ok(apply, deployment());
      assert.deepEqual(await managers("deploy/web"), ["before-first-apply Update", "kubectl Apply"]);
      assert.equal((await edge.admin.get(DeploymentKind, { namespace: name, name: "web" }))?.metadata.labels?.["x"], "y");
    });

    test("every other write is its writer's", async () => {
      const { name, ok, managers } = await room();
      await ok(["create", "configmap", "c", "--from-literal=a=1"]);
      await ok(["label", "configmap", "c", "x=y"]);
      await ok(["annotate", "configmap", "c", "note=1"]);
      assert.deepEqual(await managers("configmap/c"), ["kubectl-annotate Update", "kubectl-create Update", "kubectl-label Update"]);
      assert.equal((await edge.admin.get(ConfigMapKind, { namespace: name, name: "c" }))?.metadata.managedFields?.length, 3);
    });

    test("a field nobody knows is refused", async () => {
      const { run } = await room();
      const refused = await run(apply, deployment().replace("  replicas: 2", "  replicaz: 2"));
      assert.match(refused.stderr, /\.spec\.replicaz: field not declared in schema/);
    });
  });
}

function configMap(data: Readonly<Record<string, string>>): string {
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data });
}
