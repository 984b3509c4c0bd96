import type { NodeSelectorRequirement, NodeSelectorTerm } from "../model/generated/core-v1.ts";
import type { Node } from "../model/kinds/node.ts";
import type { Pod } from "../model/kinds/pod.ts";

/** True when a node meets a pod's nodeSelector and required node affinity. */
export function isNodeSelected({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => isTermMet(term, node));
}

/** True when a node meets all of a term; an empty term selects nothing. */
export function isTermMet({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return matchExpressions.every((requirement) => isMet(requirement, node.metadata.labels?.[requirement.key]))
    && matchFields.every((requirement) => isMet(requirement, requirement.key === "metadata.name" ? node.metadata.name : undefined));
}

function isMet({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In": return value !== undefined && values.includes(value);
    case "NotIn": return value === undefined || !values.includes(value);
    case "Exists": return value !== undefined;
    case "DoesNotExist": return value === undefined;
    case "Gt": return value !== undefined && isInteger(value) && Number(value) > Number(values[0]);
    case "Lt": return value !== undefined && isInteger(value) && Number(value) < Number(values[0]);
  }
}

function isInteger(text: string): boolean {
  return /^[+-]?[0-9]+$/.test(text);
}
