import { checkDnsLabel, checkDnsSubdomain } from "../../names.ts";
import type { Environment } from "../engine.ts";

/** The type of `authorizer`, for who declares the variable. */
export const authorizerType = "kubernetes.authorization.Authorizer";

/** What one question to the authoriser costs: a policy may ask 28, as upstream. It keeps loops from asking for every item of a long list. @see kubernetes apiserver pkg/cel/library/cost.go AuthzCheckCost */
export const authorizerCheckCost = 7_100;

/** The method that asks; no other library has one of this name. */
export const authorizerCheck = "check";

/** What an expression asks about: a path, or a resource. */
export interface CelAccess {
  readonly verb: string;
  readonly path?: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Decides for one user. */
export interface CelAuthority {
  /** Why the user may; undefined where nothing says so. */
  explain(access: CelAccess): string | undefined;
  /** The same for a ServiceAccount. */
  ofServiceAccount(namespace: string, name: string): CelAuthority;
}

type Asked = Omit<CelAccess, "verb">;

/** `authorizer` as CEL holds it, with the resource of the request itself as its field. */
export class CelAuthorizer {
  readonly authority: CelAuthority;
  readonly requestResource: CelCheck | undefined;

  constructor(authority: CelAuthority, requested?: Asked) {
    this.authority = authority;
    this.requestResource = requested === undefined ? undefined : new CelCheck(authority, requested);
  }
}

/** A question without its verb, about a resource. */
class CelCheck {
  readonly authority: CelAuthority;
  readonly asked: Asked;

  constructor(authority: CelAuthority, asked: Asked) {
    this.authority = authority;
    this.asked = asked;
  }

  with(part: Partial<Asked>): CelCheck {
    return new CelCheck(this.authority, { ...this.asked, ...part });
  }
}

/** A group whose resources may be asked about. */
class CelGroup extends CelCheck {}

/** A question about a path. */
class CelPath extends CelCheck {}

class CelDecision {
  readonly why: string | undefined;

  constructor(why: string | undefined) {
    this.why = why;
  }
}

const package_ = "kubernetes.authorization";
const groupType = `${package_}.GroupCheck`;
const pathType = `${package_}.PathCheck`;
const resourceType = `${package_}.ResourceCheck`;
const decisionType = `${package_}.Decision`;

/** `authorizer.group('apps').resource('deployments').namespace('x').check('get').allowed()` and its like. @see kubernetes apiserver pkg/cel/library/authz.go */
export function registerAuthorizer(environment: Environment): void {
  const ask = ({ authority, asked }: CelCheck, verb: string): CelDecision => new CelDecision(authority.explain({ ...asked, verb }));
  environment
    .registerType(decisionType, { ctor: CelDecision })
    .registerType(pathType, { ctor: CelPath })
    .registerType(groupType, { ctor: CelGroup })
    .registerType(resourceType, { ctor: CelCheck })
    .registerType(authorizerType, { ctor: CelAuthorizer, fields: { requestResource: resourceType } })
    .registerFunction(`${authorizerType}.path(string): ${pathType}`, ({ authority }: CelAuthorizer, path: string) => new CelPath(authority, { group: "", resource: "", path }))
    .registerFunction(`${authorizerType}.group(string): ${groupType}`, ({ authority }: CelAuthorizer, group: string) => new CelGroup(authority, { group, resource: "" }))
    .registerFunction(`${authorizerType}.serviceAccount(string, string): ${authorizerType}`, ({ authority }: CelAuthorizer, namespace: string, name: string) => {
      if (checkDnsSubdomain(name).length > 0) throw new Error("Invalid service account name");
      if (checkDnsLabel(namespace).length > 0) throw new Error("Invalid service account namespace");
      return new CelAuthorizer(authority.ofServiceAccount(namespace, name));
    })
    .registerFunction(`${groupType}.resource(string): ${resourceType}`, ({ authority, asked }: CelGroup, resource: string) => new CelCheck(authority, { ...asked, resource }))
    .registerFunction(`${resourceType}.subresource(string): ${resourceType}`, (check: CelCheck, subresource: string) => check.with({ subresource }))
    .registerFunction(`${resourceType}.namespace(string): ${resourceType}`, (check: CelCheck, namespace: string) => check.with({ namespace }))
    .registerFunction(`${resourceType}.name(string): ${resourceType}`, (check: CelCheck, name: string) => check.with({ name }))
    // No rule of ours depends on selectors, as none of RBAC's does.
    .registerFunction(`${resourceType}.fieldSelector(string): ${resourceType}`, (check: CelCheck) => check)
    .registerFunction(`${resourceType}.labelSelector(string): ${resourceType}`, (check: CelCheck) => check)
    .registerFunction(`${resourceType}.${authorizerCheck}(string): ${decisionType}`, ask)
    .registerFunction(`${pathType}.${authorizerCheck}(string): ${decisionType}`, ask)
    .registerFunction(`${decisionType}.allowed(): bool`, ({ why }: CelDecision) => why !== undefined)
    .registerFunction(`${decisionType}.reason(): string`, ({ why = "" }: CelDecision) => why)
    // Deciding cannot fail here; upstream's can, where a webhook decides.
    .registerFunction(`${decisionType}.errored(): bool`, () => false)
    .registerFunction(`${decisionType}.error(): string`, () => "");
}
