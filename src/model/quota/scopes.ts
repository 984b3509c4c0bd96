import type { PersistentVolumeClaim, Pod, PodAffinityTerm, ResourceQuota, ScopedResourceSelectorRequirement } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";
import { PersistentVolumeClaimKind } from "../kinds/persistent-volume.ts";
import { PodKind } from "../kinds/pod.ts";
import type { ApiObject } from "../object.ts";
import { qosClassOf } from "../pods.ts";
import { isKind } from "./usage.ts";

/** What selects objects within the namespace of a quota. */
type Requirement = Pick<ScopedResourceSelectorRequirement, "scopeName" | "operator" | "values">;

const podScopes: ReadonlySet<string> = new Set(["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"]);

/**
 * True when a quota counts an object: it is in all of the quota's scopes. A scope means nothing to kinds it is not about, so a quota with one never
 * counts those. Pure.
 *
 * @see kubernetes pkg/quota/v1/evaluator/core/pods.go podMatchesScopeFunc
 */
export function isInScopes(quota: ResourceQuota, kind: Kind, object: ApiObject): boolean {
  return requirementsOf(quota).every((requirement) => {
    if (isKind(PodKind, kind, object)) return podScopes.has(requirement.scopeName) && isPodInScope(object, requirement);
    return isKind(PersistentVolumeClaimKind, kind, object) && requirement.scopeName === "VolumeAttributesClass" && isClaimInScope(object, requirement);
  });
}

function requirementsOf({ spec }: ResourceQuota): readonly Requirement[] {
  const scopes = (spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists" }));
  return [...scopes.filter(isRequirement), ...(spec.scopeSelector?.matchExpressions ?? [])];
}

function isRequirement(scope: { readonly scopeName: string; readonly operator: string }): scope is Requirement {
  return podScopes.has(scope.scopeName) || scope.scopeName === "VolumeAttributesClass";
}

function isPodInScope({ spec }: Pod, requirement: Requirement): boolean {
  switch (requirement.scopeName) {
    case "Terminating": return isTerminating(spec);
    case "NotTerminating": return !isTerminating(spec);
    case "BestEffort": return qosClassOf(spec) === "BestEffort";
    case "NotBestEffort": return qosClassOf(spec) !== "BestEffort";
    case "PriorityClass": return isNamed(requirement, spec.priorityClassName === undefined || spec.priorityClassName === "" ? [] : [spec.priorityClassName]);
    case "CrossNamespacePodAffinity": return isCrossingNamespaces(spec);
    case "VolumeAttributesClass": return false;
  }
}

function isTerminating({ activeDeadlineSeconds }: Pod["spec"]): boolean {
  return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
}

/** A claim is in the scope by every class it has or is about to have. */
function isClaimInScope({ spec, status }: PersistentVolumeClaim, requirement: Requirement): boolean {
  const names = [spec.volumeAttributesClassName, status.currentVolumeAttributesClassName, status.modifyVolumeStatus?.targetVolumeAttributesClassName];
  return isNamed(requirement, names.flatMap((name) => (name === undefined || name === "" ? [] : [name])));
}

function isNamed({ operator, values = [] }: Requirement, names: readonly string[]): boolean {
  switch (operator) {
    case "Exists": return names.length > 0;
    case "DoesNotExist": return names.length === 0;
    case "In": return names.some((name) => values.includes(name));
    case "NotIn": return !names.some((name) => values.includes(name));
  }
}

function isCrossingNamespaces({ affinity }: Pod["spec"]): boolean {
  const isCrossing = ({ namespaces = [], namespaceSelector }: PodAffinityTerm): boolean => namespaces.length > 0 || namespaceSelector !== undefined;
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((part) => part?.requiredDuringSchedulingIgnoredDuringExecution?.some(isCrossing) === true
    || part?.preferredDuringSchedulingIgnoredDuringExecution?.some(({ podAffinityTerm }) => isCrossing(podAffinityTerm)) === true);
}
