import type { Client } from "../../src/api/client.ts";
import { isApiError } from "../../src/model/api-error.ts";
import { ApplicationKind } from "../../src/model/kinds/application.ts";
import type { Application } from "../../src/model/kinds/application.ts";
import { pruneFinalizer } from "../../src/reconcile/tracking.ts";
import { startingFolders } from "./commits.ts";
import { whatIsLeft } from "./convergence.ts";
import { SimulatedDisk } from "./disk.ts";
import { endFaults, nextFault } from "./faults.ts";
import { SimulatedGit } from "./git.ts";
import { startJob } from "./jobs.ts";
import { ControlPlaneMachine, NodeMachine } from "./machines.ts";
import type { Outside } from "./machines.ts";
import { remoteClient } from "./network.ts";
import { SimulatedRedis } from "./redis.ts";
import type { Followed } from "./safety.ts";
import { Safety, Violation } from "./safety.ts";
import { applications } from "./subjects.ts";
import { Life, rest, SeededChance, SimulatedClock, SimulatedLog } from "./world.ts";

/** With all faults off, everything is as it must be after this at the latest: the longest backoffs are five minutes, and some follow each other. */
const convergeWithinMs = 3_600_000;
const convergeLookMs = 5_000;

/** Afterwards nothing but heartbeats is written for this long. */
const calmMs = 120_000;

/** The first installation, with nothing failing, is done after this at the latest. */
const installWithinMs = 120_000;

/** Turns of the event loop one seed may take; far above what any takes. */
const turnsMax = 3_000_000;

/** What one seed ended with. */
export interface SeedReport {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly script: readonly string[];
  readonly logLines: readonly string[];
  /** Of everything written to the store and everything that was done. */
  readonly digest: string;
  readonly simulatedMs: number;
  readonly revisions: number;
  readonly turns: number;
}

/** Everything of one seed. */
export class Simulation implements Outside {
  readonly seed: number;
  readonly clock = new SimulatedClock();
  readonly chance: SeededChance;
  readonly log: SimulatedLog;
  readonly git: SimulatedGit;
  readonly disk: SimulatedDisk;
  readonly redis: SimulatedRedis | undefined;
  readonly safety: Safety;
  readonly plane: ControlPlaneMachine;
  readonly nodes: readonly NodeMachine[];
  /** The people who push, click and break things. They never die. */
  readonly people: Life;
  readonly client: Client;
  readonly script: string[] = [];
  /** The store stopped after a failed flush, and the daemon was not restarted yet. */
  isStoreStopped = false;
  /** Somebody is removing an application and making it again. */
  isRemaking = false;
  readonly #steps: number;
  #turns = 0;

  constructor(seed: number, steps: number) {
    this.seed = seed;
    this.#steps = steps;
    this.chance = new SeededChance(seed);
    this.git = new SimulatedGit(this.clock, this.chance);
    this.safety = new Safety(this.git, applications);
    this.log = new SimulatedLog(this.clock, (line, fields) => { this.safety.inspectLog(line, fields); });
    this.disk = new SimulatedDisk(this.chance, this.safety);
    // One seed in four has no Redis: its jobs are in the daemon's memory.
    this.redis = this.chance.isLucky(0.25) ? undefined : new SimulatedRedis(this.clock, this.chance);
    if (this.redis !== undefined) this.redis.onEnqueued = (text) => { this.safety.inspectText(text, "a job"); };
    this.plane = new ControlPlaneMachine(this);
    this.nodes = ["n1", "n2", "n3"].map((name) => new NodeMachine(name, { outside: this, plane: this.plane }));
    this.people = new Life("people", this.clock);
    this.client = remoteClient({
      life: this.people, chance: this.chance, isCut: () => false, loseAnswer: () => 0,
      endpoint: () => (this.plane.api === undefined ? undefined : { life: this.plane.life, client: this.plane.api.client("ada", "system:masters") }),
    });
  }

  /** Writes down what happens. */
  note(text: string): void {
    this.script.push(`${(this.clock.monotonicMs() / 1000).toFixed(3)} ${text}`);
  }

  async run(): Promise<SeedReport> {
    const end: { isReached: boolean; error?: unknown } = { isReached: false };
    const onRejection = (error: unknown) => { this.safety.violated("no promise is left to fail alone", error instanceof Error ? (error.stack ?? error.message) : String(error)); };
    process.on("unhandledRejection", onRejection);
    this.#live().then(() => { end.isReached = true; }, (error: unknown) => { end.error = error; end.isReached = true; });
    try {
      await rest();
      while (!end.isReached && this.safety.violation === undefined) {
        if (!this.clock.runNext()) this.safety.violated("something is always planned", "nothing waits for time, and the story has not ended: a deadlock");
        if (++this.#turns > turnsMax) this.safety.violated("a seed ends", `${turnsMax} turns and no end`);
        await rest();
        this.safety.checkMachines(this.nodes);
      }
    } finally {
      process.off("unhandledRejection", onRejection);
    }
    const { error } = end;
    if (error instanceof Violation) this.safety.violation ??= error;
    else if (error !== undefined) throw error instanceof Error ? error : new Error("a seed ended badly", { cause: error });
    // What is left of this world must not reach into the next one.
    this.plane.life.die();
    for (const node of this.nodes) node.crash();
    return {
      seed: this.seed, violation: this.safety.violation, script: this.script, logLines: this.log.lines, digest: `${this.safety.digest.slice(0, 16)}-${this.#turns}-${this.script.length}`,
      simulatedMs: this.clock.monotonicMs(), revisions: this.disk.truth.revision, turns: this.#turns,
    };
  }

  async #live(): Promise<void> {
    await this.#install();
    this.note(startJob(this) ?? "");
    for (let step = 0; step < this.#steps; step++) {
      // Bursts and pauses: most things happen shortly after another, some long after.
      await this.people.sleep(this.chance.isLucky(0.4) ? this.chance.between(0, 400) : this.chance.between(0, 45_000));
      nextFault(this);
    }
    await this.people.sleep(this.chance.between(0, 30_000));
    await endFaults(this);
    await this.#converge(convergeWithinMs);
    await this.#stayCalm();
  }

  async #install(): Promise<void> {
    for (const [repoURL, folders] of startingFolders(this.chance, applications)) this.git.push(repoURL, folders, { message: "First commit" });
    this.plane.start();
    for (const node of this.nodes) node.start();
    for (const [key, followed] of applications) await this.install(key, followed);
    await this.#converge(installWithinMs);
  }

  /** Makes an application; tries until it is there. */
  async install(key: string, followed: Followed): Promise<void> {
    for (;;) {
      try {
        await this.client.create(ApplicationKind, applicationOf(key, followed));
        return;
      } catch (error) {
        if (isApiError(error, "AlreadyExists")) return;
        await this.people.sleep(200);
      }
    }
  }

  async #converge(withinMs: number): Promise<void> {
    const deadlineMs = this.clock.monotonicMs() + withinMs;
    for (;;) {
      const left = whatIsLeft({ applications, safety: this.safety, git: this.git, redis: this.redis, nodes: this.nodes, nowMs: this.clock.nowMs() });
      if (left.length === 0) break;
      if (this.clock.monotonicMs() > deadlineMs) throw new Violation(`without faults everything is as Git says within ${withinMs / 60_000} minutes`, left.join("\n  "));
      await this.people.sleep(convergeLookMs);
    }
    this.note("all is as Git says");
  }

  async #stayCalm(): Promise<void> {
    // What was noted last is written a moment later.
    await this.people.sleep(calmMs);
    const before = this.safety.writes;
    await this.people.sleep(calmMs);
    const after = this.safety.writes;
    if (after !== before) throw new Violation("what is as it must be is left alone", `${after - before} writes in ${calmMs / 1000} s of peace: ${this.safety.lastWrites.slice(before - after).join(", ")}`);
    await this.#converge(0);
  }
}

function applicationOf(key: string, followed: Followed): Application {
  const { repoURL, folder } = followed;
  const [namespace = "", name = ""] = key.split("/");
  return {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name, namespace, ...(followed.isFinalized ? { finalizers: [pruneFinalizer] } : {}) }, status: {},
    spec: {
      source: { repoURL, targetRevision: "main", path: folder }, destination: { namespace: "default" },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    },
  };
}

/** Steps of a seed, when nobody says otherwise. */
export const stepsDefault = 40;

/** Runs one seed from its first commit to its last check. */
export async function runSeed(seed: number, steps = stepsDefault): Promise<SeedReport> {
  return new Simulation(seed, steps).run();
}
