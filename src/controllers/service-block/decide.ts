import { withCondition } from "../../model/conditions.ts";
import type { Condition } from "../../model/generated/meta-v1.ts";
import { serviceBlockName } from "../../model/kinds/networking.ts";
import type { ServiceCIDR } from "../../model/kinds/networking.ts";

/** The status of a block of addresses: only the cluster's own is ever used. The very same one when nothing changes. Pure. */
export function decideStatus({ metadata, status }: ServiceCIDR, nowMs: number): ServiceCIDR["status"] {
  const ready: Condition = metadata.name === serviceBlockName
    ? { type: "Ready", status: "True", reason: "", message: "Kubernetes default Service CIDR is ready", lastTransitionTime: "" }
    : { type: "Ready", status: "False", reason: "NotUsed", message: `Services get their addresses from the ServiceCIDR ${serviceBlockName} alone`, lastTransitionTime: "" };
  const conditions = withCondition(status.conditions, ready, nowMs);
  return conditions === status.conditions ? status : { ...status, conditions };
}
