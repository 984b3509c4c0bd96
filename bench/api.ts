import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { benchDirectory, startBenchDaemon } from "./daemon.ts";
import { floorPaths, startFloor } from "./floor.ts";
import type { Floor } from "./floor.ts";
import { HttpConnection } from "./http-connection.ts";
import type { ApiAddress } from "./http-connection.ts";
import { connectionCount, load, onConnections } from "./load.ts";
import type { Loaded, LoadResult, LoadTimes } from "./load.ts";
import { percentile } from "./push.ts";
import { watchedEvents, WatchLoad, watchersPerConnection } from "./watch-load.ts";

const podsListed = 10_000;
const listRounds = 10;

const watcherCount = 1_000;
/** The daemon is left alone this long before its memory is read. */
const restMs = 15_000;

/** The parts of this benchmark, in the order they run. */
export const apiStageNames = ["posts", "varied", "unlike", "gets", "lists", "watches", "memory"] as const;

/** The bare server is asked for a part of the time the daemon is. */
const floorTimes: LoadTimes = { loadMs: 3_000, warmMs: 3_000 };

/** How long each load runs; how many pods there are in the end; what is measured. */
export interface ApiBenchOptions extends LoadTimes {
  readonly pods: number;
  readonly stages: ReadonlySet<string>;
}

/** Measures the API of a daemon on one core from the other core, beside a bare server on the same core, and prints each figure as it is known. */
export async function benchApi({ stages, ...options }: ApiBenchOptions): Promise<void> {
  const directory = benchDirectory();
  const isPinned = availableParallelism() > 1 && spawnSync("taskset", ["-acp", "1", String(process.pid)], { stdio: "ignore" }).status === 0;
  const core = isPinned ? 0 : undefined;
  const daemon = await startBenchDaemon(directory.path, { flags: ["--no-demo", "--redis", "none", "--runtime", "simulated"], ...(core === undefined ? {} : { core }) });
  let floor: Floor | undefined;
  try {
    const address = parseKubeconfig(readFileSync(daemon.kubeconfig, "utf8"));
    const bench = new ApiBench({ address, pid: daemon.pid }, options);
    console.log(`The API over TLS, ${isPinned ? "daemon on one core, load on another" : "daemon and load share the cores"}; pods of a scheduler that is not there`);
    const pod = await bench.prepare();
    floor = await startFloor(directory.path, { address, pod, copies: podsListed, core });
    for (const stage of apiStageNames.filter((name) => stages.has(name))) console.log(await bench[stage](floor));
  } finally {
    await floor?.stop();
    await daemon.stop();
    directory.remove();
  }
}

/** What a load asks on one of its connections. */
type Ask = (connection: HttpConnection) => Promise<unknown>;

class ApiBench {
  readonly #daemon: Loaded;
  readonly #options: Omit<ApiBenchOptions, "stages">;
  #emptyBytes = 0;
  /** Of a pod as it is answered. */
  #podBytes = 0;
  /** Pods of all namespaces, and those in namespace load. */
  #count = 0;
  #posted = 0;

  constructor(daemon: Loaded, options: Omit<ApiBenchOptions, "stages">) {
    this.#daemon = daemon;
    this.#options = options;
  }

  /** Makes the namespaces and a pod, waits until pods are let in, and reads the memory without more of them. Answers a pod of as many bytes as it is answered with. */
  async prepare(): Promise<string> {
    const connection = await HttpConnection.open(this.#daemon.address);
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
    const { bodyBytes } = await demand(connection.ask("GET", `${podsOf("load")}/pod-1`));
    connection.close();
    this.#emptyBytes = await this.#rest();
    this.#podBytes = bodyBytes;
    return podJson("pod-1").padEnd(bodyBytes);
  }

  /** Memory of the daemon after a while without load, in bytes. */
  async #rest(): Promise<number> {
    await sleep(restMs);
    return memoryOf(this.#daemon.pid, "VmRSS");
  }

  /** Pods of one template, as those of a Deployment. */
  posts(floor: Floor): Promise<string> {
    return this.#measurePosts("of one template", floor, (connection) => this.#post(connection, "load"));
  }

  /** Pods of which each has an environment of its own: nothing is known of one from the others. */
  varied(floor: Floor): Promise<string> {
    return this.#measurePosts("each another environment", floor, (connection) => this.#post(connection, "load", { logLevel: `info-${this.#count}` }));
  }

  /** Pods whose containers are called differently, which checks, owners and defaults depend on: nothing is known of one from the others. */
  unlike(floor: Floor): Promise<string> {
    return this.#measurePosts("nothing known", floor, (connection) => this.#post(connection, "load", { container: `main-${this.#count}` }));
  }

  #measurePosts(which: string, floor: Floor, post: Ask): Promise<string> {
    return this.#measure(`POST pod, ${which}`, "5,000/s, p99 40 ms", post, { server: floor, ask: (connection) => demand(connection.ask("POST", floorPaths.write, podJson("pod-1"))) });
  }

  gets(floor: Floor): Promise<string> {
    return this.#measure("GET one pod", "20,000/s", (connection) => demand(connection.ask("GET", `${podsOf("load")}/pod-1`)), { server: floor, ask: (connection) => demand(connection.ask("GET", floorPaths.one)) });
  }

  async #measure(what: string, goal: string, ask: Ask, floor: { readonly server: Loaded; readonly ask: Ask }): Promise<string> {
    const ours = await load(this.#daemon, this.#options, ask);
    const bare = await load(floor.server, floorTimes, floor.ask);
    return `  ${what}, ${connectionCount} connections: ${printLoad(ours)} (goal ${goal}); a bare server ${printLoad(bare)}: ${(ours.cpuMs / bare.cpuMs).toFixed(1)} times its CPU`;
  }

  async lists(floor: Floor): Promise<string> {
    await this.#fill("list", podsListed);
    const connection = await HttpConnection.open(this.#daemon.address);
    const other = await HttpConnection.open(this.#daemon.address);
    const waits: number[] = [];
    const lists: List[] = [];
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
      const beforeBytes = memoryOf(this.#daemon.pid, "VmRSS");
      // Lets the kernel count the highest memory from here. @see proc(5), clear_refs
      writeFileSync(`/proc/${this.#daemon.pid}/clear_refs`, "5");
      lists.push(await timeList(connection, podsOf("list")));
      extraBytes = Math.max(extraBytes, memoryOf(this.#daemon.pid, "VmHWM") - beforeBytes);
    }
    listed.abort();
    await asking;
    connection.close();
    other.close();
    const bareConnection = await HttpConnection.open(floor.address);
    const bare: List[] = [];
    for (let round = 0; round < listRounds; round++) bare.push(await timeList(bareConnection, floorPaths.list));
    bareConnection.close();
    return `  LIST ${podsListed} pods, ${mib(lists[0]?.sizeBytes ?? 0)}: p50 ${msOf(lists)} (goal 60 ms), at most ${mib(extraBytes)} more memory (goal 4 MiB), a GET meanwhile p99 ${ms(waits, 0.99)} max ${ms(waits, 1)} (goal p99 20 ms); a bare server p50 ${msOf(bare)}`;
  }

  async watches(floor: Floor): Promise<string> {
    const path = `${podsOf("watch")}?watch=true`;
    // What serves watches is read and compiled for the first of them: that is not what one more takes.
    (await WatchLoad.open(this.#daemon.address, path, watchersPerConnection)).close();
    const beforeBytes = await this.#rest();
    const watches = await WatchLoad.open(this.#daemon.address, path, watcherCount);
    const eachBytes = (await this.#rest() - beforeBytes) / watcherCount;
    // Only now: a connection on which nothing is asked is closed after a while.
    const writer = await HttpConnection.open(this.#daemon.address);
    const times = await watches.measure((name) => demand(writer.ask("POST", podsOf("watch"), podJson(name))));
    watches.close();
    writer.close();
    const bareWatches = await WatchLoad.open(floor.address, floorPaths.watch, watcherCount);
    const bareWriter = await HttpConnection.open(floor.address);
    const bare = await bareWatches.measure((name) => demand(bareWriter.ask("POST", floorPaths.write, podJson(name).padEnd(this.#podBytes))));
    bareWatches.close();
    bareWriter.close();
    return `  ${watcherCount} watchers on ${watches.connectionCount} connections, 5 events/s: ${times.length} of ${watcherCount * watchedEvents} told, write to client p50 ${ms(times, 0.5)} p99 ${ms(times, 0.99)} (goal 50 ms), ${(eachBytes / 1_024).toFixed(1)} KiB each when idle (goal 16 KiB); a bare server p50 ${ms(bare, 0.5)} p99 ${ms(bare, 0.99)}`;
  }

  async memory(): Promise<string> {
    await this.#fill("load", this.#options.pods - (this.#count - this.#posted));
    const connection = await HttpConnection.open(this.#daemon.address);
    let jsonBytes = 0;
    for (const namespace of ["load", "list", "watch"]) jsonBytes += (await demand(connection.ask("GET", podsOf(namespace)))).bodyBytes;
    connection.close();
    const bytes = await this.#rest();
    return `  memory with ${this.#count} pods, ${mib(jsonBytes)} of JSON: ${mib(bytes)}, ${mib(bytes - this.#emptyBytes)} more than without: ${((bytes - this.#emptyBytes) / jsonBytes).toFixed(2)} times their JSON (goal 2)`;
  }

  /** Writes pods until the namespace has this many; only in namespace load there are some already. */
  async #fill(namespace: string, count: number): Promise<void> {
    let left = namespace === "load" ? count - this.#posted : count;
    await onConnections(this.#daemon.address, async (connection) => { while (left-- > 0) await this.#post(connection, namespace); });
  }

  #post(connection: HttpConnection, namespace: string, parts: PodParts = {}): Promise<unknown> {
    this.#count++;
    return demand(connection.ask("POST", podsOf(namespace), podJson(`pod-${namespace === "load" ? ++this.#posted : this.#count}`, parts)));
  }
}

/** How long a list took, and how large it was. */
interface List {
  readonly timeMs: number;
  readonly sizeBytes: number;
}

async function timeList(connection: HttpConnection, path: string): Promise<List> {
  const sentMs = performance.now();
  const { bodyBytes } = await demand(connection.ask("GET", path));
  return { timeMs: performance.now() - sentMs, sizeBytes: bodyBytes };
}

function msOf(lists: readonly List[]): string {
  return ms(lists.map(({ timeMs }) => timeMs), 0.5);
}

async function demand<T extends { readonly status: number; readonly text: string }>(answer: Promise<T>): Promise<T> {
  const { status, text } = await answer;
  if (status >= 400) throw new Error(`the API answered ${status}: ${text}`);
  return answer;
}

function podsOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}

function printLoad({ rate, cpuMs, times }: LoadResult): string {
  return `${Math.round(rate)}/s, ${cpuMs.toFixed(3)} ms of CPU each, p50 ${ms(times, 0.5)} p99 ${ms(times, 0.99)}`;
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

function sleep(timeMs: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, timeMs); });
}

function ms(times: readonly number[], share: number): string {
  return `${percentile(times, share).toFixed(1)} ms`;
}

function mib(sizeBytes: number): string {
  return `${(sizeBytes / 1_048_576).toFixed(1)} MiB`;
}
