import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCertificateRequest } from "../../api/certificate-requests.ts";
import { printKubeconfig } from "../../../src/api/http/kubeconfig.ts";
import { createToken } from "../../../src/api/http/tokens.ts";
import type { LogOptions } from "../../../src/api/nodes.ts";
import { apiVersionOf } from "../../../src/model/kind.ts";
import { kinds } from "../../../src/model/kinds.ts";
import { DeploymentKind } from "../../../src/model/kinds/deployment.ts";
import { PodKind } from "../../../src/model/kinds/pod.ts";
import { nodeThat } from "../../api/node.ts";
import { deployment, pod } from "./manifests.ts";
import { findKubectl } from "./kubectl.ts";
import { useProgram } from "../program.ts";
import type { Program } from "../program.ts";
import { startLoopbackEdge } from "./loopback-edge.ts";
import type { LoopbackEdge } from "./loopback-edge.ts";

/** `CAPSTAN_KUBECTL_VERSIONS=1.27,1.33` runs others than the machine's own; they lie beside it. */
const versions = (process.env["CAPSTAN_KUBECTL_VERSIONS"] ?? "").split(",").filter((version) => version !== "");

for (const version of versions.length === 0 ? [undefined] : versions) describeKubectl(version);

function describeKubectl(version: string | undefined): void {
  const path = findKubectl(version);
  const skip = path === undefined ? `no kubectl ${version ?? ""} on this machine` : false;
  describe(`kubectl ${version ?? "of this machine"}`, { skip, concurrency: 2 }, () => {
    const asked: LogOptions[] = [];
    const node = nodeThat({
      async *logs(_pod, options) {
        asked.push(options);
        yield Buffer.from(`one of ${options.container}\n`);
        yield Buffer.from(options.follow === true ? "followed\n" : "two\n");
      },
    });
    let edge: LoopbackEdge;
    let kubectl: Program;
    let count = 0;
    before(async () => {
      edge = await startLoopbackEdge({ of: (name) => (name === "n1" ? node : undefined) });
      kubectl = useProgram(path ?? "kubectl", edge.directory);
    });
    after(async () => edge.close());

    /** A namespace of its own for each test. */
    const room = async () => {
      const name = `room-${count += 1}`;
      await kubectl.ok(["create", "namespace", name]);
      return { name, ok: (args: readonly string[], input?: string) => kubectl.ok(["-n", name, ...args], input), run: (args: readonly string[], input?: string) => kubectl.run(["-n", name, ...args], input) };
    };

    test("apply creates, configures and leaves unchanged", async () => {
      const { ok, run } = await room();
      assert.equal(await ok(["apply", "-f", "-"], deployment()), "deployment.apps/web created\n");
      assert.equal(await ok(["apply", "-f", "-"], deployment()), "deployment.apps/web unchanged\n");
      const diff = await run(["diff", "-f", "-"], deployment({ image: "nginx:1.26" }));
      assert.equal(diff.code, 1, diff.stderr);
      assert.match(diff.stdout, /^-\s+- image: nginx:1\.25$|^-\s+image: nginx:1\.25$/m);
      assert.match(diff.stdout, /^\+\s+(- )?image: nginx:1\.26$/m);
      assert.equal(await ok(["apply", "-f", "-"], deployment({ image: "nginx:1.26" })), "deployment.apps/web configured\n");
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env[0].name}"]), "nginx:1.26 A");
      assert.equal(await ok(["apply", "--dry-run=server", "-f", "-"], deployment({ replicas: 9 })), "deployment.apps/web configured (server dry run)\n");
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.spec.replicas}"]), "2");
    });

    test("get prints tables, names, documents and paths", async () => {
      const { name, ok } = await room();
      await ok(["apply", "-f", "-"], deployment());
      assert.match(await ok(["get", "deploy"]), /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2 +0 +0 +\d+s\n$/);
      assert.match(await ok(["get", "deploy", "-o", "wide"]), /CONTAINERS +IMAGES +SELECTOR\nweb .* web +nginx:1\.25 +app=web\n$/);
      assert.equal(await ok(["get", "deploy", "-o", "name"]), "deployment.apps/web\n");
      assert.match(await ok(["get", "deploy", "web", "-o", "yaml"]), /^apiVersion: apps\/v1\nkind: Deployment\n/);
      assert.equal(JSON.parse(await ok(["get", "deploy", "-o", "json"])).items[0].metadata.name, "web");
      assert.match(await ok(["get", "deploy", "--show-labels"]), /app=web\n$/);
      assert.match(await kubectl.ok(["get", "deploy", "-A"]), new RegExp(`${name} +web `));
      assert.equal(await ok(["get", "deploy", "-l", "app=web", "-o", "jsonpath={.items[*].metadata.name}"]), "web");
      assert.equal((await kubectl.run(["-n", name, "get", "deploy", "-l", "app=other"])).stderr, `No resources found in ${name} namespace.\n`);
      assert.equal((await kubectl.run(["-n", name, "get", "deploy", "other"])).stderr, "Error from server (NotFound): deployments.apps \"other\" not found\n");
    });

    test("get -w shows what happens", async () => {
      const { name, ok } = await room();
      await ok(["create", "configmap", "c", "--from-literal=a=1"]);
      const watching = kubectl.until(["-n", name, "get", "configmap", "-w", "--output-watch-events"], (lines) => {
        if (lines.length === 2) void ok(["delete", "configmap", "c"]);
        return lines.length >= 3;
      });
      const lines = await watching;
      assert.match(lines[0] ?? "", /^EVENT +NAME +DATA +AGE$/);
      assert.match(lines[1] ?? "", /^ADDED +c +1 /);
      assert.match(lines[2] ?? "", /^DELETED +c +1 /);
    });

    test("describe, explain and discovery tell what there is", async () => {
      const { ok } = await room();
      await ok(["apply", "-f", "-"], deployment());
      assert.match(await ok(["describe", "deploy", "web"]), /Replicas: +2 desired \| 0 updated/);
      assert.match(await kubectl.ok(["explain", "deployment.spec.replicas"]), /FIELD: +replicas <integer>/);
      assert.match(await kubectl.ok(["explain", "application.spec.source"]), /repoURL/);
      const resources = await kubectl.ok(["api-resources"]);
      assert.match(resources, /^deployments +deploy +apps\/v1 +true +Deployment$/m);
      assert.match(resources, /^namespaces +ns +v1 +false +Namespace$/m);
      assert.deepEqual((await kubectl.ok(["api-versions"])).trim().split("\n"), [...new Set(kinds.map(apiVersionOf))].toSorted());
    });

    test("scale, label, annotate and the three patches change the object", async () => {
      const { ok, run } = await room();
      await ok(["apply", "-f", "-"], deployment());
      assert.equal(await ok(["scale", "deploy", "web", "--replicas", "5"]), "deployment.apps/web scaled\n");
      assert.equal(await ok(["scale", "deploy", "web", "--replicas", "3", "--current-replicas", "5"]), "deployment.apps/web scaled\n");
      assert.match((await run(["scale", "deploy", "web", "--replicas", "1", "--current-replicas", "5"])).stderr, /Expected replicas to be 5, was 3/);
      assert.equal(await ok(["label", "deploy", "web", "tier=front"]), "deployment.apps/web labeled\n");
      assert.match(await ok(["annotate", "deploy", "web", "note=x"]), /^deployment.apps\/web annotated?\n$/);
      await ok(["patch", "deploy", "web", "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"B","value":"2"}]}]}}}}']);
      await ok(["patch", "deploy", "web", "--type", "merge", "-p", '{"spec":{"paused":true}}']);
      await ok(["patch", "deploy", "web", "--type", "json", "-p", '[{"op":"replace","path":"/spec/replicas","value":4}]']);
      const live = JSON.parse(await ok(["get", "deploy", "web", "-o", "json"]));
      assert.deepEqual(live.spec.template.spec.containers[0].env.map((entry: { readonly name: string }) => entry.name).toSorted(), ["A", "B"]);
      assert.deepEqual([live.spec.replicas, live.spec.paused, live.metadata.labels.tier, live.metadata.annotations.note], [4, true, "front", "x"]);
    });

    test("delete removes at once, after a grace period, and the way it was asked to cascade", async () => {
      const { name, ok } = await room();
      await ok(["apply", "-f", "-"], deployment());
      assert.match(await ok(["delete", "deploy", "web", "--cascade=foreground", "--wait=false"]), /^deployment.apps "web" deleted( from \S+ namespace)?\n$/);
      assert.equal(await ok(["get", "deploy", "web", "-o", "jsonpath={.metadata.finalizers}"]), "[\"foregroundDeletion\"]");
      await ok(["apply", "-f", "-"], deployment({ name: "other" }));
      await ok(["delete", "deploy", "other", "--cascade=orphan", "--wait=false"]);
      assert.equal(await ok(["get", "deploy", "other", "-o", "jsonpath={.metadata.finalizers}"]), "[\"orphan\"]");
      await ok(["create", "configmap", "c", "--from-literal=a=1"]);
      assert.match(await ok(["delete", "configmap", "c"]), /^configmap "c" deleted( from \S+ namespace)?\n$/);
      await ok(["apply", "-f", "-"], pod({ name: "p", node: "n1" }));
      await ok(["delete", "pod", "p", "--wait=false"]);
      assert.equal(await ok(["get", "pod", "p", "-o", "jsonpath={.metadata.deletionGracePeriodSeconds}"]), "30");
      await ok(["delete", "pod", "p", "--grace-period=0", "--force"]);
      assert.equal(await ok(["get", "pods", "-o", "name"]), "");
      assert.match((await kubectl.run(["-n", name, "delete", "configmap", "c"])).stderr, /NotFound.*configmaps "c" not found/);
    });

    test("wait and rollout follow the status a controller writes", async () => {
      const { name, ok } = await room();
      await ok(["apply", "-f", "-"], deployment());
      const ref = { namespace: name, name: "web" };
      const rollout = ok(["rollout", "status", "deploy", "web"]);
      const waiting = ok(["wait", "--for=condition=Available", "deploy/web", "--timeout=20s"]);
      const live = await edge.admin.get(DeploymentKind, ref);
      assert.ok(live);
      await edge.admin.updateStatus(DeploymentKind, { ...live, status: {
        observedGeneration: live.metadata.generation ?? 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2,
        conditions: [{ type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability.", lastUpdateTime: "2026-01-01T00:00:00Z", lastTransitionTime: "2026-01-01T00:00:00Z" }],
      } });
      assert.match(await rollout, /deployment "web" successfully rolled out\n$/);
      assert.equal(await waiting, "deployment.apps/web condition met\n");
      assert.match(await ok(["rollout", "history", "deploy", "web"]), /^deployment.apps\/web/);
    });

    test("logs come from the node, with upstream's refusals", async () => {
      const { name, ok, run } = await room();
      await ok(["apply", "-f", "-"], pod({ name: "one", node: "n1" }));
      await ok(["apply", "-f", "-"], pod({ name: "two", node: "n1", containers: ["a", "b"] }));
      assert.match((await run(["logs", "one"])).stderr, /container "main" in pod "one" is (not available|waiting to start: ContainerCreating)/);
      const states = { one: ["main"], two: ["a", "b"] };
      for (const [podName, containers] of Object.entries(states)) {
        const live = await edge.admin.get(PodKind, { namespace: name, name: podName });
        assert.ok(live);
        const containerStatuses = containers.map((container) => ({
          name: container, image: "busybox:1", imageID: "", ready: true, restartCount: 0, state: { running: { startedAt: "2026-01-01T00:00:00Z" } }, lastState: {},
        }));
        await edge.admin.updateStatus(PodKind, { ...live, status: { phase: "Running", containerStatuses } });
      }
      assert.equal(await ok(["logs", "one"]), "one of main\ntwo\n");
      assert.equal(await ok(["logs", "-f", "one", "--tail=5", "--since=1h", "--timestamps"]), "one of main\nfollowed\n");
      const { follow, tailLines, sinceSeconds, timestamps } = asked.at(-1) ?? {};
      assert.deepEqual([follow, tailLines, sinceSeconds, timestamps], [true, 5, 3600, true]);
      assert.equal(await ok(["logs", "two", "-c", "b"]), "one of b\ntwo\n");
      assert.match((await run(["logs", "two", "-c", "x"])).stderr, /container x is not valid for pod two/);
      const raw = await run(["get", "--raw", `/api/v1/namespaces/${name}/pods/two/log`]);
      assert.match(raw.stderr, /a container name must be specified for pod two, choose one of: \[a b\]/);
    });

    test("who may not is told so, who is unknown as well", async () => {
      const { token } = await createToken(edge.admin, edge.world, { user: "jane", groups: [] });
      const server = { server: edge.server.address, ca: edge.pki.ca, user: "jane" };
      const paths = { jane: join(edge.directory, "jane"), nobody: join(edge.directory, "nobody") };
      await writeFile(paths.jane, printKubeconfig({ ...server, credentials: { kind: "token", token } }));
      await writeFile(paths.nobody, printKubeconfig({ ...server, credentials: { kind: "token", token: `${token}x` } }));
      const jane = useProgram(path ?? "", edge.directory, { kubeconfig: paths.jane });
      assert.equal((await jane.run(["get", "pods"])).stderr, "Error from server (Forbidden): pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"\n");
      const nobody = useProgram(path ?? "", edge.directory, { kubeconfig: paths.nobody });
      assert.match((await nobody.run(["get", "pods"])).stderr, /You must be logged in to the server/);
    });

    test("drain cordons a node and evicts its pods, and uncordon takes it back", async () => {
      const { name, ok } = await room();
      await ok(["apply", "-f", "-"], "apiVersion: v1\nkind: Node\nmetadata: {name: drained}\n");
      await ok(["apply", "-f", "-"], pod({ name: "bare", node: "drained" }));
      // No agent ends it here: one that has ended already goes at once.
      await edge.admin.patch(PodKind, { namespace: name, name: "bare" }, { type: "merge", body: { status: { phase: "Succeeded" } } }, { subresource: "status" });
      const drain = await ok(["drain", "drained", "--force", "--timeout=20s"]);
      assert.match(drain, /^node\/drained cordoned\n/);
      assert.match(drain, /pod\/bare evicted\nnode\/drained drained\n$/);
      assert.equal(await ok(["get", "node", "drained", "-o", "jsonpath={.spec.unschedulable}"]), "true");
      assert.equal(await ok(["uncordon", "drained"]), "node/drained uncordoned\n");
    });

    test("a certificate request is approved and denied", async () => {
      const request = Buffer.from((await makeCertificateRequest({ subject: "CN=joe" })).request).toString("base64");
      const manifest = (name: string) => `apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: ${name}}\nspec: {request: ${request}, signerName: example.com/a, usages: [client auth]}\n`;
      await kubectl.ok(["apply", "-f", "-"], manifest("one-more"));
      await kubectl.ok(["apply", "-f", "-"], manifest("none"));
      assert.match(await kubectl.ok(["certificate", "approve", "one-more"]), /^certificatesigningrequest.certificates.k8s.io\/one-more approved\n$/);
      assert.match(await kubectl.ok(["certificate", "deny", "none"]), /denied\n$/);
      assert.match(await kubectl.ok(["get", "csr"]), /^none .* Denied\none-more .* Approved\n/m);
    });

    test("unknown fields are refused or warned of", async () => {
      const { run, ok } = await room();
      const wrong = deployment().replace("spec:", "spec:\n  wrong: 1");
      const strict = await run(["apply", "-f", "-"], wrong);
      assert.match(strict.stderr, /strict decoding error: unknown field "spec.wrong"/);
      const warned = await run(["apply", "--validate=warn", "-f", "-"], wrong);
      assert.match(warned.stderr, /Warning: unknown field "spec.wrong"/);
      assert.equal(await ok(["get", "deploy", "-o", "name"]), "deployment.apps/web\n");
    });
  });
}
