import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from "../../model/generated/rbac-v1.ts";
import type { Kind } from "../../model/kind.ts";

/** Members may do everything, as `system:masters`; a token can be given it by name. */
export const adminGroup = "capstan:admin";

/** Members may read everything but secrets and rendered artifacts. */
export const viewerGroup = "capstan:viewer";

/** May push to and clone hosted repositories, nothing else. */
export const gitGroup = "capstan:git";

/** Everybody who proved who they are. */
export const authenticatedGroup = "system:authenticated";

/** Everybody, even without a token. */
export const unauthenticatedGroup = "system:unauthenticated";

/** The roles and bindings every cluster starts with. */
export interface BootstrapRoles {
  readonly clusterRoles: readonly ClusterRole[];
  readonly roles: readonly Role[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roleBindings: readonly RoleBinding[];
}

const group = "rbac.authorization.k8s.io";
const apiVersion = `${group}/v1`;

/** Repaired at each start while it says "true". */
export const autoUpdateAnnotation = "rbac.authorization.kubernetes.io/autoupdate";

/** @see kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy */
export async function readBootstrapRoles(kinds: readonly Kind[]): Promise<BootstrapRoles> {
  const { default: facts } = await import("./bootstrap-roles.json", { with: { type: "json" } });
  const clusterRoles: readonly RoleFacts[] = [...facts.clusterRoles, ...ownRoles(kinds)];
  return {
    clusterRoles: clusterRoles.map((role): ClusterRole => ({
      apiVersion, kind: "ClusterRole", metadata: metadataFor(role), ...(role.rules === undefined ? {} : { rules: role.rules }),
      ...(role.aggregates === undefined ? {} : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [role.aggregates]: "true" } }] } }),
    })),
    roles: facts.roles.map((role): Role => ({ apiVersion, kind: "Role", metadata: metadataFor(role), rules: role.rules })),
    clusterRoleBindings: [...facts.clusterRoleBindings, ...ownBindings].map((binding): ClusterRoleBinding => ({ apiVersion, kind: "ClusterRoleBinding", ...bindingOf(binding) })),
    roleBindings: facts.roleBindings.map((binding): RoleBinding => ({ apiVersion, kind: "RoleBinding", ...bindingOf(binding) })),
  };
}

interface RoleFacts {
  readonly namespace?: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string | undefined>>;
  /** The label of the roles whose rules it is made of. */
  readonly aggregates?: string;
  readonly rules?: readonly PolicyRule[];
}

interface BindingFacts {
  readonly namespace?: string;
  readonly name: string;
  /** `ClusterRole/NAME`. */
  readonly role: string;
  /** `User/NAME`, `Group/NAME` or `ServiceAccount/NAMESPACE/NAME`. */
  readonly subjects: readonly string[];
}

const readVerbs: readonly string[] = ["get", "list", "watch"];

/** Kinds whose content a viewer may not see: secrets, and rendered manifests, which may hold some. */
const hiddenFromViewers: ReadonlySet<string> = new Set(["secrets", "artifacts"]);

/** What Capstan adds to Kubernetes' own roles. */
function ownRoles(kinds: readonly Kind[]): readonly RoleFacts[] {
  return [
    { name: viewerGroup, rules: viewerRules(kinds) },
    { name: gitGroup, rules: [{ apiGroups: ["capstan.dev"], resources: ["repositories/git"], verbs: ["get", "update"] }] },
  ];
}

const ownBindings: readonly BindingFacts[] = [
  { name: adminGroup, role: "ClusterRole/cluster-admin", subjects: [`Group/${adminGroup}`] },
  ...[viewerGroup, gitGroup].map((name) => ({ name, role: `ClusterRole/${name}`, subjects: [`Group/${name}`] })),
];

function viewerRules(kinds: readonly Kind[]): readonly PolicyRule[] {
  const visible = kinds.filter((kind) => !hiddenFromViewers.has(kind.plural) && (kind.verbs?.includes("list") ?? true));
  const rules = [...new Set(visible.map((kind) => kind.group))].map((name): PolicyRule => ({
    apiGroups: [name], verbs: readVerbs,
    resources: [...new Set(visible.filter((kind) => kind.group === name).flatMap((kind) => [
      kind.plural, ...(kind.hasStatus ? [`${kind.plural}/status`] : []), ...(kind.scale === undefined ? [] : [`${kind.plural}/scale`]),
    ]))],
  }));
  return [...rules, { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] }, { apiGroups: ["capstan.dev"], resources: ["repositories/git"], verbs: ["get"] }];
}

function metadataFor({ namespace, name, labels = {} }: Pick<RoleFacts, "namespace" | "name" | "labels">) {
  const given = Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return {
    name, ...(namespace === undefined ? {} : { namespace }),
    labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...Object.fromEntries(given) }, annotations: { [autoUpdateAnnotation]: "true" },
  };
}

function bindingOf(binding: BindingFacts) {
  const [kind = "", name = ""] = binding.role.split("/");
  return { metadata: metadataFor(binding), roleRef: { apiGroup: group, kind, name }, subjects: binding.subjects.map(parseSubject) };
}

function parseSubject(text: string): Subject {
  const [kind = "", first = "", name] = text.split("/");
  return name === undefined ? { kind, apiGroup: group, name: first } : { kind, namespace: first, name };
}
