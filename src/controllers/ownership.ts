import type { Writer } from "../control/controller.ts";
import type { Kind } from "../model/kind.ts";
import { refOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import type { OwnerReference } from "../model/generated/meta-v1.ts";
import { adoptedReferences, releasedReferences } from "./claims.ts";
import type { ClaimDecision } from "./claims.ts";

/** Carries a claim decision out: each change holds only if the object is still as it was seen. Answers what is owned afterwards. */
export async function settleClaims<T extends ApiObject>(
  { kind, owner, claims }: { readonly kind: Kind<T>; readonly owner: ApiObject; readonly claims: ClaimDecision<T> }, writer: Writer,
): Promise<readonly T[]> {
  const adopted: T[] = [];
  for (const orphan of claims.adopt) adopted.push(await setOwners({ kind, object: orphan, owners: adoptedReferences(orphan, owner) }, writer));
  for (const stranger of claims.release) await setOwners({ kind, object: stranger, owners: releasedReferences(stranger, owner.metadata.uid) }, writer);
  return [...claims.owned, ...adopted];
}

/** Replaces the owner references of an object that is still as it was seen. */
export function setOwners<T extends ApiObject>(
  { kind, object, owners }: { readonly kind: Kind<T>; readonly object: ApiObject; readonly owners: readonly OwnerReference[] }, writer: Writer,
): Promise<T> {
  const { uid, resourceVersion } = object.metadata;
  const body = { metadata: { uid, resourceVersion, ownerReferences: owners.length === 0 ? null : owners.map((owner) => ({ ...owner })) } };
  return writer.patch(kind, refOf(object), { type: "merge", body });
}
