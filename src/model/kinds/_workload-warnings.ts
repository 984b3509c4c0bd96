import type { Job } from "../generated/batch-v1.ts";
import type { PersistentVolumeClaimSpec, PodTemplateSpec } from "../generated/core-v1.ts";
import type { ApiObject } from "../object.ts";
import { isEqual } from "../../value/equal.ts";
import { checkDnsLabel } from "../../value/names.ts";
import { warnOfPart, warnOfPod } from "./_pod-warnings.ts";

/** What is said of a name that is taken for a host's, and cannot be one. */
export function warnOfHostName(name: string): readonly string[] {
  return warnOfName(name, "the Pod's hostname");
}

/** The same of a name that those of pods are made of. */
export function warnOfPodsName(name: string): readonly string[] {
  return warnOfName(name, "Pod names and hostnames");
}

function warnOfName(name: string, use: string): readonly string[] {
  const wrong = checkDnsLabel(name);
  return wrong.length === 0 ? [] : [`metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(" ")}]`];
}

/** An object with pods made from a template in its spec. */
interface Workload extends ApiObject {
  readonly spec: { readonly template?: PodTemplateSpec };
}

/** What is said of a workload's template when it is new, or its spec has changed. */
export function warnOfTemplate({ spec }: Workload, old: Workload | undefined): readonly string[] {
  return spec.template === undefined || (old !== undefined && isEqual(spec, old.spec)) ? [] : warnOfPod(spec.template, "spec.template");
}

/** Indexed Jobs with more completions, and more pods at a time, may lose count of what failed. */
const completionsMax = 100_000;
const parallelismMax = 10_000;

/** What is said of a Job's spec. @see kubernetes pkg/api/job/warnings.go */
export function warnOfJob(spec: Job["spec"], path: string): readonly string[] {
  const isHuge = spec.completionMode === "Indexed" && (spec.completions ?? 0) > completionsMax && (spec.parallelism ?? 0) > parallelismMax;
  return [
    ...(isHuge ? [`${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`] : []),
    ...warnOfPod(spec.template, `${path}.template`),
  ];
}

/** What is said of the amounts of a claim. */
export function warnOfClaim({ resources }: PersistentVolumeClaimSpec, path: string): readonly string[] {
  return [...warnOfPart(resources?.requests?.["storage"], `${path}.resources.requests[storage]`), ...warnOfPart(resources?.limits?.["storage"], `${path}.resources.limits[storage]`)];
}
