import { dirname, join } from "node:path";
import type { Clock } from "../../../world/clock.ts";
import type { StartRequest } from "../runtime.ts";
import { containerIdOf, RuntimeProblem } from "../runtime.ts";
import { makeInput } from "./container-input.ts";
import { files, readFileSync } from "./disk.ts";
import type { Abilities } from "./isolation.ts";
import type { LaunchOptions } from "./launch-script.ts";
import { programScript, wrapperScript } from "./launch-script.ts";
import type { MountWish } from "./mount-plan.ts";
import { parseMountPoints, planMounts } from "./mount-plan.ts";
import { packOddNames, unpackWords } from "./odd-names.ts";
import { containerMark } from "./process-table.ts";
import type { Programs } from "./programs.ts";
import type { PodRecord, RunRecord } from "./run-record.ts";
import { hostView, mountWishes } from "./sandbox-folders.ts";

/** Where a run belongs. */
export interface RunPlace {
  readonly pod: PodRecord;
  readonly podFolder: string;
  /** The run's own. */
  readonly folder: string;
}

/** What is needed to make a run ready. */
export interface RunMeans {
  readonly abilities: Abilities;
  readonly programs: Programs;
  readonly clock: Pick<Clock, "nowMs">;
  readonly bootId: string;
}

/** A run whose folder holds all it needs. */
export interface PreparedRun {
  readonly record: RunRecord;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes the folder of a run anew, with its scripts and its input. Throws RuntimeProblem for what this machine cannot give the container. */
export async function prepareRun(request: StartRequest, place: RunPlace, { abilities, programs, clock, bootId }: RunMeans): Promise<PreparedRun> {
  checkRequest(request, abilities);
  const { isolation, helpers } = abilities;
  const { folder } = place;
  const id = containerIdOf(request.uid, request.name, request.attempt);
  const user = userOf(request, abilities);
  const wishes = await wishesOf(request, place, abilities);
  const steps = wishes.length === 0 ? [] : planMounts(wishes, hostView([...parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8")), join(folder, "private")]));
  // A terminal without input would take the missing input for its end.
  const input = request.input ?? (request.isTerminal === true ? "open" : undefined);
  const workingDir = request.workingDir ?? join(folder, "work");
  await makeRunFolder(folder, user);
  const record: RunRecord = {
    id, name: request.name, attempt: request.attempt, backoffMs: request.backoffMs, startedAtMs: clock.nowMs(), bootId,
    workingDir, isLogUsedAsMessage: request.isLogUsedAsMessage, isIsolated: isolation !== "none", ...(user === undefined ? {} : { user }),
    ...(input === undefined ? {} : { input }), ...(request.isTerminal === true ? { isTerminal: true } : {}),
  };
  const environment = environmentOf(request, id, folder);
  const packed = unpackWords === undefined ? undefined : packOddNames(environment);
  const script: LaunchOptions = {
    folder, workingDir, hostname: place.pod.hostname, steps, isolation, helpers, ...(user === undefined ? {} : { user }), ...(input === undefined ? {} : { input }),
    ...(packed === undefined || unpackWords === undefined ? {} : { unpacking: unpackWords }),
    ...(request.isTerminal === true && helpers.script !== undefined ? { terminal: { script: helpers.script, command: request.command } } : {}),
  };
  if (input !== undefined) await makeInput(folder, { mkfifo: helpers.mkfifo, programs, signal: new AbortController().signal });
  await files.writeFile(join(folder, "wrapper.sh"), wrapperScript(script));
  await files.writeFile(join(folder, "program.sh"), programScript(script));
  return { record, command: ["/bin/sh", join(folder, "wrapper.sh"), ...request.command], environment: packed ?? environment };
}

function checkRequest({ command, image, runAsUser, isTerminal }: StartRequest, { helpers, isRoot }: Abilities): void {
  if (command.length === 0) {
    throw new RuntimeProblem("CreateContainerError", `no command specified: this node runs plain processes and does not use the image "${image}"; set the container's command (see docs/process-runtime.md)`);
  }
  if ((runAsUser ?? 0) !== 0 && !isRoot) throw new RuntimeProblem("CreateContainerError", "runAsUser needs a daemon that runs as root");
  if (isTerminal === true && helpers.script === undefined) throw new RuntimeProblem("CreateContainerError", "a terminal (tty) needs the program \"script\" of util-linux on the node");
}

function userOf({ runAsUser, runAsGroup, supplementalGroups }: StartRequest, { isRoot }: Abilities): RunRecord["user"] {
  if (!isRoot || (runAsUser === undefined && runAsGroup === undefined)) return undefined;
  return { uid: runAsUser ?? 0, gid: runAsGroup ?? runAsUser ?? 0, groups: supplementalGroups };
}

/** Volumes, and the pod's own resolver, hosts and message files where they can be shown. */
async function wishesOf(request: StartRequest, { pod, podFolder, folder }: RunPlace, { isolation }: Abilities): Promise<readonly MountWish[]> {
  const wishes = await mountWishes(pod, podFolder, request.mounts);
  if (isolation === "none") {
    if (wishes.length === 0) return [];
    throw new RuntimeProblem("CreateContainerError", "volumes cannot be mounted: this user may make no mount namespace on this machine (run the daemon as root, or allow unprivileged user namespaces)");
  }
  const own = (name: string, target: string): MountWish => ({ source: join(podFolder, name), target, isReadOnly: false, isFile: true });
  const taken = new Set(wishes.map((wish) => wish.target));
  return [
    ...wishes,
    ...(pod.hasResolvConf ? [own("resolv.conf", "/etc/resolv.conf")] : []),
    own("hosts", "/etc/hosts"),
    // Below /dev nothing can be added without hiding devices; there the variable CAPSTAN_TERMINATION_LOG is the way.
    ...(request.terminationMessagePath.startsWith("/dev/") ? [] : [{ source: join(folder, "termination-log"), target: request.terminationMessagePath, isReadOnly: false, isFile: true }]),
  ].filter((wish, i) => i < wishes.length || !taken.has(wish.target));
}

async function makeRunFolder(folder: string, user: RunRecord["user"]): Promise<void> {
  await files.rm(folder, { recursive: true, force: true });
  await files.mkdir(join(folder, "work"), { recursive: true, mode: 0o755 });
  await files.mkdir(join(folder, "private"));
  await files.writeFile(join(folder, "termination-log"), "", { mode: 0o666 });
  if (user === undefined) return;
  await files.chown(join(folder, "work"), user.uid, user.gid);
  await files.chown(join(folder, "termination-log"), user.uid, user.gid);
}

/** Nothing of the daemon's own environment reaches a container but its home and language. */
function environmentOf(request: StartRequest, id: string, folder: string): Readonly<Record<string, string>> {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8",
    CAPSTAN_TERMINATION_LOG: join(folder, "termination-log"),
    ...Object.fromEntries(request.env.map(({ name, value }) => [name, value])),
    [containerMark]: id,
  };
}
