import { matchesSelector } from "../value/labels.ts";
import type { Selector } from "../value/labels.ts";
import { controllerOf, controllerReference } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import type { OwnerReference } from "../model/generated/meta-v1.ts";

/** Which objects an owner controls, and which it takes or lets go. */
export interface ClaimDecision<T> {
  readonly owned: readonly T[];
  readonly adopt: readonly T[];
  readonly release: readonly T[];
}

/**
 * Decides what `owner` controls among `candidates`: its own that match; orphans that match are adopted, its own that match no more released.
 * An owner being deleted adopts nothing. Pure.
 * @see kubernetes pkg/controller/controller_ref_manager.go
 */
export function decideClaims<T extends ApiObject>(owner: ApiObject, selector: Selector, candidates: readonly T[]): ClaimDecision<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const isEnding = owner.metadata.deletionTimestamp !== undefined;
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    const isMatching = matchesSelector(selector, candidate.metadata.labels);
    if (controller === undefined) {
      if (isMatching && !isEnding && candidate.metadata.deletionTimestamp === undefined) adopt.push(candidate);
    } else if (controller.uid === owner.metadata.uid) {
      if (isMatching) owned.push(candidate);
      else if (!isEnding) release.push(candidate);
    }
  }
  return { owned, adopt, release };
}

/** The owner references of an object adopted by `owner`. */
export function adoptedReferences(object: ApiObject, owner: ApiObject): readonly OwnerReference[] {
  return [...(object.metadata.ownerReferences ?? []), controllerReference(owner)];
}

/** The owner references of an object without the owner of this uid. */
export function releasedReferences(object: ApiObject, ownerUid: string | undefined): readonly OwnerReference[] {
  return (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== ownerUid);
}
