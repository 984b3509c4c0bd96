import { isExternallyAccessible, needsHealthCheck } from "../../model/kinds/service.ts";
import type { Service, ServicePort, ServiceSpec } from "../../model/generated/core-v1.ts";
import { isEqual } from "../../value/equal.ts";

/** The address of a Service that wants none. */
export const headless = "None";

/** Every type but ExternalName has an address, even if it is "None". */
export function needsAddress({ type }: ServiceSpec): boolean {
  return type !== "ExternalName";
}

/** True for the types a port of the nodes leads to. */
export function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

/** True where ports of the nodes are given to ports that name none. */
export function wantsNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
}

/** What an update leaves out and the server once gave is taken over, so that a manifest can be sent again. Pure. @see kubernetes pkg/registry/core/service/storage/storage.go patchAllocatedValues */
export function keepGiven(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const keepsAddress = needsAddress(spec) && needsAddress(old);
  const { clusterIP = "", clusterIPs = [] } = spec;
  const addressed = !keepsAddress ? spec : {
    ...spec,
    ...(clusterIP === "" && old.clusterIP !== undefined ? { clusterIP: old.clusterIP } : {}),
    ...(clusterIPs.length === 0 && old.clusterIPs !== undefined ? { clusterIPs: old.clusterIPs } : {}),
  };
  const keepsHealthPort = needsHealthCheck(spec) && needsHealthCheck(old) && (spec.healthCheckNodePort ?? 0) === 0 && old.healthCheckNodePort !== undefined;
  const checked = keepsHealthPort ? { ...addressed, healthCheckNodePort: old.healthCheckNodePort } : addressed;
  return wantsNodePorts(spec) && wantsNodePorts(old) && spec.ports !== undefined ? { ...checked, ports: keepNodePorts(spec.ports, old.ports ?? []) } : checked;
}

/** A port is the same one as long as its name is: its number may change. What stands elsewhere by now is not given twice. */
function keepNodePorts(ports: readonly ServicePort[], old: readonly ServicePort[]): readonly ServicePort[] {
  const named = new Map(old.map(({ name = "", nodePort }) => [name, nodePort]));
  const used = new Set(ports.map(({ nodePort }) => nodePort));
  return ports.map((port) => {
    const before = named.get(port.name ?? "") ?? 0;
    return (port.nodePort ?? 0) !== 0 || before === 0 || used.has(before) ? port : { ...port, nodePort: before };
  });
}

/** Makes the list of addresses follow the one address, for clients that know no list. Pure. @see kubernetes pkg/registry/core/service/storage/storage.go normalizeClusterIPs */
export function alignAddresses(spec: ServiceSpec, old: ServiceSpec | undefined): ServiceSpec {
  const { clusterIP = "", clusterIPs = [] } = spec;
  if (old === undefined) return clusterIP !== "" && clusterIPs.length === 0 ? { ...spec, clusterIPs: [clusterIP] } : spec;
  const before = old.clusterIP ?? "";
  if (clusterIP === before) return clusterIPs.length === 0 && old.clusterIPs !== undefined && old.clusterIPs.length > 0 ? { ...spec, clusterIPs: old.clusterIPs } : spec;
  if (!isEqual(clusterIPs, old.clusterIPs ?? [])) return spec;
  const { clusterIPs: _all, ...rest } = spec;
  return clusterIP === "" ? rest : { ...rest, clusterIPs: [clusterIP] };
}

/**
 * What a change of type makes useless goes, as long as the client only sends back what it was given: what it changed besides is checked, and refused. Pure.
 *
 * @see kubernetes pkg/registry/core/service/strategy.go dropTypeDependentFields
 */
export function dropUseless({ spec, status }: Service, old: Service): Pick<Service, "spec" | "status"> {
  const { loadBalancer: _balancer, ...otherStatus } = status;
  const useless = uselessFields(spec, old.spec);
  const before = nodePortsOf(old.spec);
  const isPortFree = hasNodePorts(old.spec) && !hasNodePorts(spec) && nodePortsOf(spec).every((port) => before.includes(port));
  const ports = isPortFree && spec.ports !== undefined ? { ports: spec.ports.map(({ nodePort: _port, ...port }) => port) } : {};
  return {
    spec: Object.fromEntries(Object.entries({ ...spec, ...ports }).filter(([field]) => !useless.has(field))),
    status: spec.type === "LoadBalancer" || status.loadBalancer === undefined ? status : { ...otherStatus, loadBalancer: {} },
  };
}

function uselessFields(spec: ServiceSpec, old: ServiceSpec): ReadonlySet<string> {
  const isSame = (field: keyof ServiceSpec): boolean => isEqual(spec[field], old[field]);
  const losesAddress = needsAddress(old) && !needsAddress(spec);
  const losesBalancer = old.type === "LoadBalancer" && spec.type !== "LoadBalancer";
  return new Set<string>([
    ...(losesAddress && isSame("clusterIP") && isSame("clusterIPs") ? ["clusterIP", "clusterIPs"] : []),
    ...(losesAddress ? (["ipFamilies", "ipFamilyPolicy"] as const).filter(isSame) : []),
    ...(needsHealthCheck(old) && !needsHealthCheck(spec) && isSame("healthCheckNodePort") ? ["healthCheckNodePort"] : []),
    ...(losesBalancer ? (["allocateLoadBalancerNodePorts", "loadBalancerClass"] as const).filter(isSame) : []),
    ...(isExternallyAccessible(old) && !isExternallyAccessible(spec) && isSame("externalTrafficPolicy") ? ["externalTrafficPolicy"] : []),
    // It says nothing of a name elsewhere, and is not shown there.
    ...(needsAddress(spec) ? [] : ["internalTrafficPolicy"]),
  ]);
}

/** The ports of the nodes a Service has. */
export function nodePortsOf(spec: ServiceSpec): readonly string[] {
  return (spec.ports ?? []).flatMap(({ nodePort = 0 }) => nodePort === 0 ? [] : [String(nodePort)]);
}
