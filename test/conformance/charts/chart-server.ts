import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { sha256 } from "../../../src/value/digest.ts";

/** A packed chart, as `helm package` makes it. */
export function packChart(name: string, version: string, files: Readonly<Record<string, string>>): Uint8Array {
  const all = { "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: ${version}\n`, ...files };
  return gzipSync(Buffer.concat([...Object.entries(all).map(([path, text]) => {
    const block = Buffer.alloc(512 + Math.ceil(Buffer.byteLength(text) / 512) * 512);
    block.write(`${name}/${path}`, 0);
    block.write(Buffer.byteLength(text).toString(8).padStart(11, "0"), 124);
    block.write("0", 156);
    block.write(text, 512);
    return block;
  }), Buffer.alloc(1024)]));
}

/** Whoever asks must say this; nobody is asked without. */
export interface Password {
  readonly username: string;
  readonly password: string;
}

/** A chart repository and an OCI registry on one port of loopback. */
export interface ChartServer {
  readonly port: number;
  readonly requests: string[];
  /** Packages by version, of the one chart `shop`. */
  readonly packages: Map<string, Uint8Array>;
  /** What the index and manifests say of a package, where that is not the truth. */
  readonly lies: Map<string, string>;
  /** Provenance files by version. */
  readonly provenances: Map<string, string>;
  /** Asked of everybody from now on. */
  password: Password | undefined;
}

const token = "given-by-the-registry";
const layerType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/** Starts the server; it ends with the test. */
export async function startChartServer(context: TestContext): Promise<ChartServer> {
  const state = { port: 0, requests: [] as string[], packages: new Map<string, Uint8Array>(), lies: new Map<string, string>(), provenances: new Map<string, string>(), password: undefined as Password | undefined };
  const server = createServer((request, response) => {
    state.requests.push(request.url ?? "");
    answer(state, request, response);
  });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  context.after(() => new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => { resolve(); });
  }));
  state.port = (server.address() as AddressInfo).port;
  return state;
}

function answer(state: ChartServer, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", `http://127.0.0.1:${state.port}`);
  const send = (code: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) => { response.writeHead(code, headers).end(body); };
  const { password } = state;
  const basic = password === undefined ? undefined : `Basic ${Buffer.from(`${password.username}:${password.password}`).toString("base64")}`;
  if (url.pathname === "/token") {
    if (request.headers.authorization === basic) send(200, JSON.stringify({ token }));
    else send(401, "");
    return;
  }
  if (url.pathname.startsWith("/v2/")) {
    if (basic !== undefined && request.headers.authorization !== `Bearer ${token}`) send(401, "", { "www-authenticate": `Bearer realm="http://127.0.0.1:${state.port}/token",service="here",scope="repository:charts/shop:pull"` });
    else answerRegistry(state, url.pathname, send);
    return;
  }
  if (basic !== undefined && request.headers.authorization !== basic) send(401, "", { "www-authenticate": "Basic" });
  else answerRepository(state, request, { url, send });
}

type Send = (code: number, body: string | Uint8Array, headers?: Readonly<Record<string, string>>) => void;

function answerRepository(state: ChartServer, request: IncomingMessage, { url, send }: { readonly url: URL; readonly send: Send }): void {
  if (url.pathname === "/charts/index.yaml") {
    const text = printIndex(state);
    const etag = `"${sha256(text)}"`;
    if (request.headers["if-none-match"] === etag) send(304, "");
    else send(200, text, { etag });
    return;
  }
  const signed = /^\/charts\/packages\/shop-(.+)\.tgz\.prov$/.exec(url.pathname)?.[1];
  const provenance = signed === undefined ? undefined : state.provenances.get(signed);
  if (provenance !== undefined) {
    send(200, provenance);
    return;
  }
  const version = /^\/charts\/packages\/shop-(.+)\.tgz$/.exec(url.pathname)?.[1];
  const bytes = version === undefined ? undefined : state.packages.get(version);
  if (bytes === undefined) send(404, "");
  else send(200, bytes);
}

function printIndex({ packages, lies }: ChartServer): string {
  const items = [...packages].map(([version, bytes]) => `  - apiVersion: v2\n    created: "2026-01-02T03:04:05Z"\n    description: 'A shop: it''s open'\n    digest: ${lies.get(version) ?? sha256(bytes)}\n    maintainers:\n    - name: Ann\n      urls:\n      - https://example.com\n    name: shop\n    urls:\n    - packages/shop-${version}.tgz\n    version: ${version}\n`);
  return `apiVersion: v1\nentries:\n  another:\n  - name: another\n    version: 9.9.9\n    urls: []\n  shop:\n${items.join("")}  shopping:\n  - name: shopping\n    version: 8.0.0\ngenerated: "2026-01-02T03:04:05Z"\n`;
}

function answerRegistry({ packages, lies, provenances }: ChartServer, path: string, send: Send): void {
  const base = "/v2/charts/shop";
  if (path === `${base}/tags/list`) {
    send(200, JSON.stringify({ name: "charts/shop", tags: [...packages.keys(), "latest"].map((version) => version.replaceAll("+", "_")) }));
    return;
  }
  const [, kind, reference = ""] = /^\/v2\/charts\/shop\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
  for (const [version, bytes] of packages) {
    const provenance = provenances.get(version);
    const layers = [{ mediaType: layerType, digest: `sha256:${lies.get(version) ?? sha256(bytes)}`, size: bytes.length }, ...(provenance === undefined ? [] : [{ mediaType: "application/vnd.cncf.helm.chart.provenance.v1.prov", digest: `sha256:${sha256(provenance)}`, size: provenance.length }])];
    const manifest = JSON.stringify({ schemaVersion: 2, layers, annotations: { "org.opencontainers.image.version": version, "org.opencontainers.image.created": "2026-01-02T03:04:05Z" } });
    if (kind === "manifests" && (reference === version.replaceAll("+", "_") || reference === `sha256:${sha256(manifest)}`)) {
      send(200, manifest, { "docker-content-digest": `sha256:${sha256(manifest)}` });
      return;
    }
    if (kind === "blobs" && provenance !== undefined && reference === `sha256:${sha256(provenance)}`) {
      send(200, provenance);
      return;
    }
    if (kind === "blobs" && reference === `sha256:${lies.get(version) ?? sha256(bytes)}`) {
      send(200, bytes);
      return;
    }
  }
  send(404, "{}");
}
