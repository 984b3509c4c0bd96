import type { OwnerReference } from "../../model/generated/meta-v1.ts";
import type { ApiObject } from "../../model/object.ts";

/** The finalizer a delete with propagation Foreground leaves for the garbage collector. */
export const foregroundFinalizer = "foregroundDeletion";
/** The one of propagation Orphan. */
export const orphanFinalizer = "orphan";

/** How an owner stands: there, waiting for its dependents to go first, absent, or unknown (a kind this server does not have). */
export type OwnerState = "solid" | "waiting" | "absent" | "unknown";

/** What to do about a dependent. */
export type DependentDecision =
  | { readonly kind: "keep" }
  /** Some owners are gone or ending, others are not: their references go. */
  | { readonly kind: "unlink"; readonly owners: readonly OwnerReference[] }
  /** `isInCircle` when its owners wait for it while it waits for one of them: it must not hold them up. */
  | { readonly kind: "remove"; readonly propagation: "Background" | "Foreground" | "Orphan"; readonly isInCircle?: true };

/** What depends on an object. */
export interface DependentFacts {
  /** Some of it holds up the object's foreground deletion. */
  readonly isBlocked: boolean;
  /** Some of it waits for its own dependents. */
  readonly isWaitedOn: boolean;
}

/**
 * Decides about an object from the state of its owners. Pure.
 * @see kubernetes pkg/controller/garbagecollector/garbagecollector.go attemptToDeleteItem
 */
export function decideDependent(object: ApiObject, stateOf: (owner: OwnerReference) => OwnerState, { isBlocked, isWaitedOn }: DependentFacts): DependentDecision {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return { kind: "keep" };
  const states = owners.map((owner) => ({ owner, state: stateOf(owner) }));
  const solid = states.filter(({ state }) => state === "solid" || state === "unknown");
  if (solid.length > 0) {
    return solid.length === owners.length ? { kind: "keep" } : { kind: "unlink", owners: solid.map(({ owner }) => owner) };
  }
  if (states.some(({ state }) => state === "waiting")) return { kind: "remove", propagation: isBlocked ? "Foreground" : "Background", ...(isBlocked && isWaitedOn ? { isInCircle: true } : {}) };
  const finalizers = object.metadata.finalizers ?? [];
  return { kind: "remove", propagation: finalizers.includes(orphanFinalizer) ? "Orphan" : finalizers.includes(foregroundFinalizer) ? "Foreground" : "Background" };
}

/** What an owner being deleted waits for. */
export type OwnerDecision = { readonly kind: "none" } | { readonly kind: "foreground"; readonly isFree: boolean } | { readonly kind: "orphan" };

/** Decides what the garbage collector owes an object that is being deleted. Pure. */
export function decideOwner(object: ApiObject, dependents: readonly ApiObject[]): OwnerDecision {
  const finalizers = object.metadata.finalizers ?? [];
  if (object.metadata.deletionTimestamp === undefined) return { kind: "none" };
  if (finalizers.includes(orphanFinalizer)) return { kind: "orphan" };
  if (!finalizers.includes(foregroundFinalizer)) return { kind: "none" };
  return { kind: "foreground", isFree: !dependents.some((dependent) => isBlocking(dependent, object)) };
}

/** True when a dependent holds up its owner's foreground deletion. */
export function isBlocking(dependent: ApiObject, owner: ApiObject): boolean {
  return (dependent.metadata.ownerReferences ?? []).some((reference) => reference.uid === owner.metadata.uid && reference.blockOwnerDeletion === true);
}

/** True for an owner that waits for its dependents. */
export function isWaitingForDependents(owner: ApiObject): boolean {
  return owner.metadata.deletionTimestamp !== undefined && (owner.metadata.finalizers ?? []).includes(foregroundFinalizer);
}
