import type { MatchResources, NamedRuleWithOperations, RuleWithOperations } from "../model/generated/admissionregistration-v1.ts";
import type { LabelSelector } from "../model/generated/meta-v1.ts";
import type { Kind } from "../model/kind.ts";
import { storedKindOf } from "../model/kind.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import type { ApiObject } from "../model/object.ts";
import { matchesSelector, selectorOf } from "../value/labels.ts";
import type { Labels } from "../value/labels.ts";
import type { AdmissionOperation, AdmissionRequest } from "./admission-plugin.ts";

/** What a webhook or a policy is asked about. */
export type MatchedRequest = Pick<AdmissionRequest, "operation" | "kind" | "ref" | "subresource" | "old" | "reader">;

/** Upstream's names of the operations. */
export const operationNames: Readonly<Record<AdmissionOperation, "CREATE" | "UPDATE" | "DELETE" | "CONNECT">> = { create: "CREATE", update: "UPDATE", remove: "DELETE", connect: "CONNECT" };

/** The object selectors look at: a removal has no new one, and the options of a connection have no labels. */
export function selectableObject(object: ApiObject, { operation }: Pick<MatchedRequest, "operation">): ApiObject | undefined {
  return operation === "remove" || operation === "connect" ? undefined : object;
}

/** Objects that say what admission does are themselves admitted by nothing that they say. */
export function isExempt({ group, plural }: Kind): boolean {
  return group === "admissionregistration.k8s.io" && /^(mutating|validating)(webhookconfigurations|admissionpolicies|admissionpolicybindings)$/.test(plural);
}

/** Which requests something is for. */
export interface Matcher {
  readonly rules?: readonly RuleWithOperations[];
  readonly matchPolicy?: "Exact" | "Equivalent";
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
}

/**
 * The kind by which a request matches: its own, or, where the policy is Equivalent, another version of it that a rule names. Undefined when nothing
 * does. Pure but for the namespace it reads.
 *
 * @param kinds all kinds that are served, to find other versions among them
 */
export function matchedKind(matcher: Matcher, object: ApiObject | undefined, request: MatchedRequest, kinds: Iterable<Kind>): Kind | undefined {
  const kind = findRuleKind(matcher, request, kinds);
  if (kind === undefined || !isNamespaceSelected(matcher.namespaceSelector, object, request)) return undefined;
  return isObjectSelected(matcher.objectSelector, labelled(object, request)) ? kind : undefined;
}

/** The same for the constraints of a policy or its binding, whose rules may name objects and leave some out. */
export function constrainedKind(constraints: MatchResources | undefined, object: ApiObject | undefined, request: MatchedRequest, kinds: Iterable<Kind>): Kind | undefined {
  if (constraints === undefined) return request.kind;
  const { resourceRules, excludeResourceRules = [], ...rest } = constraints;
  const isNamed = ({ resourceNames = [] }: NamedRuleWithOperations): boolean => resourceNames.length === 0 || resourceNames.includes(request.ref.name);
  const kindOf = (rules: readonly NamedRuleWithOperations[]): Kind | undefined => matchedKind({ ...rest, rules: rules.filter(isNamed) }, object, request, kinds);
  if (kindOf(excludeResourceRules) !== undefined) return undefined;
  if (resourceRules !== undefined && resourceRules.length > 0) return kindOf(resourceRules);
  return isNamespaceSelected(rest.namespaceSelector, object, request) && isObjectSelected(rest.objectSelector, labelled(object, request)) ? request.kind : undefined;
}

function findRuleKind({ rules = [], matchPolicy = "Equivalent" }: Matcher, request: MatchedRequest, kinds: Iterable<Kind>): Kind | undefined {
  const isMatched = (kind: Kind): boolean => rules.some((rule) => isRuleFor(rule, kind, request));
  if (isMatched(request.kind)) return request.kind;
  if (matchPolicy === "Exact") return undefined;
  const stored = storedKindOf(request.kind);
  for (const kind of kinds) if (kind !== request.kind && storedKindOf(kind) === stored && isMatched(kind)) return kind;
  return undefined;
}

/** @see kubernetes apiserver pkg/admission/plugin/webhook/predicates/rules/rules.go */
function isRuleFor({ operations = [], apiGroups = [], apiVersions = [], resources = [], scope = "*" }: RuleWithOperations, kind: Kind, { operation, subresource }: MatchedRequest): boolean {
  const includes = (list: readonly string[], value: string): boolean => list.includes("*") || list.includes(value);
  // A Namespace counts as cluster-scoped, as every kind without one.
  const isInScope = scope === "*" || (scope === "Namespaced") === kind.namespaced;
  return isInScope && includes(operations, operationNames[operation]) && includes(apiGroups, kind.group) && includes(apiVersions, kind.version)
    && resources.some((pattern) => isResource(pattern, kind.plural, subresource));
}

function isResource(pattern: string, plural: string, subresource: string | undefined): boolean {
  const [resource = "", part] = pattern.split("/");
  const isPart = part === undefined ? subresource === undefined : subresource !== undefined && (part === "*" || part === subresource);
  return (resource === "*" || resource === plural) && (isPart || (part === "*" && subresource === undefined));
}

function isNamespaceSelected(selector: LabelSelector | undefined, object: ApiObject | undefined, { kind, ref, reader, old }: MatchedRequest): boolean {
  if (selector === undefined || isEmpty(selector)) return true;
  if (kind === NamespaceKind) return isObjectSelected(selector, [object ?? old]);
  if (!kind.namespaced) return true;
  const labels = reader.get(NamespaceKind, { namespace: "", name: ref.namespace })?.metadata.labels;
  return matchesSelector(selectorOf(selector), labels);
}

/** The objects whose labels count; a Scale has none. */
function labelled(object: ApiObject | undefined, { subresource, old }: MatchedRequest): readonly (ApiObject | undefined)[] {
  if (subresource !== "scale") return [object, old];
  return [object, old].map((one) => (one === undefined ? undefined : { ...one, metadata: { name: one.metadata.name } }));
}

function isObjectSelected(selector: LabelSelector | undefined, objects: readonly (ApiObject | undefined)[]): boolean {
  if (selector === undefined || isEmpty(selector)) return true;
  const parsed = selectorOf(selector);
  return objects.some((object) => object !== undefined && matchesSelector(parsed, labelsOf(object)));
}

function labelsOf({ metadata }: ApiObject): Labels {
  return metadata.labels ?? {};
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
