import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, Socket } from "node:net";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { isJsonObject } from "../../value/json.ts";
import { StartError } from "../processes.ts";
import type { PipedProcess, ProcessEnd, Processes, ProcessRequest, StartedProcess } from "../processes.ts";
import { realChance } from "./chance.ts";
import { readUsage } from "./process-usage.ts";

/** The starter holds next to nothing: the smallest heap costs the least memory and the fastest copies of its page tables. */
const starterFlags = ["--max-semi-space-size=1", "--v8-pool-size=1"];
/** A stream's name is a UUID and a digit. */
const nameBytesMax = 64;
/** The standard streams of a process. */
const streamCount = 3;
/** Only the standard streams of a new process wait for what is not there yet, as a shell expects: a line comes as one of them and is then moved. */
const lineWords = ["/bin/sh", "-c", 'exec "$@" 3<&2 2>/dev/null', "sh"];

type Starter = ChildProcessByStdio<Writable, Readable, null>;

/** A process asked for, until it is known to have ended. */
interface Held {
  readonly started: PromiseWithResolvers<number>;
  readonly ended: PromiseWithResolvers<ProcessEnd>;
  /** Keeps the daemon alive: a process behind streams, or one that is being started. */
  isAwaited: boolean;
}

/** Starts processes through a small program of its own, which is started at once, while this one is still small. */
export function startProcesses(): Processes {
  return new StarterProcesses();
}

class StarterProcesses implements Processes {
  readonly #folder = mkdtempSync(join(tmpdir(), "capstan-"));
  readonly #held = new Map<string, Held>();
  readonly #streams = new Map<string, (socket: Socket) => void>();
  readonly #server: Server;
  readonly #listening: Promise<unknown>;
  #starter: Starter | undefined;
  #isClosed = false;

  constructor() {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => { this.#take(socket); });
    this.#listening = once(this.#server, "listening");
    this.#server.listen(join(this.#folder, "streams.sock"));
    this.#server.unref();
    this.#running();
  }

  async startToFiles(request: ProcessRequest, files: { readonly stdout: string; readonly stderr: string }): Promise<StartedProcess> {
    const { id, held } = this.#ask({ ...request, files });
    return this.#handle(id, held, await held.started.promise);
  }

  async startPiped(request: ProcessRequest, options: { readonly hasLine?: boolean } = {}): Promise<PipedProcess> {
    const hasLine = options.hasLine === true;
    await this.#listening;
    const id = realChance.uuid();
    const names = Array.from({ length: streamCount }, (_, index) => `${id}.${index}`);
    const sockets = Promise.all(names.map((name) => new Promise<Socket>((resolve) => { this.#streams.set(name, resolve); })));
    const { held } = this.#ask({ ...request, ...(hasLine ? { command: [...lineWords, ...request.command] } : {}), streams: names }, id);
    try {
      const pid = await held.started.promise;
      held.isAwaited = true;
      this.#keepAlive();
      const [stdin, stdout, other] = await sockets;
      if (stdin === undefined || stdout === undefined || other === undefined) throw new Error("a process was started without its streams");
      // What only one side writes: the other way is closed at once, so that the end of the one is the end of the stream.
      stdin.resume();
      stdout.end();
      if (!hasLine) other.end();
      return { ...this.#handle(id, held, pid), stdin, stdout, stderr: hasLine ? Readable.from([]) : other, line: hasLine ? other : undefined };
    } catch (error) {
      void sockets.then((opened) => { for (const socket of opened) socket.destroy(); });
      throw error;
    } finally {
      for (const name of names) this.#streams.delete(name);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const starter = this.#starter;
    this.#server.close();
    if (starter === undefined) return;
    starter.ref();
    starter.stdin.end();
    await once(starter, "exit");
  }

  #handle(id: string, held: Held, pid: number): StartedProcess {
    return {
      pid, ended: held.ended.promise,
      usage: () => (this.#held.has(id) ? readUsage(pid) : undefined),
      kill: (signal) => { if (this.#held.has(id)) this.#tell({ kind: "kill", id, signal }); },
    };
  }

  #ask(request: Readonly<Record<string, unknown>> | ProcessRequest, id: string = realChance.uuid()): { readonly id: string; readonly held: Held } {
    if (this.#isClosed) throw new StartError("no process is started any more: the daemon stops", "ECANCELED");
    const held: Held = { started: Promise.withResolvers(), ended: Promise.withResolvers(), isAwaited: true };
    this.#held.set(id, held);
    this.#tell({ kind: "start", id, ...request });
    this.#keepAlive();
    return { id, held };
  }

  #tell(message: Readonly<Record<string, unknown>>): void {
    this.#running().stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** The starter; a new one where the last one was killed. */
  #running(): Starter {
    if (this.#starter !== undefined) return this.#starter;
    const script = fileURLToPath(new URL("process-starter.mjs", import.meta.url));
    // In a session of its own: Ctrl-C in a terminal reaches the daemon, which lets its processes finish.
    const starter: Starter = spawn(process.execPath, [...starterFlags, script, this.#folder], { env: { MALLOC_ARENA_MAX: "1" }, cwd: "/", detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.#starter = starter;
    starter.unref();
    if (starter.stdin instanceof Socket) starter.stdin.unref();
    starter.stdin.on("error", () => { /* It ended; its end is told below. */ });
    createInterface({ input: starter.stdout }).on("line", (line) => { this.#hear(line); });
    const lost = () => { if (this.#starter === starter) this.#lose(); };
    starter.once("exit", lost);
    starter.once("error", lost);
    this.#keepAlive();
    return starter;
  }

  #hear(line: string): void {
    const message: unknown = JSON.parse(line);
    if (!isJsonObject(message) || typeof message["id"] !== "string") return;
    const { id, kind, pid, code, message: text, exitCode, signal } = message;
    const held = this.#held.get(id);
    if (held === undefined) return;
    held.isAwaited = false;
    if (kind === "started" && typeof pid === "number") held.started.resolve(pid);
    else {
      this.#held.delete(id);
      if (kind === "failed") held.started.reject(new StartError(typeof text === "string" ? text : "", typeof code === "string" ? code : ""));
      held.ended.resolve({ ...(typeof exitCode === "number" ? { exitCode } : {}), ...(typeof signal === "string" ? { signal } : {}) });
    }
    this.#keepAlive();
  }

  /** The starter was killed: what it started runs on, but nobody can tell how it ends. */
  #lose(): void {
    this.#starter = undefined;
    const all = [...this.#held.values()];
    this.#held.clear();
    for (const { started, ended } of all) {
      started.reject(new StartError("the program that starts processes was ended", "ECONNRESET"));
      ended.resolve({});
    }
  }

  #keepAlive(): void {
    const answers = this.#starter?.stdout;
    if (!(answers instanceof Socket)) return;
    if (this.#held.values().some((held) => held.isAwaited)) answers.ref();
    else answers.unref();
  }

  /** A stream has come from the starter: its first line says whose it is. */
  #take(socket: Socket): void {
    const onReadable = () => {
      const chunk: unknown = socket.read();
      if (!Buffer.isBuffer(chunk)) return;
      socket.off("readable", onReadable);
      const end = chunk.indexOf(10);
      const resolve = this.#streams.get(chunk.toString("latin1", 0, Math.max(0, Math.min(end, nameBytesMax))));
      if (resolve === undefined) { socket.destroy(); return; }
      if (chunk.length > end + 1) socket.unshift(chunk.subarray(end + 1));
      socket.off("error", onError);
      resolve(socket);
    };
    const onError = () => { socket.destroy(); };
    socket.on("error", onError);
    socket.on("readable", onReadable);
  }
}
