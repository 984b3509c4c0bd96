import { isManagedAddress } from "../../api/address-objects.ts";
import { withCondition } from "../../model/conditions.ts";
import type { Condition } from "../../model/generated/meta-v1.ts";
import { serviceBlockName } from "../../model/kinds/networking.ts";
import type { IPAddress, ServiceCIDR } from "../../model/kinds/networking.ts";
import { isInCidr, isWithinCidr } from "../../value/ip.ts";

/** Keeps a block while addresses of it are used. @see kubernetes pkg/controller/servicecidrs */
export const blockFinalizer = "networking.k8s.io/service-cidr-finalizer";

/** Services listen on addresses of the machine itself, which need no network to be set up. */
const loopbackBlock = "127.0.0.0/8";

/** What else listens on loopback: the machine's own programs, and pods. */
const takenBlocks: readonly (readonly [cidr: string, what: string])[] = [["127.0.0.0/16", "the machine's own"], ["127.64.0.0/12", "those of pods"]];

/** What a block of Service addresses should be. */
export interface BlockDecision {
  /** The very same one when nothing changes. */
  readonly status: ServiceCIDR["status"];
  readonly isHeld: boolean;
}

/** What is known beside the block itself. */
export interface BlockFacts {
  /** All of them, the block among them. */
  readonly blocks: readonly ServiceCIDR[];
  /** All addresses; only looked at for a block that is to go. */
  readonly addresses: readonly IPAddress[];
  readonly nowMs: number;
}

/** Says whether Services get addresses from a block, and whether it may go. Pure. */
export function decideBlock(block: ServiceCIDR, facts: BlockFacts): BlockDecision {
  const { metadata, status } = block;
  if (metadata.deletionTimestamp === undefined) return { status: withReady(status, readinessOf(block), facts.nowMs), isHeld: true };
  if (!isNeeded(block, facts)) return { status, isHeld: false };
  const left = { isReady: false, reason: "Terminating", message: "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR" };
  return { status: withReady(status, left, facts.nowMs), isHeld: true };
}

interface Readiness {
  readonly isReady: boolean;
  readonly reason: string;
  readonly message: string;
}

function readinessOf({ metadata, spec: { cidrs = [] } }: ServiceCIDR): Readiness {
  if (metadata.name === serviceBlockName) return { isReady: true, reason: "", message: "Kubernetes default Service CIDR is ready" };
  for (const cidr of cidrs) {
    if (!isInCidr(cidr, loopbackBlock)) return { isReady: false, reason: "NotLoopback", message: `Services of this cluster have loopback addresses, which ${cidr} has not: take a block within ${loopbackBlock}` };
    const taken = takenBlocks.find(([other]) => isInCidr(cidr, other) || isWithinCidr(other, cidr));
    if (taken !== undefined) return { isReady: false, reason: "AddressesTaken", message: `Addresses of ${cidr} are ${taken[1]} (${taken[0]}): take another block within ${loopbackBlock}` };
  }
  return { isReady: true, reason: "", message: "Kubernetes Service CIDR is ready" };
}

/** True while an address that a Service has lies in this block alone. */
function isNeeded({ metadata, spec: { cidrs = [] } }: ServiceCIDR, { blocks, addresses }: BlockFacts): boolean {
  const others = blocks.filter((other) => other.metadata.name !== metadata.name).flatMap(({ spec }) => spec.cidrs ?? []);
  if (cidrs.every((cidr) => others.some((other) => isInCidr(cidr, other)))) return false;
  return addresses.some((address) => isManagedAddress(address) && cidrs.some((cidr) => isInCidr(address.metadata.name, cidr)) && !others.some((other) => isInCidr(address.metadata.name, other)));
}

function withReady(status: ServiceCIDR["status"], { isReady, reason, message }: Readiness, nowMs: number): ServiceCIDR["status"] {
  const ready: Condition = { type: "Ready", status: isReady ? "True" : "False", reason, message, lastTransitionTime: "" };
  const conditions = withCondition(status.conditions, ready, nowMs);
  return conditions === status.conditions ? status : { ...status, conditions };
}
