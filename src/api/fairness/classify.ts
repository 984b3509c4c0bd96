import type { FlowSchema, NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from "../../model/generated/flowcontrol-v1.ts";
import type { UserInfo } from "../client.ts";

/** What of a request decides how it is queued. */
export interface FlowRequest {
  readonly user: UserInfo;
  readonly verb: string;
  /** Absent for a path that is no resource. */
  readonly resource?: { readonly group: string; readonly resource: string; readonly subresource?: string | undefined; readonly namespace: string };
  readonly path: string;
}

/** Finds the schema of a request; undefined where none matches. */
export type Classify = (request: FlowRequest) => FlowSchema | undefined;

type Test = (request: FlowRequest) => boolean;

const accountPrefix = "system:serviceaccount:";

/**
 * Makes schemas ready to be asked: the one with the lowest precedence that matches, of several the first by name. Pure.
 *
 * @see kubernetes apiserver pkg/util/flowcontrol/rule.go
 */
export function classifierOf(schemas: readonly FlowSchema[]): Classify {
  const ordered = schemas.map((schema) => ({ schema, test: anyOf((schema.spec.rules ?? []).map(testOfRule)), precedence: schema.spec.matchingPrecedence ?? precedenceDefault }))
    .toSorted((a, b) => a.precedence - b.precedence || (a.schema.metadata.name < b.schema.metadata.name ? -1 : 1));
  return (request) => ordered.find(({ test }) => test(request))?.schema;
}

/** Upstream's default of `matchingPrecedence`. */
const precedenceDefault = 1_000;

/** Tells the flows of one schema apart: requests of one flow wait behind each other. */
export function flowOf({ metadata, spec: { distinguisherMethod } }: FlowSchema, { user, resource }: FlowRequest): string {
  switch (distinguisherMethod?.type) {
    case "ByUser": return `${metadata.name}/${user.name}`;
    case "ByNamespace": return `${metadata.name}/${resource?.namespace ?? ""}`;
    case undefined: default: return metadata.name;
  }
}

function anyOf(tests: readonly Test[]): Test {
  return (request) => tests.some((test) => test(request));
}

function testOfRule({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects): Test {
  const isSubject = anyOf(subjects.map(testOfSubject));
  const isResource = anyOf(resourceRules.map(testOfResource));
  const isPath = anyOf(nonResourceRules.map(testOfPath));
  return (request) => isSubject(request) && (request.resource === undefined ? isPath(request) : isResource(request));
}

function testOfSubject({ kind, user, group, serviceAccount }: Subject): Test {
  switch (kind) {
    case "User": return (request) => user !== undefined && (user.name === "*" || user.name === request.user.name);
    case "Group": return (request) => group !== undefined && (group.name === "*" || request.user.groups.includes(group.name));
    case "ServiceAccount": {
      if (serviceAccount === undefined) return () => false;
      const wanted = `${accountPrefix}${serviceAccount.namespace}:`;
      return serviceAccount.name === "*" ? (request) => request.user.name.startsWith(wanted) : (request) => request.user.name === `${wanted}${serviceAccount.name}`;
    }
    default: return () => false;
  }
}

function testOfResource({ verbs, apiGroups, resources, clusterScope = false, namespaces = [] }: ResourcePolicyRule): Test {
  const [isVerb, isGroup, isResource, isNamespace] = [memberOf(verbs), memberOf(apiGroups), memberOf(resources), memberOf(namespaces)];
  return ({ verb, resource }) => {
    if (resource === undefined || !isVerb(verb) || !isGroup(resource.group)) return false;
    const name = resource.subresource === undefined ? resource.resource : `${resource.resource}/${resource.subresource}`;
    return isResource(name) && (resource.namespace === "" ? clusterScope : isNamespace(resource.namespace));
  };
}

function testOfPath({ verbs, nonResourceURLs }: NonResourcePolicyRule): Test {
  const isVerb = memberOf(verbs);
  const isPath = memberOf(nonResourceURLs.filter((url) => !url.endsWith("*") || url === "*"));
  const prefixes = nonResourceURLs.filter((url) => url.endsWith("*")).map((url) => url.slice(0, -1));
  return ({ verb, path }) => isVerb(verb) && (isPath(path) || prefixes.some((prefix) => path.startsWith(prefix)));
}

function memberOf(values: readonly string[]): (value: string) => boolean {
  if (values.includes("*")) return () => true;
  const known = new Set(values);
  return (value) => known.has(value);
}
