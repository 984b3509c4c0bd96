import { ipFamilyOf } from "../../value/ip.ts";
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber, checkQualifiedName } from "../../value/names.ts";
import { checkLabels } from "../check-metadata.ts";
import { checkCidr, duplicate, forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Service, ServicePort, ServiceSpec } from "../generated/core-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { checkReachableIp, ipMessage } from "./_endpoint-address.ts";

const noAddress = "None";

/** A Service has an address of each family at most. */
const addressesMax = 2;

/** A day, the longest that kube-proxy remembers a client. */
const affinitySecondsMax = 86_400;

const trafficDistributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];

const families = ["IPv4", "IPv6"];

const sourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
const oldHintsAnnotation = "service.kubernetes.io/topology-aware-hints";
const topologyModeAnnotation = "service.kubernetes.io/topology-mode";

/**
 * Checks a Service's ports, addresses and type.
 * @see kubernetes pkg/apis/core/validation/validation.go validateService
 */
export function checkService(service: Service, old: Service | undefined): readonly FieldError[] {
  const { spec } = service;
  const ports = spec.ports ?? [];
  const isHeadless = spec.clusterIP === noAddress;
  return [
    ...(old === undefined ? [] : checkKept(spec, old.spec)),
    ...checkHints(service),
    ...(ports.length === 0 && !isHeadless && spec.type !== "ExternalName" ? [required("spec.ports")] : []),
    ...(isHeadless && (spec.type === "NodePort" || spec.type === "LoadBalancer") ? [invalid("spec.clusterIPs[0]", noAddress, `may not be set to 'None' for ${spec.type} services`)] : []),
    ...(spec.type === "ExternalName" ? checkExternalName(spec) : []),
    ...ports.flatMap((port, index) => checkPort(port, { spec, index })),
    ...checkLabels(spec.selector ?? {}, "spec.selector"),
    ...checkAffinity(spec),
    ...checkClusterIps(spec),
    ...(spec.externalIPs ?? []).flatMap((address, index) => checkReachableIp(address, `spec.externalIPs[${index}]`)),
    ...(spec.type === "ClusterIP" ? ports.flatMap(({ nodePort = 0 }, index) => (nodePort === 0 ? [] : [forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")])) : []),
    ...checkRepeats(ports),
    ...checkBalancer(service, old),
    ...checkTraffic(spec),
  ];
}

function checkAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): readonly FieldError[] {
  const path = "spec.sessionAffinityConfig";
  if (sessionAffinity !== "ClientIP") return sessionAffinityConfig === undefined ? [] : [forbidden(path, "must not be set when session affinity is None")];
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [required(`${path}.clientIP.timeoutSeconds`, "when session affinity type is ClientIP")];
  return seconds > 0 && seconds <= affinitySecondsMax ? [] : [invalid(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${affinitySecondsMax}`)];
}

/** Two words for one thing that do not say the same. */
function checkHints({ metadata: { annotations } }: Service): readonly FieldError[] {
  const [before, now] = [annotations?.[oldHintsAnnotation], annotations?.[topologyModeAnnotation]];
  return before === undefined || now === undefined || before === now ? [] : [invalid(`metadata.annotations[${topologyModeAnnotation}]`, now, `must match annotations[${oldHintsAnnotation}] when both are specified`)];
}

/** What is wrong with a Service's addresses and families by themselves, whatever the cluster has. @see kubernetes pkg/apis/core/validation/validation.go ValidateServiceClusterIPsRelatedFields */
export function checkClusterIps({ type, clusterIP = "", clusterIPs = [], ipFamilies = [] }: ServiceSpec): readonly FieldError[] {
  if (type === "ExternalName") return [];
  const path = "spec.clusterIPs";
  const isNone = clusterIPs[0] === noAddress;
  const malformed = [
    ...(isNone && clusterIPs.length > 1 ? [invalid(path, clusterIPs, "'None' must be the first and only value")] : []),
    ...clusterIPs.flatMap((address, index) => ((index === 0 && isNone) || ipFamilyOf(address) !== undefined ? [] : [invalid(`${path}[${index}]`, address, ipMessage)])),
  ];
  const errors = [
    ...checkFirst(clusterIP, clusterIPs),
    ...ipFamilies.flatMap((family, index): readonly FieldError[] => (families.includes(family) ? [] : [notSupported(`spec.ipFamilies[${index}]`, family, families)])),
    ...ipFamilies.flatMap((family, index): readonly FieldError[] => (ipFamilies.indexOf(family) < index ? [duplicate(`spec.ipFamilies[${index}]`, family)] : [])),
    ...malformed,
    ...(clusterIPs.length > addressesMax ? [invalid(path, clusterIPs, `may only hold up to ${addressesMax} values`)] : []),
  ];
  if (malformed.length > 0) return errors;
  return [
    ...errors,
    ...(clusterIPs.length > 1 && !(clusterIPs.length === addressesMax && ipFamilyOf(clusterIPs[0] ?? "") !== ipFamilyOf(clusterIPs[1] ?? "")) ? [invalid(path, clusterIPs, "may specify no more than one IP for each IP family")] : []),
    ...(isNone ? [] : clusterIPs.flatMap((address, index) => (ipFamilies[index] === undefined || ipFamilies[index] === ipFamilyOf(address) ? [] : [invalid(`${path}[${index}]`, address, `expected an ${ipFamilies[index]} value as indicated by \`ipFamilies[${index}]\``)]))),
  ];
}

function checkFirst(clusterIP: string, clusterIPs: readonly string[]): readonly FieldError[] {
  const path = "spec.clusterIPs";
  if (clusterIP === "") return clusterIPs.length === 0 ? [] : [invalid(path, clusterIPs, "must be empty when `clusterIP` is not specified")];
  return clusterIPs.length === 0 || clusterIPs[0] === clusterIP ? [] : [invalid(path, clusterIPs, "first value must match `clusterIP`")];
}

/** What only a load balancer knows. */
function checkBalancer({ metadata, spec }: Service, old: Service | undefined): readonly FieldError[] {
  const { type, loadBalancerSourceRanges: ranges = [], allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  const isBalanced = type === "LoadBalancer";
  const only = "may only be used when `type` is 'LoadBalancer'";
  const annotated = ranges.length > 0 ? undefined : metadata.annotations?.[sourceRangesAnnotation];
  const annotationPath = `metadata.annotations[${sourceRangesAnnotation}]`;
  const isNoted = annotated !== undefined && annotated.trim() !== "" && old?.metadata.annotations?.[sourceRangesAnnotation] !== annotated;
  return [
    ...(ranges.length > 0 && !isBalanced ? [forbidden("spec.LoadBalancerSourceRanges", only)] : []),
    ...ranges.flatMap((range, index) => checkCidr(`spec.LoadBalancerSourceRanges[${index}]`, range.trim())),
    ...(annotated !== undefined && !isBalanced ? [forbidden(annotationPath, only)] : []),
    ...(isNoted ? annotated.split(",").flatMap((range) => checkCidr(annotationPath, range.trim())) : []),
    ...(allocateLoadBalancerNodePorts !== undefined && !isBalanced ? [forbidden("spec.allocateLoadBalancerNodePorts", only)] : []),
    ...(loadBalancerClass === undefined ? [] : isBalanced ? invalidEach("spec.loadBalancerClass", loadBalancerClass, checkQualifiedName(loadBalancerClass)) : [forbidden("spec.loadBalancerClass", only)]),
  ];
}

function checkTraffic(spec: ServiceSpec): readonly FieldError[] {
  const { externalTrafficPolicy = "", healthCheckNodePort = 0, trafficDistribution } = spec;
  return [
    ...(externalTrafficPolicy !== "" && !isExternallyAccessible(spec) ? [invalid("spec.externalTrafficPolicy", externalTrafficPolicy, "may only be set for externally-accessible services")] : []),
    ...(healthCheckNodePort !== 0 && !needsHealthCheck(spec) ? [invalid("spec.healthCheckNodePort", healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")] : []),
    ...(trafficDistribution === undefined || trafficDistributions.includes(trafficDistribution) ? [] : [{ type: "NotSupported", path: "spec.trafficDistribution", value: trafficDistribution, detail: `supported values: ${trafficDistributions.map((known) => `"${known}"`).join(", ")}` } as const]),
  ];
}

/** True where clients outside the cluster may reach a Service, so that how they do may be said. */
export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  return type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && externalIPs.length > 0);
}

/** True where a load balancer must ask which nodes have an endpoint. */
export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

function checkPort(port: ServicePort, { spec, index }: { readonly spec: ServiceSpec; readonly index: number }): readonly FieldError[] {
  const path = `spec.ports[${index}]`;
  const errors: FieldError[] = [];
  const name = port.name ?? "";
  if (name === "" && (spec.ports ?? []).length > 1) errors.push({ type: "Required", path: `${path}.name`, detail: "" });
  if (name !== "") errors.push(...checkDnsLabel(name).map((detail) => ({ type: "Invalid", path: `${path}.name`, value: name, detail }) as const));
  errors.push(...checkPortNumber(port.port).map((detail) => ({ type: "Invalid", path: `${path}.port`, value: port.port, detail }) as const));
  if (port.targetPort !== undefined) {
    const problems = typeof port.targetPort === "number" ? checkPortNumber(port.targetPort) : checkPortName(port.targetPort);
    errors.push(...problems.map((detail) => ({ type: "Invalid", path: `${path}.targetPort`, value: port.targetPort, detail }) as const));
  }
  if (port.appProtocol !== undefined) errors.push(...invalidEach(`${path}.appProtocol`, port.appProtocol, checkQualifiedName(port.appProtocol)));
  return errors;
}

function checkRepeats(ports: readonly ServicePort[]): readonly FieldError[] {
  return ports.flatMap((port, index): readonly FieldError[] => {
    const before = ports.slice(0, index);
    const errors: FieldError[] = [];
    if ((port.name ?? "") !== "" && before.some((other) => other.name === port.name)) errors.push(duplicate(`spec.ports[${index}].name`, port.name));
    if (before.some((other) => other.port === port.port && (other.protocol ?? "TCP") === (port.protocol ?? "TCP"))) errors.push(duplicate(`spec.ports[${index}]`, portKey(port)));
    if ((port.nodePort ?? 0) !== 0 && before.some((other) => other.nodePort === port.nodePort && (other.protocol ?? "TCP") === (port.protocol ?? "TCP"))) errors.push(duplicate(`spec.ports[${index}].nodePort`, port.nodePort));
    return errors;
  });
}

/** What upstream shows of a port that stands twice: its own form of it, with nothing but what must be different. */
function portKey({ port, protocol = "TCP" }: ServicePort): string | object {
  return { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

function checkExternalName(spec: ServiceSpec): readonly FieldError[] {
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  const errors: FieldError[] = [];
  const only = "may not be set for ExternalName services";
  if ((spec.clusterIP ?? "") !== "" || (spec.clusterIPs ?? []).length > 0) errors.push(forbidden("spec.clusterIPs", only));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden("spec.ipFamilies", only));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden("spec.ipFamilyPolicy", only));
  if (name === "") return [...errors, { type: "Required", path: "spec.externalName", detail: "" }];
  return [...errors, ...checkDnsSubdomain(name).map((detail) => ({ type: "Invalid", path: "spec.externalName", value: name, detail }) as const)];
}

/** What was once given stays as long as the service has one: its address, its family, the balancer's class, the port for health checks. */
function checkKept(spec: ServiceSpec, old: ServiceSpec): readonly FieldError[] {
  if (old.type === "ExternalName" || spec.type === "ExternalName") return [];
  const before = old.clusterIP ?? "";
  const isBalanced = old.type === "LoadBalancer" && spec.type === "LoadBalancer";
  const isHeadless = spec.clusterIP === noAddress;
  const wasHeadless = before === noAddress;
  return [
    ...(before === "" || before === (spec.clusterIP ?? "") ? [] : [invalid("spec.clusterIPs[0]", spec.clusterIPs ?? [], "may not change once set")]),
    ...(isHeadless || wasHeadless || old.ipFamilies?.[0] === undefined || spec.ipFamilies?.[0] === old.ipFamilies[0] ? [] : [invalid("spec.ipFamilies[0]", spec.ipFamilies ?? [], "may not change once set")]),
    ...(isBalanced && spec.loadBalancerClass !== old.loadBalancerClass ? [invalid("spec.loadBalancerClass", spec.loadBalancerClass, "may not change once set")] : []),
    ...(needsHealthCheck(spec) && needsHealthCheck(old) && (spec.healthCheckNodePort ?? 0) !== (old.healthCheckNodePort ?? 0) ? [forbidden("spec.healthCheckNodePort", "field is immutable")] : []),
  ];
}
