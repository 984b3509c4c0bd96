import type { Container, Pod, PodCondition, PodStatus } from "../model/generated/core-v1.ts";
import { printTime } from "../world/clock.ts";
import { containerStatus } from "./container-status.ts";
import type { PodObservation } from "./observation.ts";
import { isRunning } from "./observation.ts";
import { hasFinishedInit, incompleteInit, podPhase } from "./pod-phase.ts";
import { qualityOfService } from "./quality-of-service.ts";
import { isSidecar } from "./restarts.ts";

interface StatusContext {
  readonly nowMs: number;
  readonly isDeadlineExceeded: boolean;
}

/** The whole status of a pod as this node sees it; fields and conditions others own are kept. */
export function podStatus(pod: Pod, observed: PodObservation, { nowMs, isDeadlineExceeded }: StatusContext): PodStatus {
  const isTerminating = observed.isObjectGone || pod.metadata.deletionTimestamp !== undefined;
  const isInitialized = hasFinishedInit(pod, observed);
  const isAnyRunning = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].some((container) => isRunning(observed, container.name));
  const isFailedByDeadline = isDeadlineExceeded && !isAnyRunning;
  const phase = isFailedByDeadline ? "Failed" : podPhase(pod, observed, isTerminating);
  const statusOf = (container: Container, isInit: boolean) => containerStatus(pod, container, { observed, nowMs, isInit, isTerminating });
  const initContainerStatuses = (pod.spec.initContainers ?? []).map((container) => statusOf(container, true));
  const containerStatuses = pod.spec.containers.map((container) => statusOf(container, false));
  const ephemeralContainerStatuses = (pod.spec.ephemeralContainers ?? []).map((container) => ({ ...statusOf(container, false), ready: false }));
  const unready = [
    ...(pod.spec.initContainers ?? []).filter((container, i) => isSidecar(container) && initContainerStatuses[i]?.ready !== true),
    ...pod.spec.containers.filter((_container, i) => containerStatuses[i]?.ready !== true),
  ].map((container) => container.name);
  const { message: _message, reason: _reason, ...kept } = pod.status;
  const ip = observed.runtime?.ip ?? pod.status.podIP;
  return {
    ...kept,
    ...(isFailedByDeadline ? { reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline" } : (phase === "Failed" ? given(pod.status) : {})),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: conditions(pod, observed, { phase, unready, isInitialized, nowMs }),
    hostIP: observed.hostIP,
    hostIPs: [{ ip: observed.hostIP }],
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    startTime: pod.status.startTime ?? printTime(nowMs),
    ...(initContainerStatuses.length === 0 ? {} : { initContainerStatuses }),
    containerStatuses,
    ...(ephemeralContainerStatuses.length === 0 ? {} : { ephemeralContainerStatuses }),
    qosClass: pod.status.qosClass ?? qualityOfService(pod.spec),
  };
}

function given(status: PodStatus): Pick<PodStatus, "reason" | "message"> {
  return { ...(status.reason === undefined ? {} : { reason: status.reason }), ...(status.message === undefined ? {} : { message: status.message }) };
}

interface ConditionContext {
  readonly phase: NonNullable<PodStatus["phase"]>;
  readonly unready: readonly string[];
  readonly isInitialized: boolean;
  readonly nowMs: number;
}

/** The kubelet's five conditions, then those of others in their old order. */
function conditions(pod: Pod, observed: PodObservation, context: ConditionContext): readonly PodCondition[] {
  const old = pod.status.conditions ?? [];
  const containersReady = containersReadyCondition(context);
  const own: readonly Omit<PodCondition, "lastTransitionTime">[] = [
    { type: "PodReadyToStartContainers", status: observed.runtime === undefined || context.phase === "Succeeded" || context.phase === "Failed" ? "False" : "True" },
    initializedCondition(pod, observed, context),
    readyCondition(pod, containersReady),
    containersReady,
  ];
  const scheduled = old.find((condition) => condition.type === "PodScheduled" && condition.status === "True") ?? { type: "PodScheduled", status: "True" };
  const ownTypes = new Set([...own.map((condition) => condition.type), "PodScheduled"]);
  return [...own, scheduled].map((condition): PodCondition => {
    const before = old.find((other) => other.type === condition.type);
    const lastTransitionTime = before !== undefined && before.status === condition.status && before.lastTransitionTime !== undefined ? before.lastTransitionTime : printTime(context.nowMs);
    return { ...condition, lastTransitionTime };
  }).concat(old.filter((condition) => !ownTypes.has(condition.type)));
}

function initializedCondition(pod: Pod, observed: PodObservation, { phase, isInitialized }: ConditionContext): Omit<PodCondition, "lastTransitionTime"> {
  if (phase === "Succeeded") return { type: "Initialized", status: "True", reason: "PodCompleted" };
  if (isInitialized) return { type: "Initialized", status: "True" };
  return { type: "Initialized", status: "False", reason: "ContainersNotInitialized", message: `containers with incomplete status: [${incompleteInit(pod, observed).join(" ")}]` };
}

function containersReadyCondition({ phase, unready }: ConditionContext): Omit<PodCondition, "lastTransitionTime"> {
  if (phase === "Succeeded") return { type: "ContainersReady", status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type: "ContainersReady", status: "False", reason: "PodFailed" };
  if (unready.length === 0) return { type: "ContainersReady", status: "True" };
  return { type: "ContainersReady", status: "False", reason: "ContainersNotReady", message: `containers with unready status: [${unready.join(" ")}]` };
}

function readyCondition(pod: Pod, containersReady: Omit<PodCondition, "lastTransitionTime">): Omit<PodCondition, "lastTransitionTime"> {
  if (containersReady.status !== "True") return { ...containersReady, type: "Ready" };
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = pod.status.conditions?.find((condition) => condition.type === conditionType);
    if (gate === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return gate.status === "True" ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  if (messages.length === 0) return { type: "Ready", status: "True" };
  return { type: "Ready", status: "False", reason: "ReadinessGatesNotReady", message: messages.join(", ") };
}
