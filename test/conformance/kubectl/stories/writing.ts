import type { Story } from "../story.ts";

const settings = (a: string, more = "") => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: "${a}"${more}}\n`;

const workload = (image: string, extra = "") => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}", env: [{name: A, value: "1"}]${extra}}]}
`;

/** apply, diff, patch, label, annotate, set, replace, edit and delete. */
export const writing: readonly Story[] = [
  {
    title: "apply creates, configures, prunes and shows its difference, on the client's side and the server's",
    rows: [
      { run: "diff -f -", input: settings("1"), code: 1, says: "diff -u -N */v1.ConfigMap.{ns}.c */v1.ConfigMap.{ns}.c\n...\n+apiVersion: v1\n+data:\n+ a: \"1\"\n+kind: ConfigMap\n...", },
      { run: "apply -f -", input: settings("1", ", b: x"), says: "configmap/c created" },
      { run: "apply -f -", input: settings("1", ", b: x"), says: "configmap/c unchanged" },
      { run: "diff -f -", input: settings("1", ", b: x") },
      { run: "diff -f -", input: settings("2"), code: 1, says: "...\n- a: \"1\"\n- b: x\n+ a: \"2\"\n..." },
      { run: "apply -f -", input: settings("2"), says: "configmap/c configured" },
      { run: "get cm c -o 'jsonpath={.data}'", says: '{"a":"2"}' },
      { run: "apply view-last-applied configmap c", says: 'apiVersion: v1\ndata:\na: "2"\nkind: ConfigMap\nmetadata:\nannotations: {}\nname: c\nnamespace: {ns}' },
      { run: "apply --dry-run=server -f -", input: settings("3"), says: "configmap/c configured (server dry run)" },
      { run: "apply --dry-run=client -f -", input: settings("3"), says: "configmap/c configured (dry run)" },
      { run: "apply --server-side --field-manager=other -f -", input: settings("4"), complains: 'error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a\nPlease review the fields above--they currently have other managers. Here\n...' },
      { run: "apply --server-side --field-manager=other --force-conflicts -f -", input: settings("4"), says: "configmap/c serverside-applied" },
      { run: "diff --server-side --force-conflicts --field-manager=other -f -", input: settings("5"), code: 1, says: '...\n- a: "4"\n+ a: "5"\n...' },
      { run: "apply --prune --prune-allowlist=core/v1/ConfigMap -l set=one -f -", input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: first, labels: {set: one}}\n", says: "configmap/first created" },
      { run: "apply --prune --prune-allowlist=core/v1/ConfigMap -l set=one -f -", input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: second, labels: {set: one}}\n", says: "configmap/second created\nconfigmap/first pruned" },
      { run: "apply -f -", input: settings("1").replace("\ndata", "\ndate"), complains: '...\nThe request is invalid: patch: Invalid value: "{...}": strict decoding error: unknown field "date"' },
      { run: "create -f -", input: workload("a:1", ", port: 1"), complains: 'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].port"' },
      { run: "create -f -", input: workload("a:1").replace('"1"}', "1}"), complains: 'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string' },
      { run: "create -f -", input: workload("").replace("app: web}}\n  template", "app: other}}\n  template"), complains: 'The Deployment "web" is invalid: \n* spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`\n* spec.template.spec.containers[0].image: Required value' },
      { run: "apply -f -", input: "apiVersion: nothing/v1\nkind: Foo\nmetadata: {name: x}\n", complains: 'error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "Foo" in version "nothing/v1"\nensure CRDs are installed first' },
    ],
  },
  {
    title: "patch, label, annotate and set change what they name",
    rows: [
      { run: "create -f -", input: workload("a:1"), says: "deployment.apps/web created" },
      { run: `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"B","value":"2"}]}]}}}}'`, says: "deployment.apps/web patched" },
      { run: `patch deploy web --type=merge -p '{"metadata":{"labels":{"x":"1"}}}'`, says: "deployment.apps/web patched" },
      { run: `patch deploy web --type=merge -p '{"metadata":{"labels":{"x":"1"}}}'`, says: "deployment.apps/web patched (no change)" },
      { run: `patch deploy web --type=json -p '[{"op":"remove","path":"/metadata/labels/x"}]'`, says: "deployment.apps/web patched" },
      { run: `patch deploy web --type=json -p '[{"op":"remove","path":"/metadata/labels/x"}]'`, complains: "The request is invalid: the server rejected our request due to an error in our request" },
      { run: `patch deploy web --subresource=status --type=merge -p '{"status":{"replicas":3}}'`, says: "deployment.apps/web patched*" },
      { run: `patch deploy nothing -p '{}'`, complains: 'Error from server (NotFound): deployments.apps "nothing" not found' },
      { run: `patch deploy web -p '{"spec":{"selector":{"matchLabels":{"app":"x"}}}}'`, complains: 'The Deployment "web" is invalid: \n...\n*spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable' },
      { run: "label deploy web tier=front", says: "deployment.apps/web labeled" },
      { run: "label deploy web tier=back", complains: "error: 'tier' already has a value (front), and --overwrite is false" },
      { run: "label deploy web tier=back --overwrite", says: "deployment.apps/web labeled" },
      { run: "label deploy web tier-", says: "deployment.apps/web unlabeled" },
      { run: "label deploy web tier-", says: 'label "tier" not found.\ndeployment.apps/web labeled' },
      { run: "label deploy --all all=yes", says: "deployment.apps/web labeled" },
      { run: "annotate deploy web note=hello", says: "deployment.apps/web annotate*" },
      { run: "annotate deploy web note-", says: "deployment.apps/web annotate*" },
      { run: "set image deploy/web web=a:2", says: "deployment.apps/web image updated" },
      { run: "set image deploy/web none=a:2", complains: 'error: unable to find container named "none"' },
      { run: "set env deploy/web C=3 A-", says: "deployment.apps/web env updated" },
      { run: "set env deploy/web --list", says: "# Deployment web, container web\nB=2\nC=3" },
      { run: "set resources deploy/web --limits=memory=200Mi --requests=cpu=10m", says: "deployment.apps/web resource requirements updated" },
      { run: "set serviceaccount deploy/web default", says: "deployment.apps/web serviceaccount updated" },
      { run: "get deploy web -o wide", says: "NAME READY UP-TO-DATE AVAILABLE AGE CONTAINERS IMAGES SELECTOR\nweb 0/0 0 0 * web a:2 app=web" },
      { run: "get deploy web -o 'jsonpath={.spec.template.spec.containers[0].resources} {.spec.template.spec.serviceAccountName}'", says: '{"limits":{"memory":"200Mi"},"requests":{"cpu":"10m"}} default' },
      { run: "create service clusterip s --tcp=80", says: "service/s created" },
      { run: "set selector service s app=web", says: "service/s selector updated" },
      { run: "create rolebinding r --clusterrole=view --user=a", says: "rolebinding.rbac.authorization.k8s.io/r created" },
      { run: "set subject rolebinding r --user=b --group=c", says: "rolebinding.rbac.authorization.k8s.io/r subjects updated" },
      { run: "get rolebinding r -o 'jsonpath={.subjects[*].name}'", says: "a b c" },
    ],
  },
  {
    title: "replace and edit put another object in the place of one",
    rows: [
      { run: "create -f -", input: settings("1"), says: "configmap/c created" },
      { run: "replace -f -", input: settings("2"), says: "configmap/c replaced" },
      { run: "replace -f -", input: settings("2").replace("name: c", "name: d"), complains: 'Error from server (NotFound): error when replacing "STDIN": configmaps "d" not found' },
      { run: "replace --force -f -", input: settings("three"), says: 'configmap "c" deleted\nconfigmap/c replaced' },
      { run: "edit configmap c", editor: 'sed -i s/three/four/', says: "configmap/c edited" },
      { run: "edit configmap c", editor: "true", complains: "Edit cancelled, no changes made.", code: 0 },
      { run: "get cm c -o 'jsonpath={.data.a}'", says: "four" },
      { run: "edit configmap c", editor: "sed -i s/^data/date/", complains: 'error: configmaps "c" is invalid\nA copy of your changes has been stored to *\nerror: Edit cancelled, no valid changes were saved.' },
      { run: `patch configmap c -p '{"immutable":true}'`, says: "configmap/c patched" },
      { run: `patch configmap c -p '{"data":{"a":"5"}}'`, complains: 'The ConfigMap "c" is invalid: data: Forbidden: field is immutable when `immutable` is set' },
    ],
  },
  {
    title: "delete takes what it names, by name, label and file, and cascades as asked",
    rows: [
      { run: "create -f -", input: settings("1"), says: "configmap/c created" },
      { run: "delete configmap c --dry-run=server", says: 'configmap "c" deleted (server dry run)' },
      { run: "delete configmap c", says: 'configmap "c" deleted' },
      { run: "delete configmap c", complains: 'Error from server (NotFound): configmaps "c" not found' },
      { run: "delete configmap c --ignore-not-found" },
      { run: "delete configmap -l a=b", says: "No resources found" },
      { run: "create deployment web --image=busybox:1 -- sleep 100000", says: "deployment.apps/web created" },
      { run: "wait --for=condition=Available deploy/web --timeout=30s", says: "deployment.apps/web condition met" },
      { run: "delete deploy web --cascade=orphan", says: 'deployment.apps "web" deleted' },
      { run: "get rs -l app=web --no-headers", says: "web-* 1 1 1 *" },
      { run: "delete rs -l app=web --cascade=foreground", says: 'replicaset.apps "web-*" deleted' },
      { run: "get pods -l app=web -o name" },
      { run: "create deployment web --image=busybox:1 -- sleep 100000", says: "deployment.apps/web created" },
      { run: "rollout status deploy web", says: "...\ndeployment \"web\" successfully rolled out" },
      { run: "delete deploy web --cascade=background", says: 'deployment.apps "web" deleted' },
      { run: "get rs -l app=web -o name", isEventual: true },
      { run: "run p --image=busybox:1 -- sleep 100000", says: "pod/p created" },
      { run: "wait --for=condition=Ready pod/p --timeout=30s", says: "pod/p condition met" },
      { run: "delete pod p --now", says: 'pod "p" deleted' },
      { run: "run p --image=busybox:1 -- sleep 100000", says: "pod/p created" },
      { run: "delete pod p --grace-period=0 --force", says: '*pod "p" force deleted*' },
      { run: "create -f -", input: `${settings("1")}---\n${settings("2").replace("name: c", "name: d")}`, says: "configmap/c created\nconfigmap/d created" },
      { run: "delete -f -", input: `${settings("1")}---\n${settings("2").replace("name: c", "name: d")}`, says: 'configmap "c" deleted\nconfigmap "d" deleted' },
    ],
  },
];
