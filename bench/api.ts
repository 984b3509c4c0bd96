import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { benchDirectory, startBenchDaemon } from "./daemon.ts";
import { HttpConnection } from "./http-connection.ts";
import type { ApiAddress } from "./http-connection.ts";
import { percentile } from "./push.ts";
import { WatchConnection } from "./watch-connection.ts";

/** Connections of the write and read loads, as the goals have them. */
const connectionCount = 64;

const podsListed = 10_000;
const listRounds = 10;

const watcherCount = 1_000;
/** Watches that share a connection, as those of one client do; upstream allows 250. */
const watchersPerConnection = 100;
const watchedEvents = 50;
/** Events before those, while the compilers still work. */
const warmEvents = 10;
/** How the name of a watched pod begins in its JSON; it stands there once. */
const watchedName = Buffer.from('"name":"event-');
const eventEveryMs = 200;

/** The daemon is left alone this long before its memory is read. */
const restMs = 15_000;

/** The parts of this benchmark, in the order they run. */
export const apiStageNames = ["posts", "varied", "unlike", "gets", "lists", "watches", "memory"] as const;

/** How long each load is measured and runs before that, while the compilers still work; how many pods there are in the end; what is measured. */
export interface ApiBenchOptions {
  readonly loadMs: number;
  readonly warmMs: number;
  readonly pods: number;
  readonly stages: ReadonlySet<string>;
}

/** Measures the API of a daemon on one core from the other core, and prints each figure as it is known. */
export async function benchApi({ stages, ...options }: ApiBenchOptions): Promise<void> {
  const directory = benchDirectory();
  const isPinned = availableParallelism() > 1 && spawnSync("taskset", ["-acp", "1", String(process.pid)], { stdio: "ignore" }).status === 0;
  const daemon = await startBenchDaemon(directory.path, { flags: ["--no-demo", "--redis", "none", "--runtime", "simulated"], ...(isPinned ? { core: 0 } : {}) });
  try {
    const bench = new ApiBench(parseKubeconfig(readFileSync(daemon.kubeconfig, "utf8")), daemon.pid, options);
    console.log(`The API over TLS, ${isPinned ? "daemon on one core, load on another" : "daemon and load share the cores"}; pods of a scheduler that is not there`);
    await bench.prepare();
    for (const stage of apiStageNames.filter((name) => stages.has(name))) console.log(await bench[stage]());
  } finally {
    await daemon.stop();
    directory.remove();
  }
}

class ApiBench {
  readonly #address: ApiAddress;
  readonly #pid: number;
  readonly #options: Omit<ApiBenchOptions, "stages">;
  #emptyBytes = 0;
  /** Pods of all namespaces, and those in namespace load. */
  #count = 0;
  #posted = 0;

  constructor(address: ApiAddress, pid: number, options: Omit<ApiBenchOptions, "stages">) {
    this.#address = address;
    this.#pid = pid;
    this.#options = options;
  }

  /** Makes the namespaces and a pod, waits until pods are let in, and reads the memory without more of them. */
  async prepare(): Promise<void> {
    const connection = await HttpConnection.open(this.#address);
    for (const namespace of ["load", "list", "watch"]) {
      await demand(connection.ask("POST", "/api/v1/namespaces", JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } })));
      for (;;) {
        const { status, text } = await connection.ask("POST", `${podsOf(namespace)}?dryRun=All`, podJson("probe"));
        if (status === 201) break;
        if (status !== 403) throw new Error(`a pod was answered ${status}: ${text}`);
        await sleep(50);
      }
    }
    await this.#post(connection, "load");
    connection.close();
    this.#emptyBytes = await this.#rest();
  }

  /** Memory of the daemon after a while without load, in bytes. */
  async #rest(): Promise<number> {
    await sleep(restMs);
    return memoryOf(this.#pid, "VmRSS");
  }

  /** Pods of one template, as those of a Deployment. */
  posts(): Promise<string> {
    return this.#measurePosts("of one template", (connection) => this.#post(connection, "load"));
  }

  /** Pods of which each has an environment of its own. */
  varied(): Promise<string> {
    return this.#measurePosts("each another environment", (connection) => this.#post(connection, "load", { logLevel: `info-${this.#count}` }));
  }

  /** Pods whose containers are called differently, which checks, owners and defaults depend on: nothing is known of one from the others. */
  unlike(): Promise<string> {
    return this.#measurePosts("nothing known", (connection) => this.#post(connection, "load", { container: `main-${this.#count}` }));
  }

  async #measurePosts(which: string, post: (connection: HttpConnection) => Promise<unknown>): Promise<string> {
    const { rate, cpuMs, times } = await this.#load(post);
    return `  POST pod, ${which}, ${connectionCount} connections: ${Math.round(rate)}/s, ${cpuMs.toFixed(2)} ms of the daemon's CPU each, p50 ${ms(times, 0.5)} p99 ${ms(times, 0.99)} (goal 5,000/s, p99 40 ms)`;
  }

  async gets(): Promise<string> {
    const { rate, cpuMs, times } = await this.#load((connection) => demand(connection.ask("GET", `${podsOf("load")}/pod-1`)));
    return `  GET one pod, ${connectionCount} connections: ${Math.round(rate)}/s, ${cpuMs.toFixed(2)} ms of the daemon's CPU each, p50 ${ms(times, 0.5)} p99 ${ms(times, 0.99)} (goal 20,000/s)`;
  }

  async lists(): Promise<string> {
    await this.#fill("list", podsListed);
    const connection = await HttpConnection.open(this.#address);
    const other = await HttpConnection.open(this.#address);
    const times: number[] = [];
    const waits: number[] = [];
    let sizeBytes = 0;
    let extraBytes = 0;
    const listed = new AbortController();
    const asking = (async () => {
      while (!listed.signal.aborted) {
        const sentMs = performance.now();
        await demand(other.ask("GET", `${podsOf("load")}/pod-1`));
        waits.push(performance.now() - sentMs);
        await sleep(2);
      }
    })();
    for (let round = 0; round < listRounds; round++) {
      await sleep(500);
      const beforeBytes = memoryOf(this.#pid, "VmRSS");
      // Lets the kernel count the highest memory from here. @see proc(5), clear_refs
      writeFileSync(`/proc/${this.#pid}/clear_refs`, "5");
      const sentMs = performance.now();
      sizeBytes = (await demand(connection.ask("GET", podsOf("list")))).bodyBytes;
      times.push(performance.now() - sentMs);
      extraBytes = Math.max(extraBytes, memoryOf(this.#pid, "VmHWM") - beforeBytes);
    }
    listed.abort();
    await asking;
    connection.close();
    other.close();
    return `  LIST ${podsListed} pods, ${mib(sizeBytes)}: p50 ${ms(times, 0.5)} (goal 60 ms), at most ${mib(extraBytes)} more memory (goal 4 MiB), a GET meanwhile p99 ${ms(waits, 0.99)} max ${ms(waits, 1)} (goal p99 20 ms)`;
  }

  async watches(): Promise<string> {
    // What serves watches is read and compiled for the first of them: that is not what one more takes.
    for (const connection of await this.#watch(watchersPerConnection, () => {})) connection.close();
    const beforeBytes = await this.#rest();
    const sent = new Map<string, number>();
    const times: number[] = [];
    const note = (bytes: Buffer): void => {
      const at = bytes.indexOf(watchedName);
      if (at < 0) return;
      const from = at + '"name":"'.length;
      times.push(performance.now() - (sent.get(bytes.toString("latin1", from, bytes.indexOf('"', from))) ?? 0));
    };
    const connections = await this.#watch(watcherCount, note);
    const eachBytes = (await this.#rest() - beforeBytes) / watcherCount;
    // Only now: a connection on which nothing is asked is closed after a while.
    const writer = await HttpConnection.open(this.#address);
    for (let event = -warmEvents; event < watchedEvents; event++) {
      const name = event < 0 ? `warm${event}` : `event-${event}`;
      sent.set(name, performance.now());
      await demand(writer.ask("POST", podsOf("watch"), podJson(name)));
      await sleep(eventEveryMs);
    }
    for (const connection of connections) connection.close();
    writer.close();
    return `  ${watcherCount} watchers on ${connections.length} connections, 5 events/s: ${times.length} of ${watcherCount * watchedEvents} told, write to client p50 ${ms(times, 0.5)} p99 ${ms(times, 0.99)} (goal 50 ms), ${(eachBytes / 1_024).toFixed(1)} KiB each when idle (goal 16 KiB)`;
  }

  /** Opens so many watches, a client's on one connection. */
  async #watch(count: number, onData: (bytes: Buffer) => void): Promise<readonly WatchConnection[]> {
    const connections: WatchConnection[] = [];
    for (let opened = 0; opened < count; opened++) {
      if (opened % watchersPerConnection === 0) connections.push(await WatchConnection.open(this.#address, onData));
      await connections.at(-1)?.watch(`${podsOf("watch")}?watch=true`);
    }
    return connections;
  }

  async memory(): Promise<string> {
    await this.#fill("load", this.#options.pods - (this.#count - this.#posted));
    const connection = await HttpConnection.open(this.#address);
    let jsonBytes = 0;
    for (const namespace of ["load", "list", "watch"]) jsonBytes += (await demand(connection.ask("GET", podsOf(namespace)))).bodyBytes;
    connection.close();
    const bytes = await this.#rest();
    return `  memory with ${this.#count} pods, ${mib(jsonBytes)} of JSON: ${mib(bytes)}, ${mib(bytes - this.#emptyBytes)} more than without: ${((bytes - this.#emptyBytes) / jsonBytes).toFixed(2)} times their JSON (goal 2)`;
  }

  /** Writes pods until the namespace has this many; only in namespace load there are some already. */
  async #fill(namespace: string, count: number): Promise<void> {
    let left = namespace === "load" ? count - this.#posted : count;
    await this.#each(async (connection) => { while (left-- > 0) await this.#post(connection, namespace); });
  }

  #post(connection: HttpConnection, namespace: string, parts: PodParts = {}): Promise<unknown> {
    this.#count++;
    return demand(connection.ask("POST", podsOf(namespace), podJson(`pod-${namespace === "load" ? ++this.#posted : this.#count}`, parts)));
  }

  /** A closed loop on all connections. */
  async #load(ask: (connection: HttpConnection) => Promise<unknown>): Promise<{ readonly rate: number; readonly cpuMs: number; readonly times: readonly number[] }> {
    const { loadMs, warmMs } = this.#options;
    const times: number[] = [];
    let beforeMs: number | undefined;
    await this.#each(async (connection) => {
      const warmUntilMs = performance.now() + warmMs;
      const untilMs = warmUntilMs + loadMs;
      for (let sentMs = performance.now(); sentMs < untilMs;) {
        await ask(connection);
        const answeredMs = performance.now();
        if (sentMs >= warmUntilMs) {
          beforeMs ??= cpuMsOf(this.#pid);
          times.push(answeredMs - sentMs);
        }
        sentMs = answeredMs;
      }
    });
    return { rate: (times.length * 1_000) / loadMs, cpuMs: (cpuMsOf(this.#pid) - (beforeMs ?? 0)) / times.length, times };
  }

  async #each(use: (connection: HttpConnection) => Promise<void>): Promise<void> {
    const connections = await Promise.all(Array.from({ length: connectionCount }, () => HttpConnection.open(this.#address)));
    await Promise.all(connections.map(use));
    for (const connection of connections) connection.close();
  }
}

async function demand<T extends { readonly status: number; readonly text: string }>(answer: Promise<T>): Promise<T> {
  const { status, text } = await answer;
  if (status >= 400) throw new Error(`the API answered ${status}: ${text}`);
  return answer;
}

function podsOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}

/** What may differ between pods beside their names. */
interface PodParts {
  readonly logLevel?: string;
  readonly container?: string;
}

/** A pod as a Deployment's: about 1 KB as sent. */
function podJson(name: string, { logLevel = "info", container = "main" }: PodParts = {}): string {
  const probe = { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 10 };
  return JSON.stringify({
    apiVersion: "v1", kind: "Pod",
    metadata: { name, labels: { "app.kubernetes.io/name": "bench", "app.kubernetes.io/component": "api", "pod-template-hash": "5d4f8c7b9" }, annotations: { "prometheus.io/scrape": "true" } },
    spec: {
      schedulerName: "none",
      containers: [{
        name: container, image: "registry.example.com/team/bench:1.2.3", args: ["serve", "--port=8080"], ports: [{ name: "http", containerPort: 8080 }],
        env: [{ name: "LOG_LEVEL", value: logLevel }, { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } }, readinessProbe: probe, livenessProbe: probe,
      }],
    },
  });
}

function parseKubeconfig(text: string): ApiAddress {
  const read = (name: string) => new RegExp(`${name}: "?([^"\\n]+)"?`).exec(text)?.[1] ?? "";
  const pem = (name: string) => Buffer.from(read(name), "base64").toString();
  const { hostname, port } = new URL(read("server"));
  return { host: hostname, port: Number(port), ca: pem("certificate-authority-data"), cert: pem("client-certificate-data"), key: pem("client-key-data") };
}

/** A figure of the process's memory in bytes. @see proc(5), /proc/pid/status */
function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;
}

/** Processor time of all the process's threads: tells more than the rate where others use the machine too. @see proc(5), /proc/pid/stat */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "").split(" ");
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

function sleep(timeMs: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, timeMs); });
}

function ms(times: readonly number[], share: number): string {
  return `${percentile(times, share).toFixed(1)} ms`;
}

function mib(sizeBytes: number): string {
  return `${(sizeBytes / 1_048_576).toFixed(1)} MiB`;
}
