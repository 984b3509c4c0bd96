import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One process of this machine, told from a later one of the same number by its start time. */
export interface ProcessId {
  readonly pid: number;
  /** Process number of its session's leader. */
  readonly session: number;
  readonly startTicks: string;
}

/** The process of a number as it runs now; undefined when there is none, or only its remains. */
export async function readProcess(pid: number): Promise<ProcessId | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const found = text === undefined ? undefined : parseStat(text);
  return found?.state === "Z" ? undefined : found;
}

/** The line of `/proc/PID/stat`. @see proc_pid_stat(5) */
function parseStat(text: string): (ProcessId & { readonly state: string }) | undefined {
  // The name stands in brackets and may hold anything.
  const rest = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, session, startTicks] = [rest[0], rest[3], rest[19]];
  if (state === undefined || session === undefined || startTicks === undefined) return undefined;
  return { pid: Number.parseInt(text, 10), session: Number(session), startTicks, state };
}

/** True while exactly this process runs. */
export async function isRunning(process: ProcessId): Promise<boolean> {
  return (await readProcess(process.pid))?.startTicks === process.startTicks;
}

/** Ends a process or, with a negative number, a group; one that has ended already is no fault. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The programs of containers below `DIR/node` that run now, by their pod's uid. */
export async function containerProcesses(dataDirectory: string): Promise<ReadonlyMap<string, readonly ProcessId[]>> {
  const pods = join(dataDirectory, "node", "pods");
  const found = new Map<string, ProcessId[]>();
  for (const path of await readdir(pods, { recursive: true }).catch(() => [])) {
    const [uid = "", folder, , , file] = path.split("/");
    if (folder !== "containers" || file !== "pid") continue;
    const text = await readFile(join(pods, path), "utf8").catch(() => "");
    const recorded = parseStat(text);
    if (recorded === undefined || !(await isRunning(recorded))) continue;
    found.set(uid, [...(found.get(uid) ?? []), recorded]);
  }
  return found;
}

/** Every process whose command line or environment names the folder, wherever it was started from. */
export async function processesNaming(folder: string): Promise<readonly ProcessId[]> {
  const found: ProcessId[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const texts = await Promise.all(["cmdline", "environ"].map((file) => readFile(`/proc/${name}/${file}`, "latin1").catch(() => "")));
    const one = texts.some((text) => text.includes(folder)) ? await readProcess(Number(name)) : undefined;
    if (one !== undefined) found.push(one);
  }
  return found;
}
