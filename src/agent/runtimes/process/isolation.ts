import { join } from "node:path";
import { existsSync } from "./disk.ts";
import type { Helpers, Isolation } from "./launch-script.ts";
import type { Programs } from "./programs.ts";

const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

/** What this machine lets the daemon do, found by trying. */
export interface Abilities {
  readonly isolation: Isolation;
  readonly helpers: Helpers;
  readonly isRoot: boolean;
  /** False where secrets and memory volumes have to lie on disk. */
  readonly hasMemoryFolder: boolean;
}

/** Where memory-backed content lies: the machine's shared-memory tmpfs. */
export const memoryRoot = "/dev/shm";

/** Tries what containers will need. */
export async function probeAbilities(programs: Programs): Promise<Abilities> {
  const script = find("script");
  const helpers: Helpers = {
    unshare: find("unshare"), mount: find("mount"), umount: find("umount"), pivotRoot: find("pivot_root"),
    setpriv: find("setpriv"), nsenter: find("nsenter"), mkdir: find("mkdir"), ln: find("ln"), mkfifo: find("mkfifo"), ...(script === "script" ? {} : { script }),
  };
  const trial = ["--mount", "--uts", "--propagation", "private", "--", "/bin/sh", "-c", `${helpers.mount} -t tmpfs capstan /mnt && ${helpers.mount} --bind /mnt /tmp`];
  const isRoot = process.getuid?.() === 0;
  let isolation: Isolation = "none";
  if (isRoot && await programs.succeeds([helpers.unshare, ...trial])) isolation = "root";
  else if (await programs.succeeds([helpers.unshare, "--user", "--map-root-user", ...trial])) isolation = "user";
  return { isolation, helpers, isRoot, hasMemoryFolder: await programs.succeeds(["test", "-w", memoryRoot]) };
}

/** One sentence for each guarantee of Kubernetes that plain processes do not give here. */
export function missingGuarantees({ isolation, isRoot, hasMemoryFolder }: Abilities): readonly string[] {
  return [
    "Container images are not used: a container runs its command with the machine's own programs.",
    "Containers see the machine's processes, network and files: they are not isolated from each other.",
    "A program must listen on its pod's address (variables HOST, POD_IP, CAPSTAN_POD_IP): one that listens on all addresses takes its port from every pod.",
    "CPU, memory and process limits are not enforced.",
    "NetworkPolicy, seccomp, AppArmor and capabilities are not enforced.",
    ...(isolation === "none" ? ["Volumes cannot be mounted: this user may not make mount namespaces; such containers do not start."] : []),
    ...(isolation === "user" ? ["Programs run as root of a user namespace, which is the daemon's own user outside."] : []),
    ...(isRoot ? [] : ["runAsUser, runAsGroup and fsGroup need a daemon that runs as root."]),
    ...(hasMemoryFolder ? [] : [`Secrets and memory volumes lie on disk: ${memoryRoot} cannot be written.`]),
  ];
}

function find(name: string): string {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}
