import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { RepositoryKind } from "../../../src/model/kinds/repository.ts";
import { SecretKind } from "../../../src/model/kinds/secret.ts";
import { chartTestRequest } from "../../../src/render/chart-test.ts";
import { renderTree } from "../../../src/render/render-tree.ts";
import { readChartIndex } from "../../../src/sources/charts/chart-index.ts";
import { ChartSource } from "../../../src/sources/charts/chart-source.ts";
import { pickVersion } from "../../../src/sources/charts/pick-version.ts";
import { mayHaveCredentials, readChallenge } from "../../../src/sources/charts/registry-auth.ts";
import { isProblem } from "../../../src/sources/problem.ts";
import { sha256 } from "../../../src/value/digest.ts";
import { testApi } from "../../api/api.ts";
import { packChart, startChartServer } from "./chart-server.ts";

const signal = new AbortController().signal;

async function start(context: TestContext) {
  const server = await startChartServer(context);
  const { client } = await testApi();
  const directory = await mkdtemp(join(tmpdir(), "capstan-charts-"));
  context.after(() => rm(directory, { recursive: true }));
  const charts = new ChartSource({ client, directory });
  const add = (version: string): string => {
    const bytes = packChart("shop", version, { "values.yaml": "colour: blue\n", "templates/m.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}-{{ .Chart.Version }}'}\ndata: {colour: '{{ .Values.colour }}'}\n" });
    server.packages.set(version, bytes);
    return sha256(bytes);
  };
  const urls = { repository: `http://127.0.0.1:${server.port}/charts`, registry: `oci://127.0.0.1:${server.port}/charts` };
  const resolve = async (kind: keyof typeof urls, targetRevision: string) => {
    const answer = await charts.resolve({ repoURL: urls[kind], chart: "shop", targetRevision, namespace: "default" }, signal);
    return isProblem(answer) ? answer.message : `${answer.message} ${answer.commit}`;
  };
  return { server, client, charts, add, urls, resolve, directory };
}

for (const kind of ["repository", "registry"] as const) {
  test(`a chart of a ${kind} is found by range, fetched once, and renders`, async (context) => {
    const { server, charts, add, urls, resolve } = await start(context);
    const digests = new Map(["1.2.3", "1.10.0", "2.0.0-rc.1", "1.10.1+b.5"].map((version) => [version, add(version)]));
    assert.equal(await resolve(kind, "1.2.3"), `shop 1.2.3 ${digests.get("1.2.3")}`);
    assert.equal(await resolve(kind, "~1.2"), `shop 1.2.3 ${digests.get("1.2.3")}`);
    assert.equal(await resolve(kind, "HEAD"), `shop 1.10.1+b.5 ${digests.get("1.10.1+b.5")}`);
    assert.equal(await resolve(kind, ">1.10.0-0 <2"), `shop 1.10.1+b.5 ${digests.get("1.10.1+b.5")}`);
    assert.match(await resolve(kind, "3.x"), /shop.* (?:no version 3\.x; the newest is|no tag is a version 3\.x; the newest is) 1\.10\.1\+b\.5$/);
    const isPackage = (url: string): boolean => url.includes("/blobs/") || url.endsWith(".tgz");
    assert.equal(server.requests.filter(isPackage).length, 2);
    const tree = await charts.read(urls[kind], digests.get("1.2.3") ?? "");
    assert.ok(!isProblem(tree));
    const rendered = renderTree(chartTestRequest(tree, { colour: "red" }));
    assert.deepEqual(rendered.kind === "rendered" && rendered.manifests.map(({ object }) => [object.metadata.name, object["data"]]), [["demo-1.2.3", { colour: "red" }]]);
  });

  test(`a package of a ${kind} with another digest than promised is not used`, async (context) => {
    const { server, add, resolve } = await start(context);
    add("1.0.0");
    server.lies.set("1.0.0", "0".repeat(64));
    assert.match(await resolve(kind, "1.0.0"), /its digest is sha256:[0-9a-f]{64}, and sha256:0{64} was promised/);
  });

  test(`a ${kind} that asks who is there is told by the Repository's Secret`, async (context) => {
    const { server, client, add, urls, resolve } = await start(context);
    const digest = add("1.0.0");
    server.password = { username: "ann", password: "secret" };
    assert.match(await resolve(kind, "1.0.0"), /credentials|Secret/);
    await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name: "login", namespace: "default" }, data: { username: Buffer.from("ann").toString("base64"), password: Buffer.from("secret").toString("base64") } });
    await client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { name: "charts", namespace: "default" }, spec: { url: urls[kind], secretRef: { name: "login" }, type: "helm", insecure: true }, status: {} });
    assert.equal(await resolve(kind, "1.0.0"), `shop 1.0.0 ${digest}`);
  });
}

test("an unchanged index is not sent again, and a damaged package is fetched again", async (context) => {
  const { server, charts, add, urls, resolve, directory } = await start(context);
  const digest = add("1.0.0");
  await resolve("repository", "*");
  await writeFile(join(directory, `${digest}.tgz`), "no");
  assert.ok(isProblem(await charts.read(urls.repository, digest)));
  await resolve("repository", "*");
  assert.ok(!isProblem(await charts.read(urls.repository, digest)));
  assert.deepEqual(server.requests, ["/charts/index.yaml", "/charts/packages/shop-1.0.0.tgz", "/charts/index.yaml", "/charts/packages/shop-1.0.0.tgz"]);
});

test("what is no repository and no chart is said so", async (context) => {
  const { add, charts, urls, server } = await start(context);
  add("1.0.0");
  const ask = async (repoURL: string, chart: string) => {
    const answer = await charts.resolve({ repoURL, chart, targetRevision: "1.0.0", namespace: "default" }, signal);
    return isProblem(answer) ? answer.message : "found";
  };
  assert.match(await ask(urls.repository, "sho"), /there is no chart sho$/);
  assert.match(await ask(`http://127.0.0.1:${server.port}/none`, "shop"), /answers with 404; repoURL must be the folder of a chart repository's index\.yaml$/);
  assert.match(await ask(urls.registry, "none"), /the registry has no 1\.0\.0/);
});

test("an index in JSON reads as one in YAML does", () => {
  const entry = { version: "1.0.0", digest: "a".repeat(64), urls: ["https://h/x.tgz"], created: "2026-01-01T00:00:00Z", description: "d" };
  assert.deepEqual(readChartIndex(JSON.stringify({ entries: { shop: [entry] } }), "shop"), [entry]);
  assert.deepEqual(readChartIndex(`apiVersion: v1\nentries:\n    shop:\n        - version: "1.0.0"\n          digest: ${entry.digest}\n          urls:\n            - https://h/x.tgz\n          created: 2026-01-01T00:00:00Z\n          description: d\n`, "shop"), [entry]);
  assert.equal(readChartIndex("entries: {}\n", "shop"), undefined);
});

test("versions are picked as Argo CD picks them", () => {
  for (const [revision, expected] of [["*", "2.1.0"], ["", "2.1.0"], ["1.x", "1.9.0"], ["^1.2", "1.9.0"], ["3.0.0-rc1", "3.0.0-rc1"], [">=3.0.0-0", "3.0.0-rc1"], ["v1.2.0", "v1.2.0"], ["4", undefined]] as const) {
    assert.equal(pickVersion(["v1.2.0", "1.9.0", "2.1.0", "3.0.0-rc1", "latest"], revision), expected, revision);
  }
});

test("a password goes to the registry's own domain only", () => {
  assert.deepEqual(readChallenge('Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"', "https://registry-1.docker.io"), { kind: "bearer", url: "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Aa%2Fb%3Apull" });
  for (const [registry, realm, expected] of [["https://registry-1.docker.io", "https://auth.docker.io/token", true], ["https://ghcr.io", "https://ghcr.io/token", true], ["https://ghcr.io", "https://evil.example/token", false], ["https://ghcr.io", "http://ghcr.io/token", false], ["https://10.0.0.1", "https://9.0.0.1/token", false]] as const) assert.equal(mayHaveCredentials(registry, realm), expected, realm);
});
