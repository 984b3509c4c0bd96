import type { Controller, Reader, WorkRef } from "../../control/controller.ts";
import { IPAddressKind, ServiceCIDRKind } from "../../model/kinds/networking.ts";
import type { ServiceCIDR } from "../../model/kinds/networking.ts";
import { refOf } from "../../model/object.ts";
import { blockFinalizer, decideBlock } from "./decide.ts";

/** Says of every block of Service addresses whether it is used, and keeps it while it is. @see kubernetes pkg/controller/servicecidrs */
export const serviceBlockController: Controller<ServiceCIDR> = {
  name: "service-block",
  kind: ServiceCIDRKind,
  reads: [ServiceCIDRKind, IPAddressKind],
  writes: [{ kind: ServiceCIDRKind, part: "status" }, { kind: ServiceCIDRKind, part: "metadata" }],
  // What frees a block that is to go: an address that went, or another block that has the addresses as well.
  wakes: [{ kind: IPAddressKind, keys: (_address, _previous, reader) => leaving(reader) }, { kind: ServiceCIDRKind, keys: (_block, _previous, reader) => leaving(reader) }],
  async reconcile(_ref, block, { reader, live, writer, world }) {
    if (block === undefined) return { kind: "done" };
    const isLeaving = block.metadata.deletionTimestamp !== undefined;
    // Addresses must not lose their block for a cache that is behind.
    const addresses = isLeaving ? (await live.list(IPAddressKind)).items : [];
    const { status, isHeld } = decideBlock(block, { blocks: reader.list(ServiceCIDRKind), addresses, nowMs: world.clock.nowMs() });
    if (status !== block.status) await writer.updateStatus(ServiceCIDRKind, { ...block, status });
    const { finalizers = [], uid } = block.metadata;
    if (isHeld === finalizers.includes(blockFinalizer) || (isHeld && isLeaving)) return { kind: "done" };
    const wanted = isHeld ? [...finalizers, blockFinalizer] : finalizers.filter((finalizer) => finalizer !== blockFinalizer);
    await writer.patch(ServiceCIDRKind, refOf(block), { type: "merge", body: { metadata: { ...(uid === undefined ? {} : { uid }), finalizers: wanted } } });
    return { kind: "done" };
  },
};

function leaving(reader: Reader): readonly WorkRef[] {
  return reader.list(ServiceCIDRKind).filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(refOf);
}
