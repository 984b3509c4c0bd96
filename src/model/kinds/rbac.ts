import { isEqual } from "../../value/equal.ts";
import { checkPathSegment } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from "../generated/rbac-v1.ts";
import type { Column } from "../kind.ts";
import { notSupported } from "../print-field-error.ts";
import { checkLabelSelector, checkPresent, invalid, required } from "../checks.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { createdAtColumns, kindOf } from "./_kind-of.ts";

export type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "../generated/rbac-v1.ts";

const group = "rbac.authorization.k8s.io";
const apiVersion = `${group}/v1`;

/** Role, `rbac.authorization.k8s.io/v1`. */
export const RoleKind = kindOf<Role>({
  apiVersion, kind: "Role", plural: "roles", namespaced: true, isCreatedByUpdate: true, columns: createdAtColumns, checkName: checkPathSegment,
  validate: ({ rules = [] }) => rules.flatMap((rule, index) => checkRule(rule, `rules[${index}]`, true)),
});

/** ClusterRole, `rbac.authorization.k8s.io/v1`. */
export const ClusterRoleKind = kindOf<ClusterRole>({
  apiVersion, kind: "ClusterRole", plural: "clusterroles", namespaced: false, isCreatedByUpdate: true, columns: createdAtColumns, checkName: checkPathSegment,
  validate: ({ rules = [], aggregationRule }) => [
    ...rules.flatMap((rule, index) => checkRule(rule, `rules[${index}]`, false)),
    ...(aggregationRule === undefined ? [] : checkAggregation(aggregationRule.clusterRoleSelectors ?? [])),
  ],
});

/** RoleBinding, `rbac.authorization.k8s.io/v1`. */
export const RoleBindingKind = kindOf<RoleBinding>({
  apiVersion, kind: "RoleBinding", plural: "rolebindings", namespaced: true, isCreatedByUpdate: true, columns: bindingColumns(), checkName: checkPathSegment,
  validate: (binding, old) => checkBinding(binding, old, { roles: ["ClusterRole", "Role"], isNamespaced: true }),
});

/** ClusterRoleBinding, `rbac.authorization.k8s.io/v1`. */
export const ClusterRoleBindingKind = kindOf<ClusterRoleBinding>({
  apiVersion, kind: "ClusterRoleBinding", plural: "clusterrolebindings", namespaced: false, isCreatedByUpdate: true, columns: bindingColumns(), checkName: checkPathSegment,
  validate: (binding, old) => checkBinding(binding, old, { roles: ["ClusterRole"], isNamespaced: false }),
});

type Binding = RoleBinding | ClusterRoleBinding;

function bindingColumns(): readonly Column<Binding>[] {
  return [
    nameColumn,
    textColumn("Role", ({ roleRef }) => `${roleText(roleRef.kind)}/${roleText(roleRef.name)}`),
    ageColumn,
    textColumn("Users", ({ subjects }) => subjectsText(subjects, "User"), 1),
    textColumn("Groups", ({ subjects }) => subjectsText(subjects, "Group"), 1),
    textColumn("ServiceAccounts", ({ subjects }) => subjectsText(subjects, "ServiceAccount"), 1),
  ];
}

function roleText(text: string | undefined): string {
  return text ?? "";
}

function subjectsText(subjects: readonly Subject[] = [], kind: string): string {
  return subjects.filter((subject) => subject.kind === kind)
    .map(({ name, namespace = "" }) => (kind === "ServiceAccount" ? `${namespace}/${name}` : name)).join(", ");
}

/** @see kubernetes pkg/apis/rbac/validation/validation.go ValidatePolicyRule */
function checkRule({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule, path: string, isNamespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = verbs.length === 0 ? [required(`${path}.verbs`, "verbs must contain at least one value")] : [];
  if (nonResourceURLs.length > 0) {
    if (isNamespaced) errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs"));
    }
    return errors;
  }
  if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  if (resources.length === 0) errors.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  return errors;
}

function checkAggregation(selectors: readonly Parameters<typeof checkLabelSelector>[1][]): readonly FieldError[] {
  const path = "aggregationRule.clusterRoleSelectors";
  if (selectors.length === 0) return [required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  return selectors.flatMap((selector, index) => checkLabelSelector(`${path}[${index}]`, selector));
}

function checkBinding({ roleRef, subjects = [] }: Binding, old: Binding | undefined, { roles, isNamespaced }: { readonly roles: readonly string[]; readonly isNamespaced: boolean }): readonly FieldError[] {
  const errors = [...checkRoleRef(roleRef, roles), ...subjects.flatMap((subject, index) => checkSubject(subject, `subjects[${index}]`, isNamespaced))];
  if (old !== undefined && !isEqual(old.roleRef, roleRef)) errors.push(invalid("roleRef", roleRef, "cannot change roleRef"));
  return errors;
}

function checkRoleRef({ apiGroup = "", kind, name }: RoleRef, roles: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (apiGroup !== group) errors.push(notSupported("roleRef.apiGroup", apiGroup, [group]));
  if (!roles.includes(kind)) errors.push(notSupported("roleRef.kind", kind, roles));
  return [...errors, ...checkPathSegment(name).map((detail) => invalid("roleRef.name", name, detail))];
}

/** A service account without a namespace is one of the binding's own. @see kubernetes pkg/apis/rbac/validation ValidateRoleBindingSubject */
function checkSubject({ kind, apiGroup = "", name, namespace = "" }: Subject, path: string, isNamespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [...checkPresent(`${path}.name`, name)];
  switch (kind) {
    case "ServiceAccount":
      if (apiGroup !== "") errors.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
      if (!isNamespaced && namespace === "") errors.push(required(`${path}.namespace`));
      return errors;
    case "User": case "Group":
      if (apiGroup !== group) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [group]));
      return errors;
    default: return [...errors, notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"])];
  }
}
