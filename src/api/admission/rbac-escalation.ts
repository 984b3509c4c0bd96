import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from "../../model/generated/rbac-v1.ts";
import { ClusterRoleBindingKind, ClusterRoleKind, RoleBindingKind, RoleKind } from "../../model/kinds/rbac.ts";
import type { ApiObject } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import { escalationMessage, missingRules } from "../access/escalation.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { everything, mastersGroup } from "../authorizer.ts";
import { forbidden, notFound } from "../errors.ts";
import { isOfKind } from "../shape.ts";

/**
 * Nobody gives away rights they do not have: who writes a role has every right in it or may `escalate`, who writes a binding has every right of
 * its role or may `bind` it.
 *
 * @see kubernetes pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased
 */
export const rbacEscalation: Admission = {
  name: "RBACEscalation",
  handles: ({ kind, operation }) => kind.group === RoleKind.group && operation !== "remove",
  validate(object, request) {
    if (request.user.groups.includes(mastersGroup) || (request.old !== undefined && isCollectable(object, request.old))) return;
    if (isOfKind<ClusterRole>(ClusterRoleKind, object) || isOfKind<Role>(RoleKind, object)) demandRole(object, request);
    if (isOfKind<ClusterRoleBinding>(ClusterRoleBindingKind, object) || isOfKind<RoleBinding>(RoleBindingKind, object)) demandBinding(object, request);
  },
};

/** True when only what the garbage collector writes differs. */
function isCollectable(object: ApiObject, old: ApiObject): boolean {
  const plain = ({ metadata, ...rest }: ApiObject) => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, resourceVersion: _revision, ...kept } = metadata;
    return { ...rest, metadata: kept };
  };
  return isEqual(plain(object), plain(old));
}

function demandRole(role: ClusterRole | Role, request: AdmissionRequest): void {
  const { kind, ref, user, authorizer } = request;
  if (authorizer.isAllowed(user, { verb: "escalate", group: kind.group, resource: kind.plural, namespace: ref.namespace, name: ref.name })) return;
  demandRights(role.rules ?? [], request);
  // Who lets a role gather rules has all of them: nobody knows what will be gathered.
  if (!isAggregated(role) && (request.old === undefined || !isAggregated(request.old))) return;
  if (missingRules(authorizer.rulesOf(user, ""), everything).length > 0) throw forbidden(kind, ref.name, "must have cluster-admin privileges to use an aggregationRule");
}

function isAggregated(role: ApiObject): boolean {
  return isOfKind<ClusterRole>(ClusterRoleKind, role) && role.aggregationRule !== undefined;
}

function demandRights(rules: readonly PolicyRule[], { kind, ref, user, authorizer }: AdmissionRequest): void {
  const missing = missingRules(authorizer.rulesOf(user, ref.namespace), rules);
  if (missing.length > 0) throw forbidden(kind, ref.name, escalationMessage(user, missing));
}

function demandBinding({ roleRef }: ClusterRoleBinding | RoleBinding, request: AdmissionRequest): void {
  const { ref, user, authorizer, reader } = request;
  const roleKind = roleRef.kind === "Role" ? RoleKind : ClusterRoleKind;
  if (authorizer.isAllowed(user, { verb: "bind", group: roleKind.group, resource: roleKind.plural, namespace: ref.namespace, name: roleRef.name })) return;
  const roleRefNamespace = roleRef.kind === "Role" ? ref.namespace : "";
  const role: Role | ClusterRole | undefined = reader.get<Role | ClusterRole>(roleKind, { namespace: roleRefNamespace, name: roleRef.name }, { isDepended: true });
  if (role === undefined) throw notFound(roleKind, roleRef.name);
  demandRights(role.rules ?? [], request);
}
