import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import { SecretKind } from "../../src/model/kinds/secret.ts";
import { findKubectl } from "../conformance/kubectl/kubectl.ts";
import { useProgram } from "../conformance/program.ts";
import { deploymentText, livePods, plainFiles, readDeployment, startApplication, untilRuns } from "./application.ts";
import type { TestApplication } from "./application.ts";
import { TestDaemon } from "./daemon.ts";
import { until } from "./until.ts";

/** The oldest and newest that are promised, and the machine's own. */
const kubectlVersions = [undefined, "1.27", "1.33"];

/** A chart of what is made once: a password, a certificate, a time, and what the cluster said. */
function generatedFiles(text: string): Readonly<Record<string, string>> {
  return {
    "app/Chart.yaml": "apiVersion: v2\nname: generated\nversion: 1.0.0\n",
    "app/templates/map.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: generated }\ndata: { text: ${text} }\n`,
    "app/templates/secret.yaml": [
      "{{- $ca := genCA \"ca\" 365 }}", "apiVersion: v1", "kind: Secret", "metadata: { name: generated }", "data:", "  password: {{ randAlphaNum 20 | b64enc }}", "  ca: {{ $ca.Cert | b64enc }}",
      "  when: {{ now | unixEpoch | b64enc }}", "  seen: {{ ((lookup \"v1\" \"ConfigMap\" .Release.Namespace \"other\").data | default dict).who | default \"nobody\" | b64enc }}", "",
    ].join("\n"),
  };
}

describe("commands against the real daemon", () => {
  let daemon: TestDaemon;
  let shop: TestApplication;
  before(async () => {
    daemon = await TestDaemon.start();
    shop = await startApplication(daemon, "shop", plainFiles("shop"));
  });
  after(async () => { await daemon.close(); });

  test("capstan's own commands answer, each with its exit code", async () => {
    const expected: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["app", "list"], 0, /^default +shop +Synced +Healthy/m],
      [["app", "get", "shop"], 0, /^health: +Healthy$/m],
      [["app", "get", "shop", "-o", "json"], 0, /"kind": ?"Application"/],
      [["app", "get", "nothing"], 3, /no application nothing in namespace default/],
      [["app", "history", "shop"], 0, /^shop-1-\S+ +\S+ +[0-9a-f]{8} +Succeeded/m],
      [["app", "diff", "shop"], 0, /nothing changes/],
      [["app", "plan", "shop"], 0, /nothing changes/],
      [["app", "sync", "shop"], 0, /^Synced at [0-9a-f]{12}/],
      [["app", "logs", "shop"], 0, /^shop-\S+ \| begun$/m],
      [["app", "rollback", "shop", "--yes"], 3, /no earlier sync/],
      [["app", "rollback"], 2, /usage: capstan app rollback/],
      [["repo", "add", "more", "--hosted"], 0, /\/git\/more\.git/],
      [["repo", "add", "more", "--hosted"], 4, /already exists/],
      [["repo", "list"], 0, /^default +more +hosted here/m],
      [["render", join(shop.clone.directory, "app")], 0, /kind: Deployment/],
      [["token", "create", "ada", "--role", "viewer"], 0, /^capstan_\S+$/m],
      [["token", "create", "ada", "--role", "king"], 2, /choose one of admin, viewer/],
      [["nonsense"], 2, /no command nonsense/],
      [["app", "list", "--kubeconfig", "/nowhere/kubeconfig"], 5, /no kubeconfig at/],
    ];
    for (const [words, code, says] of expected) {
      const run = await daemon.capstan(words);
      assert.equal(run.code, code, `${words.join(" ")}: ${run.stdout}${run.stderr}`);
      assert.match(run.stdout + run.stderr, says);
    }
  });

  test("what a chart generates stays from render to render, and rotate renews exactly one", async () => {
    const app = await startApplication(daemon, "generated", generatedFiles("one"));
    const read = async (): Promise<Readonly<Record<string, string>>> => (await daemon.client.get(SecretKind, { namespace: "generated", name: "generated" }))?.data ?? {};
    const first = await read();
    assert.deepEqual(Object.keys(first).toSorted(), ["ca", "password", "seen", "when"]);
    assert.match(Buffer.from(first["ca"] ?? "", "base64").toString(), /^-----BEGIN CERTIFICATE-----/);
    assert.equal(Buffer.from(first["seen"] ?? "", "base64").toString(), "nobody");
    await daemon.client.create(ConfigMapKind, { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "generated", name: "other" }, data: { who: "somebody" } });
    const push = await app.clone.change(generatedFiles("two"), "Another text");
    await untilRuns(app, push.commit);
    assert.deepEqual([(await daemon.client.get(ConfigMapKind, { namespace: "generated", name: "generated" }))?.data?.["text"], await read()], ["two", first]);
    const listed = await daemon.capstan(["rotate", "generated"]);
    assert.deepEqual(listed.stdout.trim().split("\n"), ["lookup v1 ConfigMap generated other", "templates/secret.yaml: genCA \"ca\" 365", "templates/secret.yaml: now | unixEpoch | b64enc", "templates/secret.yaml: randAlphaNum 20 | b64enc"]);
    assert.equal((await daemon.capstan(["rotate", "generated", "templates/secret.yaml: uuidv4"])).code, 3);
    assert.equal((await daemon.capstan(["rotate", "generated", "templates/secret.yaml: randAlphaNum 20 | b64enc"])).code, 0);
    const renewed = await until(async () => {
      const data = await read();
      return data["password"] === first["password"] ? undefined : data;
    }, "the password is another one");
    assert.deepEqual({ ...renewed, password: "" }, { ...first, password: "" });
    assert.equal(Buffer.from(renewed["password"] ?? "", "base64").toString().length, 20);
  });

  for (const version of kubectlVersions) {
    const path = findKubectl(version);
    const name = `own-${(version ?? "here").replace(".", "-")}`;
    test(`kubectl ${version ?? "of this machine"} works with what runs`, { skip: path === undefined && `no kubectl ${version ?? ""} on this machine` }, async () => {
      const kubectl = useProgram(path ?? "", daemon.home, { kubeconfig: daemon.kubeconfig });
      const ok = (words: readonly string[], input?: string) => kubectl.ok(["-n", name, ...words], input);
      await kubectl.ok(["create", "namespace", name]);
      assert.match(await ok(["apply", "-f", "-"], deploymentText(name)), /created\n$/);
      assert.match(await ok(["apply", "-f", "-"], deploymentText(name)), /unchanged\n$/);
      assert.match(await ok(["rollout", "status", `deployment/${name}`, "--timeout=60s"]), /successfully rolled out/);
      assert.match(await ok(["apply", "-f", "-"], deploymentText(name, 2)), /configured\n$/);
      assert.match(await ok(["wait", `deployment/${name}`, "--for=jsonpath={.status.readyReplicas}=2", "--timeout=60s"]), /condition met/);
      assert.match(await ok(["scale", `deployment/${name}`, "--replicas=1"]), /scaled/);
      await ok(["wait", `deployment/${name}`, "--for=jsonpath={.status.replicas}=1", "--timeout=60s"]);
      assert.match(await ok(["get", "deployment,pods"]), new RegExp(`deployment\\.apps/${name} +1/1`));
      const pod = (await livePods({ client: daemon.client, name }))[0]?.metadata.name ?? "";
      assert.match(await ok(["describe", "pod", pod]), /Ready +True/);
      assert.deepEqual(await kubectl.until(["-n", name, "logs", "-f", pod], (lines) => lines.length > 0), ["begun"]);
      assert.match((await kubectl.until(["-n", name, "get", "pods", "-w"], (lines) => lines.length > 1)).join("\n"), /Running/);
      assert.match(await ok(["delete", "deployment", name, "--timeout=60s"]), /deleted/);
      await ok(["wait", "pods", "--all", "--for=delete", "--timeout=60s"]);
      assert.match(await ok(["create", "job", "once", "--image=none", "--", "sh", "-c", "echo ran"]), /job\.batch\/once created/);
      assert.match(await ok(["wait", "job/once", "--for=condition=complete", "--timeout=60s"]), /condition met/);
      assert.equal(await ok(["logs", "job/once"]), "ran\n");
      assert.match(await ok(["describe", "job", "once"]), /1 Succeeded \/ 0 Failed/);
      assert.match(await ok(["get", "jobs"]), /^once +Complete +1\/1/m);
      await ok(["create", "cronjob", "rarely", "--image=none", "--schedule=0 0 1 1 *", "--", "sh", "-c", "exit 0"]);
      await ok(["create", "job", "now", "--from=cronjob/rarely"]);
      await ok(["wait", "job/now", "--for=condition=complete", "--timeout=60s"]);
      await ok(["delete", "job/once", "cronjob/rarely", "--timeout=60s"]);
      await ok(["wait", "pods", "--all", "--for=delete", "--timeout=60s"]);
      assert.equal((await readDeployment(shop)).status.availableReplicas, 1, "the neighbour is as it was");
    });
  }
});
