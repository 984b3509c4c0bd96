import { dirname, join } from "node:path";
import type { LogOptions, PodConnection, ProgramStreams } from "../../../api/nodes.ts";
import { fnv1a32, sha256 } from "../../../value/digest.ts";
import type { Processes } from "../../../world/processes.ts";
import type { World } from "../../../world/world.ts";
import type { HandlerAction, HandlerOutcome, ProgramRequest, RuntimeContainer, RuntimeDriver, RuntimePod, RuntimeReport, SandboxRequest, StartRequest, VolumeContent } from "../runtime.ts";
import { containerIdOf, RuntimeProblem } from "../runtime.ts";
import { AddressPool } from "./address-pool.ts";
import { enterContainer, execInContainer } from "./container-exec.ts";
import { makeInput } from "./container-input.ts";
import { files, readFileSync } from "./disk.ts";
import { connectTo } from "../../network/pod-connection.ts";
import { askGrpc } from "./grpc-probe.ts";
import { askHttp, askTcp } from "./handlers.ts";
import type { Abilities } from "./isolation.ts";
import { memoryRoot, missingGuarantees, probeAbilities } from "./isolation.ts";
import type { LaunchOptions } from "./launch-script.ts";
import { programScript, wrapperScript } from "./launch-script.ts";
import type { MountWish } from "./mount-plan.ts";
import { parseMountPoints, planMounts } from "./mount-plan.ts";
import { packOddNames, unpackWords } from "./odd-names.ts";
import { ProcessRun } from "./process-run.ts";
import { containerMark, readBootId } from "./process-table.ts";
import { Programs } from "./programs.ts";
import type { PodRecord, RunRecord } from "./run-record.ts";
import { parsePodRecord, parseRunRecord } from "./run-record.ts";
import { fillVolumes, hostView, mountWishes, writeNetworkFiles } from "./sandbox-folders.ts";
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
    if (request.command.length === 0) {
      throw new RuntimeProblem("CreateContainerError", `no command specified: this node runs plain processes and does not use the image "${request.image}"; set the container's command (see docs/process-runtime.md)`);
    }
    const { isolation, helpers, isRoot } = this.#able();
    if ((request.runAsUser ?? 0) !== 0 && !isRoot) throw new RuntimeProblem("CreateContainerError", "runAsUser needs a daemon that runs as root");
    if (request.isTerminal === true && helpers.script === undefined) throw new RuntimeProblem("CreateContainerError", "a terminal (tty) needs the program \"script\" of util-linux on the node");
    const folder = this.#runFolder(request.uid, request.name, request.attempt);
    const user = isRoot && (request.runAsUser !== undefined || request.runAsGroup !== undefined) ? { uid: request.runAsUser ?? 0, gid: request.runAsGroup ?? request.runAsUser ?? 0, groups: request.supplementalGroups } : undefined;
    const wishes = await this.#wishes(pod.record, request, folder);
    const steps = wishes.length === 0 ? [] : planMounts(wishes, hostView([...parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8")), join(folder, "private")]));
    // A terminal without input would take the missing input for its end.
    const input = request.input ?? (request.isTerminal === true ? "open" : undefined);
    const workingDir = request.workingDir ?? join(folder, "work");
    await this.#makeRunFolder(folder, user);
    const record: RunRecord = {
      id, name: request.name, attempt: request.attempt, backoffMs: request.backoffMs, startedAtMs: this.#world.clock.nowMs(), bootId: this.#bootId,
      workingDir, isLogUsedAsMessage: request.isLogUsedAsMessage, isIsolated: isolation !== "none", ...(user === undefined ? {} : { user }),
      ...(input === undefined ? {} : { input }), ...(request.isTerminal === true ? { isTerminal: true } : {}),
    };
    const environment = this.#environment(request, id, folder);
    const packed = unpackWords === undefined ? undefined : packOddNames(environment);
    const script: LaunchOptions = {
      folder, workingDir, hostname: pod.record.hostname, steps, isolation, helpers, ...(user === undefined ? {} : { user }), ...(input === undefined ? {} : { input }),
      ...(packed === undefined || unpackWords === undefined ? {} : { unpacking: unpackWords }),
      ...(request.isTerminal === true && helpers.script !== undefined ? { terminal: { script: helpers.script, command: request.command } } : {}),
    };
    if (input !== undefined) await makeInput(folder, { mkfifo: helpers.mkfifo, programs: this.#programs, signal: new AbortController().signal });
    await files.writeFile(join(folder, "wrapper.sh"), wrapperScript(script));
    await files.writeFile(join(folder, "program.sh"), programScript(script));
    const run = this.#hold(pod, record);
    await run.launch(["/bin/sh", join(folder, "wrapper.sh"), ...request.command], packed ?? environment);
    this.#changed(request.uid);
    return run.container;
  }

  /** Volumes, and the pod's own resolver, hosts and message files where they can be shown. */
  async #wishes(record: PodRecord, request: StartRequest, folder: string): Promise<readonly MountWish[]> {
    const wishes = await mountWishes(record, this.#podFolder(record.uid), request.mounts);
    if (this.#able().isolation === "none") {
      if (wishes.length === 0) return [];
      throw new RuntimeProblem("CreateContainerError", "volumes cannot be mounted: this user may make no mount namespace on this machine (run the daemon as root, or allow unprivileged user namespaces)");
    }
    const podFolder = this.#podFolder(record.uid);
    const own = (name: string, target: string): MountWish => ({ source: join(podFolder, name), target, isReadOnly: false, isFile: true });
    const taken = new Set(wishes.map((wish) => wish.target));
    return [
      ...wishes,
      ...(record.hasResolvConf ? [own("resolv.conf", "/etc/resolv.conf")] : []),
      own("hosts", "/etc/hosts"),
      // Below /dev nothing can be added without hiding devices; there the variable CAPSTAN_TERMINATION_LOG is the way.
      ...(request.terminationMessagePath.startsWith("/dev/") ? [] : [{ source: join(folder, "termination-log"), target: request.terminationMessagePath, isReadOnly: false, isFile: true }]),
    ].filter((wish, i) => i < wishes.length || !taken.has(wish.target));
  }

  async #makeRunFolder(folder: string, user: RunRecord["user"]): Promise<void> {
    await files.rm(folder, { recursive: true, force: true });
    await files.mkdir(join(folder, "work"), { recursive: true, mode: 0o755 });
    await files.mkdir(join(folder, "private"));
    await files.writeFile(join(folder, "termination-log"), "", { mode: 0o666 });
    if (user === undefined) return;
    await files.chown(join(folder, "work"), user.uid, user.gid);
    await files.chown(join(folder, "termination-log"), user.uid, user.gid);
  }

  /** Nothing of the daemon's own environment reaches a container but its home and language. */
  #environment(request: StartRequest, id: string, folder: string): Readonly<Record<string, string>> {
    return {
      PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8",
      CAPSTAN_TERMINATION_LOG: join(folder, "termination-log"),
      ...Object.fromEntries(request.env.map(({ name, value }) => [name, value])),
      [containerMark]: id,
    };
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
