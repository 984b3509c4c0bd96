import type { Controller } from "../../control/controller.ts";
import { ServiceCIDRKind } from "../../model/kinds/networking.ts";
import type { ServiceCIDR } from "../../model/kinds/networking.ts";
import { decideStatus } from "./decide.ts";

/** Says of every block of Service addresses whether it is used. */
export const serviceBlockController: Controller<ServiceCIDR> = {
  name: "service-block",
  kind: ServiceCIDRKind,
  reads: [ServiceCIDRKind],
  writes: [{ kind: ServiceCIDRKind, part: "status" }],
  async reconcile(_ref, block, { writer, world }) {
    if (block === undefined) return { kind: "done" };
    const status = decideStatus(block, world.clock.nowMs());
    if (status !== block.status) await writer.updateStatus(ServiceCIDRKind, { ...block, status });
    return { kind: "done" };
  },
};
