import { join } from "node:path";
import type { ProgramStreams } from "../../../api/nodes.ts";
import type { World } from "../../../world/world.ts";
import type { ContainerExit, RuntimeContainer } from "../runtime.ts";
import { followSizes, terminalOf } from "./container-exec.ts";
import { feedInput } from "./container-input.ts";
import type { InputMode } from "./container-input.ts";
import type { FSWatcher } from "./disk.ts";
import { files, readStart, statSync, watch } from "./disk.ts";
import { LogPump } from "./log-pump.ts";
import type { ProcessStat } from "./process-table.ts";
import { isAlive, markedProcesses, parseProcessStat, readProcess } from "./process-table.ts";
import { killedCode, killQuietly } from "./programs.ts";
import type { Programs } from "./programs.ts";
import { followOutput } from "./raw-output.ts";
import type { RunRecord } from "./run-record.ts";
import { writeWhole } from "./volume-folder.ts";

/** Bytes of a termination message (kubernetes pkg/kubelet/container/runtime.go MaxContainerTerminationMessageLength). */
const messageMaxBytes = 4_096;
/** Bytes and lines of it taken from the log (same place). */
const messageLogMaxBytes = 2_048;
const messageLogMaxLines = 80;
/** How long a signal waits for a program that is being started to be known; starting takes milliseconds. */
const startPatienceMs = 5_000;
const startPollMs = 5;
/** What is left of a container is asked this often to die before it is given up; SIGKILL works at once except in the kernel. */
const sweepsMax = 5;

/** How a run ended; one that is not known left nothing that says so. */
interface RunEnd {
  readonly code: number;
  readonly atMs: number;
  readonly isKnown: boolean;
}

/** One run of one container: its processes, its output, and its end. */
export class ProcessRun {
  readonly #folder: string;
  readonly #world: World;
  readonly #bootId: string;
  readonly #onEnd: () => void;
  readonly pump: LogPump;
  #record: RunRecord;
  readonly #programs: Programs;
  /** The wrapper while it is seen to run; `starting` until its number is known. */
  #wrapper: number | "starting" | undefined;
  #isClosed = false;
  #watcher: FSWatcher | undefined;
  #ending: Promise<void> | undefined;

  constructor({ folder, logs, record, world, programs, bootId, onEnd }: { readonly folder: string; readonly logs: string; readonly record: RunRecord; readonly world: World; readonly programs: Programs; readonly bootId: string; readonly onEnd: () => void }) {
    this.#folder = folder;
    this.#record = record;
    this.#world = world;
    this.#bootId = bootId;
    this.#onEnd = onEnd;
    this.pump = new LogPump({ folder, logs, attempt: record.attempt, isEnded: record.exit !== undefined, world, programs });
    this.#programs = programs;
  }

  get record(): RunRecord {
    return this.#record;
  }

  get folder(): string {
    return this.#folder;
  }

  get container(): RuntimeContainer {
    const { id, name, attempt, backoffMs, startedAtMs, exit } = this.#record;
    return { id, name, attempt, backoffMs, startedAtMs, ...(exit === undefined ? {} : { exit }) };
  }

  /** Starts the wrapper. The record is on disk before, so that a crash in between leaves nothing unknown. */
  async launch(command: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
    // From now on: a look in between would find nothing that runs.
    this.#wrapper = "starting";
    try {
      await writeWhole(join(this.#folder, "record.json"), JSON.stringify(this.#record));
    } catch (error) {
      this.#wrapper = undefined;
      throw error;
    }
    this.#watch();
    try {
      const child = await this.#programs.startDetached(command, { env, cwd: this.#folder, stdout: join(this.#folder, "stdout"), stderr: join(this.#folder, "stderr") });
      this.#wrapper = child.pid;
      void child.ended.then(() => { this.#wrapperEnded(); });
    } catch (error) {
      this.#world.log.error("container wrapper could not be started", { error, object: this.#record.id });
      this.#wrapperEnded();
    }
  }

  /** It is seen no longer, be it that it ended or that nobody can tell any more. */
  #wrapperEnded(): void {
    this.#wrapper = undefined;
    if (!this.#isClosed) this.look();
  }

  /** Takes up a run of a former daemon. */
  async adopt(): Promise<void> {
    if (this.#record.exit !== undefined) return;
    this.#watch();
    await this.check();
    this.pump.wake();
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
        if (name === "exit") this.look();
        else if (name === "stdout" || name === "stderr") this.pump.wake();
      });
      this.#watcher.on("error", () => { this.#unwatch(); });
    } catch (error) {
      this.#world.log.warn("container folder cannot be watched; output and exits are looked for now and then", { error, object: this.#record.id });
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** True where events alone cannot be relied on: adopted, or not watched. */
  get needsPolling(): boolean {
    return this.#record.exit === undefined && (this.#wrapper === undefined || this.#watcher === undefined);
  }

  /** Checks in the background; a failure is logged and the next look tries again. */
  look(): void {
    this.check().catch((error: unknown) => {
      this.#ending = undefined;
      this.#world.log.error("a container's end could not be taken in", { error, object: this.#record.id });
    });
  }

  /** Looks whether the run has ended, and takes its end in. */
  async check(): Promise<void> {
    if (this.#record.exit !== undefined) return;
    if (this.#watcher === undefined) this.pump.wake();
    const end = await this.#readEnd();
    if (end === undefined) return;
    this.#ending ??= this.#end(end);
    await this.#ending;
  }

  async #readEnd(): Promise<RunEnd | undefined> {
    const recorded = this.#recordedEnd();
    if (recorded !== undefined) return recorded;
    if (this.#record.bootId === this.#bootId && (await this.#isRunning())) return undefined;
    // It may have been written while processes were looked through.
    return this.#recordedEnd() ?? { code: killedCode, atMs: this.#world.clock.nowMs(), isKnown: false };
  }

  #recordedEnd(): RunEnd | undefined {
    const path = join(this.#folder, "exit");
    const text = readText(path);
    return text?.endsWith("\n") === true ? { code: Number.parseInt(text, 10), atMs: Math.round(statSync(path).mtimeMs), isKnown: true } : undefined;
  }

  async #isRunning(): Promise<boolean> {
    if (this.#wrapper !== undefined) return true;
    const program = this.#program();
    if (program === undefined) return (await markedProcesses()).has(this.#record.id);
    return isAlive(program) || this.#recordedWrapper(program) !== undefined;
  }

  /** The program as the wrapper recorded it before it began; undefined while it is being started. */
  #program(): ProcessStat | undefined {
    const text = readText(join(this.#folder, "pid"));
    return text === undefined ? undefined : parseProcessStat(text);
  }

  /** The program's number, for looking into its namespaces. Throws when it does not run. */
  pid(): number {
    const program = this.#program();
    if (program === undefined || !isAlive(program)) throw new Error("container not running");
    return program.pid;
  }

  /** Passes on what the program says from now on, and to it what the client types where it reads, until it ends or the signal aborts. Answers its exit code, 0 when left. */
  async attach(streams: ProgramStreams, signal: AbortSignal): Promise<number> {
    const left = new AbortController();
    const either = AbortSignal.any([signal, left.signal]);
    const { input, isTerminal = false } = this.#record;
    if (streams.stdin !== undefined && input !== undefined) {
      // As container runtimes do: who has said all leaves, unless the program is then to end by itself.
      void this.#feed(input, streams.stdin, either).then(() => { if (input === "open" || isTerminal) left.abort(); }, (error: unknown) => {
        this.#world.log.warn("a container could not be given its input", { error, object: this.#record.id });
      });
    }
    if (isTerminal) void followSizes(async () => this.#terminal(), { sizes: streams.sizes, programs: this.#programs, signal: either });
    await followOutput({ folder: this.#folder, clock: this.#world.clock, isEnded: () => this.#record.exit !== undefined }, streams, either);
    left.abort();
    return this.#record.exit?.code ?? 0;
  }

  /** Nothing is said before the wrapper has opened the input: what is in a pipe nobody has open is lost. */
  async #feed(mode: InputMode, input: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await this.#started();
    await feedInput(this.#folder, mode, { input, signal });
  }

  /** The program, which is known some milliseconds after its start; undefined when it does not come. */
  async #started(): Promise<ProcessStat | undefined> {
    let program = this.#program();
    for (let waitedMs = 0; program === undefined && waitedMs < startPatienceMs && (await this.#readEnd()) === undefined; waitedMs += startPollMs) {
      await this.#world.clock.sleep(startPollMs);
      program = this.#program();
    }
    return program;
  }

  #terminal(): string | undefined {
    const program = this.#program();
    return program === undefined || !isAlive(program) ? undefined : terminalOf(program.pid);
  }

  /** The wrapper as it is known without having started it: it leads the program's session, unless that has a terminal. */
  #recordedWrapper(program: ProcessStat): ProcessStat | undefined {
    if (this.#record.isTerminal !== true) {
      const leader = readProcess(program.session);
      return leader !== undefined && leader.state !== "Z" && leader.session === program.session ? leader : undefined;
    }
    const text = readText(join(this.#folder, "wrapper"));
    const recorded = text === undefined ? undefined : parseProcessStat(text);
    return recorded !== undefined && isAlive(recorded) ? recorded : undefined;
  }

  async #end({ code, atMs, isKnown }: RunEnd): Promise<void> {
    await this.#sweep();
    await this.pump.end().catch((error: unknown) => { this.#world.log.warn("the last output of a container could not be written", { error, object: this.#record.id }); });
    this.#unwatch();
    const startError = code === 128 ? readText(join(this.#folder, "error"))?.trim() ?? "" : "";
    let exit: ContainerExit;
    if (!isKnown) exit = { code, atMs, reason: "ContainerStatusUnknown", message: "The container could not be located when the node agent looked for it" };
    else if (startError !== "") exit = { code, atMs, reason: "StartError", message: startError };
    else {
      const message = await this.#message(code);
      exit = { code, atMs, reason: code === 0 ? "Completed" : "Error", ...(message === "" ? {} : { message }) };
    }
    this.#record = { ...this.#record, exit };
    await writeWhole(join(this.#folder, "record.json"), JSON.stringify(this.#record)).catch((error: unknown) => { this.#world.log.warn("a container's end could not be recorded", { error, object: this.#record.id }); });
    this.#onEnd();
  }

  async #message(code: number): Promise<string> {
    const written = readText(join(this.#folder, "termination-log")) ?? "";
    if (written !== "" || code === 0 || !this.#record.isLogUsedAsMessage) return written;
    return this.pump.lastText(messageLogMaxBytes, messageLogMaxLines);
  }

  /** Ends what a container left behind: like a container's first process, the end of the program is the end of all. */
  async #sweep(): Promise<void> {
    for (let sweep = 0; sweep < sweepsMax; sweep++) {
      const left = ((await markedProcesses()).get(this.#record.id) ?? []).filter((stat) => stat.pid !== this.#wrapper);
      if (left.length === 0) return;
      for (const stat of left) killQuietly(stat.pid, "SIGKILL");
      await this.#world.clock.sleep(startPollMs);
    }
  }

  /** TERM goes to the program itself; KILL to it and to everything it started, except the wrapper, which records the end. */
  async signal(signal: "TERM" | "KILL"): Promise<void> {
    if (this.#record.exit !== undefined) return;
    const program = await this.#started();
    if (program !== undefined && isAlive(program)) killQuietly(program.pid, signal === "TERM" ? "SIGTERM" : "SIGKILL");
    if (signal === "KILL") {
      const wrapper = (program === undefined ? undefined : this.#recordedWrapper(program)?.pid) ?? this.#wrapper;
      for (const stat of (await markedProcesses()).get(this.#record.id) ?? []) if (stat.pid !== wrapper) killQuietly(stat.pid, "SIGKILL");
    }
    await this.check();
  }

  /** Stops watching; the program runs on. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#isClosed = true;
    await this.#ending;
    await this.pump.settle();
  }

  async remove(): Promise<void> {
    this.#unwatch();
    await this.pump.removeFiles();
    await files.rm(this.#folder, { recursive: true, force: true });
  }
}

/** The small files of a run; its program may write to some of them, so that neither their size nor their kind is believed. */
function readText(path: string): string | undefined {
  return readStart(path, messageMaxBytes);
}
