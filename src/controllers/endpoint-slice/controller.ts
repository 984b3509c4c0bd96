import { isOfKind } from "../../control/caches.ts";
import type { Controller, Index, Reader } from "../../control/controller.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isReady } from "../../model/pods.ts";
import { isEqual } from "../../value/equal.ts";
import { printMicroTime } from "../../world/clock.ts";
import { generatedName } from "../generated-name.ts";
import { decideSlices, managedByLabel, managedByUs, serviceNameLabel } from "./decide.ts";

/** When the pods' change that a slice's last write answers was seen; network latency is measured by it. */
const triggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

const slicesByService: Index<EndpointSlice> = {
  name: "slices-by-service", kind: EndpointSliceKind,
  values: (slice) => (slice.metadata.labels?.[managedByLabel] === managedByUs ? [`${slice.metadata.namespace ?? ""}/${slice.metadata.labels[serviceNameLabel] ?? ""}`] : []),
};

/** Keeps EndpointSlices true to the pods their Services select, at once: a new pod serves when its slice says so. */
export const endpointSliceController: Controller<Service> = {
  name: "endpoint-slice-controller",
  user: "system:serviceaccount:kube-system:endpointslice-controller",
  kind: ServiceKind,
  reads: [ServiceKind, PodKind, EndpointSliceKind],
  indexes: [slicesByService],
  writes: [{ kind: EndpointSliceKind, part: "whole" }],
  wakes: [
    { kind: PodKind, keys: (pod, previous, reader) => servicesOf(pod, previous, reader) },
    { kind: EndpointSliceKind, keys: (slice, previous) => [slice, ...(previous === undefined ? [] : [previous])].flatMap(serviceOf) },
  ],
  concurrency: 5,
  async reconcile(ref, service, { reader, writer, world }) {
    const slices = reader.indexed(slicesByService, `${ref.namespace}/${ref.name}`);
    const isWanted = service !== undefined && service.metadata.deletionTimestamp === undefined;
    // Without a selector somebody else writes the slices; of a Service that went, the garbage collector removes them.
    if (!isWanted || (service.spec.selector === undefined && slices.length === 0)) return { kind: "done" };
    const selector = Object.entries(service.spec.selector ?? {});
    const pods = selector.length === 0 || service.spec.type === "ExternalName" ? [] : reader.list(PodKind, ref.namespace).filter((pod) => isSelected(pod, selector));
    const { create, update, remove } = decideSlices(service, pods, slices);
    const annotations = { [triggerAnnotation]: printMicroTime(world.clock.nowMs()) };
    for (const slice of create) {
      await writer.create(EndpointSliceKind, { ...slice, metadata: { ...slice.metadata, name: generatedName(slice.metadata.generateName ?? "", world.chance), annotations } });
    }
    for (const slice of update) await writer.update(EndpointSliceKind, { ...slice, metadata: { ...slice.metadata, annotations: { ...slice.metadata.annotations, ...annotations } } });
    for (const slice of remove) await writer.remove(EndpointSliceKind, refOf(slice), { preconditions: { uid: slice.metadata.uid ?? "" } });
    return { kind: "done" };
  },
};

/** Services that select a pod now or did before, unless nothing an endpoint shows has changed. */
function servicesOf(object: ApiObject, previous: ApiObject | undefined, reader: Reader): readonly ObjectRef[] {
  if (!isOfKind<Pod>(PodKind, object)) return [];
  const before = previous !== undefined && isOfKind<Pod>(PodKind, previous) ? previous : undefined;
  const isGone = reader.get(PodKind, refOf(object)) === undefined;
  if (before !== undefined && !isGone && isEqual(shownOf(object), shownOf(before))) return [];
  return reader.list(ServiceKind, object.metadata.namespace ?? "").filter((service) => {
    const selector = Object.entries(service.spec.selector ?? {});
    return selector.length > 0 && (isSelected(object, selector) || (before !== undefined && isSelected(before, selector)));
  }).map(refOf);
}

/** What slices depend on. */
function shownOf(pod: Pod): unknown {
  return [pod.metadata.labels, pod.metadata.deletionTimestamp, pod.status.podIP, pod.status.phase, isReady(pod), pod.spec.nodeName, pod.metadata.uid];
}

function isSelected(pod: Pod, selector: readonly (readonly [string, string])[]): boolean {
  return selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function serviceOf(slice: ApiObject): readonly ObjectRef[] {
  const name = slice.metadata.labels?.[serviceNameLabel];
  return name === undefined || slice.metadata.labels?.[managedByLabel] !== managedByUs ? [] : [{ namespace: slice.metadata.namespace ?? "", name }];
}
