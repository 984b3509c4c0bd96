import { readFileSync } from "node:fs";
import type { ProcessUsage } from "../processes.ts";

/** Linux tells processor time in hundredths of a second, whatever its own clock. @see proc_pid_stat(5), sysconf(_SC_CLK_TCK) */
const tickMs = 10;
const bytesPerKib = 1_024;
/** Places of utime and stime behind the name, which stands in brackets and may hold anything. */
const userTicks = 11;
const systemTicks = 12;

/** What the process of this number has used, by Linux' `/proc`; undefined where there is none. */
export function readUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[userTicks]) + Number(fields[systemTicks]);
    const memory = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return memory === null || !Number.isFinite(ticks) ? undefined : { processorMs: ticks * tickMs, memoryBytes: Number(memory[1]) * bytesPerKib };
  } catch {
    return undefined;
  }
}
