import { chartTestRequest } from "../src/render/chart-test.ts";
import type { RenderRequest } from "../src/render/render.ts";
import { renderTree } from "../src/render/render-tree.ts";

/** What the chart benchmark found. */
export interface RenderBench {
  /** The first render of a fresh process, loading and compiling included. */
  readonly coldMs: number;
  readonly rendersPerSecond: number;
}

const templateCount = 20;
const warmRenders = 20;

/** A chart of 20 templates like those people write: labels by include, settings by each, a few values. */
export function benchChart(): RenderRequest {
  const files: [string, string][] = [
    ["Chart.yaml", "name: bench\nversion: 1.0.0\nappVersion: '1'\n"],
    ["values.yaml", "replicas: 2\nimage: {repository: node, tag: '24'}\nenv: {A: one, B: two, C: three, D: four}\nresources: {requests: {cpu: 10m, memory: 32Mi}}\n"],
    ["templates/_labels.hbs", "app.kubernetes.io/name: {{Chart.Name}}\napp.kubernetes.io/instance: {{Release.Name}}\n"],
  ];
  for (let i = 0; i < templateCount; i++) files.push([`templates/deployment-${i}.hbs`, deploymentTemplate(i)]);
  return chartTestRequest({ kind: "tree", digest: "bench", files: new Map(files.map(([path, text]) => [path, new TextEncoder().encode(text)])) });
}

/** Measures charts per second on one core, for about `durationMs`. */
export function benchRender(durationMs = 2_000): RenderBench {
  const request = benchChart();
  const start = performance.now();
  const first = renderTree(request);
  const coldMs = performance.now() - start;
  if (first.kind === "failed") throw new Error(first.problems[0]?.message);
  for (let i = 0; i < warmRenders; i++) renderTree(request);
  const warmStart = performance.now();
  let count = 0;
  while (performance.now() - warmStart < durationMs) {
    renderTree(request);
    count++;
  }
  return { coldMs, rendersPerSecond: (count * 1_000) / (performance.now() - warmStart) };
}

function deploymentTemplate(index: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{Release.Name}}-${index}
  labels: {{nindent 4 (include "labels")}}
spec:
  replicas: {{Values.replicas}}
  selector:
    matchLabels: {{nindent 6 (include "labels")}}
  template:
    metadata:
      labels: {{nindent 8 (include "labels")}}
    spec:
      containers:
        - name: main
          image: {{Values.image.repository}}:{{Values.image.tag}}
          env:
            {{#each Values.env}}
            - name: {{@key}}
              value: {{quote this}}
            {{/each}}
          resources: {{nindent 12 (toYaml Values.resources)}}
`;
}
