import { withCondition } from "../../model/conditions.ts";
import type { NamespaceCondition } from "../../model/generated/core-v1.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";

/** What is left of one resource in a namespace being emptied. */
export interface Remainder {
  /** `pods.`, `deployments.apps`: the resource and its group. */
  readonly resource: string;
  readonly count: number;
  /** Finalizers that hold objects, with how many each holds. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/**
 * The conditions of a namespace being emptied; `unknown` names, as `GROUP/VERSION`, of which servers nobody knows what they have. Pure.
 * @see kubernetes pkg/controller/namespace/deletion/status_condition_utils.go
 */
export function decideConditions(namespace: Namespace, left: readonly Remainder[], options: { readonly failure: string | undefined; readonly unknown?: readonly string[]; readonly nowMs: number }): readonly NamespaceCondition[] {
  const finalizers = new Map<string, number>();
  for (const [name, count] of left.flatMap((remainder) => [...remainder.finalizers])) finalizers.set(name, (finalizers.get(name) ?? 0) + count);
  const counted = left.filter(({ count }) => count > 0);
  const instances = counted.map(({ resource, count }) => `${resource} has ${count} resource instances`).join(", ");
  const holders = [...finalizers].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} in ${count} resource instances`).join(", ");
  const notes: readonly NamespaceCondition[] = [
    discoveryNote(options.unknown ?? []),
    { type: "NamespaceDeletionGroupVersionParsingFailure", status: "False", reason: "ParsedGroupVersions", message: "All legacy kube types successfully parsed" },
    options.failure === undefined
      ? { type: "NamespaceDeletionContentFailure", status: "False", reason: "ContentDeleted", message: "All content successfully deleted, may be waiting on finalization" }
      : { type: "NamespaceDeletionContentFailure", status: "True", reason: "ContentDeletionFailed", message: `Failed to delete all resource types, ${options.failure}` },
    counted.length === 0
      ? { type: "NamespaceContentRemaining", status: "False", reason: "ContentRemoved", message: "All content successfully removed" }
      : { type: "NamespaceContentRemaining", status: "True", reason: "SomeResourcesRemain", message: `Some resources are remaining: ${instances}` },
    holders === ""
      ? { type: "NamespaceFinalizersRemaining", status: "False", reason: "ContentHasNoFinalizers", message: "All content-preserving finalizers finished" }
      : { type: "NamespaceFinalizersRemaining", status: "True", reason: "SomeFinalizersRemain", message: `Some content in the namespace has finalizers remaining: ${holders}` },
  ];
  return notes.reduce<readonly NamespaceCondition[]>((conditions, note) => withCondition(conditions, note, options.nowMs), namespace.status.conditions ?? []);
}

/** What upstream's client says of servers it cannot ask. @see kubernetes client-go discovery/discovery_client.go ErrGroupDiscoveryFailed */
function discoveryNote(unknown: readonly string[]): NamespaceCondition {
  const type = "NamespaceDeletionDiscoveryFailure";
  if (unknown.length === 0) return { type, status: "False", reason: "ResourcesDiscovered", message: "All resources successfully discovered" };
  const each = unknown.map((name) => `${name}: stale GroupVersion discovery: ${name}`).join(", ");
  return { type, status: "True", reason: "DiscoveryFailed", message: `Discovery failed for some groups, ${unknown.length} failing: unable to retrieve the complete list of server APIs: ${each}` };
}
