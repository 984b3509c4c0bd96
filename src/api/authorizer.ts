import type { UserInfo } from "./client.ts";
import type { AccessAttributes, Authorizer } from "./verbs.ts";

/** One rule of RBAC, with its own meaning of `*`. @see kubernetes rbac/v1 PolicyRule */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  /** `pods`, `pods/status`, `*`, or any kind's subresource. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  /** Only in these namespaces; everywhere when absent. What a RoleBinding says upstream. */
  readonly namespaces?: readonly string[];
}

/** Whom rules are for: a user, or everybody in a group. */
export type Subject = { readonly user: string } | { readonly group: string };

/** Rules of one subject. */
export interface Grant {
  readonly subject: Subject;
  readonly rules: readonly PolicyRule[];
}

/** Members may do everything. */
export const mastersGroup = "system:masters";

/** Decides by a table of rules; what no rule allows is denied. */
export function createAuthorizer({ rules }: { readonly rules: readonly Grant[] }): Authorizer {
  const byUser = new Map<string, readonly PolicyRule[]>();
  const byGroup = new Map<string, readonly PolicyRule[]>();
  for (const grant of rules) {
    const [table, name] = "user" in grant.subject ? [byUser, grant.subject.user] : [byGroup, grant.subject.group];
    table.set(name, [...(table.get(name) ?? []), ...grant.rules]);
  }
  return {
    isAllowed: (user: UserInfo, attributes: AccessAttributes) => user.groups.includes(mastersGroup)
      || [byUser.get(user.name) ?? [], ...user.groups.map((group) => byGroup.get(group) ?? [])].some((list) => list.some((rule) => isRuleFor(rule, attributes))),
  };
}

/** True when a rule allows these attributes. @see kubernetes pkg/apis/rbac/v1 evaluation_helpers.go */
export function isRuleFor(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!matches(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, attributes.path ?? ""));
  const { group, resource, subresource, name = "", namespace = "" } = attributes;
  return matches(rule.apiGroups ?? [], group)
    && (rule.resources ?? []).some((pattern) => matchesResource(pattern, resource, subresource))
    && (rule.resourceNames === undefined || rule.resourceNames.includes(name))
    && (rule.namespaces === undefined || rule.namespaces.includes(namespace));
}

function matches(allowed: readonly string[], value: string): boolean {
  return allowed.includes("*") || allowed.includes(value);
}

function matchesResource(pattern: string, resource: string, subresource: string | undefined): boolean {
  if (pattern === "*") return true;
  return subresource === undefined ? pattern === resource : pattern === `${resource}/${subresource}` || pattern === `*/${subresource}`;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1)));
}
