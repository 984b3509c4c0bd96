import { readdirSync, readFileSync } from "./disk.ts";

/** A process, told from a later one with the same number by its start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly startTicks: string;
}

/** What a line of /proc/PID/stat says. @see proc(5) */
export interface ProcessStat extends ProcessIdentity {
  /** `Z` is a zombie: ended, waiting to be collected. */
  readonly state: string;
  readonly session: number;
}

/** Parses /proc/PID/stat; the name in parentheses may hold anything. Undefined when it is cut short. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const nameEnd = text.lastIndexOf(")");
  const fields = text.slice(nameEnd + 2).trim().split(" ");
  const pid = Number.parseInt(text, 10);
  const [state, , , session] = fields;
  const startTicks = fields[19];
  if (nameEnd < 0 || state === undefined || session === undefined || startTicks === undefined || Number.isNaN(pid)) return undefined;
  return { pid, state, session: Number(session), startTicks };
}

/** The process now under this number; undefined when there is none. */
export function readProcess(pid: number): ProcessStat | undefined {
  const text = readQuietly(`/proc/${String(pid)}/stat`);
  return text === undefined ? undefined : parseProcessStat(text);
}

/** True while exactly this process lives. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const now = readProcess(pid);
  return now !== undefined && now.startTicks === startTicks && now.state !== "Z" && now.state !== "X";
}

/** The environment variable every process of a container carries. */
export const containerMark = "CAPSTAN_CONTAINER_ID";

/** Processes looked at in one turn of the serving thread; each costs some tens of microseconds. */
const looksPerTurn = 16;

/** Every living process that carries a container's mark, by container id: finds what left its session, and what a crash left unrecorded. */
export async function markedProcesses(): Promise<ReadonlyMap<string, readonly ProcessStat[]>> {
  const found = new Map<string, ProcessStat[]>();
  const start = `${containerMark}=`;
  for (const [index, name] of readdirSync("/proc").filter((one) => /^\d+$/u.test(one)).entries()) {
    if (index % looksPerTurn === looksPerTurn - 1) await new Promise<void>((resolve) => { setImmediate(resolve); });
    const mark = readQuietly(`/proc/${name}/environ`)?.split("\0").find((entry) => entry.startsWith(start));
    const stat = mark === undefined ? undefined : readProcess(Number(name));
    if (mark === undefined || stat === undefined || stat.state === "Z") continue;
    const id = mark.slice(start.length);
    const list = found.get(id) ?? [];
    list.push(stat);
    found.set(id, list);
  }
  return found;
}

/** This boot of the machine; process numbers mean nothing in another. */
export function readBootId(): string {
  return readQuietly("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Processes come and go, and others' may not be read: both mean "not ours to see".
    return undefined;
  }
}
