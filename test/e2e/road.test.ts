import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import type { ReplicaSet } from "../../src/model/kinds/replica-set.ts";
import { SyncKind } from "../../src/model/kinds/sync.ts";
import { isReady, livePods, readApplication, readDeployment, readService, startApplication, untilRuns, webFiles, webValues } from "./application.ts";
import type { TestApplication } from "./application.ts";
import { TestDaemon } from "./daemon.ts";
import { GitClone } from "./git-clone.ts";
import { watchRollout } from "./rollout-watch.ts";
import { until } from "./until.ts";

/** The goal is two seconds on a quiet machine; this bound only keeps a hang from passing. */
const restartMs = 15_000;

describe("the road of a commit", () => {
  let daemon: TestDaemon;
  before(async () => { daemon = await TestDaemon.start(); });
  after(async () => { await daemon.close(); });

  test("the first start says four things, and the demo it made runs", async (context) => {
    assert.deepEqual(daemon.announcement.map((line) => line.split(/\s/, 1)[0]), ["dashboard", "git", "kubeconfig", "running"]);
    assert.match(daemon.announced("dashboard"), /^http:\/\/127\.0\.0\.1:\d+\/login\?token=\S+$/);
    assert.match(daemon.announced("git"), /^http:\/\/[^:]+:[^@]+@127\.0\.0\.1:\d+\/git\/demo\.git$/);
    assert.equal(daemon.announced("kubeconfig"), daemon.kubeconfig);
    assert.equal(await readPageText(`${daemon.web}/readyz`), "ok");
    const clone = await GitClone.clone(daemon.announced("git"), { home: daemon.home, name: "demo" });
    await untilRuns({ client: daemon.client, name: "demo" }, await clone.git(["rev-parse", "HEAD"]));
    context.diagnostic(`first start: ready after ${Math.round(daemon.readyAfterMs)} ms`);
  });

  test("a push tells what changes, and rolls out without ever having fewer ready pods than allowed", async (context) => {
    const shop = await startApplication(daemon, "shop", await webFiles({ message: "one" }));
    assert.match(await readService(shop), /<p>one<\/p>/);
    const before = (await livePods(shop)).map((pod) => pod.metadata.uid);
    const watch = await watchRollout(daemon.client, "shop");
    const push = await shop.clone.change({ "app/values.yaml": webValues({ message: "two" }) }, "Say two");
    const pushedMs = performance.now();
    assert.ok(push.isTaken, push.stderr);
    assert.equal(push.remote[0], "default/shop: 2 objects will change");
    assert.ok(push.remote.includes("      data.MESSAGE: one → two"), push.stderr);
    await until(async () => (await livePods(shop)).filter((pod) => isReady(pod) && !before.includes(pod.metadata.uid)).length === 2, "both new pods are ready");
    context.diagnostic(`push to Ready: ${Math.round(performance.now() - pushedMs)} ms`);
    await untilRuns(shop, push.commit);
    await until(async () => (await daemon.client.get(ReplicaSetKind, { namespace: "shop", name: await oldSet(shop) }))?.status.replicas === 0, "the old pods are gone");
    await watch.end();
    assert.ok(watch.events() > 4, `${watch.events()} events were seen`);
    assert.equal(watch.fewest(), 2, "maxUnavailable 0 of 2 pods");
    assert.match(await readService(shop), /<p>two<\/p>/);
    const sync = (await syncsOf(shop))[0];
    assert.deepEqual([sync?.spec.trigger, sync?.spec.revision, sync?.spec.author, sync?.status.phase], ["Push", push.commit, "Ada <ada@example.org>", "Succeeded"]);
  });

  test("a push that does not render is refused with its line, and changes nothing", async () => {
    const broken = await startApplication(daemon, "broken", await webFiles({ message: "well", replicas: 1 }));
    const before = await readDeployment(broken);
    const head = await broken.clone.git(["ls-remote", "origin", "refs/heads/main"]);
    const push = await broken.clone.change({ "app/templates/service.hbs": "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{nonsense Values.message}}\n" });
    assert.equal(push.isTaken, false);
    assert.match(push.remote.join("\n"), /^default\/broken: refused\n {2}app\/templates\/service\.hbs:4(:\d+)?: .*nonsense/m);
    assert.equal(await broken.clone.git(["ls-remote", "origin", "refs/heads/main"]), head, "the branch stays where it was");
    assert.deepEqual(await readDeployment(broken), before);
  });

  test("a reverted commit brings the old ReplicaSet back, and a rollback writes the revert itself", async () => {
    const back = await startApplication(daemon, "back", await webFiles({ message: "old", replicas: 1 }));
    const old = await currentSet(back);
    const first = await back.clone.change({ "app/values.yaml": webValues({ message: "new", replicas: 1 }) }, "Say new");
    await untilRuns(back, first.commit);
    assert.notEqual((await currentSet(back)).metadata.uid, old.metadata.uid);
    await back.clone.git(["revert", "--no-edit", "HEAD"]);
    const reverted = await back.clone.push();
    assert.ok(reverted.isTaken, reverted.stderr);
    await untilRuns(back, reverted.commit);
    const again = await currentSet(back);
    assert.deepEqual([again.metadata.name, again.metadata.uid], [old.metadata.name, old.metadata.uid]);
    await until(async () => /<p>old<\/p>/.test(await readService(back)), "the old text is served");

    const third = await back.clone.change({ "app/values.yaml": webValues({ message: "third", replicas: 1 }) }, "Say third");
    await untilRuns(back, third.commit);
    const run = await daemon.capstan(["app", "rollback", "back", "--yes"]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^back to back-\d+-\S+ \([0-9a-f]{8} Revert "Say new"\)\n/);
    assert.match(run.stdout, /data\.MESSAGE: third → old/);
    await until(async () => {
      await back.clone.git(["pull", "--quiet", "origin", "main"]);
      return (await back.clone.git(["log", "-1", "--format=%s"])).startsWith("Roll back app to");
    }, "the revert commit is in Git");
    assert.equal(await back.clone.git(["show", "HEAD:app/values.yaml"]), webValues({ message: "old", replicas: 1 }).trim());
    await untilRuns(back, await back.clone.git(["rev-parse", "HEAD"]));
    assert.equal((await currentSet(back)).metadata.uid, old.metadata.uid);
    assert.equal((await readApplication(back)).status.pinnedRevision, undefined, "Git is the truth again");
  });

  test("SIGTERM ends the daemon and not the pods; the next start takes them up and is ready soon", async (context) => {
    const kept = await startApplication(daemon, "kept", await webFiles({ message: "kept", replicas: 1 }));
    const uid = (await livePods(kept))[0]?.metadata.uid ?? "";
    const containers = (await daemon.containers()).get(uid);
    assert.equal(containers?.length, 1);
    await daemon.stop();
    assert.deepEqual((await daemon.containers()).get(uid), containers, "the pod runs on");
    await daemon.start();
    context.diagnostic(`later start: ready after ${Math.round(daemon.readyAfterMs)} ms`);
    assert.ok(daemon.readyAfterMs < restartMs, `ready after ${daemon.readyAfterMs} ms`);
    await until(async () => /<p>kept<\/p>/.test(await readService(kept)), "the service answers again");
    const pod = (await livePods(kept))[0];
    assert.deepEqual([pod?.metadata.uid, pod?.status.containerStatuses?.[0]?.restartCount], [uid, 0]);
    assert.deepEqual((await daemon.containers()).get(uid), containers, "the same process was taken up");
    const push = await kept.clone.change({ "app/values.yaml": webValues({ message: "after", replicas: 1 }) });
    await untilRuns(kept, push.commit);
  });
});

async function readPageText(url: string): Promise<string> {
  return (await (await fetch(url)).text()).trim();
}

async function setsOf({ client, name }: TestApplication): Promise<readonly ReplicaSet[]> {
  return (await client.list(ReplicaSetKind, { namespace: name })).items;
}

/** The set the newest revision of the deployment uses. */
async function currentSet(application: TestApplication): Promise<ReplicaSet> {
  const wanted = (await readDeployment(application)).metadata.annotations?.["deployment.kubernetes.io/revision"];
  const found = (await setsOf(application)).find((set) => set.metadata.annotations?.["deployment.kubernetes.io/revision"] === wanted);
  if (found === undefined) throw new Error(`no set of revision ${wanted}`);
  return found;
}

async function oldSet(application: TestApplication): Promise<string> {
  const current = await currentSet(application);
  return (await setsOf(application)).find((set) => set.metadata.uid !== current.metadata.uid)?.metadata.name ?? "";
}

/** Its syncs, newest first. */
async function syncsOf({ client, name }: TestApplication) {
  const { items } = await client.list(SyncKind, { namespace: "default", labelSelector: `capstan.dev/application=${name}` });
  return items.toSorted((a, b) => b.spec.planGeneration - a.spec.planGeneration);
}
