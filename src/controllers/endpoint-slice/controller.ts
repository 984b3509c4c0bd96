import { isOfKind } from "../../api/shape.ts";
import type { Controller, Reader } from "../../control/controller.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { keyOf, refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isReady } from "../../model/pods.ts";
import { isEqual } from "../../value/equal.ts";
import { printMicroTime } from "../../world/clock.ts";
import { podsByNode } from "../pods-by-node.ts";
import { decideSlices, managedByLabel, managedByUs, triggerAnnotation } from "./decide.ts";
import { zoneLabel } from "./endpoint-of.ts";
import { slicesOfPods } from "./slices-of.ts";
import { writeSlices } from "./write-slices.ts";

/** Keeps EndpointSlices true to the pods their Services select, at once: a new pod serves when its slice says so. */
export const endpointSliceController: Controller<Service> = {
  name: "endpoint-slice-controller",
  user: "system:serviceaccount:kube-system:endpointslice-controller",
  kind: ServiceKind,
  reads: [ServiceKind, PodKind, NodeKind, EndpointSliceKind],
  indexes: [slicesOfPods.index, podsByNode],
  writes: [{ kind: EndpointSliceKind, part: "whole", only: { label: managedByLabel, value: managedByUs } }],
  wakes: [
    { kind: PodKind, keys: (pod, previous, reader) => servicesOf(pod, previous, reader) },
    { kind: NodeKind, keys: servicesOfNode },
    slicesOfPods.wake,
  ],
  concurrency: 5,
  async reconcile(ref, service, { reader, writer, world }) {
    // Without a selector somebody else writes the slices, and what there is stays; of a Service that went, the garbage collector removes them.
    if (service === undefined || service.metadata.deletionTimestamp !== undefined || service.spec.type === "ExternalName") return { kind: "done" };
    const selector = selectorOf(service);
    if (selector.length === 0) return { kind: "done" };
    const pods = reader.list(PodKind, ref.namespace).filter((pod) => isSelected(pod, selector));
    const slices = reader.indexed(slicesOfPods.index, keyOf(ref)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const { create, update, remove } = decideSlices(service, { pods, nodeOf: (name) => reader.get(NodeKind, { namespace: "", name }) }, slices);
    const nowMs = world.clock.nowMs();
    await writeSlices({ create: create.map((slice) => withTrigger(slice, nowMs)), update: update.map((slice) => withTrigger(slice, nowMs)), remove }, { writer, world });
    return { kind: "done" };
  },
};

function withTrigger(slice: EndpointSlice, nowMs: number): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, annotations: { ...slice.metadata.annotations, [triggerAnnotation]: printMicroTime(nowMs) } } };
}

/** Services that select a pod now or did before, unless nothing an endpoint shows has changed. */
function servicesOf(object: ApiObject, previous: ApiObject | undefined, reader: Reader): readonly ObjectRef[] {
  if (!isOfKind<Pod>(PodKind, object)) return [];
  const before = previous !== undefined && isOfKind<Pod>(PodKind, previous) ? previous : undefined;
  const isGone = reader.get(PodKind, refOf(object)) === undefined;
  if (before !== undefined && !isGone && isEqual(shownOf(object), shownOf(before))) return [];
  return reader.list(ServiceKind, object.metadata.namespace ?? "").filter((service) => {
    const selector = selectorOf(service);
    return selector.length > 0 && (isSelected(object, selector) || (before !== undefined && isSelected(before, selector)));
  }).map(refOf);
}

/** What slices depend on. */
function shownOf(pod: Pod): unknown {
  const { podIP, podIPs, phase } = pod.status;
  return [pod.metadata.labels, pod.metadata.deletionTimestamp, podIP, podIPs, phase, isReady(pod), pod.spec.nodeName, pod.metadata.uid];
}

/** Services of the pods of a node that came, went or moved to another zone. */
function servicesOfNode(object: ApiObject, previous: ApiObject | undefined, reader: Reader): readonly ObjectRef[] {
  const isGone = reader.get(NodeKind, refOf(object)) === undefined;
  if (previous !== undefined && !isGone && zoneOf(object) === zoneOf(previous)) return [];
  const found = new Map(reader.indexed(podsByNode, object.metadata.name).flatMap((pod) => servicesOf(pod, undefined, reader)).map((ref) => [keyOf(ref), ref]));
  return [...found.values()];
}

function zoneOf({ metadata }: ApiObject): string {
  return metadata.labels?.[zoneLabel] ?? "";
}

function selectorOf({ spec }: Service): readonly (readonly [string, string])[] {
  return Object.entries(spec.selector ?? {});
}

function isSelected(pod: Pod, selector: readonly (readonly [string, string])[]): boolean {
  return selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
}
