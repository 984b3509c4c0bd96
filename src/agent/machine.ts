import { cpus, hostname, release, totalmem } from "node:os";
import { readFileSync, realpathSync, statfsSync } from "./runtimes/process/disk.ts";

/** What the machine has and is, for the Node object; data in the simulation. */
export interface MachineFacts {
  readonly hostname: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly kernelVersion: string;
  readonly osImage: string;
  /** `amd64`, `arm64`, as Go names them. */
  readonly architecture: string;
  readonly machineId: string;
  readonly bootId: string;
  /** Lines of the machine's resolv.conf with its name servers. */
  readonly nameservers: readonly string[];
}

/** Reads this machine. */
export function readMachine(directory: string): MachineFacts {
  const read = (path: string) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      // Not every machine has every file; the fact is then unknown.
      return "";
    }
  };
  const disk = statfsSync(realpathSync(directory));
  return {
    hostname: hostname(), cpuCount: cpus().length, memoryBytes: totalmem(), diskBytes: disk.blocks * disk.bsize,
    kernelVersion: release(), osImage: /^PRETTY_NAME="?([^"\n]*)/mu.exec(read("/etc/os-release"))?.[1] ?? "Linux",
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    machineId: read("/etc/machine-id").trim(), bootId: read("/proc/sys/kernel/random/boot_id").trim(),
    nameservers: [...read("/etc/resolv.conf").matchAll(/^nameserver\s+(\S+)/gmu)].map((match) => match[1] ?? ""),
  };
}
