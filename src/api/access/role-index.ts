import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from "../../model/generated/rbac-v1.ts";
import { ClusterRoleBindingKind, ClusterRoleKind, RoleBindingKind, RoleKind } from "../../model/kinds/rbac.ts";
import type { Store } from "../../store/store.ts";
import type { UserInfo } from "../client.ts";
import { decodeObject } from "../encode.ts";
import { objectKey, prefixOf } from "../keys.ts";
import { isOfKind } from "../shape.ts";
import type { AccessAttributes } from "../verbs.ts";
import { CompiledRole, roleKeyOf } from "./rules.ts";

/** Rights that the code itself gives, to one user or to everybody in a group. */
export interface Grant {
  readonly subject: { readonly user: string } | { readonly group: string };
  readonly rules: readonly PolicyRule[];
}

/** Where all four kinds of RBAC lie in the store. */
export const rolePrefix = prefixOf({ group: RoleKind.group, plural: "" }).replace(/\/$/, "");

/** A binding as it is asked: whom it is for, and what allows. */
interface Binding {
  /** For the reason of a decision: `ClusterRoleBinding "x" of ClusterRole "y"`. */
  readonly title: string;
  /** "" is everywhere. */
  readonly namespace: string;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** The role now; undefined where it does not exist. */
  readonly role: () => CompiledRole | undefined;
}

/** Bindings of one namespace, or of all of them. */
interface Place {
  readonly users: Map<string, Binding[]>;
  readonly groups: Map<string, Binding[]>;
}

/**
 * Roles and bindings, filed by whom they are for. A change names a key and the store answers what lies there now, so that late news cannot bring
 * back an earlier state.
 */
export class RoleIndex {
  readonly #store: Store | undefined;
  readonly #roles = new Map<string, CompiledRole>();
  readonly #bindings = new Map<string, Binding>();
  readonly #places = new Map<string, Place>();

  /** @param grants rights beside those in the store */
  constructor(grants: readonly Grant[], store?: Store) {
    this.#store = store;
    for (const [number, { subject, rules }] of grants.entries()) {
      const role = new CompiledRole(rules);
      const [users, groups] = "user" in subject ? [[subject.user], []] : [[], [subject.group]];
      this.#file(`grant/${number}`, { title: "the daemon itself", namespace: "", users, groups, role: () => role });
    }
    for (const { key } of store?.list(rolePrefix).entries ?? []) this.take(key);
  }

  /** Reads a role or binding anew. */
  take(key: string): void {
    this.#unfile(key);
    this.#roles.delete(key);
    const entry = this.#store?.get(key);
    if (entry === undefined) return;
    const object = decodeObject(entry.value, entry.revision);
    if (isOfKind<ClusterRole>(ClusterRoleKind, object) || isOfKind<Role>(RoleKind, object)) this.#roles.set(key, new CompiledRole(object.rules ?? []));
    else if (isOfKind<ClusterRoleBinding>(ClusterRoleBindingKind, object) || isOfKind<RoleBinding>(RoleBindingKind, object)) this.#file(key, this.#bindingOf(object));
  }

  #bindingOf(binding: ClusterRoleBinding | RoleBinding): Binding {
    const { kind, metadata: { name, namespace = "" }, roleRef, subjects = [] } = binding;
    const roleKey = objectKey(roleRef.kind === "Role" ? RoleKind : ClusterRoleKind, { namespace, name: roleRef.name });
    const place = namespace === "" ? "" : `/${namespace}`;
    return {
      title: `${kind} ${JSON.stringify(`${name}${place}`)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)}`, namespace,
      users: subjects.flatMap((subject) => userOf(subject, namespace) ?? []),
      groups: subjects.filter((subject) => subject.kind === "Group").map((subject) => subject.name),
      role: () => this.#roles.get(roleKey),
    };
  }

  #file(key: string, binding: Binding): void {
    this.#bindings.set(key, binding);
    const place = this.#places.get(binding.namespace) ?? { users: new Map(), groups: new Map() };
    this.#places.set(binding.namespace, place);
    for (const user of new Set(binding.users)) place.users.set(user, [...(place.users.get(user) ?? []), binding]);
    for (const group of new Set(binding.groups)) place.groups.set(group, [...(place.groups.get(group) ?? []), binding]);
  }

  #unfile(key: string): void {
    const binding = this.#bindings.get(key);
    if (binding === undefined) return;
    this.#bindings.delete(key);
    const place = this.#places.get(binding.namespace);
    if (place === undefined) return;
    for (const user of binding.users) without(place.users, user, binding);
    for (const group of binding.groups) without(place.groups, group, binding);
    if (place.users.size === 0 && place.groups.size === 0) this.#places.delete(binding.namespace);
  }

  /** Why a user may, in upstream's words; undefined when no rule says so. */
  find(user: UserInfo, attributes: AccessAttributes): string | undefined {
    const key = roleKeyOf(attributes);
    const everywhere = findIn(this.#places.get(""), user, attributes, key);
    const { namespace = "" } = attributes;
    if (everywhere !== undefined || namespace === "") return everywhere;
    return findIn(this.#places.get(namespace), user, attributes, key);
  }

  /** Every rule a user has in a namespace, those that hold everywhere included; "" asks for these alone. */
  rulesOf(user: UserInfo, namespace: string): readonly PolicyRule[] {
    const places = [this.#places.get(""), namespace === "" ? undefined : this.#places.get(namespace)];
    const bindings = new Set(places.flatMap((place) => (place === undefined ? [] : [
      ...(place.users.get(user.name) ?? []), ...user.groups.flatMap((group) => place.groups.get(group) ?? []),
    ])));
    return [...bindings].flatMap((binding) => binding.role()?.rules ?? []);
  }
}

function findIn(place: Place | undefined, user: UserInfo, attributes: AccessAttributes, key: string): string | undefined {
  if (place === undefined) return undefined;
  for (const binding of place.users.get(user.name) ?? []) {
    if (binding.role()?.allows(attributes, key) === true) return `RBAC: allowed by ${binding.title} to User ${JSON.stringify(user.name)}`;
  }
  for (const group of user.groups) {
    for (const binding of place.groups.get(group) ?? []) {
      if (binding.role()?.allows(attributes, key) === true) return `RBAC: allowed by ${binding.title} to Group ${JSON.stringify(group)}`;
    }
  }
  return undefined;
}

/** The user name a subject stands for; undefined for a group. */
function userOf(subject: Subject, namespace: string): string | undefined {
  switch (subject.kind) {
    case "User": return subject.name;
    case "ServiceAccount": return serviceAccountUser(subject.namespace === undefined || subject.namespace === "" ? namespace : subject.namespace, subject.name);
    default: return undefined;
  }
}

/** `system:serviceaccount:NAMESPACE:NAME`. */
export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The groups every ServiceAccount of a namespace is in. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

function without(table: Map<string, Binding[]>, name: string, binding: Binding): void {
  const left = (table.get(name) ?? []).filter((one) => one !== binding);
  if (left.length === 0) table.delete(name);
  else table.set(name, left);
}
