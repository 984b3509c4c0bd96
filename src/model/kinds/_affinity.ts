import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from "../../value/names.ts";
import { checkLabelSelector, checkSetOperator, duplicate, forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm, TopologySpreadConstraint } from "../generated/core-v1.ts";
import type { LabelSelector } from "../generated/meta-v1.ts";

const weightMax = 100;

/**
 * Checks where a pod wants to be, and beside whom.
 * @see kubernetes pkg/apis/core/validation/validation.go validateAffinity
 */
export function checkAffinity({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, path: string): readonly FieldError[] {
  const at = `${path}.nodeAffinity`;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return [
    ...(required === undefined ? [] : checkNodeSelector(required, `${at}.requiredDuringSchedulingIgnoredDuringExecution`)),
    ...(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, preference }, index) => {
      const place = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
      return [...checkWeight(weight, place), ...checkTerm(preference, `${place}.preference`, { anyValue: true })];
    }),
    ...(podAffinity === undefined ? [] : checkPodAffinity(podAffinity, `${path}.podAffinity`)),
    ...(podAntiAffinity === undefined ? [] : checkPodAffinity(podAntiAffinity, `${path}.podAntiAffinity`)),
  ];
}

/** Checks which nodes are meant, of a pod or a volume. */
export function checkNodeSelector({ nodeSelectorTerms: terms = [] }: Partial<NodeSelector>, path: string): readonly FieldError[] {
  const at = `${path}.nodeSelectorTerms`;
  if (terms.length === 0) return [required(at, "must have at least one node selector term")];
  return terms.flatMap((term, index) => checkTerm(term, `${at}[${index}]`, { anyValue: false }));
}

/** Of a preference, values are not looked at. */
function checkTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, path: string, { anyValue }: { readonly anyValue: boolean }): readonly FieldError[] {
  return [
    ...matchExpressions.flatMap((requirement, index): readonly FieldError[] => {
      const at = `${path}.matchExpressions[${index}]`;
      const { key, values = [] } = requirement;
      return [
        ...checkOperator(requirement, at),
        ...invalidEach(`${at}.key`, key, checkQualifiedName(key)),
        ...(anyValue ? [] : values.flatMap((value, place) => invalidEach(`${at}.values[${place}]`, value, checkLabelValue(value)))),
      ];
    }),
    ...matchFields.flatMap((requirement, index) => checkField(requirement, `${path}.matchFields[${index}]`)),
  ];
}

/** Nodes are told apart by numbers, too: the other operators are greater and less. */
function checkOperator({ operator, values = [] }: NodeSelectorRequirement, path: string): readonly FieldError[] {
  return checkSetOperator(operator, values, path) ?? (values.length === 1 ? [] : [required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]);
}

function checkField({ key, operator, values = [] }: NodeSelectorRequirement, path: string): readonly FieldError[] {
  const isPlain = operator === "In" || operator === "NotIn";
  return [
    ...(isPlain ? [] : [invalid(`${path}.operator`, operator, "not a valid selector operator")]),
    ...(isPlain && values.length !== 1 ? [required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")] : []),
    ...(key === "metadata.name" ? values.flatMap((value, index) => invalidEach(`${path}.values[${index}]`, value, checkDnsSubdomain(value))) : [invalid(`${path}.key`, key, "not a valid field selector key")]),
  ];
}

function checkWeight(weight: number, path: string): readonly FieldError[] {
  return weight > 0 && weight <= weightMax ? [] : [invalid(`${path}.weight`, weight, `must be in the range 1-${weightMax}`)];
}

function checkPodAffinity({ requiredDuringSchedulingIgnoredDuringExecution: required = [], preferredDuringSchedulingIgnoredDuringExecution: preferred = [] }: PodAffinity, path: string): readonly FieldError[] {
  return [
    ...required.flatMap((term, index) => checkPodTerm(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`)),
    ...preferred.flatMap(({ weight, podAffinityTerm }, index) => {
      const place = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
      return [...checkWeight(weight, place), ...checkPodTerm(podAffinityTerm, `${place}.podAffinityTerm`)];
    }),
  ];
}

function checkPodTerm(term: PodAffinityTerm, path: string): readonly FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  return [
    ...checkLabelSelector(`${path}.labelSelector`, labelSelector),
    ...checkLabelSelector(`${path}.namespaceSelector`, namespaceSelector),
    ...namespaces.flatMap((name) => invalidEach(`${path}.namespace`, name, checkDnsLabel(name))),
    ...checkLabelKeys(matchLabelKeys, `${path}.matchLabelKeys`, labelSelector),
    ...checkLabelKeys(mismatchLabelKeys, `${path}.mismatchLabelKeys`, labelSelector),
    ...matchLabelKeys.flatMap((key, index) => (mismatchLabelKeys.includes(key) ? [invalid(`${path}.matchLabelKeys[${index}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys")] : [])),
    ...invalidEach(`${path}.topologyKey`, topologyKey, checkQualifiedName(topologyKey)),
  ];
}

function checkLabelKeys(keys: readonly string[], path: string, selector: LabelSelector | undefined): readonly FieldError[] {
  if (keys.length > 0 && selector === undefined) return [forbidden(path, "must not be specified when labelSelector is not set")];
  return keys.flatMap((key, index) => invalidEach(`${path}[${index}]`, key, checkQualifiedName(key)));
}

/**
 * Checks how evenly pods are to be spread.
 * @see kubernetes pkg/apis/core/validation/validation.go validateTopologySpreadConstraints
 */
export function checkSpread(constraints: readonly TopologySpreadConstraint[], path: string): readonly FieldError[] {
  return constraints.flatMap((constraint, index): readonly FieldError[] => {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, matchLabelKeys = [], labelSelector } = constraint;
    const isRepeated = constraints.slice(index + 1).some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    const selected = new Set([...Object.keys(labelSelector?.matchLabels ?? {}), ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key)]);
    return [
      ...checkPositive(maxSkew, `${at}.maxSkew`),
      ...(isRepeated ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)] : []),
      ...checkPositive(minDomains, `${at}.minDomains`),
      ...(minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule" ? [invalid(`${at}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`)] : []),
      ...checkLabelKeys(matchLabelKeys, `${at}.matchLabelKeys`, labelSelector),
      ...matchLabelKeys.flatMap((key, place) => (selected.has(key) ? [invalid(`${at}.matchLabelKeys[${place}]`, key, "exists in both matchLabelKeys and labelSelector")] : [])),
      ...checkLabelSelector(`${at}.labelSelector`, labelSelector),
    ];
  });
}

function checkPositive(value: number | undefined, path: string): readonly FieldError[] {
  return value === undefined || value > 0 ? [] : [invalid(path, value, "must be greater than zero")];
}
