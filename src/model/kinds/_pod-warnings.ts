import type { Affinity, Container, ContainerPort, EnvVar, LocalObjectReference, PodSpec, TopologySpreadConstraint } from "../generated/core-v1.ts";
import type { ObjectMeta } from "../generated/meta-v1.ts";
import { quote } from "../../value/quote.ts";
import { parseQuantity, printQuantity } from "../../value/quantity.ts";
import { warnOfLabels, warnOfTerm } from "./_old-node-labels.ts";
import { warnOfVolumes } from "./_volume-warnings.ts";

/** A pod, or a template of pods. */
interface PodLike {
  readonly metadata?: ObjectMeta | undefined;
  readonly spec?: PodSpec | undefined;
}

/** Annotations that nobody reads any more. */
const goneAnnotations: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};
const seccompAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerSeccompPrefix = "container.seccomp.security.alpha.kubernetes.io/";
const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
const useSeccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const matchesNone = "a null labelSelector results in matching no pod";
/** Amounts that are counted in bytes, of which there are no parts. */
const countedInBytes = ["memory", "ephemeral-storage"] as const;

/**
 * What whoever writes a pod, or a template of some, is told of what is taken and does not do what it says. Pure.
 *
 * @param path where the template stands, "" for a pod
 * @see kubernetes pkg/api/pod/warnings.go
 */
export function warnOfPod({ metadata, spec }: PodLike, path: string): readonly string[] {
  if (spec === undefined) return [];
  const annotations = metadata?.annotations ?? {};
  const under = (field: string): string => (path === "" ? field : `${path}.${field}`);
  const containers = containersOf(spec, under("spec"));
  return [
    ...warnOfLabels(Object.keys(spec.nodeSelector ?? {}), (key, message) => `${under("spec.nodeSelector")}[${key}]: ${message}`),
    ...warnOfNodeAffinity(spec.affinity, under("spec.affinity.nodeAffinity")),
    ...(spec.topologySpreadConstraints ?? []).flatMap((constraint, index) => warnOfSpread(constraint, `${under("spec.topologySpreadConstraints")}[${index}]`)),
    ...Object.entries(goneAnnotations).flatMap(([key, message]) => (annotations[key] === undefined ? [] : [`${under("metadata.annotations")}[${key}]: ${message}`])),
    ...warnOfVolumes(spec.volumes ?? [], under("spec.volumes")),
    ...warnOfRepeats((spec.hostAliases ?? []).map(({ ip }) => ip), (index, ip) => `${under("spec.hostAliases")}[${index}].ip: duplicate ip ${quote(ip)}`),
    ...warnOfPullSecrets(spec.imagePullSecrets ?? [], under("spec.imagePullSecrets")),
    ...warnOfParts(spec.overhead, under("spec.overhead")),
    ...(spec.securityContext?.seccompProfile === undefined && annotations[seccompAnnotation] !== undefined ? [`${under("metadata.annotations")}[${seccompAnnotation}]: ${useSeccomp}`] : []),
    ...containers.flatMap((one) => warnOfContainer(one, { annotations, at: under("metadata.annotations"), isTemplate: path !== "" })),
    ...warnOfPorts(containers),
    ...warnOfPortNames(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0 ? [`${under("spec.terminationGracePeriodSeconds")}: must be >= 0; negative values are invalid and will be treated as 1`] : []),
    ...warnOfPodAffinity(spec.affinity, under("spec.affinity")),
  ];
}

interface Placed {
  readonly container: Container;
  readonly path: string;
}

function containersOf({ initContainers = [], containers }: PodSpec, path: string): readonly Placed[] {
  const place = (field: string) => (container: Container, index: number): Placed => ({ container, path: `${path}.${field}[${index}]` });
  return [...initContainers.map(place("initContainers")), ...containers.map(place("containers"))];
}

function warnOfNodeAffinity({ nodeAffinity }: Affinity = {}, path: string): readonly string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = nodeAffinity ?? {};
  return [
    ...(required?.nodeSelectorTerms ?? []).flatMap((term, index) => warnOfTerm(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`)),
    ...preferred.flatMap(({ preference }, index) => warnOfTerm(preference, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`)),
  ];
}

function warnOfSpread({ topologyKey, labelSelector }: TopologySpreadConstraint, path: string): readonly string[] {
  return [...warnOfLabels([topologyKey], (key, message) => `${path}.topologyKey: ${key} is ${message}`), ...(labelSelector === undefined ? [`${path}.labelSelector: ${matchesNone}`] : [])];
}

function warnOfPodAffinity(affinity: Affinity = {}, path: string): readonly string[] {
  return (["podAffinity", "podAntiAffinity"] as const).flatMap((field) => {
    const { requiredDuringSchedulingIgnoredDuringExecution: required = [], preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = affinity[field] ?? {};
    const at = (index: number, rule: string): string => `${path}.${field}.${rule}DuringSchedulingIgnoredDuringExecution[${index}]`;
    return [
      ...required.flatMap((term, index) => (term.labelSelector === undefined ? [`${at(index, "required")}.labelSelector: ${matchesNone}`] : [])),
      ...preferred.flatMap(({ podAffinityTerm }, index) => (podAffinityTerm.labelSelector === undefined ? [`${at(index, "preferred")}.podAffinityTerm.labelSelector: ${matchesNone}`] : [])),
    ];
  });
}

function warnOfRepeats(values: readonly string[], print: (index: number, value: string) => string): readonly string[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [print(index, value)] : []));
}

function warnOfPullSecrets(secrets: readonly LocalObjectReference[], path: string): readonly string[] {
  const names = secrets.map(({ name = "" }) => name);
  return [
    ...warnOfRepeats(names, (index, name) => `${path}[${index}].name: duplicate name ${quote(name)}`),
    ...names.flatMap((name, index) => (name === "" ? [`${path}[${index}].name: invalid empty name ""`] : [])),
  ];
}

/** Amounts with parts of a byte. */
function warnOfParts(amounts: Readonly<Record<string, string | number>> | undefined, path: string): readonly string[] {
  return countedInBytes.flatMap((name) => warnOfPart(amounts?.[name], `${path}[${name}]`));
}

/** The same for one amount, if there is one. */
export function warnOfPart(amount: string | number | undefined, path: string): readonly string[] {
  if (amount === undefined) return [];
  const quantity = parseQuantity(amount);
  return quantity.nanos % nanosPerByte === 0n ? [] : [`${path}: fractional byte value ${quote(printQuantity(quantity))} is invalid, must be an integer`];
}

const nanosPerByte = 1_000_000_000n;

interface Context {
  readonly annotations: Readonly<Record<string, string>>;
  /** Where they stand. */
  readonly at: string;
  readonly isTemplate: boolean;
}

function warnOfContainer({ container, path }: Placed, { annotations, at, isTemplate }: Context): readonly string[] {
  const { name, securityContext, resources, env = [] } = container;
  const [seccomp, appArmor] = [`${containerSeccompPrefix}${name}`, `${appArmorPrefix}${name}`];
  return [
    ...(securityContext?.seccompProfile === undefined && annotations[seccomp] !== undefined ? [`${at}[${seccomp}]: ${useSeccomp}`] : []),
    ...(isTemplate && securityContext?.appArmorProfile === undefined && annotations[appArmor] !== undefined ? [`${at}[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`] : []),
    ...countedInBytes.flatMap((amount) => [...warnOfPart(resources?.limits?.[amount], `${path}.resources.limits[${amount}]`), ...warnOfPart(resources?.requests?.[amount], `${path}.resources.requests[${amount}]`)]),
    ...warnOfEnv(env, `${path}.env`),
  ];
}

/** A variable that takes the place of another without using it. */
function warnOfEnv(env: readonly EnvVar[], path: string): readonly string[] {
  return warnOfRepeats(env.map(({ name }) => name), (index, name) => {
    const { value = "", valueFrom } = env[index] ?? { name };
    const before = `$(${name})`;
    return valueFrom === undefined && value !== before && value.includes(before) ? "" : `${path}[${index}]: hides previous definition of ${quote(name)}, which may be dropped when using apply`;
  }).filter((warning) => warning !== "");
}

interface Port {
  readonly path: string;
  readonly port: ContainerPort;
}

function portsOf(containers: readonly Placed[]): readonly Port[] {
  return containers.flatMap(({ container: { ports = [] }, path }) => ports.map((port, index) => ({ port, path: `${path}.ports[${index}]` })));
}

function warnOfPorts(containers: readonly Placed[]): readonly string[] {
  const known = new Map<string, Port[]>();
  return portsOf(containers).flatMap(({ port, path }) => {
    const { containerPort, protocol = "TCP", hostIP = "", hostPort = 0 } = port;
    const key = `${containerPort}/${protocol}`;
    const others = known.get(key) ?? [];
    known.set(key, [...others, { port, path }]);
    return [
      ...(hostIP !== "" && hostPort === 0 ? [`${path}: hostIP set without hostPort: {Name:${port.name ?? ""} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`] : []),
      ...others.flatMap((other) => {
        const how = overlapOf({ hostIP, hostPort }, { hostIP: other.port.hostIP ?? "", hostPort: other.port.hostPort ?? 0 });
        return how === undefined ? [] : [`${path}: ${how} port definition with ${other.path}`];
      }),
    ];
  });
}

type HostPlace = Readonly<Record<"hostIP", string> & Record<"hostPort", number>>;

/** How two definitions of one port meet; undefined where they do not. */
function overlapOf(a: HostPlace, b: HostPlace): string | undefined {
  if (a.hostIP === b.hostIP && a.hostPort === b.hostPort) return "duplicate";
  if (a.hostPort === 0 || b.hostPort === 0) return "overlapping";
  return a.hostPort === b.hostPort && (a.hostIP === "" || b.hostIP === "") ? "dangerously ambiguous" : undefined;
}

function warnOfPortNames(containers: readonly Placed[]): readonly string[] {
  const known = new Map<string, string>();
  return portsOf(containers).flatMap(({ port: { name = "" }, path }) => {
    const other = known.get(name);
    if (name !== "" && other !== undefined) return [`${path}: duplicate port name ${quote(name)} with ${other}, services and probes that select ports by name will use ${other}`];
    known.set(name, path);
    return [];
  });
}
