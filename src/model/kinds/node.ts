import { findCondition } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { Node } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { checkLabelValue, checkQualifiedName } from "../../value/names.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { degraded, healthy } from "./_health.ts";
import { proxyOf } from "./_proxy.ts";

export type { Node } from "../generated/core-v1.ts";

const roleLabelPrefix = "node-role.kubernetes.io/";

/** Node, `v1`. */
export const NodeKind: Kind<Node> = {
  group: "", version: "v1", kind: "Node", plural: "nodes", singular: "node", shortNames: ["no"], categories: [],
  namespaced: false, message: "core/v1.Node", hasStatus: true,
  subresources: [proxyOf("NodeProxyOptions")],
  columns: [
    nameColumn,
    textColumn("Status", printStatus),
    textColumn("Roles", printRoles),
    ageColumn,
    textColumn("Version", ({ status }) => status.nodeInfo?.kubeletVersion),
    textColumn("Internal-IP", (node) => addressOf(node, "InternalIP"), 1),
    textColumn("External-IP", (node) => addressOf(node, "ExternalIP"), 1),
    textColumn("OS-Image", ({ status }) => orUnknown(status.nodeInfo?.osImage), 1),
    textColumn("Kernel-Version", printKernel, 1),
    textColumn("Container-Runtime", ({ status }) => orUnknown(status.nodeInfo?.containerRuntimeVersion), 1),
  ],
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec.unschedulable === true) },
  validate: checkNode,
  warn: ({ spec }) => [
    ...(spec.configSource === undefined ? [] : ["spec.configSource: the feature is removed"]),
    ...((spec.externalID ?? "") === "" ? [] : ["spec.externalID: this field is deprecated, and is unused by Kubernetes"]),
  ],
  health: assessNode,
};

function printStatus({ spec, status }: Node): string {
  const ready = findCondition(status.conditions, "Ready");
  const word = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

function printRoles({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(roleLabelPrefix)) return key.length > roleLabelPrefix.length ? [key.slice(roleLabelPrefix.length)] : [];
    return key === "kubernetes.io/role" && value !== "" ? [value] : [];
  });
  return roles.length === 0 ? "<none>" : [...new Set(roles)].toSorted().join(",");
}

function addressOf({ status }: Node, type: string): string {
  return status.addresses?.find((address) => address.type === type)?.address ?? "<none>";
}

function printKernel({ status }: Node): string {
  const { kernelVersion, architecture = "" } = status.nodeInfo ?? {};
  return `${orUnknown(kernelVersion)}${architecture === "" ? "" : ` (${architecture})`}`;
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === "" ? "<unknown>" : text;
}

function checkNode({ spec }: Node): readonly FieldError[] {
  const seen = new Set<string>();
  return (spec.taints ?? []).flatMap((taint, index): readonly FieldError[] => {
    const path = `spec.taints[${index}]`;
    const errors: FieldError[] = [
      ...checkQualifiedName(taint.key).map((detail) => ({ type: "Invalid", path: `${path}.key`, value: taint.key, detail }) as const),
      ...checkLabelValue(taint.value ?? "").map((detail) => ({ type: "Invalid", path: `${path}.value`, value: taint.value, detail }) as const),
    ];
    const key = `${taint.key}:${taint.effect}`;
    if (seen.has(key)) errors.push({ type: "Duplicate", path, value: taint, detail: "taints must be unique by key and effect pair" });
    seen.add(key);
    return errors;
  });
}

function assessNode({ status }: Node): Health {
  const ready = findCondition(status.conditions, "Ready");
  if (ready?.status === "True") return healthy;
  return ready === undefined ? { status: "Unknown", message: "the node has not reported yet" } : degraded(ready.message ?? ready.reason ?? "the node is not ready");
}
