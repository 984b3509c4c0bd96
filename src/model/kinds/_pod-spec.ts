import { ipFamilyOf } from "../../value/ip.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from "../../value/names.ts";
import { checkLabels } from "../check-metadata.ts";
import { checkBetween, checkQuantities, duplicate, forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { HostAlias, Pod, PodDNSConfig, PodSchedulingGate, PodSpec, Toleration } from "../generated/core-v1.ts";
import { checkAffinity, checkSpread } from "./_affinity.ts";
import { checkContainer } from "./_container.ts";
import type { ContainerSurroundings } from "./_container.ts";
import { checkSystem } from "./_pod-system.ts";
import { checkVolumes } from "./_pod-volumes.ts";
import { checkPodSecurity } from "./_security-context.ts";

const deadline = { min: 1, max: 2 ** 31 - 1 } as const;

/** Of the resolver of glibc. */
const nameserversMax = 3;
const searchesMax = 32;
const searchLengthMax = 2048;

/**
 * Checks a pod's spec, of a Pod or a template, at a path.
 *
 * @param podName absent for a template
 * @see kubernetes pkg/apis/core/validation/validation.go ValidatePodSpec
 */
export function checkPodSpec(spec: PodSpec, path: string, podName = ""): readonly FieldError[] {
  const { volumes, errors } = checkVolumes(spec.volumes ?? [], `${path}.volumes`, podName);
  const surroundings = {
    volumes, claims: new Set((spec.resourceClaims ?? []).map(({ name }) => name)), graceSeconds: spec.terminationGracePeriodSeconds,
    podRestartPolicy: spec.restartPolicy ?? "Always", hasHostUsers: spec.hostUsers !== false,
  };
  return [
    ...errors,
    ...checkContainers(spec, path, surroundings),
    ...checkHostPorts(spec, path),
    ...checkLabels(spec.nodeSelector ?? {}, `${path}.nodeSelector`),
    ...checkPodSecurity(spec, path),
    ...(spec.affinity === undefined ? [] : checkAffinity(spec.affinity, `${path}.affinity`)),
    ...checkDns(spec, `${path}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) => invalidEach(`${path}.readinessGates[${index}].conditionType`, conditionType, checkQualifiedName(conditionType))),
    ...checkGates(spec.schedulingGates ?? [], `${path}.schedulingGates`),
    ...(spec.topologySpreadConstraints === undefined ? [] : checkSpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`)),
    ...checkNames(spec, path),
    ...(spec.tolerations ?? []).flatMap((toleration, index) => checkToleration(toleration, `${path}.tolerations[${index}]`)),
    ...(spec.hostAliases ?? []).flatMap((alias, index) => checkAlias(alias, `${path}.hostAliases[${index}]`)),
    ...checkQuantities(`${path}.overhead`, spec.overhead),
    ...checkSystem(spec, path),
  ];
}

/** What a new pod may not bring; it comes by itself, or later. @see kubernetes pkg/apis/core/validation/validation.go ValidatePodCreate */
export function checkPodCreate({ spec }: Pod): readonly FieldError[] {
  return [
    ...((spec.ephemeralContainers ?? []).length === 0 ? [] : [forbidden("spec.ephemeralContainers", "cannot be set on create")]),
    ...((spec.schedulingGates ?? []).length > 0 && (spec.nodeName ?? "") !== "" ? [forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")] : []),
  ];
}

function checkContainers({ containers, initContainers = [] }: PodSpec, path: string, surroundings: ContainerSurroundings): readonly FieldError[] {
  if (containers.length === 0) return [required(`${path}.containers`)];
  return [
    ...containers.flatMap((container, index) => checkContainer(container, { path: `${path}.containers[${index}]`, isInit: false, ...surroundings })),
    ...initContainers.flatMap((container, index) => checkContainer(container, { path: `${path}.initContainers[${index}]`, isInit: true, ...surroundings })),
    ...initContainers.flatMap(({ name }, index): readonly FieldError[] => (containers.some((container) => container.name === name) ? [duplicate(`${path}.initContainers[${index}].name`, name)] : [])),
  ];
}

function checkHostPorts(spec: PodSpec, path: string): readonly FieldError[] {
  const seen = new Set<string>();
  return spec.containers.flatMap((container, at) => (container.ports ?? []).flatMap((port, index): readonly FieldError[] => {
    if (port.hostPort === undefined || port.hostPort === 0) return [];
    const place = `${path}.containers[${at}].ports[${index}].hostPort`;
    if (spec.hostNetwork === true && port.hostPort !== port.containerPort) return [invalid(place, port.hostPort, "must match `containerPort` when `hostNetwork` is true")];
    const key = `${port.protocol ?? "TCP"}/${port.hostIP ?? ""}/${port.hostPort}`;
    if (seen.has(key)) return [duplicate(place, key)];
    seen.add(key);
    return [];
  }));
}

function checkDns({ dnsPolicy, dnsConfig }: PodSpec, path: string): readonly FieldError[] {
  if (dnsPolicy === "None" && dnsConfig === undefined) return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")];
  if (dnsPolicy === "None" && (dnsConfig?.nameservers ?? []).length === 0) return [required(`${path}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None")];
  return dnsConfig === undefined ? [] : checkDnsConfig(dnsConfig, path);
}

function checkDnsConfig({ nameservers = [], searches = [], options = [] }: PodDNSConfig, path: string): readonly FieldError[] {
  return [
    ...(nameservers.length > nameserversMax ? [invalid(`${path}.nameservers`, nameservers, `must not have more than ${nameserversMax} nameservers`)] : []),
    ...nameservers.flatMap((address, index) => checkIp(address, `${path}.nameservers[${index}]`)),
    ...(searches.length > searchesMax ? [invalid(`${path}.searches`, searches, `must not have more than ${searchesMax} search paths`)] : []),
    ...(searches.join(" ").length > searchLengthMax ? [invalid(`${path}.searches`, searches, `must not have more than ${searchLengthMax} characters (including spaces) in the search list`)] : []),
    // Underscores and a lone dot are taken, as resolvers do.
    ...searches.flatMap((search, index) => (search === "." ? [] : invalidEach(`${path}.searches[${index}]`, search.replace(/\.$/, ""), checkDnsSubdomain(search.replace(/\.$/, "").replaceAll("_", "a"))))),
    ...options.flatMap(({ name = "" }, index) => (name === "" ? [required(`${path}.options[${index}]`, "must not be empty")] : [])),
  ];
}

function checkIp(value: string, path: string): readonly FieldError[] {
  return ipFamilyOf(value) === undefined ? [invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")] : [];
}

function checkGates(gates: readonly PodSchedulingGate[], path: string): readonly FieldError[] {
  return gates.flatMap(({ name }, index) => invalidEach(`${path}[${index}]`, name, checkQualifiedName(name)));
}

/** Names of other things, each with the rule of what it names. */
const named = [
  ["serviceAccountName", checkDnsSubdomain], ["nodeName", checkDnsSubdomain], ["hostname", checkDnsLabel], ["subdomain", checkDnsLabel], ["priorityClassName", checkDnsSubdomain],
  ["runtimeClassName", checkDnsSubdomain],
] as const;

function checkNames(spec: PodSpec, path: string): readonly FieldError[] {
  return [
    ...checkBetween(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, deadline),
    ...named.flatMap(([field, check]) => {
      const value = spec[field] ?? "";
      return value === "" ? [] : invalidEach(`${path}.${field}`, value, check(value));
    }),
  ];
}

function checkAlias({ ip, hostnames = [] }: HostAlias, path: string): readonly FieldError[] {
  return [...checkIp(ip, `${path}.ip`), ...hostnames.flatMap((name, index) => invalidEach(`${path}.hostnames[${index}]`, name, checkDnsSubdomain(name)))];
}

function checkToleration({ key = "", operator = "Equal", value = "", effect, tolerationSeconds }: Toleration, path: string): readonly FieldError[] {
  const problems = operator === "Equal" ? checkLabelValue(value) : [];
  return [
    ...(key === "" ? [] : invalidEach(`${path}.key`, key, checkQualifiedName(key))),
    ...(key === "" && operator !== "Exists" ? [invalid(`${path}.operator`, operator, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"")] : []),
    ...(tolerationSeconds !== undefined && effect !== "NoExecute" ? [invalid(`${path}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set")] : []),
    ...(problems.length > 0 ? [invalid(`${path}.operator`, value, problems.join(";"))] : []),
    ...(operator === "Exists" && value !== "" ? [invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")] : []),
  ];
}
