import { chartTestRequest } from "../src/render/chart-test.ts";
import { packOrigins } from "../src/render/origins/origin-log.ts";
import type { RenderRequest } from "../src/render/render.ts";
import { renderTree } from "../src/render/render-tree.ts";

/** The template languages that are measured. */
export const benchLanguages = ["Handlebars", "Helm"] as const;
/** One of them. */
export type BenchLanguage = (typeof benchLanguages)[number];

/** What the chart benchmark found of one language. */
export interface RenderBench {
  /** The first render of a fresh process, loading and compiling included. */
  readonly coldMs: number;
  /** Per second of processor time, so that a busy machine does not count. */
  readonly rendersPerSecond: number;
  /** The same for a render that keeps where every scalar came from, as those of the GitOps loop do. */
  readonly tracedPerSecond: number;
  /** What keeping it costs: the plain rate by the other one, of renders that took turns. */
  readonly ratio: number;
  /** What is kept of one render, and packing it, which the worker does besides. */
  readonly keptBytes: number;
  readonly packMs: number;
}

const templateCount = 20;
const warmRenders = 200;

/** A chart of 20 templates like those people write: labels by include, settings by each, a few values. */
export function benchChart(language: BenchLanguage): RenderRequest {
  const files: [string, string][] = [
    ["Chart.yaml", "apiVersion: v2\nname: bench\nversion: 1.0.0\nappVersion: '1'\n"],
    ["values.yaml", "replicas: 2\nimage: {repository: node, tag: '24'}\nenv: {A: one, B: two, C: three, D: four}\nresources: {requests: {cpu: 10m, memory: 32Mi}}\n"],
    language === "Handlebars"
      ? ["templates/_labels.hbs", "app.kubernetes.io/name: {{Chart.Name}}\napp.kubernetes.io/instance: {{Release.Name}}\n"]
      : ["templates/_labels.tpl", "{{- define \"labels\" -}}\napp.kubernetes.io/name: {{ .Chart.Name }}\napp.kubernetes.io/instance: {{ .Release.Name }}\n{{- end }}\n"],
  ];
  for (let i = 0; i < templateCount; i++) files.push(language === "Handlebars" ? [`templates/deployment-${i}.hbs`, deploymentTemplate(i)] : [`templates/deployment-${i}.yaml`, helmTemplate(i)]);
  return chartTestRequest({ kind: "tree", digest: "bench", files: new Map(files.map(([path, text]) => [path, new TextEncoder().encode(text)])) });
}

/** Measures charts per second on one core, for about `durationMs` each. */
export function benchRender(language: BenchLanguage, durationMs = 2_000): RenderBench {
  const request = benchChart(language);
  const start = performance.now();
  const first = renderTree(request);
  const coldMs = performance.now() - start;
  if (first.kind === "failed") throw new Error(first.problems[0]?.message);
  return { coldMs, ...measure(request, { ...request, keepsOrigins: true }, durationMs * 2), ...measurePacking({ ...request, keepsOrigins: true }) };
}

function measurePacking(request: RenderRequest): Pick<RenderBench, "keptBytes" | "packMs"> {
  const { log } = renderTree(request);
  if (log === undefined) return { keptBytes: 0, packMs: 0 };
  for (let i = 0; i < warmRenders; i++) packOrigins(log);
  const start = performance.now();
  for (let i = 0; i < warmRenders; i++) packOrigins(log);
  return { keptBytes: packOrigins(log).byteLength, packMs: (performance.now() - start) / warmRenders };
}

/** The two take turns in short rounds, and the middle rounds count: what else a machine does then meets both. */
function measure(plain: RenderRequest, traced: RenderRequest, durationMs: number): Pick<RenderBench, "rendersPerSecond" | "tracedPerSecond" | "ratio"> {
  const rounds: { readonly plain: number; readonly traced: number }[] = [];
  for (let i = 0; i < warmRenders; i++) for (const request of [plain, traced]) renderTree(request);
  for (const start = performance.now(); performance.now() - start < durationMs;) rounds.push({ plain: perSecond(plain), traced: perSecond(traced) });
  const middle = (of: (round: (typeof rounds)[number]) => number): number => rounds.map(of).toSorted((left, right) => left - right)[rounds.length >> 1] ?? 0;
  return { rendersPerSecond: middle((round) => round.plain), tracedPerSecond: middle((round) => round.traced), ratio: middle((round) => round.plain / round.traced) };
}

/** Renders of one round, some tens of milliseconds. */
const roundRenders = 20;

function perSecond(request: RenderRequest): number {
  const used = process.cpuUsage();
  for (let i = 0; i < roundRenders; i++) renderTree(request);
  const { user, system } = process.cpuUsage(used);
  return (roundRenders * 1_000_000) / (user + system);
}

function helmTemplate(index: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-${index}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "labels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "labels" . | nindent 8 }}
    spec:
      containers:
        - name: main
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
`;
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
