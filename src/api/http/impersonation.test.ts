import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthorizer } from "../authorizer.ts";
import type { UserInfo } from "../client.ts";
import { impersonate } from "./impersonation.ts";

const ann: UserInfo = { name: "ann", groups: ["system:authenticated"] };
const authorizer = createAuthorizer({ rules: [{ subject: { user: "ann" }, rules: [
  { apiGroups: [""], resources: ["users"], resourceNames: ["bob", "J\u00fcrgen", "system:anonymous"], verbs: ["impersonate"] },
  { apiGroups: [""], resources: ["groups"], resourceNames: ["team", "a, b", "system:unauthenticated"], verbs: ["impersonate"] },
  { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] },
  { apiGroups: ["authentication.k8s.io"], resources: ["userextras/scopes"], verbs: ["impersonate"] },
] }] });

const allowed: readonly { readonly headers: readonly string[]; readonly user: UserInfo }[] = [
  { headers: ["Accept", "*/*"], user: ann },
  { headers: ["Impersonate-User", "bob"], user: { name: "bob", groups: ["system:authenticated"] } },
  { headers: ["impersonate-user", "bob", "Impersonate-Group", "team", "Impersonate-Group", "a, b"], user: { name: "bob", groups: ["team", "a, b", "system:authenticated"] } },
  { headers: ["Impersonate-User", "bob", "Impersonate-Extra-scopes", "x", "Impersonate-Extra-Scopes", "y"], user: { name: "bob", groups: ["system:authenticated"], extra: { scopes: ["x", "y"] } } },
  { headers: ["Impersonate-User", "system:serviceaccount:n:s"], user: { name: "system:serviceaccount:n:s", groups: ["system:serviceaccounts", "system:serviceaccounts:n", "system:authenticated"] } },
  { headers: ["Impersonate-User", "bob", "Impersonate-Group", "system:unauthenticated"], user: { name: "bob", groups: ["system:unauthenticated"] } },
  { headers: ["Impersonate-User", "J\u00c3\u00bcrgen"], user: { name: "J\u00fcrgen", groups: ["system:authenticated"] } },
  { headers: ["Impersonate-User", "system:anonymous"], user: { name: "system:anonymous", groups: ["system:unauthenticated"] } },
];

for (const { headers, user } of allowed) test(`${headers.join(" ")} acts as ${user.name} in ${user.groups.join(" ")}`, () => { assert.deepEqual(impersonate(ann, headers, authorizer), user); });

const refused: readonly { readonly headers: readonly string[]; readonly code: number; readonly message: string }[] = [
  { headers: ["Impersonate-User", "eve"], code: 403, message: 'users "eve" is forbidden: User "ann" cannot impersonate resource "users" in API group "" at the cluster scope' },
  { headers: ["Impersonate-User", "bob", "Impersonate-Group", "system:masters"], code: 403, message: 'groups "system:masters" is forbidden: User "ann" cannot impersonate resource "groups" in API group "" at the cluster scope' },
  { headers: ["Impersonate-User", "bob", "Impersonate-Uid", "7"], code: 403, message: 'uids.authentication.k8s.io "7" is forbidden: User "ann" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope' },
  { headers: ["Impersonate-User", "bob", "Impersonate-Extra-Other", "x"], code: 403, message: 'userextras.authentication.k8s.io "x" is forbidden: User "ann" cannot impersonate resource "userextras/other" in API group "authentication.k8s.io" at the cluster scope' },
  { headers: ["Impersonate-Group", "team"], code: 400, message: "the request asks for groups, a uid or extra without a user to impersonate" },
  { headers: ["Impersonate-Unknown", "x"], code: 400, message: "the request asks for groups, a uid or extra without a user to impersonate" },
  { headers: ["Impersonate-User", "bob", "Impersonate-User", "eve"], code: 400, message: "the request names several users to impersonate" },
];

for (const { headers, code, message } of refused) test(`${headers.join(" ")} is refused`, () => { assert.throws(() => impersonate(ann, headers, authorizer), { code, message }); });
