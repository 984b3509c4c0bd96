import { NodeKind } from "../../src/model/kinds/node.ts";
import { noStoreFaults } from "./disk.ts";
import { byHand } from "./people.ts";
import { mendHeads, push } from "./pushes.ts";
import type { Simulation } from "./simulation.ts";

/** Something that goes wrong, or that somebody does; answers what, or undefined when it does not fit now. */
type Fault = (world: Simulation) => string | undefined;

const faults: readonly { readonly weight: number; readonly run: Fault }[] = [
  { weight: 22, run: push },
  { weight: 10, run: byHand },
  { weight: 5, run: crashPlane },
  { weight: 2, run: stopPlane },
  { weight: 4, run: crashAgent },
  { weight: 4, run: unwellStore },
  { weight: 2, run: stoppedStore },
  { weight: 4, run: unwellWatches },
  { weight: 2, run: compactNow },
  { weight: 4, run: unwellGit },
  { weight: 4, run: redisAway },
  { weight: 2, run: cutNode },
  { weight: 2, run: lossyNode },
  { weight: 3, run: killPod },
  { weight: 2, run: cordon },
  { weight: 1, run: jump },
];

const weightSum = faults.reduce((sum, { weight }) => sum + weight, 0);

/** Lets the next thing happen. */
export function nextFault(world: Simulation): void {
  let left = world.chance.fraction() * weightSum;
  for (const { weight, run } of faults) {
    left -= weight;
    if (left > 0) continue;
    const text = run(world);
    if (text !== undefined) world.note(text);
    return;
  }
}

/** Everything works from now on, and what was broken in Git is mended, in most seeds. */
export async function endFaults(world: Simulation): Promise<void> {
  world.note("all faults end");
  Object.assign(world.disk.faults, noStoreFaults());
  Object.assign(world.git.faults, { fail: 0, slow: 0, slowMs: 0 });
  if (world.redis !== undefined && !world.redis.isUp) world.redis.comeBack({ hasData: world.chance.isLucky(0.5) });
  // A store that stopped after a failed flush works again after a restart only.
  if (world.isStoreStopped) { world.plane.crash(); world.isStoreStopped = false; }
  world.plane.start();
  for (const node of world.nodes) {
    node.isCut = false;
    node.loseAnswer = 0;
    node.start();
    await uncordon(world, node.name);
  }
  mendHeads(world);
}

async function uncordon(world: Simulation, name: string): Promise<void> {
  for (;;) {
    try {
      await world.client.patch(NodeKind, { namespace: "", name }, { type: "merge", body: { spec: { unschedulable: null } } });
      return;
    } catch {
      await world.people.sleep(1_000);
    }
  }
}

/** Whatever is under way while something fails may end otherwise than planned. */
function unsettle(world: Simulation): void {
  world.safety.moved.clear();
}

function crashPlane(world: Simulation): string | undefined {
  if (world.plane.isDown) return undefined;
  unsettle(world);
  const downMs = world.chance.isLucky(0.8) ? world.chance.between(0, 5_000) : world.chance.between(5_000, 120_000);
  world.plane.crash();
  world.isStoreStopped = false;
  world.clock.after(downMs, () => { world.note("the daemon starts"); world.plane.start(); });
  return `the daemon is killed for ${downMs} ms`;
}

function stopPlane(world: Simulation): string | undefined {
  if (world.plane.isDown) return undefined;
  unsettle(world);
  void world.plane.stop().then((wasStopped) => {
    if (!wasStopped) return;
    world.note("the daemon has stopped");
    world.isStoreStopped = false;
    world.clock.after(world.chance.between(0, 3_000), () => { world.note("the daemon starts"); world.plane.start(); });
  });
  return "the daemon is told to stop";
}

function crashAgent(world: Simulation): string | undefined {
  const node = world.chance.pick(world.nodes.filter((one) => one.driver !== undefined));
  if (node === undefined) return undefined;
  const isLong = world.chance.isLucky(0.2);
  const downMs = isLong ? world.chance.between(20_000, 400_000) : world.chance.between(0, 15_000);
  node.crash();
  if (isLong) disturbFor(world, downMs);
  world.clock.after(downMs, () => { world.note(`agent ${node.name} starts`); node.start(); });
  return `agent ${node.name} is killed for ${downMs} ms`;
}

/** Pods may go at any time from now until a while after. */
function disturbFor(world: Simulation, ms: number): void {
  const { safety } = world;
  safety.disturbances++;
  safety.disturb();
  world.clock.after(ms + 120_000, () => { safety.disturb(); safety.disturbances--; });
}

function unwellStore(world: Simulation): string {
  unsettle(world);
  const { chance } = world;
  const forMs = chance.between(1_000, 90_000);
  Object.assign(world.disk.faults, {
    slowFlush: chance.fraction() * 0.5, slowFlushMs: chance.between(10, 3_000), refuseCommit: chance.isLucky(0.6) ? chance.fraction() * 0.5 : 0,
    loseAnswer: chance.isLucky(0.6) ? chance.fraction() * 0.5 : 0, holdCommit: chance.fraction() * 0.6, holdCommitMs: chance.between(100, 20_000),
  });
  world.clock.after(forMs, () => { Object.assign(world.disk.faults, { slowFlush: 0, refuseCommit: 0, loseAnswer: 0, holdCommit: 0 }); world.note("the store is well again"); });
  // Heartbeats that do not come through make nodes look silent.
  disturbFor(world, forMs);
  return `the store is unwell for ${forMs} ms: ${printFaults(world)}`;
}

function printFaults(world: Simulation): string {
  return Object.entries(world.disk.faults).filter(([, value]) => value > 0).map(([name, value]: [string, number]) => `${name} ${value < 1 ? value.toFixed(2) : value}`).join(", ");
}

/** The disk fails once; the store stops writing until the daemon is restarted by its supervisor. */
function stoppedStore(world: Simulation): string | undefined {
  if (world.plane.isDown) return undefined;
  unsettle(world);
  world.disk.faults.failFlush = 1;
  disturbFor(world, 60_000);
  world.disk.onStopped = () => {
    world.disk.faults.failFlush = 0;
    world.isStoreStopped = true;
    world.note("the disk failed");
    world.clock.after(world.chance.between(100, 30_000), () => {
      if (!world.isStoreStopped) return;
      world.note("the daemon is restarted after the disk failed");
      world.plane.crash();
      world.isStoreStopped = false;
      world.plane.start();
    });
  };
  return "the disk will fail at the next write";
}

function unwellWatches(world: Simulation): string {
  unsettle(world);
  const { chance } = world;
  const forMs = chance.between(1_000, 120_000);
  Object.assign(world.disk.faults, { delayWatch: chance.fraction() * 0.8, delayWatchMs: chance.between(10, 8_000), cutWatch: chance.isLucky(0.6) ? chance.fraction() * 0.3 : 0 });
  world.clock.after(forMs, () => { Object.assign(world.disk.faults, { delayWatch: 0, cutWatch: 0 }); world.note("watches are well again"); });
  return `watches are late and cut for ${forMs} ms: ${printFaults(world)}`;
}

/** History is forgotten under everybody who still reads it. */
function compactNow(world: Simulation): string | undefined {
  const store = world.plane.api?.store;
  if (store === undefined) return undefined;
  void store.compact(store.revision).catch(() => {});
  return "history is compacted";
}

function unwellGit(world: Simulation): string {
  unsettle(world);
  const { chance } = world;
  const forMs = chance.between(1_000, 180_000);
  Object.assign(world.git.faults, { fail: chance.isLucky(0.5) ? 1 : chance.fraction(), slow: chance.fraction() * 0.5, slowMs: chance.between(100, 60_000) });
  world.clock.after(forMs, () => { Object.assign(world.git.faults, { fail: 0, slow: 0 }); world.note("Git is well again"); });
  return `Git is unwell for ${forMs} ms`;
}

function redisAway(world: Simulation): string | undefined {
  const { redis, chance } = world;
  if (redis === undefined || !redis.isUp) return undefined;
  unsettle(world);
  const forMs = chance.between(100, 60_000);
  const hasData = chance.isLucky(0.5);
  redis.goAway();
  world.clock.after(forMs, () => {
    if (redis.isUp) return;
    world.note(`Redis is back ${hasData ? "with" : "without"} its data`);
    redis.comeBack({ hasData });
  });
  return `Redis goes away for ${forMs} ms`;
}

function cutNode(world: Simulation): string | undefined {
  const node = world.chance.pick(world.nodes.filter((one) => !one.isCut));
  if (node === undefined) return undefined;
  const forMs = world.chance.isLucky(0.5) ? world.chance.between(1_000, 30_000) : world.chance.between(30_000, 900_000);
  node.isCut = true;
  disturbFor(world, forMs);
  world.clock.after(forMs, () => { node.isCut = false; world.note(`node ${node.name} is reached again`); });
  return `node ${node.name} is cut off for ${forMs} ms`;
}

function lossyNode(world: Simulation): string | undefined {
  const node = world.chance.pick(world.nodes);
  if (node === undefined) return undefined;
  const forMs = world.chance.between(1_000, 60_000);
  node.loseAnswer = world.chance.fraction() * 0.7;
  disturbFor(world, forMs);
  world.clock.after(forMs, () => { node.loseAnswer = 0; });
  return `node ${node.name} loses answers for ${forMs} ms`;
}

function killPod(world: Simulation): string | undefined {
  const node = world.chance.pick(world.nodes.filter((one) => one.driver !== undefined && one.machine.pods.size > 0));
  const pod = world.chance.pick([...(node?.machine.pods.values() ?? [])]);
  if (node === undefined || pod === undefined) return undefined;
  world.safety.disturb();
  for (const id of pod.runs.keys()) void node.driver?.signal(id, "KILL");
  return `pod ${pod.request.name} on ${node.name} is killed`;
}

function cordon(world: Simulation): string | undefined {
  const node = world.chance.pick(world.nodes);
  if (node === undefined) return undefined;
  const isUnschedulable = world.chance.isLucky(0.6);
  void world.client.patch(NodeKind, { namespace: "", name: node.name }, { type: "merge", body: { spec: { unschedulable: isUnschedulable ? true : null } } }).catch(() => {});
  return `node ${node.name} is ${isUnschedulable ? "cordoned" : "uncordoned"}`;
}

function jump(world: Simulation): string {
  unsettle(world);
  const ms = world.chance.between(600_000, 6 * 3_600_000) * (world.chance.isLucky(0.25) ? -1 : 1);
  disturbFor(world, 60_000);
  world.clock.jump(ms);
  return `the wall clock jumps by ${(ms / 60_000).toFixed(0)} minutes`;
}
