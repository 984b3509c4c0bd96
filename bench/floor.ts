import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ApiAddress } from "./http-connection.ts";

/** What the bare server answers: a pod; so many of them; a stream of what is written; anything else is a write. */
export const floorPaths = { one: "/one", list: "/list", watch: "/watch", write: "/write" } as const;

/** A server of Node with TLS and nothing else, which does at the least what the API must: what it makes on this machine in these minutes is what can be had. */
export interface Floor {
  readonly address: ApiAddress;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts it with the keys of a daemon's directory. `pod` is what it answers, `copies` how many a list has, `core` the one core it may use. */
export async function startFloor(directory: string, { address, pod, copies, core }: { readonly address: ApiAddress; readonly pod: string; readonly copies: number; readonly core: number | undefined }): Promise<Floor> {
  const podFile = join(directory, "floor-pod.json");
  writeFileSync(podFile, pod);
  const [command, ...words] = [...(core === undefined ? [] : ["taskset", "-c", String(core)]), process.execPath, fileURLToPath(new URL("floor-server.ts", import.meta.url)), directory, podFile, String(copies)];
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), once(child, "exit").then(() => { throw new Error("the bare server did not start"); })]) as [string];
  return {
    address: { ...address, port: Number(port) },
    // taskset becomes what it starts.
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
