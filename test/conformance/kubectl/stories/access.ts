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

/** A request for the client certificate of joe, one of devs. */
const wish = `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: "{ns}.joe"}
spec: {request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWE1IOENBUUF3SFRFTU1Bb0dBMVVFQXd3RGFtOWxNUTB3Q3dZRFZRUUtEQVJrWlhaek1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVWdnVaYjJkSy9sNVVBU3kvSS9LWEE3TklMa00zd3JmYkJHTEg3UjByCmZUVGo2a3l2SGxHaE8remw0K3Zja2Q1OVc2QTRzNWxmVld2RUNUb0F6b2JhZmFBQU1Bb0dDQ3FHU000OUJBTUMKQTBnQU1FVUNJUUNGcS9wWDhRVmwyemhIMjdFM3pHNm9zaUhvL1NMaGdoOGYrMzVhaGRtMHdRSWdZTVkwbjVESgpjcTdZT1hQSDUyWjk2cFpJcFNxSXlIVWtVL3h6WlZMM0pFbz0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], username: forged}
`;

/** auth, and who is refused. */
export const access: readonly Story[] = [
  {
    title: "a request for a certificate says who made it, and is approved and denied",
    rows: [
      { run: "create -f -", input: wish, says: "certificatesigningrequest.certificates.k8s.io/{ns}.joe created" },
      { run: "get csr {ns}.joe --no-headers", says: "{ns}.joe * kubernetes.io/kube-apiserver-client kubernetes-admin <none> Pending" },
      { run: "certificate approve {ns}.joe", says: "certificatesigningrequest.certificates.k8s.io/{ns}.joe approved" },
      { run: "get csr {ns}.joe --no-headers", isEventual: true, says: "{ns}.joe * kubernetes.io/kube-apiserver-client kubernetes-admin <none> Approved,Issued" },
      { run: "get csr {ns}.joe -o 'go-template={{.status.certificate | base64decode}}'", says: "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----" },
      { run: "describe csr {ns}.joe", says: "Name: {ns}.joe\nLabels: <none>\nAnnotations: <none>\nCreationTimestamp: *\nRequesting User: kubernetes-admin\nSigner: kubernetes.io/kube-apiserver-client\nStatus: Approved,Issued\nSubject:\nCommon Name: joe\nSerial Number:\nOrganization: devs\nEvents: <none>" },
      { run: "certificate deny {ns}.joe", complains: 'error: certificate signing request "{ns}.joe" is already Approved' },
      { run: "delete csr {ns}.joe", says: 'certificatesigningrequest.certificates.k8s.io "{ns}.joe" deleted' },
    ],
  },
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
