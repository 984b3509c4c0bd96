import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { textOf, textsOf } from "../shape.ts";

/** How much of a request is told, from nothing to both bodies. */
export const auditLevels = ["None", "Metadata", "Request", "RequestResponse"] as const;

export type AuditLevel = (typeof auditLevels)[number];

/** When in the course of a request an event is told. */
export const auditStages = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;

export type AuditStage = (typeof auditStages)[number];

/** What a rule looks at. */
export interface AuditedRequest {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly path: string;
  /** Absent for a path that is no resource. */
  readonly resource?: { readonly group: string; readonly resource: string; readonly subresource?: string; readonly namespace: string; readonly name: string };
}

/** One rule; the first that matches decides. An empty list means all. @see kubernetes audit.k8s.io/v1 PolicyRule */
export interface AuditRule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly { readonly group: string; readonly resources: readonly string[]; readonly resourceNames: readonly string[] }[];
  readonly namespaces: readonly string[];
  readonly nonResourceURLs: readonly string[];
  readonly omitStages: readonly string[];
  readonly omitManagedFields: boolean;
}

/** What is to be told of which requests. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
}

/** How one request is told. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<string>;
  readonly omitManagedFields: boolean;
}

/** Why a policy cannot be used; the message names the field. */
export class AuditPolicyError extends Error {}

/** Reads a Policy of audit.k8s.io/v1. Throws AuditPolicyError. */
export function parseAuditPolicy(json: Json): AuditPolicy {
  if (!isJsonObject(json) || json["kind"] !== "Policy" || json["apiVersion"] !== "audit.k8s.io/v1") throw new AuditPolicyError("is no Policy of audit.k8s.io/v1");
  const { rules } = json;
  if (!Array.isArray(rules) || rules.length === 0) throw new AuditPolicyError("rules: at least one rule is needed, or nothing is told");
  const omitStages = stagesOf(json, "omitStages");
  const omitManagedFields = json["omitManagedFields"] === true;
  return { rules: rules.map((rule: Json, index) => parseRule(rule, `rules[${index}]`, { omitStages, omitManagedFields })) };
}

function parseRule(rule: Json, path: string, inherited: Pick<AuditRule, "omitStages" | "omitManagedFields">): AuditRule {
  if (!isJsonObject(rule)) throw new AuditPolicyError(`${path}: is no object`);
  const level = auditLevels.find((known) => known === rule["level"]);
  if (level === undefined) throw new AuditPolicyError(`${path}.level: must be one of ${auditLevels.join(", ")}`);
  const resources = Array.isArray(rule["resources"]) ? rule["resources"].filter(isJsonObject) : [];
  const nonResourceURLs = textsOf(rule, "nonResourceURLs");
  if (resources.length > 0 && nonResourceURLs.length > 0) throw new AuditPolicyError(`${path}: rules cannot apply to both regular resources and non-resource URLs`);
  const wrong = nonResourceURLs.find((url) => url !== "*" && (!url.startsWith("/") || url.slice(0, -1).includes("*")));
  if (wrong !== undefined) throw new AuditPolicyError(`${path}.nonResourceURLs: ${JSON.stringify(wrong)} must begin with a / and may have one * at its end`);
  return {
    level, users: textsOf(rule, "users"), userGroups: textsOf(rule, "userGroups"), verbs: textsOf(rule, "verbs"), namespaces: textsOf(rule, "namespaces"), nonResourceURLs,
    resources: resources.map((resource) => ({ group: textOf(resource, "group"), resources: textsOf(resource, "resources"), resourceNames: textsOf(resource, "resourceNames") })),
    omitStages: [...inherited.omitStages, ...stagesOf(rule, "omitStages")],
    omitManagedFields: typeof rule["omitManagedFields"] === "boolean" ? rule["omitManagedFields"] : inherited.omitManagedFields,
  };
}

function stagesOf(json: JsonObject, field: string): readonly string[] {
  const stages = textsOf(json, field);
  const wrong = stages.find((stage) => !auditStages.some((known) => known === stage));
  if (wrong !== undefined) throw new AuditPolicyError(`${field}: ${JSON.stringify(wrong)} must be one of ${auditStages.join(", ")}`);
  return stages;
}

/** How a request is told: as the first rule that matches says, else not at all. Pure. @see kubernetes apiserver pkg/audit/policy/checker.go */
export function decideAudit({ rules }: AuditPolicy, request: AuditedRequest): AuditDecision {
  const rule = rules.find((candidate) => isRuleFor(candidate, request));
  return { level: rule?.level ?? "None", omitStages: new Set(rule?.omitStages), omitManagedFields: rule?.omitManagedFields ?? false };
}

function isRuleFor(rule: AuditRule, { user, groups, verb, path, resource }: AuditedRequest): boolean {
  if (rule.users.length > 0 && !rule.users.includes(user)) return false;
  if (rule.userGroups.length > 0 && !rule.userGroups.some((group) => groups.includes(group))) return false;
  if (rule.verbs.length > 0 && !rule.verbs.includes(verb)) return false;
  if (rule.namespaces.length > 0 || rule.resources.length > 0) return resource !== undefined && isResourceFor(rule, resource);
  if (rule.nonResourceURLs.length > 0) return resource === undefined && rule.nonResourceURLs.some((pattern) => pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1))));
  return true;
}

function isResourceFor({ namespaces, resources }: AuditRule, { group, resource, subresource, namespace, name }: NonNullable<AuditedRequest["resource"]>): boolean {
  if (namespaces.length > 0 && !namespaces.includes(namespace)) return false;
  if (resources.length === 0) return true;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const isNamed = (pattern: string): boolean => pattern === whole || pattern === "*" || (subresource !== undefined && (pattern === `*/${subresource}` || pattern === `${resource}/*`));
  return resources.some((rule) => rule.group === group && (rule.resources.length === 0 || rule.resources.some(isNamed)) && (rule.resourceNames.length === 0 || rule.resourceNames.includes(name)));
}
