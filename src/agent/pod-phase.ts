import type { Pod, PodStatus } from "../model/generated/core-v1.ts";
import { isTerminated } from "../model/pods.ts";
import type { PodObservation } from "./observation.ts";
import { isRunning, latestRun } from "./observation.ts";
import { isRestarted, isSidecar } from "./restarts.ts";

/** True when every init container has done its part, or the containers proper have already run. */
export function hasFinishedInit(pod: Pod, observed: PodObservation): boolean {
  if (pod.spec.containers.some((container) => latestRun(observed, container.name) !== undefined)) return true;
  return incompleteInit(pod, observed).length === 0;
}

/** Names of the init containers that have not done their part, in order. */
export function incompleteInit(pod: Pod, observed: PodObservation): readonly string[] {
  return (pod.spec.initContainers ?? []).filter((container) => {
    const run = latestRun(observed, container.name);
    if (isSidecar(container)) return run === undefined || !(observed.health.get(run.id)?.isStarted ?? false);
    return run?.exit?.code !== 0;
  }).map((container) => container.name);
}

/** True when a plain init container failed and will not be tried again. */
export function hasFailedInit(pod: Pod, observed: PodObservation): boolean {
  return (pod.spec.initContainers ?? []).some((container) => {
    const exit = isSidecar(container) ? undefined : latestRun(observed, container.name)?.exit;
    return exit !== undefined && exit.code !== 0 && !isRestarted(pod.spec, container, exit.code, true);
  });
}

/** True when nothing of this pod will run again: it ended by itself, or was failed for good. */
export function isOver(pod: Pod, observed: PodObservation): boolean {
  if (isTerminated(pod) || hasFailedInit(pod, observed)) return true;
  return pod.spec.containers.length > 0 && pod.spec.containers.every((container) => {
    const exit = latestRun(observed, container.name)?.exit;
    return exit !== undefined && !isRestarted(pod.spec, container, exit.code, false);
  });
}

/**
 * The phase that follows from what was seen. A phase that has ended never changes again.
 *
 * @see kubernetes pkg/kubelet/kubelet_pods.go getPhase
 */
export function podPhase(pod: Pod, observed: PodObservation, isTerminating: boolean): NonNullable<PodStatus["phase"]> {
  const before = pod.status.phase;
  if (before === "Succeeded" || before === "Failed") return before;
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const isAnyRunning = all.some((container) => isRunning(observed, container.name));
  if (hasFailedInit(pod, observed)) return isAnyRunning ? "Pending" : "Failed";
  const runs = pod.spec.containers.map((container) => latestRun(observed, container.name));
  if (runs.some((run) => run === undefined)) return isTerminating && !isAnyRunning && runs.some((run) => run !== undefined) ? "Failed" : "Pending";
  if (runs.some((run) => run?.exit === undefined)) return "Running";
  const isEnded = !isAnyRunning && (isTerminating || isOver(pod, observed));
  if (!isEnded) return "Running";
  return runs.every((run) => run?.exit?.code === 0) ? "Succeeded" : "Failed";
}
