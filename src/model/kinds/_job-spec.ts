import { checkDnsLabel, checkDnsSubdomain } from "../../value/names.ts";
import { isEqual } from "../../value/equal.ts";
import { invalid, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Job, JobSpec } from "../generated/batch-v1.ts";
import type { PodSpec, PodTemplateSpec } from "../generated/core-v1.ts";
import { checkNotNegative } from "./_counts.ts";
import { checkFailurePolicy, checkSuccessPolicy } from "./_job-policies.ts";
import { checkPodTemplate } from "./_workload.ts";

/** Bounds of Indexed jobs: what their status has room for. @see kubernetes pkg/apis/batch/validation/validation.go */
const [parallelismMax, failedIndexesMax, completionsSoftMax] = [100_000, 100_000, 100_000];
/** The same above that many completions with a limit per index. */
const [manyParallelismMax, manyFailedIndexesMax] = [10_000, 10_000];
/** Letters of spec.managedBy. */
const managedByMax = 63;

const counts = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"] as const;

/** Checks a job's spec, of a Job or a template, at a path. @see kubernetes pkg/apis/batch/validation/validation.go validateJobSpec */
export function checkJobSpec(spec: JobSpec, path: string): readonly FieldError[] {
  return [
    ...counts.flatMap((field) => checkNotNegative(`${path}.${field}`, spec[field])),
    ...checkManagedBy(spec.managedBy, `${path}.managedBy`),
    ...(spec.completionMode === "Indexed" ? checkIndexed(spec, path) : checkNotIndexed(spec, path)),
    ...checkFailurePolicy(spec, `${path}.podFailurePolicy`),
    ...checkSuccessPolicy(spec, `${path}.successPolicy`),
    ...checkPodTemplate(spec.template, `${path}.template`),
    ...checkRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

function checkIndexed({ completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes }: JobSpec, path: string): readonly FieldError[] {
  const isMany = (completions ?? 0) > completionsSoftMax && backoffLimitPerIndex !== undefined;
  const rules: readonly (readonly [boolean, FieldError])[] = [
    [maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined, required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified")],
    [completions === undefined, required(`${path}.completions`, "when completion mode is Indexed")],
    [parallelism > parallelismMax, invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${parallelismMax} when completion mode is Indexed`)],
    [(maxFailedIndexes ?? 0) > (completions ?? Infinity), invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, "must be less than or equal to completions")],
    [(maxFailedIndexes ?? 0) > failedIndexesMax, invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to ${failedIndexesMax}`)],
    [isMany && maxFailedIndexes === undefined, required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${completionsSoftMax}`)],
    [isMany && parallelism > manyParallelismMax, invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${manyParallelismMax} when completions are above ${completionsSoftMax} and used with backoff limit per index`)],
    [isMany && (maxFailedIndexes ?? 0) > manyFailedIndexesMax, invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to ${manyFailedIndexesMax} when completions are above ${completionsSoftMax} and used with backoff limit per index`)],
  ];
  return rules.flatMap(([isBroken, error]) => (isBroken ? [error] : []));
}

function checkNotIndexed({ backoffLimitPerIndex, maxFailedIndexes }: JobSpec, path: string): readonly FieldError[] {
  const errors = Object.entries({ backoffLimitPerIndex, maxFailedIndexes }).flatMap(([field, value]) => (value === undefined ? [] : [invalid(`${path}.${field}`, value, "requires indexed completion mode")]));
  return maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined ? [required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"), ...errors] : errors;
}

/** `example.com/name`. @see kubernetes apimachinery pkg/util/validation IsDomainPrefixedPath */
function checkManagedBy(value: string | undefined, path: string): readonly FieldError[] {
  if (value === undefined) return [];
  const slash = value.indexOf("/");
  const [domain, rest] = [value.slice(0, Math.max(0, slash)), value.slice(slash + 1)];
  const errors: FieldError[] = value === "" ? [required(path)]
    : slash <= 0 || rest === "" ? [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
      : checkDnsSubdomain(domain).map((detail) => invalid(path, domain, detail));
  if (value.length > managedByMax) errors.push({ type: "TooLong", path, detail: `may not be more than ${managedByMax} bytes` });
  return errors;
}

function checkRestartPolicy({ template, podFailurePolicy }: JobSpec, path: string): readonly FieldError[] {
  const policy = template.spec?.restartPolicy;
  if (policy !== undefined && policy !== "OnFailure" && policy !== "Never") return [required(path, 'valid values: "OnFailure", "Never"')];
  return podFailurePolicy === undefined || policy === undefined || policy === "Never" ? [] : [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}

/** The name of an Indexed job and an index are a pod's hostname. */
export function checkIndexedName({ metadata, spec }: Job): readonly FieldError[] {
  if (spec.completionMode !== "Indexed" || (spec.completions ?? 0) <= 0) return [];
  const hostname = `${metadata.name}-${(spec.completions ?? 0) - 1}`;
  return checkDnsLabel(hostname).length === 0 ? [] : [invalid("metadata.name", metadata.name, `will not able to create pod with invalid DNS label: ${hostname}`)];
}

/** Checks what may change of a job's spec: the size of an elastic Indexed job, and where pods go while a queue still holds it back. */
export function checkJobUpdate(spec: JobSpec, { spec: old, status }: Job): readonly FieldError[] {
  const errors: FieldError[] = [];
  const isElastic = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  if (spec.completions !== old.completions && !isElastic) errors.push(invalid("spec.completions", spec.completions ?? null, "field is immutable"));
  const mayMove = old.suspend === true && status.startTime === undefined;
  if (!isEqual(spec.template, mayMove ? withPlacement(old.template, spec.template) : old.template)) errors.push(invalid("spec.template", spec.template, "field is immutable"));
  return errors;
}

const placementFields = ["nodeSelector", "tolerations", "schedulingGates"] as const;

/** The old template with what the new one says of where its pods go, to be compared with the new one. */
function withPlacement(old: PodTemplateSpec, next: PodTemplateSpec): unknown {
  const { labels, annotations } = next.metadata ?? {};
  const metadata = old.metadata === undefined && next.metadata === undefined ? undefined : { ...old.metadata, labels, annotations };
  return { ...old, metadata, spec: withPlacementOf(old.spec ?? { containers: [] }, next.spec ?? { containers: [] }) };
}

function withPlacementOf(old: PodSpec, next: PodSpec): unknown {
  const affinity = { ...old.affinity, nodeAffinity: next.affinity?.nodeAffinity };
  const isAny = next.affinity !== undefined || Object.values(affinity).some((value) => value !== undefined);
  return { ...old, ...Object.fromEntries(placementFields.map((field) => [field, next[field]])), affinity: isAny ? affinity : undefined };
}
