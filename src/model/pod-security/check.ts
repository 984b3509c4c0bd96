import type { Container, EphemeralContainer, PodSpec, SecurityContext } from "../generated/core-v1.ts";
import type { ObjectMeta } from "../generated/meta-v1.ts";

/** The parts of a pod, or of a pod template, that the standard looks at. */
export interface CheckedPod {
  readonly metadata: Pick<ObjectMeta, "annotations">;
  readonly spec: PodSpec;
}

/** Why a pod is not allowed: `hostPath volumes (volume "data")`. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** One rule of the Pod Security Standards. */
export interface PodCheck {
  /** Results are told in the order of these names. */
  readonly name: string;
  /** The minor version of Kubernetes from which on the rule is part of the standard. */
  readonly sinceMinor: number;
  /** A rule of the level below that this one is told instead of. */
  readonly overrides?: string;
  /** The violation; undefined when there is none. `minor` is the version of the standard asked for. */
  find(pod: CheckedPod, minor: number): Violation | undefined;
}

type AnyContainer = Container | EphemeralContainer;

/** All containers of a pod, those that come first first. */
export function containersOf(spec: PodSpec): readonly AnyContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** The names of the containers for which something holds. */
export function namesOf(spec: PodSpec, isBad: (container: AnyContainer) => boolean): readonly string[] {
  return containersOf(spec).filter(isBad).map(({ name }) => name);
}

/** `container "a"`, `containers "a", "b"`. */
export function named(noun: string, names: readonly string[]): string {
  return `${plural(noun, names.length)} ${quoted(names)}`;
}

/** The noun with an s unless there is one of it. */
export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

/** `"a", "b"`. */
export function quoted(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(", ");
}

/** Sorted, each once. */
export function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}

/** A part of the security context as the pod and each of its containers set it. */
export interface Setting<T> {
  /** `pod` or a container's name. */
  readonly container: string | undefined;
  readonly value: T;
}

/** Every place that sets something: the pod's own security context first. */
export function settingsOf<T>(spec: PodSpec, read: (context: Pick<SecurityContext, "runAsUser" | "runAsNonRoot" | "seccompProfile" | "appArmorProfile" | "seLinuxOptions" | "windowsOptions">) => T | undefined): readonly Setting<T>[] {
  const own = spec.securityContext === undefined ? undefined : read(spec.securityContext);
  const rest = containersOf(spec).flatMap(({ name, securityContext }): readonly Setting<T>[] => {
    const value = securityContext === undefined ? undefined : read(securityContext);
    return value === undefined ? [] : [{ container: name, value }];
  });
  return own === undefined ? rest : [{ container: undefined, value: own }, ...rest];
}

/** `pod and containers "a", "b"`: the places of some settings. */
export function settersOf(settings: readonly Setting<unknown>[]): string {
  const names = settings.flatMap(({ container }) => container ?? []);
  return [...(names.length < settings.length ? ["pod"] : []), ...(names.length === 0 ? [] : [named("container", names)])].join(" and ");
}
