import type { RenderRequest } from "./render.ts";

const files: Readonly<Record<string, string>> = {
  "Chart.yaml": "name: warm-up\n",
  "values.yaml": "text: a\n",
  "values.schema.json": '{"type":"object"}',
  "templates/_name.hbs": "{{trunc 10 Release.Name}}",
  "templates/a.hbs": 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{include "name"}}\n  labels: {{nindent 4 (toYaml Values)}}\n{{#each Values}}\n# {{quote this}}\n{{/each}}\n',
};

/** A tiny chart that touches what real ones do: templates, partials, a schema, YAML both ways. */
export function warmUpRequest(): RenderRequest {
  const encoder = new TextEncoder();
  return {
    tree: { kind: "tree", digest: "warm-up", files: new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)])) },
    release: { name: "warm-up", namespace: "default", revision: 1, isInstall: true },
    valueFiles: [], values: {}, parameters: [], directory: { recurse: true, include: "", exclude: "" },
    capabilities: { kubeVersion: "v1.33.0", apiVersions: ["v1"] },
  };
}
