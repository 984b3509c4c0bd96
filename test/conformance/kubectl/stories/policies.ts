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

const mutation = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: "{ns}.team"}
spec:
  matchConstraints: {resourceRules: [{operations: [CREATE, UPDATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]}
  reinvocationPolicy: Never
  mutations:
  - {patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'team': namespaceObject.metadata.name}}, spec: Object.spec{replicas: 3}}"}}
  - patchType: JSONPatch
    jsonPatch:
      expression: "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/by'), value: request.userInfo.username}]"
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: "{ns}.team"}
spec: {policyName: "{ns}.team", matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "{ns}"}}}}
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: big}
spec: {replicas: 9, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: a}]}}}
`;

const denied = "ValidatingAdmissionPolicy '{ns}.small' with binding '{ns}.small' denied request: at most 5";

/** Policies that refuse, warn and change. */
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
  {
    title: "a policy changes what is written, its patch after its merge, and shows how many mutations it has",
    rows: [
      { run: "create -f -", input: mutation, says: "mutatingadmissionpolicy.admissionregistration.k8s.io/{ns}.team created\nmutatingadmissionpolicybinding.admissionregistration.k8s.io/{ns}.team created" },
      { run: "create -f -", input: deployment, says: "deployment.apps/big created" },
      { run: "get deployment big -o 'jsonpath={.spec.replicas} {.metadata.labels.team}'", says: "3 {ns}" },
      { run: "annotate deployment big note=x --dry-run=server -o 'jsonpath={.metadata.annotations.note} {.spec.replicas}'", says: "x 3" },
      { run: "get mutatingadmissionpolicy {ns}.team --no-headers", says: "{ns}.team   2   <unset>   *" },
      { run: `patch mutatingadmissionpolicy {ns}.team --type=json -p '[{"op":"replace","path":"/spec/mutations/0/applyConfiguration/expression","value":"Object{spec: Object.spec{nothing: 1}}"}]'`, says: "mutatingadmissionpolicy.admissionregistration.k8s.io/{ns}.team patched" },
      { run: "annotate deployment big note=y", complains: "*policy '{ns}.team' with binding '{ns}.team' denied request: error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema*" },
      { run: "delete mutatingadmissionpolicybinding,mutatingadmissionpolicy {ns}.team", says: "mutatingadmissionpolicybinding.admissionregistration.k8s.io \"{ns}.team\" deleted\nmutatingadmissionpolicy.admissionregistration.k8s.io \"{ns}.team\" deleted" },
    ],
  },
];
