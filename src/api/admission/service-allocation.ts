import type { ServicePort, ServiceSpec } from "../../model/generated/core-v1.ts";
import { isConditionTrue } from "../../model/conditions.ts";
import type { FieldError } from "../../model/field-error.ts";
import { ServiceCIDRKind, serviceBlockName } from "../../model/kinds/networking.ts";
import { needsHealthCheck, ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { invalidError } from "../../model/print-field-error.ts";
import { ownerOf, release, reserve, reserveAny } from "../reservations.ts";
import type { Pool } from "../reservations.ts";
import { isOfKind } from "../shape.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { settleFamilies } from "./_service-families.ts";
import { alignAddresses, dropUseless, hasNodePorts, headless, keepGiven, needsAddress, nodePortsOf, wantsNodePorts } from "./_service-values.ts";
import { warningsOf } from "./_service-warnings.ts";

/**
 * Gives a Service its address and node ports, keeps the ones it has, and gives them back. Every value is a key in the store that is written with the
 * Service, so two Services never get the same one.
 *
 * @see kubernetes pkg/registry/core/service/storage/alloc.go
 */
export const serviceAllocation: Admission = {
  name: "ServiceAllocation",
  handles: ({ operation, kind, subresource }) => operation !== "remove" && subresource === undefined && kind.group === "" && kind.kind === "Service",
  admit(object, request) {
    if (!isOfKind(ServiceKind, object)) return object;
    const old = request.old !== undefined && isOfKind(ServiceKind, request.old) ? request.old : undefined;
    const owner = ownerName(object);
    const kept = alignAddresses(old === undefined ? object.spec : keepGiven(object.spec, old.spec), old?.spec);
    const families = settleFamilies(kept, old?.spec);
    if (families.kind === "refused") throw invalidError(ServiceKind, object.metadata.name, families.errors);
    const { spec, status } = dropUseless({ ...object, spec: families.spec }, old ?? object);
    if (old !== undefined) freeUnused({ before: old.spec, after: spec }, { ...request, owner });
    const addressed = withAddress(object, { spec, old: old?.spec }, { ...request, owner });
    const given = { ...object, status, spec: withHealthPort(object, withNodePorts(object, { spec: addressed, isNew: old === undefined }, { ...request, owner }), { ...request, owner }) };
    for (const warning of warningsOf(given)) request.notes.warn(warning);
    return given;
  },
  release(object, { staging, reservations }) {
    if (!isOfKind(ServiceKind, object)) return;
    const owner = ownerName(object);
    for (const value of addressesOf(object.spec)) release(staging, reservations.addresses, { value, owner });
    for (const value of [...nodePortsOf(object.spec), ...healthPortOf(object.spec)]) release(staging, reservations.nodePorts, { value, owner });
  },
};

type Allocation = Pick<AdmissionRequest, "staging" | "reservations" | "reader"> & { readonly owner: string };

/** Some addresses, and the name of their block where it may go again. */
interface AddressBlock {
  readonly pool: Pool;
  readonly name?: string;
}

/** The cluster's own addresses first, then those of every further block that is ready, by name. @see kubernetes pkg/registry/core/service/ipallocator/cidrallocator.go */
function addressBlocks({ reservations, reader }: Allocation): readonly AddressBlock[] {
  const further = reader.list(ServiceCIDRKind).filter(({ metadata, status }) => metadata.name !== serviceBlockName && metadata.deletionTimestamp === undefined && isConditionTrue(status.conditions, "Ready"));
  return [{ pool: reservations.addresses }, ...further.flatMap(({ metadata: { name }, spec: { cidrs = [] } }) => cidrs.flatMap((cidr) => reservations.addressesIn(cidr) ?? []).map((pool) => ({ pool, name })))];
}

/** Makes it a condition of the commit that the block is still there. */
function dependOn({ name }: AddressBlock, { reader }: Allocation): void {
  if (name !== undefined) reader.get(ServiceCIDRKind, { namespace: "", name }, { isDepended: true });
}

function ownerName(service: Service): string {
  return `${service.metadata.namespace}/${service.metadata.name}`;
}

/** Gives back what the Service had and no longer wants. */
function freeUnused({ before, after }: { readonly before: ServiceSpec; readonly after: ServiceSpec }, { staging, reservations, owner }: Omit<Allocation, "reader">): void {
  const addresses = needsAddress(after) ? addressesOf(after) : [];
  for (const value of addressesOf(before)) if (!addresses.includes(value)) release(staging, reservations.addresses, { value, owner });
  const ports = [...(hasNodePorts(after) ? nodePortsOf(after) : []), ...healthPortOf(after)];
  for (const value of [...nodePortsOf(before), ...healthPortOf(before)]) if (!ports.includes(value)) release(staging, reservations.nodePorts, { value, owner });
}

/** Gives an address to who has none and wants one; what once was given cannot be changed for another, which is the check's to say. */
function withAddress(service: Service, { spec, old }: { readonly spec: ServiceSpec; readonly old: ServiceSpec | undefined }, allocation: Allocation): ServiceSpec {
  const asked = spec.clusterIP ?? "";
  const hadAddress = old !== undefined && needsAddress(old) && (old.clusterIP ?? "") !== "";
  if (!needsAddress(spec) || asked === headless || (hadAddress && asked !== "")) return spec;
  const clusterIP = asked === "" ? anyAddress(service, allocation) : askedAddress(service, asked, allocation);
  return { ...spec, clusterIP, clusterIPs: [clusterIP] };
}

function anyAddress(service: Service, allocation: Allocation): string {
  const { staging, owner } = allocation;
  for (const block of addressBlocks(allocation)) {
    const address = reserveAny(staging, block.pool, { seed: owner, owner });
    if (address === undefined) continue;
    dependOn(block, allocation);
    return address;
  }
  throw refuse(service, { type: "InternalError", path: "spec.clusterIPs", detail: "failed to allocate a serviceIP: range is full" });
}

function askedAddress(service: Service, asked: string, allocation: Allocation): string {
  const { staging, reservations, owner } = allocation;
  // What a Service has it keeps, whatever became of the block.
  if (ownerOf(staging, reservations.addresses, asked) === owner) return asked;
  const refused = (why: string): Error => refuse(service, { type: "Invalid", path: "spec.clusterIPs", value: [asked], detail: `failed to allocate IP ${asked}: ${why}` });
  const blocks = addressBlocks(allocation);
  const block = blocks.find(({ pool }) => pool.has(asked));
  if (block === undefined) throw refused(`the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${blocks.map(({ pool }) => pool.range).join(",")}`);
  if (!reserve(staging, block.pool, { value: asked, owner })) throw refused("provided IP is already allocated");
  dependOn(block, allocation);
  return asked;
}

/** Ports that name one first, so that none is given away before it is asked for. Of a new Service, ports of one number (a name server's, by TCP and UDP) share one. */
function withNodePorts(service: Service, { spec, isNew }: { readonly spec: ServiceSpec; readonly isNew: boolean }, allocation: Allocation): ServiceSpec {
  const { ports } = spec;
  if (ports === undefined || !hasNodePorts(spec)) return spec;
  const given = new Map<number, number>();
  const asked = ports.map((port, index) => {
    if ((port.nodePort ?? 0) === 0) return port;
    const nodePort = nodePortOf(service, { port, index }, allocation);
    if (!given.has(port.port)) given.set(port.port, nodePort);
    return { ...port, nodePort };
  });
  if (!wantsNodePorts(spec)) return { ...spec, ports: asked };
  return { ...spec, ports: asked.map((port, index) => {
    if ((port.nodePort ?? 0) !== 0) return port;
    const nodePort = (isNew ? given.get(port.port) : undefined) ?? nodePortOf(service, { port, index }, allocation);
    given.set(port.port, nodePort);
    return { ...port, nodePort };
  }) };
}

function nodePortOf(service: Service, { port, index }: { readonly port: ServicePort; readonly index: number }, allocation: Allocation): number {
  return reservePort(service, { asked: port.nodePort ?? 0, path: `spec.ports[${index}].nodePort`, seed: `${port.protocol ?? "TCP"}/${port.port}` }, allocation);
}

/** A load balancer that must ask which nodes have an endpoint asks at a port of its own. */
function withHealthPort(service: Service, spec: ServiceSpec, allocation: Allocation): ServiceSpec {
  if (!needsHealthCheck(spec)) return spec;
  return { ...spec, healthCheckNodePort: reservePort(service, { asked: spec.healthCheckNodePort ?? 0, path: "spec.healthCheckNodePort", seed: "health" }, allocation) };
}

interface WantedPort {
  /** 0 where any will do. */
  readonly asked: number;
  readonly path: string;
  readonly seed: string;
}

function reservePort(service: Service, { asked, path, seed }: WantedPort, { staging, reservations, owner }: Allocation): number {
  const pool = reservations.nodePorts;
  if (asked === 0) {
    const value = reserveAny(staging, pool, { seed: `${owner}/${seed}`, owner });
    if (value === undefined) throw refuse(service, { type: "InternalError", path, detail: "failed to allocate a nodePort: range is full" });
    return Number(value);
  }
  const refused = (detail: string): Error => refuse(service, { type: "Invalid", path, value: asked, detail });
  if (!pool.has(String(asked))) throw refused(`provided port is not in the valid range. The range of valid ports is ${pool.range}`);
  if (!reserve(staging, pool, { value: String(asked), owner })) throw refused("provided port is already allocated");
  return asked;
}

function refuse(service: Service, error: FieldError): Error {
  return invalidError(ServiceKind, service.metadata.name, [error]);
}

function addressesOf(spec: ServiceSpec): readonly string[] {
  const { clusterIP = "" } = spec;
  return clusterIP === "" || clusterIP === headless ? [] : [clusterIP];
}

function healthPortOf({ healthCheckNodePort = 0 }: ServiceSpec): readonly string[] {
  return healthCheckNodePort === 0 ? [] : [String(healthCheckNodePort)];
}
