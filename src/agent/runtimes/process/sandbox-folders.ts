import { join } from "node:path";
import type { ContainerMount, SandboxRequest, VolumeContent } from "../runtime.ts";
import { RuntimeProblem } from "../runtime.ts";
import { hasErrorCode } from "../../../world/error-code.ts";
import { files, realpathSync, statSync } from "./disk.ts";
import type { HostView, MountWish } from "./mount-plan.ts";
import type { PodRecord } from "./run-record.ts";
import { resolveSubPath, writeVolume, writeWhole } from "./volume-folder.ts";

/** Where a volume's content lies on this machine. */
export function volumeFolder(record: PodRecord, podFolder: string, name: string): string {
  return record.hostVolumes[name] ?? (record.memoryVolumes.includes(name) ? join(record.memoryFolder, name) : join(podFolder, "volumes", name));
}

/** Makes and fills a pod's volumes; those that have their content already are only brought up to date. */
export async function fillVolumes(record: PodRecord, podFolder: string, { volumes, name }: { readonly volumes: readonly VolumeContent[]; readonly name: string }): Promise<void> {
  await files.mkdir(join(podFolder, "volumes"), { recursive: true, mode: 0o755 });
  if (record.memoryVolumes.length > 0) await files.mkdir(record.memoryFolder, { recursive: true, mode: 0o755 });
  for (const volume of volumes) {
    const folder = volumeFolder(record, podFolder, volume.name);
    if (volume.kind === "files") await writeVolume(folder, volume.files, { name, groupId: record.fsGroup });
    if (volume.kind === "empty" && await files.mkdir(folder, { recursive: true }) !== undefined) {
      if (record.fsGroup !== undefined) await files.chown(folder, 0, record.fsGroup);
      // After chown, which clears the set-group bit.
      await files.chmod(folder, record.fsGroup === undefined ? 0o777 : 0o2777);
    }
  }
}

/** The pod's own resolver and hosts files. */
export async function writeNetworkFiles(record: PodRecord, podFolder: string, request: SandboxRequest): Promise<void> {
  if (request.resolvConf !== undefined) await writeWhole(join(podFolder, "resolv.conf"), request.resolvConf);
  const lines = ["# Kubernetes-managed hosts file.", "127.0.0.1\tlocalhost", "::1\tlocalhost", `${record.ip}\t${request.fullName === undefined ? "" : `${request.fullName}\t`}${record.hostname}`, ...request.hostAliases.map(({ ip, hostnames }) => `${ip}\t${hostnames.join("\t")}`)];
  await writeWhole(join(podFolder, "hosts"), `${lines.join("\n")}\n`);
  for (const name of ["resolv.conf", "hosts"]) await files.chmod(join(podFolder, name), 0o644).catch(() => undefined);
}

/** What a run wants to see of its pod's volumes. Throws RuntimeProblem for a subPath that leaves its volume. */
export async function mountWishes(record: PodRecord, podFolder: string, mounts: readonly ContainerMount[]): Promise<readonly MountWish[]> {
  const wishes: MountWish[] = [];
  for (const mount of mounts) {
    const folder = volumeFolder(record, podFolder, mount.volume);
    if (!await files.stat(folder).then(() => true, () => false)) throw new RuntimeProblem("CreateContainerConfigError", `volume "${mount.volume}" has no content on this node`);
    const source = await resolveSubPath(folder, mount.subPath);
    if (source === undefined) throw new RuntimeProblem("CreateContainerConfigError", `subPath "${mount.subPath}" of volume "${mount.volume}" leaves the volume`);
    const isReadOnly = mount.isReadOnly || record.fileVolumes.includes(mount.volume);
    wishes.push({ source, target: mount.mountPath, isReadOnly, isFile: (await files.stat(source)).isFile() });
  }
  return wishes;
}

/** The host as it is now. */
export function hostView(mountPoints: readonly string[]): HostView {
  return {
    mountPoints,
    resolve(path) {
      let existing = path;
      let rest = "";
      for (;;) {
        const real = realpathQuietly(existing);
        if (real !== undefined) {
          const kind = rest === "" ? (statSync(real).isDirectory() ? "directory" : "file") : undefined;
          return { path: rest === "" ? real : `${real === "/" ? "" : real}${rest}`, existing: real, kind };
        }
        const slash = existing.lastIndexOf("/");
        rest = existing.slice(slash) + rest;
        existing = slash <= 0 ? "/" : existing.slice(0, slash);
      }
    },
  };
}

function realpathQuietly(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
