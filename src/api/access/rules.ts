import type { PolicyRule } from "../../model/generated/rbac-v1.ts";
import type { AccessAttributes } from "../verbs.ts";

/**
 * True when a rule allows these attributes. `*` stands for every verb, group, resource or path; a subresource is a resource of its own.
 *
 * @see kubernetes pkg/apis/rbac/v1 evaluation_helpers.go
 */
export function isRuleFor(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!covers(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, attributes.path ?? ""));
  const { group, resource, subresource, name = "" } = attributes;
  return covers(rule.apiGroups ?? [], group)
    && (rule.resources ?? []).some((pattern) => matchesResource(pattern, resource, subresource))
    && ((rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(name) === true);
}

function covers(allowed: readonly string[], value: string): boolean {
  return allowed.includes("*") || allowed.includes(value);
}

function matchesResource(pattern: string, resource: string, subresource: string | undefined): boolean {
  if (pattern === "*") return true;
  return subresource === undefined ? pattern === resource : pattern === `${resource}/${subresource}` || pattern === `*/${subresource}`;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1)));
}

/** A rule of more groups and resources than this is asked rather than filed under each pair of them: two lists of some thousand would make millions. */
const filedMax = 2_000;

/** A role ready to be asked: a request meets only the rules that name its resource, and those with a wildcard. */
export class CompiledRole {
  readonly rules: readonly PolicyRule[];
  readonly #byResource = new Map<string, PolicyRule[]>();
  readonly #others: PolicyRule[] = [];

  constructor(rules: readonly PolicyRule[]) {
    this.rules = rules;
    for (const rule of rules) {
      const { apiGroups = [], resources = [] } = rule;
      if (resources.length === 0 || apiGroups.length * resources.length > filedMax || [...apiGroups, ...resources].some((text) => text.startsWith("*"))) {
        this.#others.push(rule);
        continue;
      }
      for (const group of apiGroups) for (const resource of resources) this.#file(`${group}/${resource}`, rule);
    }
  }

  #file(key: string, rule: PolicyRule): void {
    const filed = this.#byResource.get(key);
    if (filed === undefined) this.#byResource.set(key, [rule]);
    else filed.push(rule);
  }

  /** @param key of these attributes, so that many roles are asked with one */
  allows(attributes: AccessAttributes, key: string): boolean {
    const named = attributes.path === undefined ? this.#byResource.get(key) : undefined;
    return (named?.some((rule) => isRuleFor(rule, attributes)) ?? false) || this.#others.some((rule) => isRuleFor(rule, attributes));
  }
}

/** What the attributes of a request are filed under in roles. */
export function roleKeyOf({ group, resource, subresource }: AccessAttributes): string {
  return subresource === undefined ? `${group}/${resource}` : `${group}/${resource}/${subresource}`;
}
