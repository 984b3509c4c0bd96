import { isEqual } from "../../value/equal.ts";
import type { FieldError } from "../field-error.ts";
import type { Container, Pod, PodSpec, Toleration } from "../generated/core-v1.ts";

/** Upstream's text, word for word: tools look for it. */
const updateMessage = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/**
 * What an update of a pod may change: images, a shorter deadline, more tolerations. The node is set once, by binding.
 * @see kubernetes pkg/apis/core/validation/validation.go ValidatePodUpdate
 */
export function checkPodUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = pod;
  const [deadline, oldDeadline] = [spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds];
  if (oldDeadline !== undefined && (deadline === undefined || deadline > oldDeadline)) {
    errors.push(deadline === undefined
      ? { type: "Invalid", path: "spec.activeDeadlineSeconds", value: null, detail: "must not update from a positive integer to nil value" }
      : { type: "Invalid", path: "spec.activeDeadlineSeconds", value: deadline, detail: "must be less than or equal to previous value" });
  }
  if (!areKept(old.spec.tolerations, spec.tolerations)) errors.push({ type: "Forbidden", path: "spec.tolerations", detail: "existing toleration can not be modified except its tolerationSeconds" });
  const changed = changedFields(comparable(spec, old.spec), comparable(old.spec, old.spec));
  if (changed.length > 0) errors.push({ type: "Forbidden", path: "spec", detail: `${updateMessage} (changed: ${changed.join(", ")})` });
  return errors;
}

/** True when what was tolerated still is. Told apart by their texts: to look for each among all takes minutes where somebody writes some ten thousand. */
function areKept(old: readonly Toleration[] = [], now: readonly Toleration[] = []): boolean {
  if (old.length === 0 || isEqual(old, now)) return true;
  const texts = new Set(now.map(printToleration));
  return old.every((toleration) => texts.has(printToleration(toleration)));
}

/** Everything but how long. */
function printToleration({ key, operator, value, effect }: Toleration): string {
  return JSON.stringify([key, operator, value, effect]);
}

/** The new spec with everything that may change set back. */
function comparable(spec: PodSpec, old: PodSpec): PodSpec {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, ...rest } = spec;
  const isBinding = (old.nodeName ?? "") === "" && (spec.nodeName ?? "") !== "";
  return {
    ...rest,
    ...(old.activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds: old.activeDeadlineSeconds }),
    ...(old.tolerations === undefined ? {} : { tolerations: old.tolerations }),
    ...(isBinding ? { nodeName: old.nodeName ?? "" } : {}),
    ...((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1 ? { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds ?? 0 } : {}),
    containers: withImagesOf(spec.containers, old.containers),
    ...(spec.initContainers === undefined ? {} : { initContainers: withImagesOf(spec.initContainers, old.initContainers ?? []) }),
  };
}

/** Go's clients send `resources: {}` in JSON where they had none in protobuf: it is the same. */
function withImagesOf(containers: readonly Container[], old: readonly Container[]): readonly Container[] {
  return containers.map((container, index) => {
    const { resources = {} } = container;
    const image = old[index]?.image;
    return image === undefined ? { ...container, resources } : { ...container, resources, image };
  });
}

function changedFields(spec: PodSpec, old: PodSpec): readonly string[] {
  const keys = new Set([...Object.keys(spec), ...Object.keys(old)]) as Set<keyof PodSpec>;
  return [...keys].filter((key) => !isEqual(spec[key] === "" ? undefined : spec[key], old[key] === "" ? undefined : old[key])).toSorted();
}
