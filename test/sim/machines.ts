import { startAgent } from "../../src/agent/agent.ts";
import type { MachineFacts } from "../../src/agent/machine.ts";
import { SimulatedDriver, SimulatedMachine } from "../../src/agent/runtimes/simulated/simulated-driver.ts";
import { openClusterApi, startControlPlane, daemonUser } from "../../src/daemon/control-plane.ts";
import type { ClusterApi } from "../../src/daemon/control-plane.ts";
import { openMemoryJobs } from "../../src/jobs/drivers/memory.ts";
import { renderHere } from "../../src/render/render-here.ts";
import { Poller } from "../../src/sources/poller.ts";
import type { Chance } from "../../src/world/chance.ts";
import type { World } from "../../src/world/world.ts";
import type { SimulatedDisk } from "./disk.ts";
import type { SimulatedGit } from "./git.ts";
import { remoteClient } from "./network.ts";
import type { SimulatedRedis } from "./redis.ts";
import { simulatedIdentity } from "./token-keys.ts";
import type { SeededChance, SimulatedClock, SimulatedLog } from "./world.ts";
import { Life } from "./world.ts";

/** What outlives every process. */
export interface Outside {
  readonly clock: SimulatedClock;
  readonly chance: SeededChance;
  readonly log: SimulatedLog;
  readonly disk: SimulatedDisk;
  readonly git: SimulatedGit;
  /** Undefined: jobs are kept in the daemon's memory. */
  readonly redis: SimulatedRedis | undefined;
}

/** Restarted by what supervises it after this, when it ends by itself. */
const restartMs = 1_000;

function worldOf(outside: Outside, life: Life): World {
  const chance: Chance = outside.chance;
  return { clock: life, chance, log: outside.log.of(life) };
}

/** The daemon's control plane on its machine: the same code as the daemon's, under a supervisor. */
export class ControlPlaneMachine {
  readonly #outside: Outside;
  #life: Life;
  #api: ClusterApi | undefined;
  #count = 0;
  #stopGracefully: (() => Promise<void>) | undefined;
  isDown = true;

  constructor(outside: Outside) {
    this.#outside = outside;
    this.#life = new Life("none", outside.clock);
  }

  /** The API as others reach it. */
  get api(): ClusterApi | undefined {
    return this.isDown ? undefined : this.#api;
  }

  get life(): Life {
    return this.#life;
  }

  start(): void {
    if (!this.isDown) return;
    this.#count++;
    const life = new Life(`daemon-${this.#count}`, this.#outside.clock);
    this.#life = life;
    this.isDown = false;
    this.#run(life).catch((error: unknown) => {
      if (life.isDead) return;
      this.#outside.log.of(life).warn("the daemon did not start", { error });
      this.crash();
      this.#outside.clock.after(restartMs, () => { this.start(); });
    });
  }

  async #run(life: Life): Promise<void> {
    const { disk, git, redis } = this.#outside;
    const world = worldOf(this.#outside, life);
    const store = disk.open(life);
    const api = await openClusterApi(store, world, { identity: simulatedIdentity });
    const stop = new AbortController();
    const jobs = redis === undefined ? openMemoryJobs({ world }) : redis.connect(life, world.log);
    const repositories = git.seenBy(life);
    const plane = startControlPlane({ api, jobs, repositories, renderer: renderHere() }, stop.signal);
    this.#api = api;
    await plane.ready;
    const poller = new Poller({
      client: api.client(daemonUser), world, repositories, isHosted: () => false,
      onRevision: (change) => { plane.reconciler.refresh((repoURL) => repoURL === change.repoURL, change.trigger).catch((error: unknown) => { world.log.warn("a new commit was not told", { error }); }); },
    });
    poller.start();
    this.#tellPush = (repoURL) => { poller.pollNow(repoURL, "Webhook"); };
    this.#stopGracefully = async () => {
      await poller.stop();
      stop.abort(new Error("the daemon stops"));
      await plane.stopped;
      await jobs.close();
      await store.close();
    };
  }

  #tellPush: (repoURL: string) => void = () => {};

  /** A webhook tells of a push; it may come at any moment, also when nobody listens. */
  tellPush(repoURL: string): void {
    if (!this.isDown) this.#tellPush(repoURL);
  }

  /** Everything but the disk is gone. */
  crash(): void {
    if (this.isDown) return;
    this.isDown = true;
    this.#api = undefined;
    this.#stopGracefully = undefined;
    this.#tellPush = () => {};
    this.#life.die();
    this.#outside.disk.crash();
  }

  /** Stops as on SIGTERM, then dies. Answers false when there was nothing to stop in good order. */
  async stop(): Promise<boolean> {
    const stop = this.#stopGracefully;
    const life = this.#life;
    if (stop === undefined || this.isDown) return false;
    this.#stopGracefully = undefined;
    this.#tellPush = () => {};
    await stop();
    if (life === this.#life) this.crash();
    return true;
  }
}

/** One node: a machine whose pods outlive its agent. */
export class NodeMachine {
  readonly name: string;
  readonly machine = new SimulatedMachine();
  readonly #outside: Outside;
  readonly #plane: ControlPlaneMachine;
  #life: Life;
  #driver: SimulatedDriver | undefined;
  #count = 0;
  isCut = false;
  loseAnswer = 0;

  constructor(name: string, options: { readonly outside: Outside; readonly plane: ControlPlaneMachine }) {
    this.name = name;
    this.#outside = options.outside;
    this.#plane = options.plane;
    this.#life = new Life("none", options.outside.clock);
  }

  get driver(): SimulatedDriver | undefined {
    return this.#driver;
  }

  start(): void {
    if (this.#driver !== undefined) return;
    this.#count++;
    const life = new Life(`${this.name}-${this.#count}`, this.#outside.clock);
    this.#life = life;
    const world = worldOf(this.#outside, life);
    const driver = new SimulatedDriver({ world, machine: this.machine });
    this.#driver = driver;
    const client = remoteClient({
      life, chance: this.#outside.chance, isCut: () => this.isCut, loseAnswer: () => this.loseAnswer,
      endpoint: () => {
        const { api } = this.#plane;
        return api === undefined ? undefined : { life: this.#plane.life, client: api.client(`system:node:${this.name}`, "system:nodes") };
      },
    });
    startAgent({ client, world, nodeName: this.name, runtime: driver, machine: factsOf(this.name) }).catch((error: unknown) => {
      if (life.isDead) return;
      world.log.warn("the node agent did not start", { error });
      this.crash();
      this.#outside.clock.after(restartMs, () => { this.start(); });
    });
  }

  /** The agent is gone; what runs, runs on. */
  crash(): void {
    this.#life.die();
    this.#driver = undefined;
  }
}

function factsOf(name: string): MachineFacts {
  return { hostname: name, cpuCount: 4, memoryBytes: 2 ** 33, diskBytes: 2 ** 36, kernelVersion: "6", osImage: "Simulated", architecture: "amd64", machineId: name, bootId: name, nameservers: [] };
}
