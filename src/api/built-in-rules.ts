import type { Kind } from "../model/kind.ts";
import type { Grant, PolicyRule } from "./authorizer.ts";

/** Members may do everything, as `system:masters`; a token can be given it by name. */
export const adminGroup = "capstan:admin";

/** Members may read everything but secrets and rendered artifacts. */
export const viewerGroup = "capstan:viewer";

/** Everybody who proved who they are. */
export const authenticatedGroup = "system:authenticated";

/** Everybody, even without a token. */
export const unauthenticatedGroup = "system:unauthenticated";

const readVerbs = ["get", "list", "watch"] as const;

/** Kinds whose content a viewer may not see: secrets, and rendered manifests, which may hold some. */
const hiddenFromViewers: ReadonlySet<string> = new Set(["secrets", "artifacts"]);

const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

/** @see kubernetes ClusterRole system:discovery */
const discovery: readonly PolicyRule[] = [
  { verbs: ["get"], nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"] },
];

/** @see kubernetes ClusterRole system:basic-user */
const basicUser: readonly PolicyRule[] = [
  { verbs: ["create"], apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"] },
  { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
];

/** @see kubernetes ClusterRole system:public-info-viewer */
const publicInfo: readonly PolicyRule[] = [
  { verbs: ["get"], nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"] },
];

/**
 * What a node agent may ask for; `admission/node-restriction.ts` narrows its writes to its own node, lease and pods.
 * @see kubernetes ClusterRole system:node
 */
const node: readonly PolicyRule[] = [
  { verbs: readVerbs, apiGroups: [""], resources: ["services", "pods", "configmaps", "secrets", "nodes"] },
  { verbs: readVerbs, apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"] },
  { verbs: ["create", "update", "patch"], apiGroups: [""], resources: ["nodes"] },
  { verbs: ["update", "patch"], apiGroups: [""], resources: ["nodes/status", "pods/status"] },
  { verbs: ["delete"], apiGroups: [""], resources: ["pods"] },
  { verbs: ["create", "update", "patch"], apiGroups: ["", "events.k8s.io"], resources: ["events"] },
  { verbs: ["get"], apiGroups: [""], resources: ["serviceaccounts", "namespaces"] },
  { verbs: ["create", "delete", "get", "patch", "update"], apiGroups: ["coordination.k8s.io"], resources: ["leases"], namespaces: ["kube-node-lease"] },
];

/** The rules that hold in every cluster. What controllers may do follows from what they declare, and is added by whoever builds the authoriser. */
export function builtInRules(kinds: readonly Kind[]): readonly Grant[] {
  return [
    { subject: { group: adminGroup }, rules: everything },
    { subject: { group: viewerGroup }, rules: viewerRules(kinds) },
    { subject: { group: "system:nodes" }, rules: node },
    { subject: { group: authenticatedGroup }, rules: [...discovery, ...basicUser, ...publicInfo] },
    { subject: { group: unauthenticatedGroup }, rules: publicInfo },
  ];
}

function viewerRules(kinds: readonly Kind[]): readonly PolicyRule[] {
  const rules = kinds.filter((kind) => !hiddenFromViewers.has(kind.plural)).map((kind): PolicyRule => {
    const parts = [...(kind.hasStatus ? [`${kind.plural}/status`] : []), ...(kind.scale === undefined ? [] : [`${kind.plural}/scale`])];
    return { verbs: readVerbs, apiGroups: [kind.group], resources: [kind.plural, ...parts] };
  });
  return [...rules, { verbs: ["get"], apiGroups: [""], resources: ["pods/log"] }];
}
