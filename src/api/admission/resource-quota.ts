import type { ResourceQuota } from "../../model/generated/core-v1.ts";
import { ResourceQuotaKind } from "../../model/kinds/core-limits.ts";
import { PersistentVolumeClaimKind } from "../../model/kinds/persistent-volume.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { addAll, parseResources } from "../../model/pods.ts";
import type { Resources } from "../../model/pods.ts";
import { isInScopes } from "../../model/quota/scopes.ts";
import { growthOf, isUsedBy, only, printResources, usageOf } from "../../model/quota/usage.ts";
import type { ApiObject } from "../../model/object.ts";
import { compareQuantities } from "../../value/quantity.ts";
import { encodeObject } from "../encode.ts";
import { forbidden } from "../errors.ts";
import { objectKey } from "../keys.ts";
import { isOfKind, jsonOf } from "../shape.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";

/** Kinds whose use may grow by an update. */
const growing: ReadonlySet<unknown> = new Set([PersistentVolumeClaimKind, ServiceKind]);

/** Of these a quota demands that every container says what it wants: nothing would be counted else. */
const demanded: ReadonlySet<string> = new Set(["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]);

/**
 * Charges what an object uses to its namespace's quotas, and refuses what goes beyond them. The charge is written with the object: two creates at once
 * never both take the last place, because the later one's commit is refused and it is decided anew. What is used less is found by the controller.
 *
 * @see kubernetes plugin/pkg/admission/resourcequota
 */
export const resourceQuota: Admission = {
  name: "ResourceQuota",
  handles: ({ operation, kind, subresource }) => kind.namespaced && ((operation === "create" && subresource === undefined)
    || (operation === "update" && ((growing.has(kind) && subresource === undefined) || (kind === PodKind && subresource === "resize")))),
  validate(object, request) {
    const { kind, ref, old, reader } = request;
    const quotas = reader.list(ResourceQuotaKind, ref.namespace).filter((quota) => isInScopes(quota, kind, object) && boundResources(quota, request).length > 0);
    if (quotas.length === 0) return;
    const { nowMs } = request.staging.facts;
    for (const quota of quotas) demandStated(object, quota, request);
    const growth = growthOf(old === undefined ? {} : usageOf(kind, old, nowMs), usageOf(kind, object, nowMs));
    for (const quota of quotas) charge(quota, growth, request);
  },
};

/** The resources a quota bounds that objects of this kind use. */
function boundResources({ status }: ResourceQuota, { kind }: AdmissionRequest): readonly string[] {
  return Object.keys(status.hard ?? {}).filter((resource) => isUsedBy(resource, kind));
}

function charge(quota: ResourceQuota, growth: Resources, request: AdmissionRequest): void {
  const { kind, ref, staging } = request;
  const requested = only(growth, boundResources(quota, request));
  if (Object.keys(requested).length === 0) return;
  const used = parseResources(quota.status.used);
  const hard = parseResources(quota.status.hard);
  const after = addAll(used, requested);
  const exceeded = Object.keys(requested).filter((resource) => {
    const [most, sum] = [hard[resource], after[resource]];
    return most !== undefined && sum !== undefined && compareQuantities(sum, most) > 0;
  });
  const { name } = quota.metadata;
  if (exceeded.length > 0) {
    const print = (amounts: Resources): string => Object.entries(printResources(only(amounts, exceeded))).map(([resource, amount]) => `${resource}=${amount}`).join(",");
    throw forbidden(kind, ref.name, `exceeded quota: ${name}, requested: ${print(requested)}, used: ${print(used)}, limited: ${print(hard)}`);
  }
  const key = objectKey(ResourceQuotaKind, { namespace: ref.namespace, name });
  const charged: ResourceQuota = { ...quota, status: { ...quota.status, used: printResources(after) } };
  staging.put(key, encodeObject(ResourceQuotaKind, jsonOf(charged)));
}

/** Refuses a pod of which a quota could not say what it uses, and a quota that does not know yet what is used. */
function demandStated(object: ApiObject, quota: ResourceQuota, request: AdmissionRequest): void {
  const { kind, ref } = request;
  const bound = boundResources(quota, request);
  const missing = isOfKind(PodKind, object) ? unstated(object, bound.filter((resource) => demanded.has(resource))) : [];
  if (missing.length > 0) throw forbidden(kind, ref.name, `failed quota: ${quota.metadata.name}: must specify ${missing.join("; ")}`);
  const unknown = bound.filter((resource) => quota.status.used?.[resource] === undefined);
  if (unknown.length > 0) throw forbidden(kind, ref.name, `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.toSorted().join(",")}`);
}

/** `limits.cpu for: web,sidecar`, for each resource some containers say nothing of. */
function unstated({ spec }: Pod, resources: readonly string[]): readonly string[] {
  return resources.toSorted().flatMap((resource) => {
    const isLimit = resource.startsWith("limits.");
    const own = resource.replace(/^(requests|limits)\./, "");
    const silent = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ resources: asked }) => (isLimit ? asked?.limits : asked?.requests)?.[own] === undefined);
    return silent.length === 0 ? [] : [`${resource} for: ${silent.map(({ name }) => name).toSorted().join(",")}`];
  });
}
