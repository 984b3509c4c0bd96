/** A Deployment as a user writes it. */
export function deployment(options: { readonly name?: string; readonly image?: string; readonly replicas?: number } = {}): string {
  const { name = "web", image = "nginx:1.25", replicas = 2 } = options;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
      - name: web
        image: ${image}
        ports: [{containerPort: 80}]
        env: [{name: A, value: "1"}]
`;
}

/** A Pod that a node has. */
export function pod(options: { readonly name: string; readonly containers?: readonly string[]; readonly node?: string }): string {
  const containers = (options.containers ?? ["main"]).map((name) => `  - {name: ${name}, image: "busybox:1"}`).join("\n");
  return `apiVersion: v1
kind: Pod
metadata: {name: ${options.name}, labels: {app: ${options.name}}}
spec:
  ${options.node === undefined ? "" : `nodeName: ${options.node}`}
  containers:
${containers}
`;
}
