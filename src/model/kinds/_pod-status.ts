import { printAge } from "../../value/duration.ts";
import { findCondition, isConditionTrue, parseTime } from "../conditions.ts";
import type { ContainerStatus, Pod, PodSpec } from "../generated/core-v1.ts";
import { isSidecar } from "../pods.ts";

/** The READY, STATUS and RESTARTS cells of `kubectl get pods`. */
export interface PodSummary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

/** Where the init phase stands: the text, and up to which init status it came. */
interface InitStop {
  readonly text: string;
  readonly index: number;
}

/**
 * Sums a pod up in upstream's words.
 * @see kubernetes pkg/printers/internalversion/printers.go printPod
 */
export function summarizePod(pod: Pod, nowMs: number): PodSummary {
  const stop = findInitStop(pod);
  const isInitializing = stop !== undefined && !isConditionTrue(pod.status.conditions, "Initialized");
  const counted = countedStatuses(pod, isInitializing ? stop : undefined);
  return {
    ready: printReady(pod, isInitializing ? stop : undefined),
    status: printStatus(pod, { stop, isInitializing }),
    restarts: printRestarts(counted, nowMs),
  };
}

function findInitStop(pod: Pod): InitStop | undefined {
  const statuses = pod.status.initContainerStatuses ?? [];
  const containers = pod.spec.initContainers ?? [];
  for (const [index, status] of statuses.entries()) {
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (isSidecarStatus(pod, status) && status.started === true) continue;
    if (terminated !== undefined) return { index, text: `Init:${terminationText(terminated)}` };
    if (waiting?.reason !== undefined && waiting.reason !== "" && waiting.reason !== "PodInitializing") return { index, text: `Init:${waiting.reason}` };
    return { index, text: `Init:${index}/${containers.length}` };
  }
  return undefined;
}

function terminationText(terminated: { readonly reason?: string; readonly signal?: number; readonly exitCode: number }): string {
  if (terminated.reason !== undefined && terminated.reason !== "") return terminated.reason;
  return terminated.signal !== undefined && terminated.signal !== 0 ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function isSidecarStatus(pod: Pod, status: ContainerStatus): boolean {
  return (pod.spec.initContainers ?? []).some((container) => container.name === status.name && isSidecar(container));
}

function printReady(pod: Pod, stop: InitStop | undefined): string {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).length;
  const initStatuses = (pod.status.initContainerStatuses ?? []).slice(0, stop?.index ?? Number.POSITIVE_INFINITY);
  const readySidecars = initStatuses.filter((status) => isSidecarStatus(pod, status) && status.started === true && status.ready).length;
  const running = stop === undefined ? (pod.status.containerStatuses ?? []).filter((status) => status.ready && status.state?.running !== undefined).length : 0;
  // The row of a bookmark is printed from an empty object.
  const total = ((pod.spec as Partial<PodSpec>).containers?.length ?? 0) + sidecars;
  return `${running + readySidecars}/${total}`;
}

function printStatus(pod: Pod, { stop, isInitializing }: { readonly stop: InitStop | undefined; readonly isInitializing: boolean }): string {
  const { status } = pod;
  let text = status.reason !== undefined && status.reason !== "" ? status.reason : (status.phase ?? "");
  if (findCondition(status.conditions, "PodScheduled")?.reason === "SchedulingGated") text = "SchedulingGated";
  if (stop !== undefined) text = stop.text;
  if (!isInitializing) text = printContainers(pod, text);
  if (pod.metadata.deletionTimestamp === undefined) return text;
  if (status.reason === "NodeLost") return "Unknown";
  return status.phase === "Succeeded" || status.phase === "Failed" ? text : "Terminating";
}

function printContainers(pod: Pod, start: string): string {
  let text = start;
  let error: string | undefined;
  let hasRunning = false;
  for (const status of (pod.status.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason !== undefined && waiting.reason !== "") {
      text = waiting.reason;
    } else if (terminated !== undefined) {
      text = terminationText(terminated);
      if (terminated.exitCode !== 0) error = text;
    } else if (running !== undefined && status.ready) {
      hasRunning = true;
    }
  }
  if (text !== "Completed") return text;
  if (hasRunning && isConditionTrue(pod.status.conditions, "Ready")) return "Running";
  return error ?? (hasRunning ? "NotReady" : text);
}

function countedStatuses(pod: Pod, stop: InitStop | undefined): readonly ContainerStatus[] {
  const initStatuses = pod.status.initContainerStatuses ?? [];
  if (stop !== undefined) return initStatuses.slice(0, stop.index + 1);
  return [...initStatuses.filter((status) => isSidecarStatus(pod, status)), ...(pod.status.containerStatuses ?? [])];
}

function printRestarts(statuses: readonly ContainerStatus[], nowMs: number): string {
  const total = statuses.reduce((sum, status) => sum + (status.restartCount ?? 0), 0);
  const finished = statuses.flatMap((status) => parseTime(status.lastState?.terminated?.finishedAt) ?? []);
  return total > 0 && finished.length > 0 ? `${total} (${printAge(nowMs - Math.max(...finished))} ago)` : String(total);
}
