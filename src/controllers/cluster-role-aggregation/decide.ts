import type { ClusterRole, PolicyRule } from "../../model/generated/rbac-v1.ts";
import { isEqual } from "../../value/equal.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";

/**
 * The rules of an aggregated role: those of all roles its selectors choose, by name, each once. Undefined when it has them. Pure.
 *
 * @param roles every ClusterRole there is, itself among them
 */
export function decideAggregate(role: ClusterRole, roles: readonly ClusterRole[]): readonly PolicyRule[] | undefined {
  const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
  const parts = roles
    .filter(({ metadata }) => metadata.name !== role.metadata.name && selectors.some((selector) => matchesSelector(selectorOf(selector), metadata.labels)))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules = new Map(parts.flatMap((part) => part.rules ?? []).map((rule) => [JSON.stringify(rule), rule]));
  const wanted = [...rules.values()];
  return isEqual(wanted, role.rules ?? []) ? undefined : wanted;
}
