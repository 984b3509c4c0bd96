import { dirname, join } from "node:path";
import type { LogOptions, PodConnection, ProgramStreams } from "../../../api/nodes.ts";
import { fnv1a32, sha256 } from "../../../value/digest.ts";
import type { Processes } from "../../../world/processes.ts";
import type { World } from "../../../world/world.ts";
import type { HandlerAction, HandlerOutcome, ProgramRequest, RuntimeContainer, RuntimeDriver, RuntimePod, RuntimeReport, SandboxRequest, StartRequest, VolumeContent } from "../runtime.ts";
import { containerIdOf } from "../runtime.ts";
import { AddressPool } from "./address-pool.ts";
import { enterContainer, execInContainer } from "./container-exec.ts";
import { files } from "./disk.ts";
import { connectTo } from "../../network/pod-connection.ts";
import { askGrpc } from "./grpc-probe.ts";
import { askHttp, askTcp } from "./handlers.ts";
import type { Abilities } from "./isolation.ts";
import { memoryRoot, missingGuarantees, probeAbilities } from "./isolation.ts";
import { prepareRun } from "./prepare-run.ts";
import { ProcessRun } from "./process-run.ts";
import { readBootId } from "./process-table.ts";
import { Programs } from "./programs.ts";
import type { PodRecord, RunRecord } from "./run-record.ts";
import { parsePodRecord, parseRunRecord } from "./run-record.ts";
import { fillVolumes, writeNetworkFiles } from "./sandbox-folders.ts";
import { writeWhole } from "./volume-folder.ts";

/** Pod addresses where the daemon is not told others: a twelfth of loopback, free on any machine. */
export const podBlockDefault = "127.64.0.0/12";
/** Adopted runs and folders that cannot be watched are looked at this often; everything else comes by events. */
const safetyPollMs = 2_000;

export interface ProcessDriverOptions {
  /** State of all pods; survives the daemon. */
  readonly directory: string;
  readonly world: World;
  readonly processes: Processes;
  /** IPv4 block of pod addresses, inside 127.0.0.0/8. */
  readonly podBlock?: string;
}

interface HeldPod {
  readonly record: PodRecord;
  readonly runs: Map<string, ProcessRun>;
}

/** Runs containers as plain processes of this machine; see docs/process-runtime.md for what that gives and what not. */
export class ProcessDriver implements RuntimeDriver {
  readonly name = "process";
  readonly #directory: string;
  readonly #world: World;
  readonly #programs: Programs;
  readonly #pool: AddressPool;
  readonly #pods = new Map<string, HeldPod>();
  readonly #listeners = new Set<(uid: string) => void>();
  readonly #bootId = readBootId();
  #abilities: Abilities | undefined;
  #cancelPoll: (() => void) | undefined;

  constructor({ directory, world, processes, podBlock }: ProcessDriverOptions) {
    this.#directory = join(directory, "pods");
    this.#world = world;
    this.#programs = new Programs(processes);
    this.#pool = new AddressPool(podBlock ?? podBlockDefault, fnv1a32(this.#directory));
  }

  async open(): Promise<RuntimeReport> {
    this.#abilities = await probeAbilities(this.#programs);
    await files.mkdir(this.#directory, { recursive: true, mode: 0o711 });
    for (const uid of await files.readdir(this.#directory)) await this.#load(uid);
    this.#poll();
    return { version: "process://1.0", missing: missingGuarantees(this.#abilities) };
  }

  async #load(uid: string): Promise<void> {
    const folder = this.#podFolder(uid);
    const record = await files.readFile(join(folder, "pod.json"), "utf8").then(parsePodRecord, () => undefined);
    if (record === undefined) {
      this.#world.log.warn("a pod's folder without a readable record is removed", { object: uid });
      await files.rm(folder, { recursive: true, force: true });
      return;
    }
    const held: HeldPod = { record, runs: new Map() };
    this.#pods.set(uid, held);
    this.#pool.claim(record.ip);
    for (const name of await files.readdir(join(folder, "containers")).catch(() => [])) {
      for (const attempt of await files.readdir(join(folder, "containers", name))) {
        const run = await files.readFile(join(folder, "containers", name, attempt, "record.json"), "utf8").then(parseRunRecord, () => undefined);
        // Without a record nothing was started yet.
        if (run === undefined) await files.rm(join(folder, "containers", name, attempt), { recursive: true, force: true });
        else await this.#hold(held, run).adopt();
      }
    }
  }

  #poll(): void {
    this.#cancelPoll = this.#world.clock.after(safetyPollMs, () => {
      for (const { runs } of this.#pods.values()) for (const run of runs.values()) if (run.needsPolling) run.look();
      this.#poll();
    });
  }

  #hold(pod: HeldPod, record: RunRecord): ProcessRun {
    const { uid } = pod.record;
    const run = new ProcessRun({
      folder: this.#runFolder(uid, record.name, record.attempt), logs: join(this.#podFolder(uid), "logs", record.name),
      record, world: this.#world, programs: this.#programs, bootId: this.#bootId, onEnd: () => { this.#changed(uid); },
    });
    pod.runs.set(record.id, run);
    return run;
  }

  pods(): readonly RuntimePod[] {
    return [...this.#pods.values()].map(describePod);
  }

  pod(uid: string): RuntimePod | undefined {
    const held = this.#pods.get(uid);
    return held === undefined ? undefined : describePod(held);
  }

  async createSandbox(request: SandboxRequest): Promise<RuntimePod> {
    const folder = this.#podFolder(request.uid);
    const existing = this.#pods.get(request.uid);
    const record = existing?.record ?? this.#newPod(request);
    try {
      await files.mkdir(folder, { recursive: true, mode: 0o711 });
      await fillVolumes(record, folder, { volumes: request.volumes, name: this.#world.chance.uuid() });
      await writeNetworkFiles(record, folder, request);
      await writeWhole(join(folder, "pod.json"), JSON.stringify(record));
    } catch (error) {
      if (existing === undefined) this.#pool.free(record.ip);
      throw error;
    }
    if (existing === undefined) this.#pods.set(request.uid, { record, runs: new Map() });
    this.#changed(request.uid);
    return describePod(existing ?? { record, runs: new Map() });
  }

  #newPod({ uid, namespace, name, hostname, volumes, fsGroup, resolvConf }: SandboxRequest): PodRecord {
    const place = sha256(this.#directory).slice(0, 12);
    const memoryFolder = this.#able().hasMemoryFolder ? join(memoryRoot, `capstan-${place}`, uid) : join(this.#podFolder(uid), "memory");
    return {
      uid, namespace, name, hostname, ip: this.#pool.take(), memoryFolder,
      hostVolumes: Object.fromEntries(volumes.flatMap((volume) => (volume.kind === "host" ? [[volume.name, volume.path]] : []))),
      memoryVolumes: volumes.filter((volume) => (volume.kind === "empty" && volume.isInMemory) || (volume.kind === "files" && volume.isSecret)).map((volume) => volume.name),
      fileVolumes: volumes.filter((volume) => volume.kind === "files").map((volume) => volume.name),
      ...(fsGroup !== undefined && this.#able().isRoot ? { fsGroup } : {}),
      hasResolvConf: resolvConf !== undefined, hasHosts: true,
    };
  }

  async updateVolumes(uid: string, volumes: readonly VolumeContent[]): Promise<void> {
    const held = this.#pods.get(uid);
    if (held !== undefined) await fillVolumes(held.record, this.#podFolder(uid), { volumes, name: this.#world.chance.uuid() });
  }

  async startContainer(request: StartRequest): Promise<RuntimeContainer> {
    const pod = this.#pods.get(request.uid);
    if (pod === undefined) throw new Error(`pod ${request.uid} has no sandbox`);
    const id = containerIdOf(request.uid, request.name, request.attempt);
    const existing = pod.runs.get(id);
    if (existing !== undefined) return existing.container;
    const place = { pod: pod.record, podFolder: this.#podFolder(request.uid), folder: this.#runFolder(request.uid, request.name, request.attempt) };
    const { record, command, environment } = await prepareRun(request, place, { abilities: this.#able(), programs: this.#programs, clock: this.#world.clock, bootId: this.#bootId });
    const run = this.#hold(pod, record);
    await run.launch(command, environment);
    this.#changed(request.uid);
    return run.container;
  }

  async signal(id: string, signal: "TERM" | "KILL"): Promise<void> {
    await this.#run(id)?.signal(signal);
  }

  async removeContainer(id: string): Promise<void> {
    for (const { record, runs } of this.#pods.values()) {
      const run = runs.get(id);
      if (run === undefined) continue;
      await run.remove();
      runs.delete(id);
      this.#changed(record.uid);
    }
  }

  async removeSandbox(uid: string): Promise<void> {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    for (const run of pod.runs.values()) await run.remove();
    await files.rm(pod.record.memoryFolder, { recursive: true, force: true });
    // Fails while other pods have theirs in it.
    await files.rmdir(dirname(pod.record.memoryFolder)).catch(() => undefined);
    await files.rm(this.#podFolder(uid), { recursive: true, force: true });
    this.#pods.delete(uid);
    this.#pool.free(pod.record.ip);
    this.#changed(uid);
  }

  async handle(id: string, action: HandlerAction, timeoutMs: number, signal: AbortSignal): Promise<HandlerOutcome> {
    const timeout = new AbortController();
    const cancel = this.#world.clock.after(timeoutMs, () => { timeout.abort(new Error("context deadline exceeded")); });
    const either = AbortSignal.any([timeout.signal, signal]);
    try {
      if (action.kind === "http") return await askHttp(action, either);
      if (action.kind === "tcp") return await askTcp(action, either);
      if (action.kind === "grpc") return await askGrpc(action, either);
      return await this.#exec(id, action.command, either);
    } catch (error) {
      if (timeout.signal.aborted) return { isSuccess: false, output: `command timed out after ${String(timeoutMs / 1000)}s` };
      throw error;
    } finally {
      cancel();
    }
  }

  /** Runs a short command where the container runs. */
  async #exec(id: string, command: readonly string[], signal: AbortSignal): Promise<HandlerOutcome> {
    const run = this.#existing(id);
    const { command: words, ...place } = enterContainer(run.record, run.pid(), { command, abilities: this.#able() });
    const { code, output } = await this.#programs.run(words, { ...place, signal });
    return { isSuccess: code === 0, output };
  }

  async exec(id: string, request: ProgramRequest, streams: ProgramStreams, signal: AbortSignal): Promise<number> {
    const run = this.#existing(id);
    return execInContainer(run.record, run.pid(), { request, streams, abilities: this.#able(), clock: this.#world.clock, programs: this.#programs }, signal);
  }

  async attach(id: string, streams: ProgramStreams, signal: AbortSignal): Promise<number> {
    return this.#existing(id).attach(streams, signal);
  }

  async connect(uid: string, port: number, signal: AbortSignal): Promise<PodConnection> {
    return connectTo({ host: this.#pods.get(uid)?.record.ip ?? "", port }, signal);
  }

  async *logs(id: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const run = this.#run(id);
    if (run !== undefined) yield* run.pump.read(options, signal);
  }

  onChange(listener: (uid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  async close(): Promise<void> {
    this.#cancelPoll?.();
    this.#listeners.clear();
    for (const { runs } of this.#pods.values()) for (const run of runs.values()) await run.close();
  }

  #changed(uid: string): void {
    for (const listener of this.#listeners) listener(uid);
  }

  #existing(id: string): ProcessRun {
    const run = this.#run(id);
    if (run === undefined) throw new Error(`container ${id} does not exist`);
    return run;
  }

  #run(id: string): ProcessRun | undefined {
    for (const { runs } of this.#pods.values()) {
      const run = runs.get(id);
      if (run !== undefined) return run;
    }
    return undefined;
  }

  #able(): Abilities {
    if (this.#abilities === undefined) throw new Error("the process runtime was not opened");
    return this.#abilities;
  }

  #podFolder(uid: string): string {
    return join(this.#directory, uid);
  }

  #runFolder(uid: string, name: string, attempt: number): string {
    return join(this.#podFolder(uid), "containers", name, String(attempt));
  }
}

function describePod({ record, runs }: HeldPod): RuntimePod {
  const { uid, namespace, name, ip } = record;
  const containers = [...runs.values()].map((run) => run.container).toSorted((a, b) => (a.name === b.name ? a.attempt - b.attempt : a.name < b.name ? -1 : 1));
  return { uid, namespace, name, ip, containers };
}
