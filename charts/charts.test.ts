import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { chartTestRequest, runChartTests } from "../src/render/chart-test.ts";
import { lintChart } from "../src/render/lint.ts";
import { printPlace } from "../src/render/render.ts";
import { renderTree } from "../src/render/render-tree.ts";
import { deriveSchema, editorLine } from "../src/render/values-schema.ts";
import { readField } from "../src/value/field-path.ts";
import type { FileTree } from "../src/value/file-tree.ts";
import type { Json, JsonObject } from "../src/value/json.ts";
import { readDemoFiles } from "./demo-files.ts";
import { chartLanguages, readNewChart } from "./new-chart.ts";

/** Charts to learn from, and those that new ones are made of. */
const charts = ["web-service", "worker", "static-site", "new/handlebars", "new/go"];

function readTree(folder: string): FileTree {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return { kind: "tree", digest: folder, files: new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)])) };
}

for (const chart of charts) {
  const tree = readTree(join(import.meta.dirname, chart));
  const results = runChartTests(tree);
  test(`${chart}: the chart has unit tests`, () => assert.ok(results.length > 1));
  for (const result of results) test(`${chart}: ${result.name}`, () => assert.deepEqual(result.failures, []));

  test(`${chart}: lint finds nothing to mend`, () => assert.deepEqual(lintChart(tree), []));

  test(`${chart}: the schema names every value, and editors find it`, () => {
    const text = (file: string): string => new TextDecoder().decode(tree.files.get(file));
    const known = JSON.parse(text("values.schema.json")) as JsonObject;
    assert.ok(text("values.yaml").startsWith(editorLine));
    const derived = deriveSchema(text("values.yaml"), { known });
    assert.deepEqual(Object.keys(derived["properties"] as JsonObject).filter((name) => name !== "global").toSorted(), Object.keys(known["properties"] as JsonObject).filter((name) => name !== "global").toSorted());
    // The schema of a new chart is the derived one, so that whoever edits the values can derive it again.
    if (chart.startsWith("new/")) assert.deepEqual(deriveSchema(text("values.yaml")), known);
  });

  test(`${chart}: the render is the golden one`, () => {
    const rendered = renderTree(chartTestRequest(tree));
    assert.equal(rendered.kind, "rendered", JSON.stringify(rendered));
    if (rendered.kind !== "rendered") return;
    const golden = join(import.meta.dirname, "..", "test", "golden", "render", `${chart.replace("/", "-")}.json`);
    const actual = rendered.manifests.map(({ object, place }) => ({ place: printPlace(place), object }));
    assert.deepEqual(actual, JSON.parse(readFileSync(golden, "utf8")));
  });
}

test("the demo repository holds a chart that renders, with message and replicas first", async () => {
  const files = await readDemoFiles();
  assert.ok(files.has("README.md"));
  const app = [...files].filter(([path]) => path.startsWith("app/")).map(([path, text]) => [path.slice("app/".length), new TextEncoder().encode(text)] as const);
  const rendered = renderTree(chartTestRequest({ kind: "tree", digest: "demo", files: new Map(app) }));
  assert.equal(rendered.kind, "rendered", JSON.stringify(rendered));
  assert.match(files.get("app/values.yaml") ?? "", /^#.*\nmessage: .*\nreplicas: 2\n/);
});

for (const language of chartLanguages) {
  test(`a new ${language} chart of any name passes its own tests, and lint has nothing to say`, async () => {
    const files = new Map([...await readNewChart(language, "shop")].map(([path, text]) => [path, new TextEncoder().encode(text)] as const));
    assert.ok(![...files].some(([path, text]) => path.includes("my-app") || new TextDecoder().decode(text).includes("my-app")));
    const tree: FileTree = { kind: "tree", digest: "new", files };
    assert.deepEqual(runChartTests(tree).flatMap(({ failures }) => failures), []);
    assert.deepEqual(lintChart(tree), []);
  });
}

test("both languages make the same objects of a new chart, but for who manages them", async () => {
  const objects = async (language: (typeof chartLanguages)[number]): Promise<readonly unknown[]> => {
    const files = new Map([...await readNewChart(language, "shop")].map(([path, text]) => [path, new TextEncoder().encode(text)] as const));
    const rendered = renderTree(chartTestRequest({ kind: "tree", digest: language, files }));
    const texts = rendered.kind === "rendered" ? rendered.manifests.map(({ object }) => JSON.stringify(object)) : [];
    return texts.map((text) => JSON.parse(text.replaceAll(/"(Capstan|Helm)"/g, '"both"').replaceAll(/"[0-9a-f]{64}"/g, '"checksum"')) as unknown);
  };
  assert.deepEqual(await objects("go"), await objects("handlebars"));
});

test("the web service binds to its pod's address, answers, and finishes on SIGTERM", async () => {
  const rendered = renderTree(chartTestRequest(readTree(join(import.meta.dirname, "web-service")), { message: "<hi> & bye", drainMilliseconds: 0 }));
  assert.equal(rendered.kind, "rendered");
  if (rendered.kind !== "rendered") return;
  const field = (kind: string, path: string): Json | undefined => readField(rendered.manifests.find(({ object }) => object.kind === kind)?.object ?? null, path);
  const settings = field("ConfigMap", "data") as Record<string, string>;
  const port = await freePort();
  const [, ...args] = field("Deployment", "spec.template.spec.containers[0].command") as string[];
  const child = spawn(process.execPath, args, { env: { ...settings, PORT: String(port), POD_IP: "127.9.8.7", POD_NAME: "web-1" }, stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const page = await (await fetch(`http://127.9.8.7:${port}/`)).text();
  assert.match(page, /&#60;hi&#62; &#38; bye/);
  assert.equal((await fetch(`http://127.9.8.7:${port}/healthz`)).status, 200);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.9.8.7");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
