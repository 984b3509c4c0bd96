import type { PolicyRule } from "../model/generated/rbac-v1.ts";
import type { Store } from "../store/store.ts";
import { NodeGraph, podPrefix } from "./access/node-graph.ts";
import { explainNodeAccess } from "./access/node-rules.ts";
import { takeInTurns } from "./in-turns.ts";
import { RoleIndex, rolePrefix } from "./access/role-index.ts";
import type { Grant } from "./access/role-index.ts";
import type { UserInfo } from "./client.ts";
import type { AccessAttributes, Authorizer } from "./verbs.ts";

/** Members may do everything. */
export const mastersGroup = "system:masters";

/** Everything there is, as rules. */
export const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

/** Where rights come from. */
export interface AuthorizerOptions {
  /** Rights that the code itself gives. */
  readonly rules: readonly Grant[];
  /** Its roles, bindings and pods act; absent: the rights in `rules` are all there are. */
  readonly store?: Store;
}

/** Decides by what a node's pods use, then by roles and bindings; what no rule allows is denied. */
export function createAuthorizer({ rules, store }: AuthorizerOptions): Authorizer {
  const roles = new RoleIndex(rules, store);
  const nodes = store === undefined ? undefined : { graph: new NodeGraph(store), store };
  const isMaster = (user: UserInfo) => user.groups.includes(mastersGroup);
  const decide = (user: UserInfo, attributes: AccessAttributes) => (
    isMaster(user) ? "" : (nodes === undefined ? undefined : explainNodeAccess(user, attributes, nodes)) ?? roles.find(user, attributes));
  return {
    isAllowed: (user, attributes) => decide(user, attributes) !== undefined,
    explain: decide,
    rulesOf: (user, namespace) => (isMaster(user) ? everything : roles.rulesOf(user, namespace)),
    async prepare() { if (nodes !== undefined) await takeInTurns(nodes.graph.fill()); },
    take(keys) {
      for (const key of keys) {
        if (key.startsWith(rolePrefix)) roles.take(key);
        else if (key.startsWith(podPrefix)) nodes?.graph.take(key);
      }
    },
  };
}
