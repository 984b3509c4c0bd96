import type { Controller, Reader } from "../../control/controller.ts";
import { isOfKind } from "../../api/shape.ts";
import type { Endpoints } from "../../model/generated/core-v1.ts";
import { EndpointsKind } from "../../model/kinds/core-limits.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { keyOf, refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { managedByLabel } from "../endpoint-slice/decide.ts";
import { slicesOf } from "../endpoint-slice/slices-of.ts";
import { writeSlices } from "../endpoint-slice/write-slices.ts";
import { addressesPerSubsetMax, decideMirror, isMirrored, managedByMirroring } from "./decide.ts";
import type { MirrorDecision } from "./decide.ts";

const mirrors = slicesOf(managedByMirroring);

/** Shows the Endpoints of Services without a selector, which somebody else writes, as EndpointSlices: whoever leads traffic reads no other. */
export const endpointSliceMirroringController: Controller<Endpoints> = {
  name: "endpoint-slice-mirroring-controller",
  user: "system:serviceaccount:kube-system:endpointslicemirroring-controller",
  kind: EndpointsKind,
  reads: [EndpointsKind, ServiceKind, EndpointSliceKind],
  indexes: [mirrors.index],
  writes: [{ kind: EndpointSliceKind, part: "whole", only: { label: managedByLabel, value: managedByMirroring } }],
  wakes: [
    { kind: ServiceKind, keys: servicesOfHand },
    mirrors.wake,
  ],
  async reconcile(ref, endpoints, { reader, writer, world }) {
    const slices = reader.indexed(mirrors.index, keyOf(ref)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const mirrored = endpoints !== undefined && isShown(endpoints, reader) ? endpoints : undefined;
    if (mirrored === undefined && slices.length === 0) return { kind: "done" };
    const decision = mirrored === undefined ? { ...nothing, remove: slices } : decideMirror(mirrored, slices);
    // What is on its way out is not shown anew.
    await writeSlices(mirrored?.metadata.deletionTimestamp === undefined ? decision : { ...decision, create: [] }, { writer, world });
    if (mirrored !== undefined) for (const complaint of complaintsOf(decision)) writer.event(mirrored, { type: "Warning", ...complaint });
    return { kind: "done" };
  },
};

const nothing: MirrorDecision = { create: [], update: [], remove: [], invalidCount: 0, skippedCount: 0 };

/** True where the Endpoints is the only word there is on what is behind its Service. */
function isShown(endpoints: Endpoints, reader: Reader): boolean {
  const service = reader.get(ServiceKind, refOf(endpoints));
  return service !== undefined && !hasSelector(service) && isMirrored(endpoints);
}

function hasSelector({ spec }: Service): boolean {
  return Object.keys(spec.selector ?? {}).length > 0;
}

/** The Endpoints of a Service that has come or gone, or has got or lost its selector. */
function servicesOfHand(object: ApiObject, previous: ApiObject | undefined, reader: Reader): readonly ObjectRef[] {
  if (!isOfKind(ServiceKind, object)) return [];
  const before = previous !== undefined && isOfKind(ServiceKind, previous) ? previous : undefined;
  const isGone = reader.get(ServiceKind, refOf(object)) === undefined;
  return before !== undefined && !isGone && hasSelector(object) === hasSelector(before) ? [] : [refOf(object)];
}

function complaintsOf({ invalidCount, skippedCount }: MirrorDecision): readonly { readonly reason: string; readonly message: string }[] {
  return [
    ...(invalidCount === 0 ? [] : [{ reason: "InvalidIPAddress", message: `Skipped ${invalidCount} invalid IP addresses when mirroring to EndpointSlices` }]),
    ...(skippedCount === 0 ? [] : [{ reason: "TooManyAddressesToMirror", message: `A max of ${addressesPerSubsetMax} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skippedCount} addresses were skipped` }]),
  ];
}
