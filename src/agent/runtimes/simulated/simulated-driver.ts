import type { LogOptions, PodConnection, ProgramStreams } from "../../../api/nodes.ts";
import { ApiError } from "../../../model/api-error.ts";
import type { World } from "../../../world/world.ts";
import { printLogLine } from "../../logs/cri-log.ts";
import { LogSelector, tailOffset } from "../../logs/select-logs.ts";
import { nextCall } from "../next-call.ts";
import type { ContainerExit, HandlerAction, HandlerOutcome, ProgramRequest, RuntimeContainer, RuntimeDriver, RuntimePod, RuntimeReport, SandboxRequest, StartRequest, VolumeContent } from "../runtime.ts";
import { containerIdOf, RuntimeProblem } from "../runtime.ts";
import type { Behavior } from "./behavior.ts";
import { behaviorAnnotation, calmBehavior, initBehavior, parseBehavior } from "./behavior.ts";

/** What runs, apart from the driver: it outlives a driver as processes do, so that adoption can be tested. */
export class SimulatedMachine {
  readonly pods = new Map<string, SimulatedPod>();
  addressCount = 0;
}

interface SimulatedPod {
  readonly request: SandboxRequest;
  readonly ip: string;
  volumes: readonly VolumeContent[];
  readonly runs: Map<string, SimulatedRun>;
}

interface SimulatedRun {
  readonly request: StartRequest;
  readonly id: string;
  readonly startedAtMs: number;
  /** Ages and ends go by the monotonic clock: setting the wall clock makes nothing older. */
  readonly bornAtMs: number;
  readonly behavior: Behavior;
  readonly lines: Buffer[];
  exit: ContainerExit | undefined;
  /** The earliest moment at which it ends, as decided so far, by the monotonic clock. */
  endAtMs: number;
  endCode: number;
}

export interface SimulatedDriverOptions {
  readonly world: World;
  readonly machine?: SimulatedMachine;
  /** Behaviour by image; the pod's annotation goes before it. */
  readonly images?: ReadonlyMap<string, Behavior>;
}

/** Runs nothing: containers behave as their data says, by the world's clock alone. */
export class SimulatedDriver implements RuntimeDriver {
  readonly name = "simulated";
  readonly #world: World;
  readonly #machine: SimulatedMachine;
  readonly #images: ReadonlyMap<string, Behavior>;
  readonly #listeners = new Set<(uid: string) => void>();
  #isClosed = false;

  constructor({ world, machine, images }: SimulatedDriverOptions) {
    this.#world = world;
    this.#machine = machine ?? new SimulatedMachine();
    this.#images = images ?? new Map();
  }

  open(): Promise<RuntimeReport> {
    for (const [uid, pod] of this.#machine.pods) for (const run of pod.runs.values()) this.#arm(uid, run);
    return Promise.resolve({ version: "simulated://1.0", missing: ["Nothing is run: containers are simulated."] });
  }

  pods(): readonly RuntimePod[] {
    return [...this.#machine.pods.keys()].flatMap((uid) => this.pod(uid) ?? []);
  }

  pod(uid: string): RuntimePod | undefined {
    const pod = this.#machine.pods.get(uid);
    if (pod === undefined) return undefined;
    const containers = [...pod.runs.values()].map(describeRun).toSorted((a, b) => (a.name === b.name ? a.attempt - b.attempt : a.name < b.name ? -1 : 1));
    return { uid, namespace: pod.request.namespace, name: pod.request.name, ip: pod.ip, containers };
  }

  createSandbox(request: SandboxRequest): Promise<RuntimePod> {
    const existing = this.#machine.pods.get(request.uid);
    if (existing === undefined) {
      this.#machine.addressCount += 1;
      const count = this.#machine.addressCount;
      this.#machine.pods.set(request.uid, { request, ip: `127.${String(64 + ((count >> 16) & 15))}.${String((count >> 8) & 255)}.${String(count & 255)}`, volumes: request.volumes, runs: new Map() });
    } else existing.volumes = request.volumes;
    this.#changed(request.uid);
    const pod = this.pod(request.uid);
    return pod === undefined ? Promise.reject(new Error("the sandbox went away")) : Promise.resolve(pod);
  }

  updateVolumes(uid: string, volumes: readonly VolumeContent[]): Promise<void> {
    const pod = this.#machine.pods.get(uid);
    if (pod !== undefined) pod.volumes = volumes;
    return Promise.resolve();
  }

  async startContainer(request: StartRequest): Promise<RuntimeContainer> {
    const pod = this.#machine.pods.get(request.uid);
    if (pod === undefined) throw new Error(`pod ${request.uid} has no sandbox`);
    const id = containerIdOf(request.uid, request.name, request.attempt);
    const existing = pod.runs.get(id);
    if (existing !== undefined) return describeRun(existing);
    const annotation = pod.request.annotations[behaviorAnnotation];
    const base = this.#images.get(request.image) ?? (request.isInit === true ? initBehavior : calmBehavior);
    const behavior = annotation === undefined ? base : parseBehavior(annotation, base);
    if (behavior.startError !== undefined) throw new RuntimeProblem(behavior.startError, "simulated");
    const startedAtMs = this.#world.clock.nowMs();
    const bornAtMs = this.#world.clock.monotonicMs();
    const lines = behavior.logLines.map((line) => printLogLine({ timeMs: startedAtMs, stream: "stdout", isWhole: true, text: Buffer.from(line) }));
    const run: SimulatedRun = { request, id, startedAtMs, bornAtMs, behavior, lines, exit: undefined, endAtMs: behavior.exitAfterMs === undefined ? Infinity : bornAtMs + behavior.exitAfterMs, endCode: behavior.exitCode };
    pod.runs.set(id, run);
    this.#arm(request.uid, run);
    this.#changed(request.uid);
    return describeRun(run);
  }

  #arm(uid: string, run: SimulatedRun): void {
    if (run.exit !== undefined || run.endAtMs === Infinity) return;
    const { clock } = this.#world;
    clock.after(Math.max(0, run.endAtMs - clock.monotonicMs()), () => {
      if (this.#isClosed || run.exit !== undefined || clock.monotonicMs() < run.endAtMs) return;
      run.exit = { code: run.endCode, atMs: clock.nowMs(), reason: run.endCode === 0 ? "Completed" : "Error" };
      this.#changed(uid);
    });
  }

  signal(id: string, signal: "TERM" | "KILL"): Promise<void> {
    for (const [uid, pod] of this.#machine.pods) {
      const run = pod.runs.get(id);
      if (run === undefined || run.exit !== undefined) continue;
      const afterMs = signal === "KILL" ? 0 : run.behavior.termAfterMs;
      if (afterMs === undefined || this.#world.clock.monotonicMs() + afterMs >= run.endAtMs) continue;
      run.endAtMs = this.#world.clock.monotonicMs() + afterMs;
      run.endCode = signal === "KILL" ? 137 : 143;
      this.#arm(uid, run);
    }
    return Promise.resolve();
  }

  removeContainer(id: string): Promise<void> {
    for (const [uid, pod] of this.#machine.pods) if (pod.runs.delete(id)) this.#changed(uid);
    return Promise.resolve();
  }

  removeSandbox(uid: string): Promise<void> {
    if (this.#machine.pods.delete(uid)) this.#changed(uid);
    return Promise.resolve();
  }

  /** Probes by HTTP and TCP follow readiness, exec follows liveness; a hook succeeds. */
  handle(id: string, action: HandlerAction, _timeoutMs: number, _signal: AbortSignal): Promise<HandlerOutcome> {
    const run = this.#run(id);
    if (run === undefined || run.exit !== undefined) return Promise.reject(new Error("container not running"));
    const ageMs = this.#world.clock.monotonicMs() - run.bornAtMs;
    const { readyAfterMs, unreadyAfterMs, sickAfterMs } = run.behavior;
    const isSick = sickAfterMs !== undefined && ageMs >= sickAfterMs;
    const isReady = ageMs >= readyAfterMs && (unreadyAfterMs === undefined || ageMs < unreadyAfterMs);
    const isSuccess = action.kind === "exec" ? !isSick : isReady && !isSick;
    return Promise.resolve({ isSuccess, output: isSuccess ? "" : "simulated" });
  }

  /** Says the command back, then what it is told, and ends well. */
  async exec(id: string, request: ProgramRequest, streams: ProgramStreams): Promise<number> {
    if (this.#run(id) === undefined) throw new Error("container not running");
    await streams.write("stdout", Buffer.from(`${request.command.join(" ")}\n`));
    for await (const chunk of streams.stdin ?? []) await streams.write("stdout", chunk);
    return 0;
  }

  /** Says nothing until the container ends. */
  async attach(id: string, _streams: ProgramStreams, signal: AbortSignal): Promise<number> {
    const isThere = () => this.#run(id)?.exit === undefined && this.#run(id) !== undefined;
    while (isThere() && !signal.aborted) await nextCall(this.#listeners, signal);
    return this.#run(id)?.exit?.code ?? 0;
  }

  connect(_uid: string, port: number): Promise<PodConnection> {
    return Promise.reject(new ApiError("ServiceUnavailable", `port ${String(port)}: simulated pods listen nowhere`));
  }

  async *logs(id: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const run = this.#run(id);
    if (run === undefined) return;
    const all = Buffer.concat(run.lines);
    const tail = options.tailLines === undefined ? { offset: 0 } : tailOffset(all, options.tailLines);
    const bytes = new LogSelector(options, this.#world.clock.nowMs()).push(all.subarray("offset" in tail ? tail.offset : 0));
    if (bytes.length > 0) yield bytes;
    while (options.follow === true && run.exit === undefined && !signal.aborted && this.#run(id) !== undefined) await nextCall(this.#listeners, signal);
  }

  onChange(listener: (uid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    return Promise.resolve();
  }

  #changed(uid: string): void {
    for (const listener of this.#listeners) listener(uid);
  }

  #run(id: string): SimulatedRun | undefined {
    for (const pod of this.#machine.pods.values()) {
      const run = pod.runs.get(id);
      if (run !== undefined) return run;
    }
    return undefined;
  }
}

function describeRun({ request, id, startedAtMs, exit }: SimulatedRun): RuntimeContainer {
  return { id, name: request.name, attempt: request.attempt, backoffMs: request.backoffMs, startedAtMs, ...(exit === undefined ? {} : { exit }) };
}
