import type { PolicyRule } from "../../model/generated/rbac-v1.ts";
import type { UserInfo } from "../client.ts";

/**
 * Single rights times held rules compared at most: some 0.2 s. A rule of 200 groups, resources and verbs each has eight million rights, and a body of
 * 10 kB would stop the daemon for a minute. Kubernetes' own roles have a few hundred.
 */
const comparisonsMax = 1_000_000;

/** Held rules counted at least: taking rules apart has its price, whoever holds how many. */
const heldRulesMin = 100;

/**
 * What is missing in `held` to allow all that `wanted` allows, in the smallest words; empty when nothing is. Where `wanted` has more single rights than can be
 * compared, a rule no single held rule covers counts as missing whole.
 *
 * @see kubernetes pkg/registry/rbac/validation policy_comparator.go Covers, policy_compact.go CompactRules
 */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const open = wanted.filter((rule) => !held.some((owned) => ruleCovers(owned, rule)));
  const rights = open.reduce((sum, rule) => sum + countRights(rule), 0);
  if (rights * Math.max(held.length, heldRulesMin) > comparisonsMax) return open;
  return compactRules(open.flatMap(breakDown).filter((rule) => !held.some((owned) => ruleCovers(owned, rule))));
}

/** How many single rights a rule has. */
function countRights({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): number {
  return verbs.length * (apiGroups.length * resources.length * Math.max(resourceNames.length, 1) + nonResourceURLs.length);
}

/** Why a user may not give these rights away, in upstream's words. */
export function escalationMessage(user: UserInfo, missing: readonly PolicyRule[]): string {
  const lines = [...new Set(missing.map(printRule))].toSorted();
  return `user ${JSON.stringify(user.name)} (groups=${printTexts(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join("\n")}`;
}

/** Every single right of a rule: one verb on one resource of one group, under one name where the rule has names. */
function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const single: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const right = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) single.push(right);
        else for (const name of resourceNames) single.push({ ...right, resourceNames: [name] });
      }
    }
  }
  for (const path of nonResourceURLs) for (const verb of verbs) single.push({ nonResourceURLs: [path], verbs: [verb] });
  return single;
}

/** True when one rule allows a single right. */
function ruleCovers(owned: PolicyRule, right: PolicyRule): boolean {
  const names = owned.resourceNames ?? [];
  return hasAll(owned.verbs, right.verbs)
    && hasAll(owned.apiGroups ?? [], right.apiGroups ?? [])
    && (right.resources ?? []).every((resource) => coversResource(owned.resources ?? [], resource))
    && (right.nonResourceURLs ?? []).every((path) => coversPath(owned.nonResourceURLs ?? [], path))
    && (names.length === 0 || ((right.resourceNames ?? []).length > 0 && (right.resourceNames ?? []).every((name) => names.includes(name))));
}

function hasAll(owned: readonly string[], wanted: readonly string[]): boolean {
  return owned.includes("*") || wanted.every((text) => owned.includes(text));
}

function coversResource(owned: readonly string[], resource: string): boolean {
  if (owned.includes("*") || owned.includes(resource)) return true;
  const slash = resource.indexOf("/");
  return slash >= 0 && owned.includes(`*${resource.slice(slash)}`);
}

function coversPath(owned: readonly string[], path: string): boolean {
  return owned.some((pattern) => pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1))));
}

/** Rules that differ in their verbs alone become one. */
function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...rest } = rule;
    // Only plain resource rules are merged upstream; the others are told as they are.
    const key = JSON.stringify(rule.nonResourceURLs === undefined ? rest : rule);
    const known = merged.get(key);
    merged.set(key, known === undefined ? rule : { ...known, verbs: [...new Set([...known.verbs, ...verbs])] });
  }
  return [...merged.values()];
}

/** `{APIGroups:[""], Resources:["nodes"], Verbs:["delete"]}`. */
function printRule({ apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [], verbs }: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ["APIGroups", apiGroups], ["Resources", resources], ["NonResourceURLs", nonResourceURLs], ["ResourceNames", resourceNames], ["Verbs", verbs],
  ];
  return `{${parts.filter(([, texts]) => texts.length > 0).map(([name, texts]) => `${name}:${printTexts(texts)}`).join(", ")}}`;
}

/** A list as Go prints it with `%q`. */
function printTexts(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}
