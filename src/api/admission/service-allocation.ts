import type { ServicePort, ServiceSpec } from "../../model/generated/core-v1.ts";
import { isConditionTrue } from "../../model/conditions.ts";
import type { FieldError } from "../../model/field-error.ts";
import { ServiceCIDRKind, serviceBlockName } from "../../model/kinds/networking.ts";
import { isExternallyAccessible, needsHealthCheck, ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { invalidError } from "../../model/print-field-error.ts";
import { ownerOf, release, reserve, reserveAny } from "../reservations.ts";
import type { Pool } from "../reservations.ts";
import { isOfKind } from "../shape.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";

/** The address of a Service that wants none. */
const headless = "None";

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
    const kept = dropUnneeded(keepAllocated(object.spec, old?.spec), old?.spec);
    const owner = ownerName(object);
    if (old !== undefined) freeUnused({ before: old.spec, after: kept }, { ...request, owner });
    const addressed = withAddress(object, kept, { ...request, owner });
    return { ...object, spec: withHealthPort(object, withNodePorts(object, addressed, { ...request, owner }), { ...request, owner }) };
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

/** What an update leaves out is taken over from before, as upstream's patchAllocatedValues. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec | undefined): ServiceSpec {
  const named = spec.clusterIP ?? "";
  const listed = spec.clusterIPs?.[0] ?? "";
  const asked = withClusterIp(spec, named === "" ? listed : named);
  if (old === undefined || !needsAddress(asked)) return asked;
  const addressed = (asked.clusterIP ?? "") === "" && needsAddress(old) ? withClusterIp(asked, old.clusterIP ?? "") : asked;
  const keepsHealthPort = needsHealthCheck(addressed) && needsHealthCheck(old) && (addressed.healthCheckNodePort ?? 0) === 0 && old.healthCheckNodePort !== undefined;
  const withOld = keepsHealthPort ? { ...addressed, healthCheckNodePort: old.healthCheckNodePort } : addressed;
  if (!needsNodePorts(withOld) || !needsNodePorts(old) || withOld.ports === undefined) return withOld;
  return { ...withOld, ports: withOld.ports.map((port) => {
    const before = old.ports?.find((candidate) => candidate.port === port.port && candidate.protocol === port.protocol)?.nodePort;
    return (port.nodePort ?? 0) !== 0 || before === undefined ? port : { ...port, nodePort: before };
  }) };
}

/** What a change of type makes useless goes, as long as the client only sends back what it was given: upstream's dropTypeDependentFields. */
function dropUnneeded(spec: ServiceSpec, old: ServiceSpec | undefined): ServiceSpec {
  if (old === undefined) return spec;
  const before = nodePortsOf(old);
  const ports = needsNodePorts(spec) || spec.ports === undefined ? spec.ports
    : spec.ports.map(({ nodePort, ...port }) => nodePort === undefined || before.includes(String(nodePort)) ? port : { ...port, nodePort });
  const rest = ports === undefined ? spec : { ...spec, ports };
  const plain = withoutTraffic(rest, old);
  if (needsAddress(spec) || (spec.clusterIP ?? "") !== (old.clusterIP ?? "")) return plain;
  const { clusterIP: _one, clusterIPs: _all, ipFamilies: _families, ipFamilyPolicy: _policy, ...without } = plain;
  return without;
}

/** How clients outside come in is of no use where none can. */
function withoutTraffic(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const useless = new Set<string>([
    ...(isExternallyAccessible(old) && !isExternallyAccessible(spec) && spec.externalTrafficPolicy === old.externalTrafficPolicy ? ["externalTrafficPolicy"] : []),
    ...(needsHealthCheck(old) && !needsHealthCheck(spec) && spec.healthCheckNodePort === old.healthCheckNodePort ? ["healthCheckNodePort"] : []),
    ...(old.type === "LoadBalancer" && spec.type !== "LoadBalancer" ? (["allocateLoadBalancerNodePorts", "loadBalancerClass"] as const).filter((field) => spec[field] === old[field]) : []),
  ]);
  return useless.size === 0 ? spec : Object.fromEntries(Object.entries(spec).filter(([field]) => !useless.has(field)));
}

function withClusterIp(spec: ServiceSpec, clusterIP: string): ServiceSpec {
  const { clusterIP: _one, clusterIPs: _all, ...rest } = spec;
  return clusterIP === "" ? rest : { ...rest, clusterIP, clusterIPs: [clusterIP] };
}

/** Gives back what the Service had and no longer wants. */
function freeUnused({ before, after }: { readonly before: ServiceSpec; readonly after: ServiceSpec }, { staging, reservations, owner }: Omit<Allocation, "reader">): void {
  const addresses = needsAddress(after) ? addressesOf(after) : [];
  for (const value of addressesOf(before)) if (!addresses.includes(value)) release(staging, reservations.addresses, { value, owner });
  const ports = [...(needsNodePorts(after) ? nodePortsOf(after) : []), ...healthPortOf(after)];
  for (const value of [...nodePortsOf(before), ...healthPortOf(before)]) if (!ports.includes(value)) release(staging, reservations.nodePorts, { value, owner });
}

function withAddress(service: Service, spec: ServiceSpec, allocation: Allocation): ServiceSpec {
  if (!needsAddress(spec)) return spec;
  const families = { ipFamilies: spec.ipFamilies ?? ["IPv4"], ipFamilyPolicy: spec.ipFamilyPolicy ?? "SingleStack" } as const;
  const asked = spec.clusterIP ?? "";
  if (asked === headless) return { ...spec, ...families };
  return { ...withClusterIp(spec, asked === "" ? anyAddress(service, allocation) : askedAddress(service, asked, allocation)), ...families };
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

function withNodePorts(service: Service, spec: ServiceSpec, allocation: Allocation): ServiceSpec {
  const { ports } = spec;
  if (ports === undefined || !needsNodePorts(spec)) return spec;
  return { ...spec, ports: ports.map((port, index) => ({ ...port, nodePort: nodePortOf(service, { port, index }, allocation) })) };
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

/** Every type but ExternalName has an address, even if it is "None". */
function needsAddress(spec: ServiceSpec): boolean {
  return spec.type !== "ExternalName";
}

function needsNodePorts(spec: ServiceSpec): boolean {
  return spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
}

function addressesOf(spec: ServiceSpec): readonly string[] {
  const { clusterIP = "" } = spec;
  return clusterIP === "" || clusterIP === headless ? [] : [clusterIP];
}

function nodePortsOf(spec: ServiceSpec): readonly string[] {
  return (spec.ports ?? []).flatMap(({ nodePort = 0 }) => nodePort === 0 ? [] : [String(nodePort)]);
}

function healthPortOf({ healthCheckNodePort = 0 }: ServiceSpec): readonly string[] {
  return healthCheckNodePort === 0 ? [] : [String(healthCheckNodePort)];
}
