import { checkQualifiedName } from "../../value/names.ts";
import { duplicate, invalid, invalidEach, required, tooMany } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule, SuccessPolicyRule } from "../generated/batch-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { checkNotNegative } from "./_counts.ts";

/** Bounds of policies. @see kubernetes pkg/apis/batch/validation/validation.go */
const [rulesMax, patternsMax, exitCodesMax, indexesTextMax] = [20, 20, 255, 64 * 1024];

/** Checks what a job makes of failed pods. */
export function checkFailurePolicy(spec: JobSpec, path: string): readonly FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const { containers = [], initContainers = [] } = spec.template.spec ?? {};
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  const policy = spec.podFailurePolicy !== undefined && spec.podReplacementPolicy === "TerminatingOrFailed" ? [notSupported(path.replace(/podFailurePolicy$/, "podReplacementPolicy"), spec.podReplacementPolicy, ["Failed"])] : [];
  return [...checkCount(`${path}.rules`, rules.length, rulesMax), ...rules.flatMap((rule, index) => checkFailureRule(rule, `${path}.rules[${index}]`, { spec, names })), ...policy];
}

function checkFailureRule(rule: PodFailurePolicyRule, path: string, { spec, names }: { readonly spec: JobSpec; readonly names: ReadonlySet<string> }): readonly FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const errors: FieldError[] = [];
  if (action === "FailIndex" && spec.backoffLimitPerIndex === undefined) errors.push(invalid(`${path}.action`, action, "requires the backoffLimitPerIndex to be set"));
  if (onExitCodes !== undefined) errors.push(...checkExitCodes(onExitCodes, `${path}.onExitCodes`, names));
  errors.push(...checkPatterns(onPodConditions, `${path}.onPodConditions`));
  if (onExitCodes !== undefined && onPodConditions.length > 0) errors.push({ type: "Invalid", path, detail: "specifying both OnExitCodes and OnPodConditions is not supported" });
  if (onExitCodes === undefined && onPodConditions.length === 0) errors.push({ type: "Invalid", path, detail: "specifying one of OnExitCodes and OnPodConditions is required" });
  return errors;
}

function checkExitCodes({ containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement, path: string, names: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (containerName !== undefined && !names.has(containerName)) errors.push(invalid(`${path}.containerName`, containerName, "must be one of the container or initContainer names in the pod template"));
  if (values.length === 0) errors.push(invalid(`${path}.values`, values, "at least one value is required"));
  errors.push(...checkCount(`${path}.values`, values.length, exitCodesMax));
  for (const [index, value] of values.entries()) {
    if (operator === "In" && value === 0) errors.push(invalid(`${path}.values[${index}]`, value, "must not be 0 for the In operator"));
    if (values.indexOf(value) < index) errors.push(duplicate(`${path}.values[${index}]`, value));
  }
  if (values.some((value, index) => value < (values[index - 1] ?? value))) errors.push(invalid(`${path}.values`, values, "must be ordered"));
  return errors;
}

function checkPatterns(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: string): readonly FieldError[] {
  const errors = patterns.flatMap(({ type, status = "True" }, index) => [
    ...invalidEach(`${path}[${index}].type`, type, checkQualifiedName(type)),
    ...(["True", "False", "Unknown"].includes(status) ? [] : [notSupported(`${path}[${index}].status`, status, ["False", "True", "Unknown"])]),
  ]);
  return [...checkCount(path, patterns.length, patternsMax), ...errors];
}

/** Checks when an Indexed job has succeeded before all its indexes have. */
export function checkSuccessPolicy(spec: JobSpec, path: string): readonly FieldError[] {
  if (spec.successPolicy === undefined) return [];
  if (spec.completionMode !== "Indexed") return [invalid(path, spec.successPolicy, "requires indexed completion mode")];
  const { rules } = spec.successPolicy;
  const errors = rules.flatMap((rule, index) => checkSuccessRule(rule, `${path}.rules[${index}]`, spec.completions ?? 0));
  if (rules.length === 0) errors.push(required(`${path}.rules`, "at least one rules must be specified when the successPolicy is specified"));
  return [...checkCount(`${path}.rules`, rules.length, rulesMax), ...errors];
}

function checkSuccessRule({ succeededCount, succeededIndexes }: SuccessPolicyRule, path: string, completions: number): readonly FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) return [required(path, "at least one of succeededCount or succeededIndexes must be specified")];
  const errors: FieldError[] = [];
  const indexes = succeededIndexes === undefined ? undefined : readIndexes(succeededIndexes, completions);
  if (succeededIndexes !== undefined && succeededIndexes.length > indexesTextMax) errors.push({ type: "TooLong", path: `${path}.succeededIndexes`, detail: `may not be more than ${indexesTextMax} bytes` });
  if (indexes?.problem !== undefined) errors.push(invalid(`${path}.succeededIndexes`, succeededIndexes, `error parsing succeededIndexes: ${indexes.problem}`));
  if (succeededCount === undefined) return errors;
  errors.push(...checkNotNegative(`${path}.succeededCount`, succeededCount));
  if (succeededCount > completions) errors.push(invalid(`${path}.succeededCount`, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
  if (indexes !== undefined && succeededCount > indexes.count) {
    errors.push(invalid(`${path}.succeededCount`, succeededCount, `must be less than or equal to ${indexes.count} (the number of indexes in the specified succeededIndexes field)`));
  }
  return errors;
}

/** How many indexes `0,2-4` names, or what is wrong with it, in upstream's words. */
function readIndexes(text: string, completions: number): { readonly count: number; readonly problem?: string } {
  let [count, before] = [0, -1];
  for (const part of text === "" ? [] : text.split(",")) {
    const [first = "", last = first, ...more] = part.split("-");
    if (more.length > 0) return { count: 0, problem: `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'` };
    const wrong = [first, last].find((number) => !/^\d+$/.test(number));
    if (wrong !== undefined) return { count: 0, problem: `cannot convert string to integer for index: "${wrong}"` };
    const [from, to] = [Number(first), Number(last)];
    if (from <= before) return { count: 0, problem: `non-increasing order, previous: ${before}, current: ${from}` };
    if (to < from || (last !== first && to === from)) return { count: 0, problem: `non-increasing order, previous: ${from}, current: ${to}` };
    const beyond = [from, to].find((index) => index >= completions);
    if (beyond !== undefined) return { count: 0, problem: `too large index: "${beyond}"` };
    count += to - from + 1;
    before = to;
  }
  return { count };
}

function checkCount(path: string, count: number, max: number): readonly FieldError[] {
  return count > max ? [tooMany(path, count, max)] : [];
}
