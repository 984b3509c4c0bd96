import { join } from "node:path";
import type { LogOptions } from "../../../api/nodes.ts";
import type { Clock } from "../../../world/clock.ts";
import type { Log } from "../../../world/log.ts";
import type { World } from "../../../world/world.ts";
import { cutLines, printLogLine } from "../../logs/cri-log.ts";
import { LogSelector, tailOffset } from "../../logs/select-logs.ts";
import { nextCall } from "../next-call.ts";
import { files, readAt } from "./disk.ts";
import type { Programs } from "./programs.ts";
import { writeWhole } from "./volume-folder.ts";
import { parseJsonObject } from "../../../value/json.ts";

/** A log file is closed at this size (kubelet containerLogMaxSize). */
export const logFileMaxBytes = 10_485_760;
/** Files kept per run (kubelet containerLogMaxFiles). */
export const logFilesMax = 5;
/** Read at once; bounds memory per container. */
const chunkBytes = 262_144;
/** Converted raw bytes are given back to the file system in steps of this size. */
const punchStepBytes = 1_048_576;
/** Output is gathered this long before it is converted, so that a chatty program costs few wake-ups. */
const gatherMs = 20;
const streams = ["stdout", "stderr"] as const;
/** Output that waits to be converted beyond this is dropped: a program writes ten times faster than its log, and would fill the disk. */
export const logBacklogMaxBytes = 67_108_864;

interface PumpState {
  /** Bytes converted of each raw file. */
  readonly stdout: number;
  readonly stderr: number;
  /** The open log file, and its length when this was written: what lies behind it is converted again after a crash. */
  readonly generation: number;
  readonly length: number;
}

const emptyState: PumpState = { stdout: 0, stderr: 0, generation: 0, length: 0 };

/**
 * Turns one run's raw output into CRI log files, and reads them. Raw files are only ever appended to by the program; how far they are
 * converted is written with each batch, so that nothing is lost or doubled when the daemon dies.
 */
export class LogPump {
  readonly #folder: string;
  readonly #logs: string;
  readonly #attempt: number;
  readonly #programs: Programs;
  readonly #clock: Clock;
  readonly #log: Log;
  #state: PumpState | undefined;
  #running: Promise<void> | undefined;
  #isAgain = false;
  #isScheduled = false;
  #isEnded: boolean;
  #isClosed = false;
  readonly #punched = { stdout: 0, stderr: 0 };
  /** Told of each batch, and of the end. */
  readonly #waiters = new Set<() => void>();

  /** @param folder the run's own, with `stdout` and `stderr`; `logs` holds the log files of all runs of the container. */
  constructor({ folder, logs, attempt, isEnded, world, programs }: { readonly folder: string; readonly logs: string; readonly attempt: number; readonly isEnded: boolean; readonly world: Pick<World, "clock" | "log">; readonly programs: Programs }) {
    this.#programs = programs;
    this.#folder = folder;
    this.#isEnded = isEnded;
    this.#logs = logs;
    this.#attempt = attempt;
    this.#clock = world.clock;
    this.#log = world.log;
  }

  /** There may be new output. */
  wake(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    this.#clock.after(gatherMs, () => {
      this.#isScheduled = false;
      this.drain().catch((error: unknown) => { this.#log.warn("container output could not be written to its log", { error, folder: this.#folder }); });
    });
  }

  /** Converts everything there is now. */
  drain(): Promise<void> {
    if (this.#isClosed) return this.#running ?? Promise.resolve();
    if (this.#running !== undefined) {
      this.#isAgain = true;
      return this.#running;
    }
    this.#running = this.#drainAll().finally(() => { this.#running = undefined; });
    return this.#running;
  }

  /** The program has ended: converts the rest, the unfinished line included. */
  async end(): Promise<void> {
    await this.drain();
    this.#isEnded = true;
    await this.drain();
    this.#notify();
  }

  /** Waits for a conversion under way and starts no other. */
  async settle(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async removeFiles(): Promise<void> {
    await this.settle();
    const { generation } = await this.#load();
    for (let old = Math.max(0, generation - logFilesMax); old <= generation; old++) await files.rm(this.#file(old), { force: true });
    this.#notify();
  }

  async #drainAll(): Promise<void> {
    do {
      this.#isAgain = false;
      while (!this.#isClosed && await this.#convertOnce()) this.#notify();
    } while (this.#isAgain);
  }

  /** One chunk of each stream; false when there was nothing. */
  async #convertOnce(): Promise<boolean> {
    const state = await this.#load();
    const out: Buffer[] = [];
    const offsets = { stdout: state.stdout, stderr: state.stderr };
    const timeMs = this.#clock.nowMs();
    for (const stream of streams) {
      const dropped = await this.#overflow(stream, offsets[stream]);
      if (dropped > 0) {
        offsets[stream] += dropped;
        out.push(printLogLine({ timeMs, stream, isWhole: true, text: Buffer.from(`[${String(dropped)} bytes of output dropped: written faster than they can be kept]`) }));
      }
      const raw = await readAt(join(this.#folder, stream), offsets[stream], chunkBytes);
      const { lines, used } = cutLines(raw, this.#isEnded && raw.length < chunkBytes);
      offsets[stream] += used;
      for (const line of lines) out.push(printLogLine({ timeMs, stream, ...line }));
    }
    if (out.length === 0) return false;
    const generation = state.length >= logFileMaxBytes ? state.generation + 1 : state.generation;
    const bytes = Buffer.concat(out);
    await files.mkdir(this.#logs, { recursive: true });
    await files.appendFile(this.#file(generation), bytes, { mode: 0o600 });
    this.#state = { ...offsets, generation, length: (generation === state.generation ? state.length : 0) + bytes.length };
    await writeWhole(join(this.#folder, "log-state"), JSON.stringify(this.#state));
    if (generation !== state.generation) await files.rm(this.#file(generation - logFilesMax), { force: true });
    for (const stream of streams) await this.#punch(stream, offsets[stream]);
    return true;
  }

  /** How much of what waits is over the limit; with it, half of the rest goes too, so that this is rare. */
  async #overflow(stream: "stdout" | "stderr", offset: number): Promise<number> {
    const size = await files.stat(join(this.#folder, stream)).then((stat) => stat.size, () => 0);
    return size - offset > logBacklogMaxBytes ? size - offset - logBacklogMaxBytes / 2 : 0;
  }

  /** Gives converted bytes back. A hole keeps offsets right while the program appends; without holes the file just grows until the run is removed. */
  async #punch(stream: "stdout" | "stderr", offset: number): Promise<void> {
    const end = offset - (offset % punchStepBytes);
    if (end <= this.#punched[stream]) return;
    this.#punched[stream] = end;
    await this.#programs.succeeds(["fallocate", "--punch-hole", "--offset", "0", "--length", String(end), join(this.#folder, stream)]);
  }

  /** How far a former daemon came; log bytes behind that point were not yet accounted for and are dropped. */
  async #load(): Promise<PumpState> {
    if (this.#state !== undefined) return this.#state;
    const text = await files.readFile(join(this.#folder, "log-state"), "utf8").catch(() => undefined);
    const state = text === undefined ? emptyState : (parseState(text) ?? (await this.#recovered()));
    await files.rm(this.#file(state.generation + 1), { force: true });
    await files.truncate(this.#file(state.generation), state.length).catch(() => undefined);
    this.#state = state;
    return state;
  }

  /** The state after its record was damaged: on from what is there now, since converting again would double what was, or read holes. */
  async #recovered(): Promise<PumpState> {
    this.#log.warn("how far a log was converted cannot be read; it goes on from here", { file: join(this.#folder, "log-state") });
    const sizeOf = (path: string) => files.stat(path).then((stat) => stat.size, () => 0);
    const generation = await this.#newest();
    return { stdout: await sizeOf(join(this.#folder, "stdout")), stderr: await sizeOf(join(this.#folder, "stderr")), generation, length: await sizeOf(this.#file(generation)) };
  }

  #file(generation: number): string {
    return join(this.#logs, `${String(this.#attempt)}.${String(generation)}.log`);
  }

  #notify(): void {
    for (const waiter of this.#waiters) waiter();
  }

  /** The log as `kubectl logs` wants it. */
  async *read(options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    await this.drain();
    const selector = new LogSelector(options, this.#clock.nowMs());
    let { generation, offset } = options.tailLines === undefined ? { generation: await this.#oldest(), offset: 0 } : await this.#tail(options.tailLines);
    while (!signal.aborted && !selector.isFull) {
      if (this.#isClosed) return;
      // Taken before reading, so that a batch written meanwhile is seen by the next round.
      const change = nextCall(this.#waiters, signal);
      const isEnded = this.#isEnded && this.#running === undefined;
      const bytes = await readAt(this.#file(generation), offset, chunkBytes);
      offset += bytes.length;
      if (bytes.length > 0) {
        const selected = selector.push(bytes);
        if (selected.length > 0) yield selected;
      } else if ((await this.#load()).generation > generation) {
        generation = Math.max(generation + 1, await this.#oldest());
        offset = 0;
      } else if (options.follow !== true || isEnded) return;
      else await change;
    }
  }

  /** The last text of the log, for termination messages (kubernetes: 2048 bytes or 80 lines). */
  async lastText(maxBytes: number, maxLines: number): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const bytes of this.read({ tailLines: maxLines }, new AbortController().signal)) chunks.push(bytes);
    return Buffer.concat(chunks).subarray(-maxBytes).toString("utf8");
  }

  /** The newest log file there is of this run. */
  async #newest(): Promise<number> {
    const start = `${String(this.#attempt)}.`;
    const names = await files.readdir(this.#logs).catch((): readonly string[] => []);
    return Math.max(0, ...names.filter((name) => name.startsWith(start) && /^\d+\.\d{1,9}\.log$/u.test(name)).map((name) => Number.parseInt(name.slice(start.length), 10)));
  }

  async #oldest(): Promise<number> {
    const newest = (await this.#load()).generation;
    for (let generation = Math.max(0, newest - logFilesMax + 1); generation < newest; generation++) {
      if (await files.stat(this.#file(generation)).then(() => true, () => false)) return generation;
    }
    return newest;
  }

  /** Where the last lines begin, looking back through the files. */
  async #tail(count: number): Promise<{ generation: number; offset: number }> {
    const oldest = await this.#oldest();
    let { generation } = await this.#load();
    let missing = count;
    for (; ; generation--) {
      const bytes = await files.readFile(this.#file(generation)).catch(() => Buffer.alloc(0));
      const found = tailOffset(bytes, missing);
      if ("offset" in found) return { generation, offset: found.offset };
      missing -= found.found;
      if (generation <= oldest) return { generation: oldest, offset: 0 };
    }
  }
}

/** Parses what `JSON.stringify` wrote; undefined when the file is damaged: a number out of range would make endless loops and wrong files. */
function parseState(text: string): PumpState | undefined {
  const found = parseJsonObject(text);
  const of = (name: string): number | undefined => {
    const value = found?.[name];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  };
  const [stdout, stderr, generation, length] = [of("stdout"), of("stderr"), of("generation"), of("length")];
  return stdout === undefined || stderr === undefined || generation === undefined || length === undefined ? undefined : { stdout, stderr, generation, length };
}
