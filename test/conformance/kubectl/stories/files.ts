import type { Story } from "../story.ts";

/** What the stories of this file read below `{home}`, by path. */
export const storyFiles: Readonly<Record<string, string>> = {
  "overlay/kustomization.yaml": `namePrefix: k-
resources: [deploy.yaml]
configMapGenerator: [{name: settings, literals: [a=1]}]
replicas: [{name: web, count: 0}]
`,
  "overlay/deploy.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "a:1", envFrom: [{configMapRef: {name: settings}}]}]}
`,
  "columns.txt": "NAME A\nmetadata.name data.a\n",
  "path.txt": "{.metadata.name} {.data.a}",
  "template.txt": "{{.metadata.name}}-{{.data.a}}",
  "patch.yaml": "spec: {paused: true}\n",
};

const settings = (a: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: ${a}}\n`;

/** Kustomize, templates and patches from files, what was applied last, and watches that end. */
export const files: readonly Story[] = [
  {
    title: "a folder of kustomize is rendered, applied, read, compared and deleted",
    rows: [
      { run: "kustomize {home}/overlay", says: "apiVersion: v1\ndata:\na: \"1\"\nkind: ConfigMap\nmetadata:\nname: k-settings-h29d89cmmt\n---\n...\nreplicas: 0\n..." },
      { run: "apply -k {home}/overlay", says: "configmap/k-settings-h29d89cmmt created\ndeployment.apps/k-web created" },
      { run: "apply -k {home}/overlay", says: "configmap/k-settings-h29d89cmmt unchanged\ndeployment.apps/k-web unchanged" },
      { run: "apply --server-side --force-conflicts -k {home}/overlay", says: "configmap/k-settings-h29d89cmmt serverside-applied\ndeployment.apps/k-web serverside-applied" },
      { run: "diff -k {home}/overlay" },
      { run: "scale deploy k-web --replicas=1", says: "deployment.apps/k-web scaled" },
      { run: "diff -k {home}/overlay", code: 1, says: "...\n- replicas: 1\n+ replicas: 0\n..." },
      { run: "get -k {home}/overlay -o name", says: "configmap/k-settings-h29d89cmmt\ndeployment.apps/k-web" },
      { run: "delete -k {home}/overlay", says: 'configmap "k-settings-h29d89cmmt" deleted\ndeployment.apps "k-web" deleted' },
    ],
  },
  {
    title: "what is printed of an object is what a file, a template or a list of columns asks for",
    rows: [
      { run: "apply -f -", input: settings("one"), says: "configmap/c created" },
      { run: "get cm c -o custom-columns=N:.metadata.name,A:.data.a,X:.nothing", says: "N A X\nc one <none>" },
      { run: "get cm c -o custom-columns-file={home}/columns.txt", says: "NAME A\nc one" },
      { run: "get cm c -o jsonpath-file={home}/path.txt", says: "c one" },
      { run: "get cm c -o jsonpath-as-json={.data}", says: '[\n{\n"a": "one"\n}\n]' },
      { run: "get cm c -o go-template-file={home}/template.txt", says: "c-one" },
      { run: "get cm --sort-by=.metadata.name --show-kind --show-labels --no-headers", says: "configmap/c 1 * <none>\nconfigmap/kube-root-ca.crt 1 * <none>" },
      { run: "explain cm.data --output=plaintext-openapiv2", says: "KIND: ConfigMap\nVERSION: v1\n\nFIELD: data <map[string]string>\n\nDESCRIPTION:\n..." },
      { run: "label cm c --list" },
      { run: "label cm c x=y", says: "configmap/c labeled" },
      { run: "label cm c --list", says: "x=y" },
    ],
  },
  {
    title: "what was applied last is set, edited and seen",
    rows: [
      { run: "create configmap c --from-literal=a=one", says: "configmap/c created" },
      { run: "apply view-last-applied cm c" },
      { run: "apply set-last-applied -f -", input: settings("one"), complains: "error: no last-applied-configuration annotation found on resource: c, to create the annotation, run the command with --create-annotation" },
      { run: "apply set-last-applied --create-annotation -f -", input: settings("one"), says: "configmap/c configured" },
      { run: "apply edit-last-applied cm c", editor: "sed -i s/one/two/", says: "configmap/c edited" },
      { run: "apply view-last-applied cm c -o json", says: '{\n"apiVersion": "v1",\n"data": {\n"a": "two"\n},\n...' },
      { run: "get cm c -o 'jsonpath={.data.a}'", says: "one" },
    ],
  },
  {
    title: "a watch tells what there is and ends with its time, and a wait with what it waits for",
    rows: [
      { run: "create configmap c --from-literal=a=one", says: "configmap/c created" },
      { run: "get cm c --watch --output-watch-events --request-timeout=1s", says: "EVENT NAME DATA AGE\nADDED c 1 *" },
      { run: "get cm c --watch-only --request-timeout=1s" },
      { run: "wait --for=create cm/c --timeout=5s", from: "1.31", says: "configmap/c condition met" },
      { run: "wait --for=create cm/nothing --timeout=100ms", from: "1.31", complains: "error: timed out waiting for the condition*" },
      { run: "wait --for=jsonpath='{.data.a}' cm/c --timeout=5s", from: "1.31", says: "configmap/c condition met" },
      { run: "delete cm c --wait=false", says: 'configmap "c" deleted' },
      { run: "wait --for=delete cm/c --timeout=5s" },
    ],
  },
  {
    title: "parts of an object are read and written by themselves, and a patch may lie in a file",
    rows: [
      { run: "apply -f {home}/overlay/deploy.yaml", says: "deployment.apps/web created" },
      { run: "patch deploy web --patch-file={home}/patch.yaml", says: "deployment.apps/web patched" },
      { run: "get deploy web --subresource=scale -o 'jsonpath={.kind} {.spec.replicas}'", says: "Scale 3" },
      { run: `patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":0}}'`, says: "scale.autoscaling/web patched" },
      { run: "get deploy web --subresource=status -o 'jsonpath={.spec.replicas} {.spec.paused}'", says: "0 true" },
      { run: "create configmap c --from-literal=a=one", says: "configmap/c created" },
      { run: "set env deploy/web --from=configmap/c --prefix=P_", says: "deployment.apps/web env updated" },
      { run: "set env deploy/web --list", says: "# Deployment web, container web\n# P_A from configmap c, key a" },
      { run: "create cronjob often --image=a --schedule='0 0 1 1 *' -- x", says: "cronjob.batch/often created" },
      { run: "create job now --from=cronjob/often --dry-run=server -o 'jsonpath={.metadata.ownerReferences[0].name} {.metadata.annotations}'", says: 'often {"cronjob.kubernetes.io/instantiate":"manual"}' },
      { run: "create -f -", input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: made-}\n", says: "configmap/made-* created" },
      { run: "apply -f -", input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: made-}\n", complains: "error: from made-: cannot use generate name with apply" },
      { run: "cluster-info dump --namespaces={ns} -o json", says: '{\n"kind": "NodeList",\n...' },
    ],
  },
];
