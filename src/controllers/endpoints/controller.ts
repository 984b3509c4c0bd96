import type { Controller } from "../../control/controller.ts";
import { EndpointsKind } from "../../model/kinds/core-limits.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { keyOf, refOf } from "../../model/object.ts";
import type { ApiObject } from "../../model/object.ts";
import { printMicroTime } from "../../world/clock.ts";
import { triggerAnnotation } from "../endpoint-slice/decide.ts";
import { slicesOfPods } from "../endpoint-slice/slices-of.ts";
import { decideEndpoints, managedByLabel, managedByUs, waitOf } from "./decide.ts";

function isOurs({ metadata }: ApiObject): boolean {
  return metadata.labels?.[managedByLabel] === managedByUs;
}

/** Keeps an Endpoints beside the slices of every Service with a selector. */
export const endpointsController: Controller<Service> = {
  name: "endpoint-controller",
  user: "system:serviceaccount:kube-system:endpoint-controller",
  kind: ServiceKind,
  reads: [ServiceKind, EndpointSliceKind, EndpointsKind],
  indexes: [slicesOfPods.index],
  writes: [{ kind: EndpointsKind, part: "whole" }],
  wakes: [
    slicesOfPods.wake,
    // What stands without a Service and was not made here may be a lock, or wait for its Service.
    { kind: EndpointsKind, keys: (endpoints, _previous, reader) => (isOurs(endpoints) || reader.get(ServiceKind, refOf(endpoints)) !== undefined ? [refOf(endpoints)] : []) },
  ],
  async reconcile(ref, service, { reader, writer, world }) {
    const existing = reader.get(EndpointsKind, ref);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) {
      // With a Service that goes its Endpoints goes, whoever wrote it.
      if (existing !== undefined) await writer.remove(EndpointsKind, ref, { preconditions: { uid: existing.metadata.uid ?? "" } });
      return { kind: "done" };
    }
    // Without a selector somebody else writes it; where a name leads there are no endpoints.
    if (service.spec.selector === undefined || service.spec.type === "ExternalName") return { kind: "done" };
    const wanted = decideEndpoints(service, reader.indexed(slicesOfPods.index, keyOf(ref)), existing);
    if (wanted === existing) return { kind: "done" };
    const nowMs = world.clock.nowMs();
    const afterMs = existing === undefined ? 0 : waitOf(existing, nowMs);
    if (afterMs > 0) return { kind: "wait", afterMs, reason: "changes of a big Endpoints are gathered" };
    const written = { ...wanted, metadata: { ...wanted.metadata, annotations: { ...wanted.metadata.annotations, [triggerAnnotation]: printMicroTime(nowMs) } } };
    if (existing === undefined) await writer.create(EndpointsKind, written);
    else await writer.update(EndpointsKind, written);
    return { kind: "done" };
  },
};
