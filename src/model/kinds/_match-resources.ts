import { checkDns1035Label, checkDnsSubdomain, checkPathSegment } from "../../value/names.ts";
import { checkLabelSelector, duplicate, forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { MatchResources, NamedRuleWithOperations, ParamKind, ParamRef, RuleWithOperations } from "../generated/admissionregistration-v1.ts";
import { notSupported } from "../print-field-error.ts";

/** What a rule may name. */
export const allOperations: readonly string[] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
/** The same without removals, for policies that change objects. */
export const mutableOperations: readonly string[] = allOperations.filter((operation) => operation !== "DELETE");

/** The constraints of a policy, which must name resources. @see kubernetes pkg/apis/admissionregistration/validation/validation.go validateMatchResources */
export function checkConstraints(constraints: MatchResources | undefined, path: string, operations: readonly string[]): readonly FieldError[] {
  if (constraints === undefined) return [required(path)];
  const { resourceRules = [] } = constraints;
  return [...checkMatchResources(constraints, path, operations), ...(resourceRules.length === 0 ? [required(`${path}.resourceRules`)] : [])];
}

/** The same for a binding, which may leave everything to the policy. */
export function checkMatchResources(resources: MatchResources | undefined, path: string, operations: readonly string[]): readonly FieldError[] {
  if (resources === undefined) return [];
  const { namespaceSelector = {}, objectSelector = {}, resourceRules = [], excludeResourceRules = [] } = resources;
  return [
    ...checkLabelSelector(`${path}.namespaceSelector`, namespaceSelector), ...checkLabelSelector(`${path}.objectSelector`, objectSelector),
    ...resourceRules.flatMap((rule, index) => checkNamedRule(rule, `${path}.resourceRules[${index}]`)),
    ...excludeResourceRules.flatMap((rule, index) => checkNamedRule(rule, `${path}.excludeResourceRules[${index}]`)),
    ...resourceRules.flatMap(({ operations: named = [] }) => named.filter((operation) => allOperations.includes(operation) && !operations.includes(operation))
      .map((operation) => notSupported(`${path}.resourceRules.operations`, operation, operations))),
  ];
}

function checkNamedRule({ resourceNames = [], ...rule }: NamedRuleWithOperations, path: string): readonly FieldError[] {
  const names = resourceNames.flatMap((name, index) => [
    ...invalidEach(`${path}.resourceNames[${index}]`, name, checkPathSegment(name)),
    ...(resourceNames.indexOf(name) === index ? [] : [duplicate(`${path}.resourceNames[${index}]`, name)]),
  ]);
  return [...names, ...checkRule(rule, path)];
}

/** A rule of a webhook or a policy. */
export function checkRule({ operations = [], apiGroups = [], apiVersions = [], resources = [] }: RuleWithOperations, path: string): readonly FieldError[] {
  return [
    ...checkListed(operations, `${path}.operations`, "operations"),
    ...operations.flatMap((operation, index) => (allOperations.includes(operation) ? [] : [notSupported(`${path}.operations[${index}]`, operation, allOperations)])),
    ...checkListed(apiGroups, `${path}.apiGroups`, "API groups"), ...checkListed(apiVersions, `${path}.apiVersions`, "API versions"),
    ...apiVersions.flatMap((version, index) => (version === "" ? [required(`${path}.apiVersions[${index}]`)] : [])),
    ...checkResources(resources, `${path}.resources`),
  ];
}

/** A list that has something, and nothing beside what stands for everything. */
function checkListed(values: readonly string[], path: string, what: string): readonly FieldError[] {
  if (values.length === 0) return [required(path)];
  return values.length > 1 && values.includes("*") ? [invalid(path, values, `if '*' is present, must not specify other ${what}`)] : [];
}

function checkResources(resources: readonly string[], path: string): readonly FieldError[] {
  if (resources.length === 0) return [required(path)];
  const errors = resources.flatMap((resource, index): readonly FieldError[] => {
    if (resource === "") return [required(`${path}[${index}]`)];
    const [name = "", part] = resource.split(/\/(.*)/s);
    if (part === undefined) return [];
    return [`${name}/*`, `*/${part}`].filter((wider) => resources.slice(0, index).includes(wider)).map((wider) => invalid(`${path}[${index}]`, resource, `if '${wider}' is present, must not specify ${resource}`));
  });
  if (resources.length > 1 && resources.includes("*/*")) errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes("*") && resources.findLast((resource) => !resource.includes("/")) !== "*") errors.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

/** The kind of a policy's parameters, where it has some. */
export function checkParamKind(kind: ParamKind | undefined, path: string): readonly FieldError[] {
  if (kind === undefined) return [];
  const { apiVersion = "", kind: name = "" } = kind;
  const named = name === "" ? [required(`${path}.kind`)] : invalidEach(`${path}.kind`, name, mixedCase(checkDns1035Label(name.toLowerCase())));
  if (apiVersion === "") return [required(`${path}.apiVersion`), ...named];
  const parts = apiVersion.split("/");
  if (parts.length > 2) return [invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`), ...named];
  const [group, version = ""] = parts.length === 2 ? parts : ["", apiVersion];
  return [
    ...(group === undefined || group === "" ? [] : joined(`${path}.apiVersion`, group, checkDnsSubdomain(group))),
    ...(version === "" ? [invalid(`${path}.apiVersion`, apiVersion, "version must be specified")] : joined(`${path}.apiVersion`, version, checkDns1035Label(version))),
    ...named,
  ];
}

function mixedCase(details: readonly string[]): readonly string[] {
  return details.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${details.join(",")}`];
}

function joined(path: string, value: string, details: readonly string[]): readonly FieldError[] {
  return details.length === 0 ? [] : [invalid(path, value, details.join(","))];
}

/** Which objects are the parameters, where a binding says. */
export function checkParamRef(ref: ParamRef | undefined, path: string): readonly FieldError[] {
  if (ref === undefined) return [];
  const { name = "", selector, parameterNotFoundAction: action = "" } = ref;
  const exclusive = "name and selector are mutually exclusive";
  return [
    ...(name === "" ? [] : invalidEach(`${path}.name`, name, checkPathSegment(name))),
    ...(name !== "" && selector !== undefined ? [forbidden(`${path}.name`, exclusive)] : []),
    ...(selector === undefined ? [] : checkLabelSelector(`${path}.selector`, selector)),
    ...(name !== "" && selector !== undefined ? [forbidden(`${path}.selector`, exclusive)] : []),
    ...(name === "" && selector === undefined ? [required(path, "one of name or selector must be specified")] : []),
    ...(action === "" ? [required(`${path}.parameterNotFoundAction`)] : ["Allow", "Deny"].includes(action) ? [] : [notSupported(`${path}.parameterNotFoundAction`, action, ["Deny", "Allow"])]),
  ];
}
