import type { Container, LimitRangeItem, ResourceRequirements } from "../../model/generated/core-v1.ts";
import { LimitRangeKind } from "../../model/kinds/core-limits.ts";
import { PersistentVolumeClaimKind } from "../../model/kinds/persistent-volume.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { findExcesses } from "../../model/limit-range.ts";
import type { ApiObject } from "../../model/object.ts";
import { limitsOf, parseResources, qosClassOf, requestsOf } from "../../model/pods.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

/** Says in a pod what it was given. */
const annotation = "kubernetes.io/limit-ranger";

/** Gives containers the requests and limits they lack, and refuses what a namespace's LimitRanges forbid. @see kubernetes plugin/pkg/admission/limitranger */
export const limitRanger: Admission = {
  name: "LimitRanger",
  handles: ({ operation, kind, subresource }) => (kind === PodKind && operation === "create" && subresource === undefined) || (kind === PodKind && subresource === "resize")
    || (kind === PersistentVolumeClaimKind && operation !== "remove" && subresource === undefined),
  admit(object, { operation, ref, reader }) {
    if (operation !== "create" || !isOfKind(PodKind, object)) return object;
    return reader.list(LimitRangeKind, ref.namespace).reduce((pod, { spec }) => withDefaults(pod, spec.limits.filter(({ type }) => type === "Container")), object);
  },
  validate(object, { kind, ref, reader }) {
    if (object.metadata.deletionTimestamp !== undefined) return;
    for (const { spec } of reader.list(LimitRangeKind, ref.namespace)) {
      const errors = spec.limits.flatMap((limit) => excessesOf(object, limit));
      if (errors.length > 0) throw forbidden(kind, ref.name, errors.length === 1 ? errors.join("") : `[${errors.join(", ")}]`);
    }
  },
};

function excessesOf(object: ApiObject, limit: LimitRangeItem): readonly string[] {
  if (isOfKind(PersistentVolumeClaimKind, object)) {
    if (limit.type !== "PersistentVolumeClaim") return [];
    return findExcesses(limit, { requests: parseResources(object.spec.resources?.requests), limits: {} }, { hasLimits: false });
  }
  if (!isOfKind(PodKind, object)) return [];
  const { containers, initContainers = [] } = object.spec;
  if (limit.type === "Container") {
    return [...containers, ...initContainers].flatMap(({ resources }) => findExcesses(limit, { requests: parseResources(resources?.requests), limits: parseResources(resources?.limits) }, { hasLimits: true }));
  }
  const { overhead: _overhead, ...spec } = object.spec;
  return limit.type === "Pod" ? findExcesses(limit, { requests: requestsOf(spec), limits: limitsOf(spec) }, { hasLimits: true }) : [];
}

function withDefaults(pod: Pod, limits: readonly LimitRangeItem[]): Pod {
  const requests = Object.fromEntries(limits.flatMap(({ defaultRequest = {} }) => Object.entries(defaultRequest)));
  const most = Object.fromEntries(limits.flatMap(({ default: amounts = {} }) => Object.entries(amounts)));
  const notes: string[] = [];
  const complete = (list: readonly Container[], noun: string): readonly Container[] => list.map((container) => {
    const { resources = {}, name } = container;
    const added = { requests: missing(resources.requests, requests), limits: missing(resources.limits, most) };
    for (const [part, names] of [["request", Object.keys(added.requests)], ["limit", Object.keys(added.limits)]] as const) {
      if (names.length > 0) notes.push(`${names.toSorted().join(", ")} ${part} for ${noun} ${name}`);
    }
    return { ...container, resources: withMissing(resources, added) };
  });
  const containers = complete(pod.spec.containers, "container");
  const initContainers = complete(pod.spec.initContainers ?? [], "init container");
  if (notes.length === 0) return pod;
  const spec = { ...pod.spec, containers, ...(pod.spec.initContainers === undefined ? {} : { initContainers }) };
  const annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join("; ")}` };
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec, status: { ...pod.status, qosClass: qosClassOf(spec) } };
}

function missing(own: Readonly<Record<string, string>> | undefined, defaults: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(defaults).filter(([resource]) => own?.[resource] === undefined));
}

function withMissing(resources: ResourceRequirements, added: { readonly requests: Readonly<Record<string, string>>; readonly limits: Readonly<Record<string, string>> }): ResourceRequirements {
  const requests = { ...resources.requests, ...added.requests };
  const limits = { ...resources.limits, ...added.limits };
  return { ...resources, ...(Object.keys(requests).length === 0 ? {} : { requests }), ...(Object.keys(limits).length === 0 ? {} : { limits }) };
}
