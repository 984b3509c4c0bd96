import type { ResourceQuotaStatus } from "../../model/generated/core-v1.ts";
import type { ResourceQuota } from "../../model/generated/core-v1.ts";
import type { Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import { addAll } from "../../model/pods.ts";
import type { Resources } from "../../model/pods.ts";
import { isInScopes } from "../../model/quota/scopes.ts";
import { isUsedBy, only, printResources, usageOf } from "../../model/quota/usage.ts";
import { parseQuantity } from "../../value/quantity.ts";

/** Objects of one kind in a quota's namespace. */
export interface Content {
  readonly kind: Kind;
  readonly objects: readonly ApiObject[];
}

/** The kinds a quota counts objects of. */
export function countedKinds(quota: ResourceQuota, kinds: readonly Kind[]): readonly Kind[] {
  const resources = Object.keys(quota.spec.hard ?? {});
  return kinds.filter((kind) => resources.some((resource) => isUsedBy(resource, kind)));
}

/** The status a quota should have: what is bound, and what of it the namespace's objects use. Pure. */
export function decideStatus(quota: ResourceQuota, contents: readonly Content[], nowMs: number): ResourceQuotaStatus {
  const hard = quota.spec.hard ?? {};
  const resources = Object.keys(hard);
  const zero: Resources = Object.fromEntries(resources.map((resource) => [resource, parseQuantity("0")]));
  const used = contents.flatMap(({ kind, objects }) => objects.filter((object) => isInScopes(quota, kind, object)).map((object) => usageOf(kind, object, nowMs)))
    .reduce<Resources>((sum, usage) => addAll(sum, only(usage, resources)), zero);
  return { hard, used: printResources(used) };
}
