import { ipAddressOf, isManagedAddress } from "../../api/address-objects.ts";
import { isOfKind } from "../../api/shape.ts";
import type { Controller, ControllerContext, Index, Outcome } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { IPAddressKind } from "../../model/kinds/networking.ts";
import type { IPAddress } from "../../model/kinds/networking.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { refOf } from "../../model/object.ts";
import type { ObjectRef } from "../../model/object.ts";

const byAddress: Index<Service> = { name: "service-address", kind: ServiceKind, values: addressesOf };

/** The addresses a Service has: none while it is headless. */
function addressesOf(service: Service): readonly string[] {
  const { clusterIP = "" } = service.spec;
  return clusterIP === "" || clusterIP === "None" ? [] : [clusterIP];
}

/**
 * Keeps the IPAddress of every Service: the API writes them together, somebody may remove or leave one by hand.
 *
 * @see kubernetes pkg/registry/core/service/ipallocator/controller/repairip.go
 */
export const ipAddressController: Controller<IPAddress> = {
  name: "ip-address",
  kind: IPAddressKind,
  reads: [IPAddressKind, ServiceKind],
  indexes: [byAddress],
  writes: [{ kind: IPAddressKind, part: "whole" }],
  wakes: [{
    kind: ServiceKind,
    keys: (service, previous) => [service, previous].flatMap((state) => (state !== undefined && isOfKind<Service>(ServiceKind, state) ? addressesOf(state) : [])).map((name) => ({ namespace: "", name })),
  }],
  async reconcile(ref, address, context) {
    const service = context.reader.indexed(byAddress, ref.name)[0];
    if (service !== undefined) return address === undefined ? restore(ref, refOf(service), context) : { kind: "done" };
    return address === undefined || !isManagedAddress(address) ? { kind: "done" } : removeLeft(address, context);
  },
};

/** Both are looked at anew: caches of two kinds are not of one moment. */
async function restore(ref: ObjectRef, owner: ObjectRef, { live, writer }: ControllerContext): Promise<Outcome> {
  const service = await live.get(ServiceKind, owner);
  if (service === undefined || !addressesOf(service).includes(ref.name)) return { kind: "done" };
  try {
    await writer.create(IPAddressKind, ipAddressOf(ref.name, owner));
  } catch (error) {
    if (!isApiError(error, "AlreadyExists")) throw error;
  }
  return { kind: "done" };
}

async function removeLeft(address: IPAddress, { live, writer }: ControllerContext): Promise<Outcome> {
  const { namespace = "", name } = address.spec.parentRef;
  const service = await live.get(ServiceKind, { namespace, name });
  if (service === undefined || !addressesOf(service).includes(address.metadata.name)) await writer.remove(IPAddressKind, refOf(address), { preconditions: { uid: address.metadata.uid ?? "" } });
  return { kind: "done" };
}
