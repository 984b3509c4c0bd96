import { isConditionTrue } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { ContainerStatus, Pod } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { isReady, qosClassOf } from "../pods.ts";
import { ageColumn, nameColumn, orNone, textColumn } from "../columns.ts";
import { degraded, deletionHealth, healthy, progressing } from "./_health.ts";
import { checkPodCreate, checkPodSpec } from "./_pod-spec.ts";
import { podTexts } from "./_pod-texts.ts";
import { summarizePod } from "./_pod-status.ts";
import { podSubresources } from "./_pod-subresources.ts";
import { checkPodUpdate } from "./_pod-update.ts";
import { warnOfPod } from "./_pod-warnings.ts";
import { warnOfHostName } from "./_workload-warnings.ts";

export type { Pod } from "../generated/core-v1.ts";

/** Pod, `v1`. */
export const PodKind: Kind<Pod> = {
  group: "", version: "v1", kind: "Pod", plural: "pods", singular: "pod", shortNames: ["po"], categories: ["all"],
  namespaced: true, message: "core/v1.Pod", hasStatus: true, isMadeFromTemplates: true, freeTexts: podTexts,
  subresources: podSubresources,
  // Of changes nobody is told: few pods are changed by people.
  warn: (pod, old) => (old === undefined ? warnOfPod(pod, "") : []),
  warnOfName: warnOfHostName,
  columns: [
    nameColumn,
    { name: "Ready", type: "string", priority: 0, value: (pod, nowMs) => summarizePod(pod, nowMs).ready },
    { name: "Status", type: "string", priority: 0, value: (pod, nowMs) => summarizePod(pod, nowMs).status },
    { name: "Restarts", type: "string", priority: 0, value: (pod, nowMs) => summarizePod(pod, nowMs).restarts },
    ageColumn,
    textColumn("IP", ({ status }) => orNone(status.podIPs?.[0]?.ip ?? status.podIP), 1),
    textColumn("Node", ({ spec }) => orNone(spec.nodeName), 1),
    textColumn("Nominated Node", ({ status }) => orNone(status.nominatedNodeName), 1),
    textColumn("Readiness Gates", printGates, 1),
  ],
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.host": ({ spec }) => spec.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec.hostNetwork === true),
    "status.phase": ({ status }) => status.phase ?? "",
    "status.podIP": ({ status }) => status.podIPs?.[0]?.ip ?? "",
    // Upstream takes the label and compares it with nothing.
    "status.podIPs": () => "",
    "status.nominatedNodeName": ({ status }) => status.nominatedNodeName ?? "",
  },
  textFields: ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.nominatedNodeName"],
  prepare: preparePod,
  validate: (pod, old) => checkPod(pod, old),
  health: assessPod,
};

function checkPod(pod: Pod, old: Pod | undefined): readonly FieldError[] {
  const errors = checkPodSpec(pod.spec, "spec", pod.metadata.name ?? "");
  return [...errors, ...(old === undefined ? checkPodCreate(pod) : checkPodUpdate(pod, old))];
}

/** A body under preparation is not validated yet and may lack its containers, which admission looks at. */
function preparePod(pod: Pod, old: Pod | undefined): Pod {
  const whole = Array.isArray(pod.spec.containers) ? pod : { ...pod, spec: { ...pod.spec, containers: [] } };
  return old === undefined ? { ...whole, status: { phase: "Pending", qosClass: qosClassOf(whole.spec) } } : whole;
}

function printGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  return `${gates.filter((gate) => isConditionTrue(status.conditions, gate.conditionType)).length}/${gates.length}`;
}

/** Argo CD's rules: a pod that should run is Healthy when ready, and Degraded when something keeps failing. */
function assessPod(pod: Pod): Health {
  const deletion = deletionHealth(pod);
  if (deletion !== undefined) return deletion;
  const { spec, status } = pod;
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const restartsAlways = spec.restartPolicy === undefined || spec.restartPolicy === "Always";
  const waiting = statuses.flatMap((container) => waitingProblem(container) ?? []);
  if (restartsAlways && waiting.length > 0) return degraded(waiting.join(", "));
  switch (status.phase) {
    case "Succeeded": return healthy;
    case "Failed": return degraded(status.message ?? failureOf(statuses) ?? "");
    case "Running": {
      if (!restartsAlways) return progressing(status.message ?? "");
      if (isReady(pod)) return healthy;
      return statuses.some((container) => container.lastState?.terminated !== undefined) ? degraded(status.message ?? failureOf(statuses) ?? "") : progressing(status.message ?? "");
    }
    case "Pending": return progressing(status.message ?? "");
    case "Unknown":
    case undefined:
  }
  return status.message === undefined ? { status: "Unknown" } : { status: "Unknown", message: status.message };
}

function waitingProblem({ state }: ContainerStatus): string | undefined {
  const { reason = "", message } = state?.waiting ?? {};
  return reason.startsWith("Err") || reason.endsWith("Error") || reason.endsWith("BackOff") ? (message ?? reason) : undefined;
}

function failureOf(statuses: readonly ContainerStatus[]): string | undefined {
  for (const { name, state, lastState } of statuses) {
    const terminated = state?.terminated ?? lastState?.terminated;
    if (terminated === undefined) continue;
    if (terminated.message !== undefined && terminated.message !== "") return terminated.message;
    if (terminated.reason === "OOMKilled") return "OOMKilled";
    if (terminated.exitCode !== 0) return `container "${name}" failed with exit code ${terminated.exitCode}`;
  }
  return undefined;
}
