import { behaviorAnnotation } from "../../src/agent/runtimes/simulated/behavior.ts";
import type { Json } from "../../src/value/json.ts";

/** Stands in every secret value, so that it is recognised wherever it must not be. */
export const secretMarker = "hunter2";

/** One object an application's folder holds; of wave 0 unless it says so. */
export type Item = { readonly wave?: number } & (
  | { readonly kind: "ConfigMap"; readonly name: string; readonly value: string }
  | { readonly kind: "Secret"; readonly name: string; readonly value: string }
  | { readonly kind: "Service"; readonly name: string; readonly port: number }
  | { readonly kind: "Deployment"; readonly name: string; readonly replicas: number; readonly version: number; readonly readyAfterMs: number; readonly isCrashing: boolean; readonly surge: number; readonly unavailable: number });

/** How a folder is broken, so that nothing of it may be applied. */
export type Breakage = "syntax" | "unknown kind" | "wrong type" | "template" | "empty";

/** An application's folder at one commit. */
export interface Folder {
  readonly format: "plain" | "chart";
  readonly items: ReadonlyMap<string, Item>;
  readonly breakage?: Breakage;
  /** Lines that change nothing that is rendered. */
  readonly comment?: string;
}

/** Names an item: `Deployment/web`. */
export function itemKey(item: Pick<Item, "kind" | "name">): string {
  return `${item.kind}/${item.name}`;
}

/** The labels of a Deployment's pods. */
export function podLabels(name: string): Readonly<Record<string, string>> {
  return { app: name };
}

/** The image a version runs. */
export function imageOf(version: number): string {
  return `app:${version}`;
}

/** The files of a folder, as Git would hold them. */
export function filesOf(folder: Folder): Readonly<Record<string, string>> {
  const { breakage } = folder;
  if (breakage === "empty") return { "README.md": folder.comment ?? "nothing here" };
  const objects = [...folder.items.values()].map(objectOf);
  const extra: Record<string, string> = folder.comment === undefined ? {} : { "README.md": folder.comment };
  if (breakage === "unknown kind") objects.push({ apiVersion: "v9", kind: "Gadget", metadata: { name: "gadget" } });
  if (breakage === "wrong type") objects.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "wrong" }, data: [1] });
  if (folder.format === "plain") {
    const files = Object.fromEntries(objects.map((object, index) => [`object-${index}.yaml`, JSON.stringify(object)]));
    return { ...extra, ...files, ...(breakage === "syntax" || breakage === "template" ? { "broken.yaml": "apiVersion: v1\nkind: ConfigMap\n  metadata: {" } : {}) };
  }
  const files = Object.fromEntries(objects.map((_object, index) => [`templates/object-${index}.hbs`, `{{{toJson Values.object${index}}}}\n`]));
  const values = Object.fromEntries(objects.map((object, index) => [`object${index}`, object]));
  return {
    ...extra, "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n", "values.yaml": JSON.stringify(values), ...files,
    ...(breakage === "syntax" || breakage === "template" ? { "templates/broken.hbs": breakage === "syntax" ? "kind: {{#if" : "kind: {{required \"missing\" Values.nothing}}\n" } : {}),
  };
}

/** An item as a manifest. */
export function objectOf(item: Item): Record<string, Json> {
  const metadata = { name: item.name, ...(item.wave === undefined ? {} : { annotations: { "capstan.dev/wave": String(item.wave) } }) };
  switch (item.kind) {
    case "ConfigMap": return { apiVersion: "v1", kind: item.kind, metadata, data: { value: item.value } };
    case "Secret": return { apiVersion: "v1", kind: item.kind, metadata, stringData: { password: `${secretMarker}-${item.value}` } };
    case "Service": return { apiVersion: "v1", kind: item.kind, metadata, spec: { selector: { ...podLabels(item.name) }, ports: [{ port: item.port, targetPort: 8080 }] } };
    case "Deployment": return { apiVersion: "apps/v1", kind: item.kind, metadata, spec: deploymentSpec(item) };
  }
}

function deploymentSpec(item: Extract<Item, { readonly kind: "Deployment" }>): Json {
  const behavior = item.isCrashing ? { exitAfterMs: 500, exitCode: 1 } : { readyAfterMs: item.readyAfterMs, termAfterMs: 200 };
  return {
    replicas: item.replicas, selector: { matchLabels: { ...podLabels(item.name) } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: item.surge, maxUnavailable: item.unavailable } },
    template: {
      metadata: { labels: { ...podLabels(item.name) }, annotations: { [behaviorAnnotation]: JSON.stringify(behavior) } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [{
          name: "main", image: imageOf(item.version), resources: { requests: { cpu: "100m", memory: "32Mi" } },
          readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
        }],
      },
    },
  };
}
