import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { fakeWorld } from "../../test/world/fake-world.ts";
import type { Client } from "../api/client.ts";
import type { Pod } from "../model/generated/core-v1.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { EventKind } from "../model/kinds/event.ts";
import { LeaseKind } from "../model/kinds/lease.ts";
import { NodeKind } from "../model/kinds/node.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { realChance } from "../world/real/chance.ts";
import { realClock } from "../world/real/clock.ts";
import { startProcesses } from "../world/real/processes.ts";
import { silentLog } from "../world/log.ts";
import type { Agent } from "./agent.ts";
import { startAgent } from "./agent.ts";
import type { MachineFacts } from "./machine.ts";
import { behaviorAnnotation } from "./runtimes/simulated/behavior.ts";
import { SimulatedDriver, SimulatedMachine } from "./runtimes/simulated/simulated-driver.ts";
import { ProcessDriver } from "./runtimes/process/process-driver.ts";

const machine: MachineFacts = {
  hostname: "m", cpuCount: 2, memoryBytes: 2 ** 31, diskBytes: 2 ** 34, kernelVersion: "6", osImage: "Test", architecture: "amd64", machineId: "id", bootId: "boot", nameservers: [],
};
const ref = { namespace: "default", name: "p" };

function podWith(spec: Partial<Pod["spec"]>, behavior?: object): Pod {
  return {
    apiVersion: "v1", kind: "Pod", metadata: { ...ref, ...(behavior === undefined ? {} : { annotations: { [behaviorAnnotation]: JSON.stringify(behavior) } }) },
    spec: { nodeName: "n", containers: [{ name: "c", image: "i" }], ...spec }, status: {},
  };
}

async function simulated(simulatedMachine = new SimulatedMachine()) {
  const { client, store } = await testApi();
  const world = fakeWorld();
  const begin = () => startAgent({ client, world, nodeName: "n", machine, runtime: new SimulatedDriver({ world, machine: simulatedMachine }) });
  return { client, store, world, begin };
}

const pod = async (client: Client) => client.get(PodKind, ref);
const stateOf = async (client: Client) => (await pod(client))?.status.containerStatuses?.[0];
const readyOf = async (client: Client) => (await pod(client))?.status.conditions?.find((condition) => condition.type === "Ready")?.status;

test("a node registers itself and beats", async () => {
  const { client, world, begin } = await simulated();
  const agent = await begin();
  const node = await client.get(NodeKind, { namespace: "", name: "n" });
  assert.deepEqual(node?.status.capacity?.["cpu"], "2");
  assert.equal(node?.status.conditions?.find((condition) => condition.type === "Ready")?.status, "True");
  assert.equal(node?.metadata.labels?.["kubernetes.io/hostname"], "n");
  const lease = () => client.get(LeaseKind, { namespace: "kube-node-lease", name: "n" });
  const first = (await lease())?.spec.renewTime;
  await world.clock.advance(10_000);
  assert.notEqual((await lease())?.spec.renewTime, first);
  await agent.close();
});

test("a pod becomes ready when its probe says so, and its status is written no oftener than it changes", async () => {
  const { client, store, world, begin } = await simulated();
  const agent = await begin();
  await client.create(PodKind, podWith({ containers: [{ name: "c", image: "i", readinessProbe: { httpGet: { port: 80 } } }] }, { readyAfterMs: 400 }));
  await world.clock.advance(300);
  assert.equal(await readyOf(client), "False");
  await world.clock.advance(200);
  assert.equal(await readyOf(client), "True");
  const { revision } = store;
  await world.clock.advance(5_000);
  assert.equal(store.revision, revision);
  await agent.close();
});

test("a crashing container is restarted with backoff and counted", async () => {
  const { client, world, begin } = await simulated();
  const agent = await begin();
  await client.create(PodKind, podWith({}, { exitAfterMs: 10, exitCode: 1 }));
  await world.clock.advance(1_000);
  assert.equal((await stateOf(client))?.state?.waiting?.reason, "CrashLoopBackOff");
  assert.equal((await stateOf(client))?.restartCount, 1);
  await world.clock.advance(10_000);
  assert.equal((await stateOf(client))?.restartCount, 2);
  await world.clock.advance(20_000);
  assert.equal((await stateOf(client))?.restartCount, 3);
  await agent.close();
});

test("simulated init containers are done at once, one after the other, and their pod becomes ready", async () => {
  const { client, world, begin } = await simulated();
  const agent = await begin();
  const initContainers = [{ name: "a", image: "i" }, { name: "sidecar", image: "i", restartPolicy: "Always" }, { name: "b", image: "i" }];
  await client.create(PodKind, podWith({ initContainers }, { readyAfterMs: 500 }));
  await world.clock.advance(2_000);
  assert.deepEqual((await pod(client))?.status.initContainerStatuses?.map(({ name, state }) => [name, state?.terminated?.exitCode]), [["a", 0], ["sidecar", undefined], ["b", 0]]);
  assert.equal(await readyOf(client), "True");
  await agent.close();
});

test("a liveness probe that fails has the container restarted", async () => {
  const { client, world, begin } = await simulated();
  const agent = await begin();
  await client.create(PodKind, podWith({ containers: [{ name: "c", image: "i", livenessProbe: { exec: { command: ["x"] }, periodSeconds: 1, failureThreshold: 2 } }] }, { sickAfterMs: 3_000 }));
  await world.clock.advance(6_500);
  assert.equal((await stateOf(client))?.restartCount, 1);
  const events = (await client.list(EventKind, {})).items.map((event) => event.message);
  assert.ok(events.includes("Container c failed liveness probe, will be restarted"), events.join("\n"));
  await agent.close();
});

test("a deleted pod is given its grace, and its object goes when its containers have ended", async () => {
  const { client, world, begin } = await simulated();
  const agent = await begin();
  await client.create(PodKind, podWith({ terminationGracePeriodSeconds: 5 }, { ignoresTerm: true }));
  await world.clock.advance(100);
  await client.remove(PodKind, ref);
  await world.clock.advance(3_000);
  assert.notEqual(await pod(client), undefined);
  // The API's clock is another test's world; the grace counts here from when the deletion was seen.
  await world.clock.advance(4_000);
  assert.equal(await pod(client), undefined);
  await agent.close();
});

test("a container waits for its ConfigMap with upstream's words, and starts as soon as it is there", async () => {
  const { client, world, begin } = await simulated();
  const agent = await begin();
  await client.create(PodKind, podWith({ containers: [{ name: "c", image: "i", env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "x", key: "k" } } }] }] }));
  await world.clock.advance(100);
  assert.deepEqual((await stateOf(client))?.state, { waiting: { reason: "CreateContainerConfigError", message: 'configmap "x" not found' } });
  await client.create(ConfigMapKind, { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name: "x" }, data: { k: "v" } });
  await world.clock.advance(100);
  assert.notEqual((await stateOf(client))?.state?.running, undefined);
  await agent.close();
});

test("after a restart of the agent pods stay ready, nothing is started anew, and what nobody wants any more is ended", async () => {
  const running = new SimulatedMachine();
  const { client, world, begin } = await simulated(running);
  const first = await begin();
  await client.create(PodKind, podWith({ containers: [{ name: "c", image: "i", readinessProbe: { httpGet: { port: 80 } } }] }));
  await client.create(PodKind, { ...podWith({}), metadata: { namespace: "default", name: "gone" } });
  await world.clock.advance(500);
  assert.equal(await readyOf(client), "True");
  await first.close();
  await client.remove(PodKind, { namespace: "default", name: "gone" }, { gracePeriodSeconds: 0 });
  const revision = (await pod(client))?.metadata.resourceVersion;
  const second = await begin();
  await world.clock.advance(3_000);
  assert.equal((await pod(client))?.metadata.resourceVersion, revision);
  assert.equal(running.pods.size, 1);
  await second.close();
});

test("a real program becomes ready, is restarted when killed, tells its log, and leaves nothing", { timeout: 30_000 }, async () => {
  const alive = setInterval(() => undefined, 1_000);
  const directory = mkdtempSync(join(tmpdir(), "capstan-agent-"));
  const world = { clock: realClock, chance: realChance, log: silentLog };
  const { client } = await testApi();
  const runtime = new ProcessDriver({ directory, world, processes: startProcesses() });
  const agent = await startAgent({ client, world, nodeName: "n", machine, runtime });
  const stop = new AbortController();
  try {
    await client.create(PodKind, podWith({ terminationGracePeriodSeconds: 3, containers: [{ name: "c", image: "i", command: ["node", "-e", script], readinessProbe: { httpGet: { port: 8080 } } }] }));
    await killOnceThenRemove(client, agent, stop.signal);
    assert.deepEqual(runtime.pods(), []);
  } finally {
    stop.abort();
    for (const { containers } of runtime.pods()) for (const run of containers) await runtime.signal(run.id, "KILL");
    await agent.close();
    rmSync(directory, { recursive: true });
    clearInterval(alive);
  }
});

const script = "require('http').createServer((q, s) => s.end('hello ' + process.pid)).listen(8080, process.env.HOST, () => console.log('listening'))";

/** Follows the pod: kills its program once, looks at what became of it, removes the pod; ends when it is gone. */
async function killOnceThenRemove(client: Client, agent: Agent, signal: AbortSignal): Promise<void> {
  let isKilled = false;
  for await (const event of client.watch(PodKind, { resourceVersion: "1" }, signal)) {
    if (event.type === "DELETED") return;
    if (event.type === "BOOKMARK" || event.object.metadata.deletionTimestamp !== undefined) continue;
    const status = event.object.status.containerStatuses?.[0];
    if (status?.ready !== true || (isKilled && status.restartCount === 0)) continue;
    if (isKilled) {
      assert.equal(status.restartCount, 1);
      assert.equal(status.lastState?.terminated?.exitCode, 137);
      let log = "";
      for await (const bytes of agent.connection.logs({ ...ref, uid: event.object.metadata.uid ?? "" }, { previous: true }, signal)) log += Buffer.from(bytes).toString("utf8");
      assert.equal(log, "listening\n");
      await client.remove(PodKind, ref);
    } else {
      isKilled = true;
      const answer = await (await fetch(`http://${event.object.status.podIP ?? ""}:8080/`)).text();
      process.kill(Number(answer.split(" ")[1]), "SIGKILL");
    }
  }
}
