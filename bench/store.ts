import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../src/store/engines/sqlite.ts";
import { silentLog } from "../src/world/log.ts";
import { realClock } from "../src/world/real/clock.ts";
import { startEtcd } from "./etcd.ts";

/** One contender, opened on an empty directory for each round. */
interface Contender {
  readonly name: string;
  readonly driver: string;
  open(directory: string): Promise<{ put(key: string, value: Uint8Array): Promise<void>; close(): Promise<void> }>;
}

export interface StoreBenchOptions {
  /** Rounds of each contender and number of writers; medians are taken over them. */
  readonly rounds?: number;
  readonly roundMs?: number;
}

/** Durable writes a second, medians over the rounds; `etcd` is absent where etcd is not installed. */
export interface StoreBenchResult {
  readonly writers: number;
  readonly sqlite: number;
  readonly etcd?: number;
  readonly ratio?: number;
}

const valueBytes = 1_024;
const keyCount = 10_000;

const sqlite: Contender = {
  name: "sqlite",
  driver: "in process, through Store.commit",
  async open(directory) {
    const store = await openSqliteStore({ directory, world: { log: silentLog, clock: realClock } });
    return {
      async put(key, value) {
        const result = await store.commit({ conditions: [], operations: [{ kind: "put", key, value }] });
        if (result.kind !== "committed") throw new Error(`a put was refused: ${result.kind}`);
      },
      close: () => store.close(),
    };
  },
};

const etcd: Contender = { name: "etcd", driver: startEtcd.driver, open: startEtcd };

/** Runs all contenders in alternating rounds and answers the medians. */
export async function benchStore(options: StoreBenchOptions = {}): Promise<readonly StoreBenchResult[]> {
  const { rounds = 5, roundMs = 2_000 } = options;
  const contenders = startEtcd.isInstalled() ? [sqlite, etcd] : [sqlite];
  const results: StoreBenchResult[] = [];
  for (const writers of [1, 64]) {
    const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) rates.get(contender.name)?.push(await measure(contender, writers, roundMs));
    }
    const ours = median(rates.get("sqlite") ?? []);
    const theirs = rates.has("etcd") ? median(rates.get("etcd") ?? []) : undefined;
    results.push({ writers, sqlite: ours, ...(theirs === undefined ? {} : { etcd: theirs, ratio: ours / theirs }) });
  }
  return results;
}

async function measure(contender: Contender, writers: number, roundMs: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "capstan-bench-"));
  try {
    const target = await contender.open(directory);
    await run(target, writers, roundMs / 5);
    const rate = await run(target, writers, roundMs);
    await target.close();
    return rate;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Closed loop: each writer sends its next put when the last one is acknowledged. */
async function run(target: { put(key: string, value: Uint8Array): Promise<void> }, writers: number, roundMs: number): Promise<number> {
  const value = new Uint8Array(valueBytes).fill(120);
  const startedMs = performance.now();
  let count = 0;
  const write = async () => {
    while (performance.now() - startedMs < roundMs) await target.put(`/registry/bench/${(count++ * 7_919) % keyCount}`, value);
  };
  await Promise.all(Array.from({ length: writers }, write));
  return (count * 1_000) / (performance.now() - startedMs);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** The table people read. */
export function printStoreBench(results: readonly StoreBenchResult[]): string {
  const lines = results.map(({ writers, sqlite, etcd, ratio }) => {
    const beside = etcd === undefined || ratio === undefined ? "etcd is not installed" : `etcd ${Math.round(etcd)}/s, ${ratio.toFixed(1)} times etcd`;
    return `  ${String(writers).padStart(2)} writer${writers === 1 ? " " : "s"}  sqlite ${Math.round(sqlite)}/s, ${beside}`;
  });
  const drivers = startEtcd.isInstalled() ? [sqlite, etcd] : [sqlite];
  return ["Durable writes of 1 KiB, median of alternating rounds, empty directory each round", ...lines, ...drivers.map(({ name, driver }) => `  ${name}: ${driver}`)].join("\n");
}

if (import.meta.main) console.log(printStoreBench(await benchStore()));
