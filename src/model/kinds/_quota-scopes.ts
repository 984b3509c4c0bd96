import { invalid, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../generated/core-v1.ts";

const ofPods: ReadonlySet<string> = new Set(["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"]);
const countOfPods: ReadonlySet<string> = new Set(["pods"]);

/** Resources a scope may be combined with; any with the others. @see the same, IsResourceQuotaScopeValidForResource */
const resourcesInScope: ReadonlyMap<string, ReadonlySet<string>> = new Map([["Terminating", ofPods], ["NotTerminating", ofPods], ["NotBestEffort", ofPods], ["BestEffort", countOfPods]]);

/** Scopes no object is in both of. */
const contrary: readonly (readonly [string, string])[] = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];

/** Scopes that are there or not, and have no values. */
const withoutValues: ReadonlySet<string> = new Set(["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"]);

/** What is wrong with the scopes of a quota. @see kubernetes pkg/apis/core/validation/validation.go ValidateResourceQuotaSpec */
export function checkQuotaScopes({ hard = {}, scopes = [], scopeSelector }: ResourceQuotaSpec): readonly FieldError[] {
  const resources = Object.keys(hard);
  const expressions = scopeSelector?.matchExpressions ?? [];
  return [
    ...checkScopes("spec.scopes", scopes, { scopes, resources }),
    ...expressions.flatMap(checkExpression),
    ...checkScopes("spec.scopeSelector.matchExpressions", scopeSelector, { scopes: expressions.map(({ scopeName }) => scopeName), resources }),
  ];
}

/** @param value the field as it was sent */
function checkScopes(path: string, value: unknown, { scopes, resources }: { readonly scopes: readonly string[]; readonly resources: readonly string[] }): readonly FieldError[] {
  // What has a domain is a device, or a count of objects of a kind: scopes say nothing of them.
  const own = resources.filter((resource) => !resource.includes("/"));
  const unfit = scopes.flatMap((scope) => own.filter((resource) => resourcesInScope.get(scope)?.has(resource) === false));
  const clashes = contrary.filter((pair) => pair.every((scope) => scopes.includes(scope)));
  return [
    ...unfit.map(() => invalid(path, value, "unsupported scope applied to resource")),
    ...clashes.map(() => invalid(path, value, "conflicting scopes")),
  ];
}

const existsAlone = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function checkExpression({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement): readonly FieldError[] {
  const path = "spec.scopeSelector.matchExpressions";
  const wantsValues = operator === "In" || operator === "NotIn";
  return [
    ...(withoutValues.has(scopeName) && operator !== "Exists" ? [invalid(`${path}.operator`, operator, existsAlone)] : []),
    ...(wantsValues && values.length === 0 ? [required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")] : []),
    ...(!wantsValues && values.length > 0 ? [invalid(`${path}.values`, [...values], "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")] : []),
  ];
}
