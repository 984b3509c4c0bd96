import type { Container, Pod, PodStatus } from "../model/generated/core-v1.ts";
import type { PodObservation } from "./observation.ts";
import { isRunning, latestRun, runsOf } from "./observation.ts";
import { hasFinishedInit, isOver } from "./pod-phase.ts";
import { podStatus } from "./pod-status.ts";
import { isRestarted, isSidecar, nextBackoffMs, restartAtMs } from "./restarts.ts";

/** One thing to do for a pod. */
export type PodAction =
  | { readonly kind: "createSandbox" }
  | { readonly kind: "start"; readonly container: Container; readonly attempt: number; readonly backoffMs: number }
  /** preStop, TERM, and KILL at `killAtMs`. */
  | { readonly kind: "stop"; readonly id: string; readonly container: Container; readonly killAtMs: number; readonly message: string }
  | { readonly kind: "removeContainer"; readonly id: string }
  /** Everything has ended: free the pod's place and, when it still exists, its object. */
  | { readonly kind: "finish" };

/** What to do now, what to write, and when to look again even if nothing happens. */
export interface PodPlan {
  readonly actions: readonly PodAction[];
  readonly status: PodStatus;
  readonly nextAtMs: number | undefined;
}

/** Ended runs kept per container beside the newest, so that `logs --previous` works (kubernetes pkg/kubelet container GC keeps 1). */
export const deadRunsKept = 1;
/** A stop is given at least this long after preStop (kubernetes pkg/kubelet/kuberuntime minimumGracePeriodInSeconds). */
export const graceMinMs = 2_000;
/** Grace of a pod that does not say. */
export const graceDefaultSeconds = 30;

/**
 * Decides what to do for one pod bound to this node. Pure: time is `nowMs`, everything seen is `observed`.
 * Repeating it after its actions are done reaches a plan without actions.
 */
export function planPod(pod: Pod, observed: PodObservation, nowMs: number): PodPlan {
  const decision = decide(pod, observed, nowMs);
  const waits = [decision.nextAtMs, deadlineAtMs(pod)].filter((at) => at !== undefined && at > nowMs);
  return {
    actions: [...decision.actions, ...removals(pod, observed)],
    status: podStatus(pod, observed, { nowMs, isDeadlineExceeded: isDeadlineExceeded(pod, nowMs) }),
    nextAtMs: waits.length === 0 ? undefined : Math.min(...waits.map(Number)),
  };
}

interface Decision {
  readonly actions: readonly PodAction[];
  readonly nextAtMs?: number | undefined;
}

function decide(pod: Pod, observed: PodObservation, nowMs: number): Decision {
  if (observed.isObjectGone || pod.metadata.deletionTimestamp !== undefined) {
    const stops = stopAll(pod, observed, { killAtMs: terminationKillAtMs(pod, observed, nowMs), nowMs });
    return { actions: hasRunning(observed) ? stops : [{ kind: "finish" }] };
  }
  if (isOver(pod, observed) || isDeadlineExceeded(pod, nowMs)) {
    return { actions: stopAll(pod, observed, { killAtMs: nowMs + graceMs(pod), nowMs }) };
  }
  if (observed.runtime === undefined) {
    const problem = observed.problems.get("");
    if (problem !== undefined && problem.retryAtMs > nowMs) return { actions: [], nextAtMs: problem.retryAtMs };
    return { actions: [{ kind: "createSandbox" }] };
  }
  const due = [...(hasFinishedInit(pod, observed) ? pod.spec.containers : []), ...(pod.spec.ephemeralContainers ?? [])];
  return merge([...initDecisions(pod, observed, nowMs), ...due.map((container) => keep(pod, container, { observed, nowMs, isInit: false }))]);
}

/** Init containers one after the other; a sidecar only has to have started. Once past, sidecars are kept running. */
function initDecisions(pod: Pod, observed: PodObservation, nowMs: number): readonly Decision[] {
  const decisions: Decision[] = [];
  const isPast = pod.spec.containers.some((container) => latestRun(observed, container.name) !== undefined);
  for (const container of pod.spec.initContainers ?? []) {
    const run = latestRun(observed, container.name);
    if (isSidecar(container)) {
      decisions.push(keep(pod, container, { observed, nowMs, isInit: true }));
      const isStarted = run !== undefined && run.exit === undefined && (observed.health.get(run.id)?.isStarted ?? false);
      if (!isStarted && !isPast) return decisions;
    } else if (!isPast && run?.exit?.code !== 0) {
      decisions.push(keep(pod, container, { observed, nowMs, isInit: true }));
      return decisions;
    }
  }
  return decisions;
}

interface KeepContext {
  readonly observed: PodObservation;
  readonly nowMs: number;
  readonly isInit: boolean;
}

/** Keeps one container as its restart policy wants it. */
function keep(pod: Pod, container: Container, { observed, nowMs, isInit }: KeepContext): Decision {
  const run = latestRun(observed, container.name);
  if (run !== undefined && run.exit === undefined) {
    const failure = observed.health.get(run.id)?.failure;
    if (failure === undefined || observed.stopping.has(run.id)) return { actions: [] };
    const grace = container.livenessProbe?.terminationGracePeriodSeconds ?? container.startupProbe?.terminationGracePeriodSeconds;
    return { actions: [{ kind: "stop", id: run.id, container, killAtMs: nowMs + (grace === undefined ? graceMs(pod) : grace * 1000), message: failure }] };
  }
  if (run?.exit !== undefined && !isRestarted(pod.spec, container, run.exit.code, isInit)) return { actions: [] };
  const startAtMs = Math.max(run === undefined ? 0 : restartAtMs(run, nowMs), observed.problems.get(container.name)?.retryAtMs ?? 0);
  if (startAtMs > nowMs) return { actions: [], nextAtMs: startAtMs };
  return { actions: [{ kind: "start", container, attempt: run === undefined ? 0 : run.attempt + 1, backoffMs: nextBackoffMs(run) }] };
}

/** The containers proper stop together; sidecars afterwards, last one first. */
function stopAll(pod: Pod, observed: PodObservation, { killAtMs, nowMs }: { readonly killAtMs: number; readonly nowMs: number }): readonly PodAction[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const plain = [...(pod.spec.initContainers ?? []).filter((container) => !isSidecar(container)), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].filter((container) => isRunning(observed, container.name));
  const next = plain.length > 0 ? plain : sidecars.toReversed().filter((container) => isRunning(observed, container.name)).slice(0, 1);
  return next.flatMap((container): readonly PodAction[] => {
    const run = latestRun(observed, container.name);
    if (run === undefined) return [];
    const underWay = observed.stopping.get(run.id);
    // A kill already planned is only ever moved forward, and not for a few milliseconds of rounding.
    if (underWay !== undefined && (underWay <= nowMs || underWay - killAtMs < 1000)) return [];
    return [{ kind: "stop", id: run.id, container, killAtMs, message: `Stopping container ${container.name}` }];
  });
}

function removals(pod: Pod, observed: PodObservation): readonly PodAction[] {
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => container.name);
  return names.flatMap((name) => runsOf(observed, name).slice(1 + deadRunsKept).filter((run) => run.exit !== undefined).map((run): PodAction => ({ kind: "removeContainer", id: run.id })));
}

function hasRunning(observed: PodObservation): boolean {
  return (observed.runtime?.containers ?? []).some((run) => run.exit === undefined);
}

function graceMs(pod: Pod): number {
  return Math.max(graceMinMs, (pod.spec.terminationGracePeriodSeconds ?? graceDefaultSeconds) * 1000);
}

/** The API sets deletionTimestamp to the moment the grace ends. */
function terminationKillAtMs(pod: Pod, observed: PodObservation, nowMs: number): number {
  if (observed.isObjectGone || pod.metadata.deletionTimestamp === undefined) return nowMs + graceMinMs;
  const grace = (pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? graceDefaultSeconds) * 1000;
  return Math.min(nowMs + Math.max(graceMinMs, grace), Math.max(nowMs + graceMinMs, Date.parse(pod.metadata.deletionTimestamp)));
}

function deadlineAtMs(pod: Pod): number | undefined {
  if (pod.spec.activeDeadlineSeconds === undefined || pod.status.startTime === undefined) return undefined;
  return Date.parse(pod.status.startTime) + pod.spec.activeDeadlineSeconds * 1000;
}

function isDeadlineExceeded(pod: Pod, nowMs: number): boolean {
  const at = deadlineAtMs(pod);
  return at !== undefined && at <= nowMs && !hasEnded(pod);
}

function hasEnded(pod: Pod): boolean {
  return pod.status.phase === "Succeeded" || (pod.status.phase === "Failed" && pod.status.reason !== "DeadlineExceeded");
}

function merge(decisions: readonly Decision[]): Decision {
  const waits = decisions.flatMap((decision) => (decision.nextAtMs === undefined ? [] : [decision.nextAtMs]));
  return { actions: decisions.flatMap((decision) => decision.actions), nextAtMs: waits.length === 0 ? undefined : Math.min(...waits) };
}

