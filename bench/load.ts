import { readFileSync } from "node:fs";
import { HttpConnection } from "./http-connection.ts";
import type { ApiAddress } from "./http-connection.ts";

/** A server under load. */
export interface Loaded {
  readonly address: ApiAddress;
  readonly pid: number;
}

/** How long a load is measured, and runs before that while the compilers still work. */
export interface LoadTimes {
  readonly loadMs: number;
  readonly warmMs: number;
}

/** What a load told: requests a second, processor time of each in milliseconds, and how long each took. */
export interface LoadResult {
  readonly rate: number;
  readonly cpuMs: number;
  readonly times: readonly number[];
}

/** Connections of the write and read loads, as the goals have them. */
export const connectionCount = 64;

/** A closed loop on all connections. */
export async function load({ address, pid }: Loaded, { loadMs, warmMs }: LoadTimes, ask: (connection: HttpConnection) => Promise<unknown>): Promise<LoadResult> {
  const times: number[] = [];
  let beforeMs: number | undefined;
  await onConnections(address, async (connection) => {
    const warmUntilMs = performance.now() + warmMs;
    const untilMs = warmUntilMs + loadMs;
    for (let sentMs = performance.now(); sentMs < untilMs;) {
      await ask(connection);
      const answeredMs = performance.now();
      if (sentMs >= warmUntilMs) {
        beforeMs ??= cpuMsOf(pid);
        times.push(answeredMs - sentMs);
      }
      sentMs = answeredMs;
    }
  });
  return { rate: (times.length * 1_000) / loadMs, cpuMs: (cpuMsOf(pid) - (beforeMs ?? 0)) / times.length, times };
}

/** Uses as many connections as the goals have, all at once. */
export async function onConnections(address: ApiAddress, use: (connection: HttpConnection) => Promise<void>): Promise<void> {
  const connections = await Promise.all(Array.from({ length: connectionCount }, () => HttpConnection.open(address)));
  await Promise.all(connections.map(use));
  for (const connection of connections) connection.close();
}

/** Processor time of all the process's threads: tells more than the rate where others use the machine too. @see proc(5), /proc/pid/stat */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "").split(" ");
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}
