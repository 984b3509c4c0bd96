import type { Container, ContainerState, ContainerStatus, Pod } from "../model/generated/core-v1.ts";
import { isTerminated } from "../model/pods.ts";
import { printTime } from "../world/clock.ts";
import type { PodObservation } from "./observation.ts";
import { runsOf } from "./observation.ts";
import { isRestarted, isSidecar, restartAtMs } from "./restarts.ts";
import type { RuntimeContainer } from "./runtimes/runtime.ts";

interface StatusContext {
  readonly observed: PodObservation;
  readonly nowMs: number;
  readonly isInit: boolean;
  readonly isTerminating: boolean;
}

/** One entry of containerStatuses, in the words `kubectl` knows. */
export function containerStatus(pod: Pod, container: Container, context: StatusContext): ContainerStatus {
  const { observed, isInit } = context;
  const [run, previous] = runsOf(observed, container.name);
  const state = currentState(pod, container, run, context);
  const isWaitingAfterEnd = state.waiting !== undefined && run?.exit !== undefined;
  const last = isWaitingAfterEnd ? run : previous;
  const isRunning = state.running !== undefined;
  const health = run === undefined ? undefined : observed.health.get(run.id);
  const isPlainInit = isInit && !isSidecar(container);
  const image = container.image ?? "";
  return {
    name: container.name,
    state,
    lastState: last?.exit === undefined ? {} : terminated(last, observed.runtimeName),
    ready: isPlainInit ? run?.exit?.code === 0 : isRunning && (health?.isReady ?? false),
    restartCount: run?.attempt ?? 0,
    image,
    imageID: run === undefined ? "" : image,
    ...(run === undefined ? {} : { containerID: containerIdText(observed.runtimeName, run.id) }),
    started: isPlainInit ? false : isRunning && (health?.isStarted ?? false),
  };
}

/** `process://<id>`, as a status has it. */
export function containerIdText(runtimeName: string, id: string): string {
  return `${runtimeName}://${id}`;
}

function currentState(pod: Pod, container: Container, run: RuntimeContainer | undefined, context: StatusContext): ContainerState {
  const { observed, nowMs, isInit, isTerminating } = context;
  if (run !== undefined && run.exit === undefined) return { running: { startedAt: printTime(run.startedAtMs) } };
  const isEnding = isTerminating || isTerminated(pod);
  const problem = observed.problems.get(container.name);
  if (run?.exit === undefined) {
    if (problem !== undefined) return { waiting: { reason: problem.reason, message: problem.message } };
    return { waiting: { reason: (pod.spec.initContainers ?? []).length > 0 ? "PodInitializing" : "ContainerCreating" } };
  }
  if (isEnding || !isRestarted(pod.spec, container, run.exit.code, isInit)) return terminated(run, observed.runtimeName);
  if (problem !== undefined) return { waiting: { reason: problem.reason, message: problem.message } };
  if (restartAtMs(run, nowMs) <= nowMs) return terminated(run, observed.runtimeName);
  const who = `container=${container.name} pod=${pod.metadata.name}_${pod.metadata.namespace ?? ""}(${pod.metadata.uid ?? ""})`;
  return { waiting: { reason: "CrashLoopBackOff", message: `back-off ${printSeconds(run.backoffMs)} restarting failed ${who}` } };
}

function terminated(run: RuntimeContainer, runtimeName: string): ContainerState {
  if (run.exit === undefined) return {};
  const { code, atMs, reason, message } = run.exit;
  return {
    terminated: {
      exitCode: code, reason, ...(message === undefined || message === "" ? {} : { message }),
      startedAt: printTime(run.startedAtMs), finishedAt: printTime(atMs), containerID: containerIdText(runtimeName, run.id),
    },
  };
}

/** A duration as Go prints it: `40s`, `1m20s`, `5m0s`. */
export function printSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${String(seconds)}s` : `${String(Math.floor(seconds / 60))}m${String(seconds % 60)}s`;
}
