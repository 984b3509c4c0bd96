import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from "../../model/generated/rbac-v1.ts";
import { isEqual } from "../../value/equal.ts";
import { autoUpdateAnnotation } from "./bootstrap-roles.ts";
import { missingRules } from "./escalation.ts";

type AnyRole = ClusterRole | Role;
type AnyBinding = ClusterRoleBinding | RoleBinding;

/**
 * A role with what it lacks of the expected one: missing rules, selectors, labels and annotations are added, what is more is kept. Undefined when
 * it lacks nothing, or says that it is not to be repaired. Pure.
 *
 * @see kubernetes component-helpers auth/rbac/reconciliation
 */
export function repairRole<T extends AnyRole>(expected: T, existing: T): T | undefined {
  if (isProtected(existing)) return undefined;
  const missing = isAggregated(expected) ? [] : missingRules(existing.rules ?? [], expected.rules ?? []);
  const rules = missing.length === 0 ? {} : { rules: [...existing.rules ?? [], ...missing] };
  const repaired = { ...existing, ...aggregationOf(expected, existing), ...rules, metadata: metadataOf(expected, existing) };
  return isEqual(repaired, existing) ? undefined : repaired;
}

/** What is to become of a binding: repaired, or made again because it is of another role. Undefined when nothing. Pure. */
export function repairBinding<T extends AnyBinding>(expected: T, existing: T): { readonly kind: "update" | "replace"; readonly binding: T } | undefined {
  if (isProtected(existing)) return undefined;
  if (!isEqual(expected.roleRef, existing.roleRef)) return { kind: "replace", binding: expected };
  const subjects: readonly Subject[] = existing.subjects ?? [];
  const missing = (expected.subjects ?? []).filter((subject) => !subjects.some((one) => isEqual(one, subject)));
  const repaired = { ...existing, ...(missing.length === 0 ? {} : { subjects: [...subjects, ...missing] }), metadata: metadataOf(expected, existing) };
  return isEqual(repaired, existing) ? undefined : { kind: "update", binding: repaired };
}

function isProtected({ metadata }: AnyRole | AnyBinding): boolean {
  return metadata.annotations?.[autoUpdateAnnotation] === "false";
}

function isAggregated(role: AnyRole): role is ClusterRole {
  return "aggregationRule" in role && role.aggregationRule !== undefined;
}

function aggregationOf(expected: AnyRole, existing: AnyRole): Pick<ClusterRole, "aggregationRule"> {
  if (!isAggregated(expected)) return {};
  const has = isAggregated(existing) ? existing.aggregationRule?.clusterRoleSelectors ?? [] : [];
  const missing = (expected.aggregationRule?.clusterRoleSelectors ?? []).filter((selector) => !has.some((one) => isEqual(one, selector)));
  return { aggregationRule: { clusterRoleSelectors: [...has, ...missing] } };
}

function metadataOf<T extends AnyRole | AnyBinding>(expected: T, existing: T): T["metadata"] {
  return {
    ...existing.metadata,
    labels: { ...expected.metadata.labels, ...existing.metadata.labels }, annotations: { ...expected.metadata.annotations, ...existing.metadata.annotations },
  };
}
