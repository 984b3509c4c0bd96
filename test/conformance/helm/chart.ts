import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes the chart of the stories: a workload, a custom resource with its definition, hooks and a test. Answers its folder. */
export async function writeChart(home: string): Promise<string> {
  const folder = join(home, "shop");
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const files = {
  "Chart.yaml": `apiVersion: v2
name: shop
version: 1.0.0
appVersion: "1.0"
`,
  "values.yaml": `replicas: 1
greeting: hello
isBroken: false
`,
  "crds/rates.yaml": `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rates.shop.example.com}
spec:
  group: shop.example.com
  scope: Namespaced
  names: {kind: Rate, plural: rates, singular: rate, listKind: RateList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {percent: {type: integer, maximum: 100}}}}}}
`,
  "templates/shop.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: busybox:1
        command: [sh, -c, exec sleep 100000]
        readinessProbe: {exec: {command: [{{ .Values.isBroken | ternary "false" "true" | quote }}]}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data:
  greeting: {{ .Values.greeting }}
  found: {{ (lookup "v1" "ConfigMap" .Release.Namespace "kube-root-ca.crt").metadata.name | quote }}
  has: {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" | quote }}
  version: {{ .Capabilities.KubeVersion.Version }}
---
apiVersion: shop.example.com/v1
kind: Rate
metadata: {name: {{ .Release.Name }}}
spec: {percent: 5}
`,
  "templates/hooks.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-before
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
spec:
  restartPolicy: Never
  containers: [{name: main, image: "busybox:1", command: [sh, -c, "echo before"]}]
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test}
spec:
  restartPolicy: Never
  containers: [{name: main, image: "busybox:1", command: [sh, -c, "echo tested"]}]
`,
  "templates/NOTES.txt": `Greeting is {{ .Values.greeting }}.
`,
};
