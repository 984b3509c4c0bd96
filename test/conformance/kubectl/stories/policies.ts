import type { Story } from "../story.ts";

const policy = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: "{ns}.small"}
spec:
  matchConstraints: {resourceRules: [{operations: [CREATE, UPDATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]}
  validations:
  - {expression: "object.spec.replicas <= 5 || authorizer.requestResource.check('oversize').allowed()", message: at most 5}
  - {expression: "!has(object.metadata.labels) || object.spec.colour == ''", message: never}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: "{ns}.small"}
spec: {policyName: "{ns}.small", validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "{ns}"}}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "{ns}.joe"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: User, name: "{ns}.joe", apiGroup: rbac.authorization.k8s.io}]
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: big}
spec: {replicas: 9, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: a}]}}}
`;

const denied = "ValidatingAdmissionPolicy '{ns}.small' with binding '{ns}.small' denied request: at most 5";

/** Policies that refuse and warn. */
export const policies: readonly Story[] = [
  {
    title: "a policy refuses in its own words, asks for rights, warns, and says which of its expressions cannot hold",
    rows: [
      { run: "create -f -", input: policy, says: "validatingadmissionpolicy.admissionregistration.k8s.io/{ns}.small created\nvalidatingadmissionpolicybinding.admissionregistration.k8s.io/{ns}.small created\nclusterrolebinding.rbac.authorization.k8s.io/{ns}.joe created" },
      { run: "--as={ns}.joe create -f -", input: deployment, complains: `The deployments "big" is invalid: : ${denied}` },
      { run: "--as={ns}.joe create deployment big --image=a --replicas=9", complains: `error: failed to create deployment: deployments.apps "big" is forbidden: ${denied}` },
      { run: "create -f -", input: deployment, says: "deployment.apps/big created" },
      { run: "delete deployment big --wait=false", says: 'deployment.apps "big" deleted*' },
      { run: `patch validatingadmissionpolicybinding {ns}.small --type=merge -p '{"spec":{"validationActions":["Warn"]}}'`, says: "validatingadmissionpolicybinding.admissionregistration.k8s.io/{ns}.small patched" },
      { run: "--as={ns}.joe create deployment other --image=a --replicas=9", says: "deployment.apps/other created", complains: "...\nWarning: Validation failed for ValidatingAdmissionPolicy '{ns}.small' with binding '{ns}.small': at most 5\n...", code: 0 },
      { run: "get validatingadmissionpolicy {ns}.small -o 'jsonpath={.status.observedGeneration} {.status.typeChecking.expressionWarnings[*].fieldRef}'", says: "1 spec.validations[1].expression", isEventual: true },
      { run: "delete validatingadmissionpolicybinding,validatingadmissionpolicy {ns}.small", says: "validatingadmissionpolicybinding.admissionregistration.k8s.io \"{ns}.small\" deleted\nvalidatingadmissionpolicy.admissionregistration.k8s.io \"{ns}.small\" deleted" },
      { run: "delete clusterrolebinding {ns}.joe", says: 'clusterrolebinding.rbac.authorization.k8s.io "{ns}.joe" deleted' },
    ],
  },
];
