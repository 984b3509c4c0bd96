import type { Node, NodeCondition, NodeStatus } from "../model/generated/core-v1.ts";
import { printTime } from "../world/clock.ts";
import type { MachineFacts } from "./machine.ts";
import type { RuntimeReport } from "./runtimes/runtime.ts";

/** Pods a node takes (kubelet maxPods). */
export const podsMax = 110;
/** Says in the Node's annotations what the runtime does not guarantee, one sentence a line. */
export const missingGuaranteesAnnotation = "capstan.dev/missing-guarantees";
/** The condition with the same content, so that `kubectl describe node` shows it. */
export const guaranteesCondition = "capstan.dev/FullIsolation";
const bytesPerKibibyte = 1024;

export interface NodeOptions {
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly machine: MachineFacts;
  readonly report: RuntimeReport;
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string;
  readonly nowMs: number;
}

/** The Node as it should be; what others put on `old` (labels, taints, cordon, other conditions) is kept. Pure. */
export function nodeObject(old: Node | undefined, options: NodeOptions): Node {
  const { nodeName, machine, report } = options;
  return {
    apiVersion: "v1", kind: "Node",
    metadata: {
      ...(old?.metadata ?? { name: nodeName }),
      labels: {
        ...old?.metadata.labels,
        "kubernetes.io/hostname": nodeName, "kubernetes.io/os": "linux", "kubernetes.io/arch": machine.architecture,
        "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": machine.architecture,
        ...options.labels,
      },
      annotations: { ...old?.metadata.annotations, [missingGuaranteesAnnotation]: report.missing.join("\n") },
    },
    spec: old?.spec ?? {},
    status: nodeStatus(old?.status, options),
  };
}

/** The status part of the same. Heartbeat times of conditions only move when something else does: the Lease is the heartbeat. */
export function nodeStatus(old: NodeStatus | undefined, options: NodeOptions): NodeStatus {
  const { nodeName, nodeIP, machine, report, version } = options;
  const resources = {
    cpu: String(machine.cpuCount), memory: `${String(Math.floor(machine.memoryBytes / bytesPerKibibyte))}Ki`,
    "ephemeral-storage": `${String(Math.floor(machine.diskBytes / bytesPerKibibyte))}Ki`, pods: String(podsMax), "hugepages-1Gi": "0", "hugepages-2Mi": "0",
  };
  return {
    ...old,
    capacity: resources, allocatable: resources,
    conditions: conditions(old?.conditions ?? [], options),
    addresses: [{ type: "InternalIP", address: nodeIP }, { type: "Hostname", address: nodeName }],
    nodeInfo: {
      machineID: machine.machineId, systemUUID: machine.machineId, bootID: machine.bootId, kernelVersion: machine.kernelVersion, osImage: machine.osImage,
      containerRuntimeVersion: report.version, kubeletVersion: version, kubeProxyVersion: "", operatingSystem: "linux", architecture: machine.architecture,
    },
  };
}

function conditions(old: readonly NodeCondition[], { report, nowMs }: NodeOptions): readonly NodeCondition[] {
  const own: readonly NodeCondition[] = [
    { type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory", message: "kubelet has sufficient memory available" },
    { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure", message: "kubelet has no disk pressure" },
    { type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID", message: "kubelet has sufficient PID available" },
    report.missing.length === 0
      ? { type: guaranteesCondition, status: "True", reason: "RuntimeGivesAllGuarantees", message: "the container runtime gives all guarantees" }
      : { type: guaranteesCondition, status: "False", reason: "RuntimeLacksGuarantees", message: report.missing.join(" ") },
    report.failure === undefined
      ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
      : { type: "Ready", status: "False", reason: "KubeletNotReady", message: report.failure },
  ];
  const types = new Set(own.map((condition) => condition.type));
  return [
    ...old.filter((condition) => !types.has(condition.type)),
    ...own.map((condition) => {
      const before = old.find((other) => other.type === condition.type);
      const isSame = before !== undefined && before.status === condition.status;
      return { ...condition, lastHeartbeatTime: printTime(nowMs), lastTransitionTime: isSame ? before.lastTransitionTime ?? printTime(nowMs) : printTime(nowMs) };
    }),
  ];
}
