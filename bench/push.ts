import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../src/api/http/remote-client.ts";
import type { RemoteClient } from "../src/api/http/remote-client.ts";
import type { Kind } from "../src/model/kind.ts";
import type { ApiObject } from "../src/model/object.ts";
import { keyOf, refOf } from "../src/model/object.ts";
import { EndpointSliceKind } from "../src/model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../src/model/kinds/endpoint-slice.ts";
import { PodKind } from "../src/model/kinds/pod.ts";
import type { Pod } from "../src/model/kinds/pod.ts";
import { SyncKind } from "../src/model/kinds/sync.ts";
import { isJsonObject } from "../src/value/json.ts";
import type { Json } from "../src/value/json.ts";
import { parseYaml } from "../src/value/yaml.ts";
import type { BenchDaemon } from "./daemon.ts";

/** What a series of pushes took, in milliseconds. */
export interface PushBench {
  readonly replicas: number;
  /** From the start of `git push` to all new pods ready and alone in the endpoints. */
  readonly readyMs: readonly number[];
  /** From the start of `git push` to its end. */
  readonly pushMs: readonly number[];
  /** Medians of the stretches the syncs recorded. */
  readonly stretches: ReadonlyMap<string, number>;
  readonly loop: { readonly maxMs: number; readonly p99Ms: number };
}

/** A rollout that takes longer has failed. */
const rolloutTimeoutMs = 30_000;

/** Between two pushes; old pods have drained by then (the demo's pods answer on for 500 ms). */
const restMs = 1_200;

/** Pushes to the demo and waits for each to be served by new pods alone. The first push is a warm-up and not counted. */
export async function benchPush(daemon: BenchDaemon, options: { readonly replicas: number; readonly pushes: number; readonly isVerbose?: boolean }): Promise<PushBench> {
  const folder = join(daemon.directory, `work-${options.replicas}`);
  await git(daemon.directory, ["clone", "-q", daemon.gitUrl, folder]);
  const client = clientOf(daemon.kubeconfig);
  const cluster = await watchCluster(client);
  const readyMs: number[] = [];
  const pushMs: number[] = [];
  try {
    for (let round = 0; round <= options.pushes; round++) {
      const before = new Set(cluster.pods().map(uidOf));
      await commitChange(folder, options.replicas);
      if (round === 1) await daemon.readLoop();
      const startedMs = performance.now();
      let pushedMs = 0;
      const push = git(folder, ["push", "-q"]).then(() => { pushedMs = performance.now() - startedMs; });
      await cluster.until(() => isServedByNew(cluster, before, options.replicas), options.isVerbose === true ? (text) => { console.log(`      ${Math.round(performance.now() - startedMs)} ms ${text}`); } : undefined);
      const tookMs = performance.now() - startedMs;
      await push;
      if (options.isVerbose === true) console.log(`    push ${round}: ready ${Math.round(tookMs)} ms, git push ${Math.round(pushedMs)} ms`);
      if (round > 0) { readyMs.push(tookMs); pushMs.push(pushedMs); }
      await new Promise((resolve) => { setTimeout(resolve, restMs); });
    }
    const loop = await daemon.readLoop();
    return { replicas: options.replicas, readyMs, pushMs, loop, stretches: await stretchesOf(client, options.pushes) };
  } finally {
    cluster.stop();
    await client.close();
  }
}

/** All wanted pods are new and ready, and the endpoints lead to them only. */
function isServedByNew(cluster: Cluster, before: ReadonlySet<string>, replicas: number): boolean {
  const fresh = cluster.pods().filter((pod) => !before.has(uidOf(pod)) && pod.metadata.deletionTimestamp === undefined);
  const ready = new Set(fresh.filter(isReady).map(uidOf));
  if (fresh.length !== replicas || ready.size !== replicas) return false;
  const served = cluster.slices().flatMap((slice) => slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).map((endpoint) => endpoint.targetRef?.uid ?? "");
  return served.length === replicas && served.every((uid) => ready.has(uid));
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

function uidOf(object: ApiObject): string {
  return object.metadata.uid ?? "";
}

interface Cluster {
  pods(): readonly Pod[];
  slices(): readonly EndpointSlice[];
  until(holds: () => boolean, tell?: (text: string) => void): Promise<void>;
  stop(): void;
}

/** Follows the demo's pods and endpoints by watch, as any client would. */
async function watchCluster(client: RemoteClient): Promise<Cluster> {
  const life = new AbortController();
  const listeners = new Set<(text: string) => void>();
  const follow = async <T extends ApiObject>(kind: Kind<T>, labelSelector: string): Promise<ReadonlyMap<string, T>> => {
    const objects = new Map<string, T>();
    const { items, resourceVersion } = await client.list(kind, { namespace: "default", labelSelector });
    for (const item of items) objects.set(keyOf(refOf(item)), item);
    void (async () => {
      for await (const event of client.watch(kind, { namespace: "default", labelSelector, resourceVersion }, life.signal)) {
        if (event.type === "BOOKMARK") continue;
        const key = keyOf(refOf(event.object));
        if (event.type === "DELETED") objects.delete(key);
        else objects.set(key, event.object);
        for (const listener of listeners) listener(`${event.type} ${kind.kind} ${key} ${describe(event.object)}`);
      }
    })().catch((error: unknown) => { if (!life.signal.aborted) throw error; });
    return objects;
  };
  const [pods, slices] = await Promise.all([follow(PodKind, "app.kubernetes.io/instance=demo"), follow(EndpointSliceKind, "kubernetes.io/service-name=demo")]);
  return {
    pods: () => [...pods.values()], slices: () => [...slices.values()], stop: () => { life.abort(); },
    until: (holds, tell) => new Promise((resolve, reject) => {
      const end = () => { clearTimeout(timer); listeners.delete(look); };
      const look = (text: string) => {
        tell?.(text);
        if (holds()) { end(); resolve(); }
      };
      const timer = setTimeout(() => { end(); reject(new Error(`no rollout within ${rolloutTimeoutMs / 1000} s`)); }, rolloutTimeoutMs);
      listeners.add(look);
      look("start");
    }),
  };
}

/** A line about an object, for `--verbose`. */
function describe(object: ApiObject): string {
  const { status } = object as Pod;
  const conditions = (status?.conditions ?? []).filter((one) => one.status === "True").map((one) => one.type);
  return [status?.phase ?? "", conditions.join(","), object.metadata.deletionTimestamp === undefined ? "" : "terminating"].join(" ");
}

let changeCount = 0;

async function commitChange(folder: string, replicas: number): Promise<void> {
  changeCount++;
  const file = join(folder, "app", "values.yaml");
  const text = readFileSync(file, "utf8").replace(/^message:.*$/m, `message: Hello from push ${changeCount}`).replace(/^replicas:.*$/m, `replicas: ${replicas}`);
  writeFileSync(file, text);
  await git(folder, ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-a", "-m", `Change ${changeCount}`]);
}

async function git(folder: string, words: readonly string[]): Promise<void> {
  const child = spawn("git", words, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const told: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => { told.push(chunk.toString("utf8")); });
  const [code] = await once(child, "exit") as [number | null];
  if (code !== 0) throw new Error(`git ${words[0] ?? ""} ended with ${String(code)}: ${told.join("")}`);
}

/** The administrator's client of a daemon on this machine. */
export function clientOf(kubeconfig: string): RemoteClient {
  const config = parseYaml(readFileSync(kubeconfig, "utf8"), kubeconfig);
  const text = (...path: readonly (string | number)[]): string => {
    let value: Json | undefined = config;
    for (const name of path) value = typeof name === "number" ? (Array.isArray(value) ? (value as readonly Json[])[name] : undefined) : (isJsonObject(value) ? value[name] : undefined);
    return typeof value === "string" ? value : "";
  };
  const decode = (value: string): string => Buffer.from(value, "base64").toString("utf8");
  return connect({
    server: text("clusters", 0, "cluster", "server"), ca: decode(text("clusters", 0, "cluster", "certificate-authority-data")), userAgent: "capstan-bench",
    credentials: { kind: "certificate", cert: decode(text("users", 0, "user", "client-certificate-data")), key: decode(text("users", 0, "user", "client-key-data")) },
  });
}

async function stretchesOf(client: RemoteClient, count: number): Promise<ReadonlyMap<string, number>> {
  const { items } = await client.list(SyncKind, { namespace: "default" });
  const newest = items.toSorted((a, b) => b.spec.planGeneration - a.spec.planGeneration).slice(0, count);
  const durations = new Map<string, number[]>();
  for (const { stretch, durationMs } of newest.flatMap((sync) => sync.status.timings ?? [])) durations.set(stretch, [...(durations.get(stretch) ?? []), durationMs]);
  return new Map([...durations].map(([stretch, values]) => [stretch, percentile(values, 0.5)]));
}

/** The value below which this fraction of the values lies. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * fraction) - 1))] ?? 0;
}
