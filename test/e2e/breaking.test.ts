import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { findRedisServer } from "../../src/jobs/redis-server.ts";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import { SyncKind } from "../../src/model/kinds/sync.ts";
import { isReady, livePods, plainFiles, readApplication, readDeployment, readPage, readService, startApplication, untilRuns, webFiles, webValues } from "./application.ts";
import type { TestApplication } from "./application.ts";
import { TestDaemon } from "./daemon.ts";
import { isRunning, sendSignal } from "./processes.ts";
import { ServiceKind } from "../../src/model/kinds/service.ts";
import { until } from "./until.ts";

const isRedisHere = findRedisServer(process.env["PATH"] ?? "") !== undefined;

describe("broken things mend themselves", () => {
  let daemon: TestDaemon;
  before(async () => { daemon = await TestDaemon.start(); });
  after(async () => { await daemon.close(); });

  /** The program of a pod's only container. */
  const programOf = async (pod: Pod) => {
    const found = (await daemon.containers()).get(pod.metadata.uid ?? "")?.[0];
    if (found === undefined) throw new Error(`${pod.metadata.name} has no process`);
    return found;
  };

  test("a killed process is started again with the restart counted, and held back when it ends again", async () => {
    const worker = await startApplication(daemon, "worker", plainFiles("worker"));
    const pod = (await livePods(worker))[0];
    assert.ok(pod !== undefined);
    const uid = pod.metadata.uid;
    const state = async () => (await livePods(worker)).find((one) => one.metadata.uid === uid);
    const first = await programOf(pod);
    sendSignal(first.pid, "SIGKILL");
    const restarted = await until(async () => {
      const now = await state();
      return now !== undefined && isReady(now) && now.status.containerStatuses?.[0]?.restartCount === 1 && now;
    }, "the container runs again");
    assert.equal(restarted.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 137);
    assert.equal(await isRunning(first), false);
    sendSignal((await programOf(pod)).pid, "SIGKILL");
    const waiting = await until(async () => {
      const container = (await state())?.status.containerStatuses?.[0];
      return container?.state?.waiting?.reason === "CrashLoopBackOff" && container;
    }, "the second restart waits");
    assert.match(waiting.state?.waiting?.message ?? "", /back-off 10s restarting failed container=main/);
    await until(async () => (await readApplication(worker)).status.health?.status !== "Healthy", "the application says it is not well");
    const again = await until(async () => { const now = await state(); return now !== undefined && isReady(now) && now; }, "it runs once the wait is over");
    assert.equal(again.status.containerStatuses?.[0]?.restartCount, 2);
  });

  test("a deployment deleted by hand comes back, and a field edited by hand is set right, each with a SelfHeal sync", async () => {
    const healed = await startApplication(daemon, "healed", plainFiles("healed"));
    const first = await readDeployment(healed);
    await daemon.client.remove(DeploymentKind, { namespace: "healed", name: "healed" });
    await until(async () => {
      const now = await readDeployment(healed);
      return now.metadata.uid !== first.metadata.uid && now.status.availableReplicas === 1;
    }, "a new deployment runs");
    await daemon.client.patch(DeploymentKind, { namespace: "healed", name: "healed" }, { type: "merge", body: { spec: { replicas: 3 } } });
    await until(async () => (await readDeployment(healed)).spec.replicas === 1, "the number of the commit is back");
    const syncs = await until(async () => {
      const { items } = await daemon.client.list(SyncKind, { namespace: "default", labelSelector: "capstan.dev/application=healed" });
      const found = items.filter(({ spec, status }) => spec.trigger === "SelfHeal" && status.phase === "Succeeded").toSorted((a, b) => a.spec.planGeneration - b.spec.planGeneration);
      return found.length >= 2 && found;
    }, "both were recorded");
    assert.deepEqual(syncs[0]?.status.steps?.map(({ action, kind, name }) => [action, kind, name]), [["Create", "Deployment", "healed"]]);
    const drift = syncs.at(-1)?.status.steps?.[0];
    assert.deepEqual([drift?.action, drift?.kind, drift?.diff], ["Update", "Deployment", ["spec.replicas: 3 → 1"]]);
  });

  test("a daemon killed in the middle of a rollout takes up what runs and finishes; the pods serve all the while", async () => {
    const shop = await startApplication(daemon, "shop", await webFiles({ message: "old" }));
    const olds = await livePods(shop);
    const programs = await Promise.all(olds.map(programOf));
    const service = await daemon.client.get(ServiceKind, { namespace: "shop", name: "shop" });
    // New pods take a while to be ready, so that the kill falls into the rollout.
    const slow = "program: |\n  setTimeout(() => require(\"node:http\").createServer((_, response) => response.end(\"<p>new</p>\")).listen(8080, process.env.POD_IP), 1500);\n";
    const push = await shop.clone.change({ "app/values.yaml": webValues({ message: "new", more: slow }) });
    assert.ok(push.isTaken, push.stderr);
    // A container whose start the kill cuts off is rightly started again; here all of them run.
    const shopContainers = async () => {
      const all = await daemon.containers();
      const pods = await livePods(shop);
      return pods.length === 4 && pods.every(({ metadata }) => all.has(metadata.uid ?? "")) && all;
    };
    const between = await until(shopContainers, "new pods run beside the old ones");
    await daemon.kill();
    for (const [index, pod] of olds.entries()) {
      assert.match(await readPage(`http://${pod.status.podIP ?? ""}:8080/`), /<p>old<\/p>/, "an old pod serves without the daemon");
      assert.ok(await isRunning(programs[index] ?? assert.fail()));
    }
    await daemon.start();
    const answers: string[] = [];
    const client = new AbortController();
    const url = `http://${service?.spec.clusterIP ?? ""}:${service?.spec.ports?.[0]?.port ?? 0}/`;
    await until(() => readPage(url), "the service answers again");
    const asking = (async () => { while (!client.signal.aborted) { answers.push(await readPage(url).catch((error: unknown) => `failed: ${String(error)}`)); await delay(20); } })();
    try {
      await untilRuns(shop, push.commit);
    } finally {
      client.abort();
      await asking;
    }
    assert.deepEqual(answers.filter((answer) => !/<p>(old|new)<\/p>/.test(answer)), [], "every request was answered");
    assert.equal(answers.some((answer) => answer.includes("<p>new</p>")) || /<p>new<\/p>/.test(await readService(shop)), true);
    const now = await livePods(shop);
    assert.equal(now.length, 2);
    for (const pod of now) {
      assert.deepEqual(await programOf(pod), between.get(pod.metadata.uid ?? "")?.[0], "taken up, not started again");
      assert.equal(pod.status.containerStatuses?.[0]?.restartCount, 0);
    }
    const { items } = await daemon.client.list(ReplicaSetKind, { namespace: "shop" });
    assert.deepEqual(items.map((set) => set.spec.replicas ?? 0).toSorted((a, b) => a - b), [0, 2], "one new set, nothing doubled");
  });

  test("Redis killed in the middle of syncs: each is finished or taken up, and none is done twice", { skip: !isRedisHere && "redis-server is not installed" }, async () => {
    const names = ["queue-a", "queue-b", "queue-c"];
    const applications: TestApplication[] = [];
    for (const name of names) applications.push(await startApplication(daemon, name, plainFiles(name)));
    const redis = await daemon.redis();
    const pushing = applications.map((one) => one.clone.change(plainFiles(one.name, { text: "two", replicas: 2 })));
    await Promise.race(pushing);
    sendSignal(redis.pid, "SIGKILL");
    const pushes = await Promise.all(pushing);
    for (const [index, one] of applications.entries()) {
      const push = pushes[index];
      assert.ok(push?.isTaken === true, push?.stderr);
      await untilRuns(one, push.commit);
      const { items } = await daemon.client.list(SyncKind, { namespace: "default", labelSelector: `capstan.dev/application=${one.name}` });
      assert.deepEqual(items.filter(({ spec }) => spec.revision === push.commit).map(({ status }) => status.phase), ["Succeeded"], `${one.name} was synced once`);
      assert.equal((await livePods(one)).length, 2);
    }
    const next = await until(async () => { const found = await daemon.redis(); return found.pid !== redis.pid && found; }, "the daemon's Redis is back");
    assert.ok(await isRunning(next));
    const last = applications[0] ?? assert.fail();
    await untilRuns(last, (await last.clone.change(plainFiles(last.name, { text: "three" }))).commit);
  });
});
