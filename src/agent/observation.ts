import type { RuntimeContainer, RuntimePod } from "./runtimes/runtime.ts";

/** What probes and hooks say of one running container. */
export interface ContainerHealth {
  /** The startup probe and the postStart hook have succeeded (true when there are none). */
  readonly isStarted: boolean;
  readonly isReady: boolean;
  /** Why it must be restarted: a failed liveness or startup probe, or hook. */
  readonly failure?: string;
}

/** Why something could not be made; tried again at `retryAtMs`, or as soon as what it needs changes. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
  readonly retryAtMs: number;
}

/** The world as a pod's worker sees it: the runtime's pod, the health of its containers and what failed lately. */
export interface PodObservation {
  /** Undefined before the pod has its place, and after it is gone. */
  readonly runtime: RuntimePod | undefined;
  /** By container id; a running container without an entry is healthy but not started. */
  readonly health: ReadonlyMap<string, ContainerHealth>;
  /** By container id: when a stop that is under way kills, on the wall clock. */
  readonly stopping: ReadonlyMap<string, number>;
  /** By container name; "" is the pod's place (address, volumes). */
  readonly problems: ReadonlyMap<string, Problem>;
  /** The object is gone from the API: what runs is ended as fast as is decent. */
  readonly isObjectGone: boolean;
  readonly hostIP: string;
  /** `process`, the scheme of container ids. */
  readonly runtimeName: string;
}

/** The runs of one container, newest first. */
export function runsOf(observed: PodObservation, name: string): readonly RuntimeContainer[] {
  return (observed.runtime?.containers ?? []).filter((run) => run.name === name).toSorted((a, b) => b.attempt - a.attempt);
}

/** The newest run of one container, if it ever ran. */
export function latestRun(observed: PodObservation, name: string): RuntimeContainer | undefined {
  return runsOf(observed, name)[0];
}

/** True while the newest run has not ended. */
export function isRunning(observed: PodObservation, name: string): boolean {
  const run = latestRun(observed, name);
  return run !== undefined && run.exit === undefined;
}
