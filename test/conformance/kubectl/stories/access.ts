import type { Story } from "../story.ts";

const rules = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: "{ns}"}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: "{ns}"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
`;

/** auth, and who is refused. */
export const access: readonly Story[] = [
  {
    title: "auth tells who one is and what one may, and reconciles roles",
    rows: [
      { run: "auth whoami", from: "1.28", says: "ATTRIBUTE VALUE\nUsername kubernetes-admin\nGroups [system:masters system:authenticated]*\n..." },
      { run: "auth whoami --as=jane --as-group=people -o 'jsonpath={.status.userInfo.username} {.status.userInfo.groups}'", from: "1.28", says: 'jane ["people","system:authenticated"]' },
      { run: "auth reconcile -f -", input: rules, says: "role.rbac.authorization.k8s.io/reader reconciled\n...\nrolebinding.rbac.authorization.k8s.io/readers reconciled\n..." },
      { run: "auth can-i create pods", says: "yes" },
      { run: "auth can-i '*' '*'", says: "yes" },
      { run: "auth can-i get pods --as=jane", says: "yes" },
      { run: "auth can-i get pods --subresource=log --as=jane", says: "no", code: 1 },
      { run: "auth can-i delete pods --as=jane", says: "no", code: 1 },
      { run: "auth can-i get nodes --as=jane", says: "no", code: 1 },
      { run: "auth can-i get /healthz --as=jane", says: "yes" },
      { run: "auth can-i get nothings", says: "yes" },
      { run: "auth can-i --list --as=jane", says: "Resources Non-Resource URLs Resource Names Verbs\n...\npods [] [] [get list]\n...\n[/healthz] [] [get]\n..." },
      { run: "get pods --as=jane" },
      { run: "get secrets --as=jane", complains: 'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "{ns}"' },
      { run: "get nodes --as=jane", complains: 'Error from server (Forbidden): nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope' },
      { run: "create deployment x --image=a --as=jane", complains: 'error: failed to create deployment: deployments.apps is forbidden: User "jane" cannot create resource "deployments" in API group "apps" in the namespace "{ns}"' },
    ],
  },
];
