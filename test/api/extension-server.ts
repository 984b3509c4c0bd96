import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { KeyPair } from "../../src/api/http/certificates.ts";

/** The group and version it serves. */
export const zoo = { group: "zoo.example.com", version: "v1", path: "/apis/zoo.example.com/v1" } as const;

type Fields = Readonly<Record<string, unknown>>;

/** A server of an aggregated API, as people build them: it believes the API server, by its certificate, who asks. */
export interface ExtensionServer {
  readonly port: number;
  /** Every request that came, `METHOD URL`, in order. */
  readonly asked: string[];
  /** What it answers everything with, where it does not work; `hang`: nothing. */
  broken: { readonly code: number } | "hang" | undefined;
  /** Hangs up on connections nobody uses now. */
  hangUp(): void;
  close(): void;
}

/** What it is made of. */
export interface ExtensionServerOptions {
  readonly pair: KeyPair;
  /** The CA of the API server's own certificate, PEM. */
  readonly requestHeaderCa: string;
  /** The version it tells of; its objects are always of the first. */
  readonly version?: string;
  /** Where it listens; on a free port of this machine when absent. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Speaks the older discovery only, and no OpenAPI. */
  readonly isOld?: boolean;
}

const verbs = ["create", "delete", "get", "list", "watch"];
const groupVersionKind = { group: zoo.group, version: zoo.version, kind: "Animal" };

const resourceList = {
  kind: "APIResourceList", apiVersion: "v1", groupVersion: `${zoo.group}/${zoo.version}`, resources: [
    { name: "animals", singularName: "animal", namespaced: true, kind: "Animal", shortNames: ["an"], verbs },
    { name: "animals/status", singularName: "", namespaced: true, kind: "Animal", verbs: ["get"] },
  ],
};

const groupDiscovery = {
  kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items: [{ metadata: { name: zoo.group }, versions: [{ version: zoo.version, freshness: "Current", resources: [{
    resource: "animals", responseKind: groupVersionKind, scope: "Namespaced", singularResource: "animal", shortNames: ["an"], verbs,
    subresources: [{ subresource: "status", responseKind: groupVersionKind, verbs: ["get"] }],
  }] }] }],
};

const openApi = {
  openapi: "3.0.0", info: { title: "zoo", version: "v1" },
  paths: { [`${zoo.path}/namespaces/{namespace}/animals`]: { get: { "x-kubernetes-action": "list", "x-kubernetes-group-version-kind": groupVersionKind, responses: {} } } },
  components: { schemas: { "com.example.zoo.v1.Animal": {
    type: "object", description: "Somebody in a cage.", "x-kubernetes-group-version-kind": [groupVersionKind],
    properties: { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" }, legs: { type: "integer", description: "How many it stands on." } },
  } } },
};

/** Serves one. */
export async function serveExtension({ pair, requestHeaderCa, version = zoo.version, listen = { host: "127.0.0.1", port: 0 }, isOld = false }: ExtensionServerOptions): Promise<ExtensionServer> {
  const animals = new Map<string, Fields>();
  const watchers = new Set<ServerResponse>();
  let revision = 1;
  const tell = (type: string, object: Fields) => { for (const watcher of watchers) watcher.write(`${JSON.stringify({ type, object })}\n`); };
  const documents: Readonly<Record<string, unknown>> = {
    [`/apis/${zoo.group}/${version}`]: resourceList, ...(isOld ? {} : { "/openapi/v3": { paths: { [zoo.path.slice(1)]: { serverRelativeURL: `/openapi/v3${zoo.path}?hash=ABC` } } }, [`/openapi/v3${zoo.path}`]: openApi }),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    server.asked.push(`${method} ${url}`);
    if (server.broken === "hang") return;
    const send = (code: number, body: unknown, contentType = "application/json") => { response.writeHead(code, { "content-type": contentType }).end(JSON.stringify(body)); };
    const refuse = (code: number, reason: string, message: string) => { send(code, { kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code }); };
    if (server.broken !== undefined) { refuse(server.broken.code, "InternalError", "the zoo is closed"); return; }
    const { pathname, searchParams } = new URL(url, "https://zoo");
    if (pathname === "/apis" && !isOld) { send(200, groupDiscovery, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"); return; }
    const document = documents[pathname];
    if (document !== undefined) { send(200, document); return; }
    if (pathname === `${zoo.path}/whoami`) { send(200, Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-remote-") || name === "x-forwarded-for" || name === "authorization" || name === "host" || name.startsWith("impersonate-")))); return; }
    if (pathname === `${zoo.path}/echo`) { response.writeHead(200, { "content-type": "text/plain" }); request.pipe(response); return; }
    const [, namespace, name] = /^\/apis\/zoo\.example\.com\/v1(?:\/namespaces\/([^/]+))?\/animals(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (!pathname.includes("/animals")) { refuse(404, "NotFound", "the server could not find the requested resource"); return; }
    const key = `${namespace ?? ""}/${name ?? ""}`;
    const found = animals.get(key);
    if (method === "POST") {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Fields;
      const metadata = body["metadata"] as Fields;
      revision += 1;
      const made = { ...body, metadata: { ...metadata, namespace, uid: String(revision), resourceVersion: String(revision) } };
      animals.set(`${namespace ?? ""}/${String(metadata["name"])}`, made);
      tell("ADDED", made);
      send(201, made);
    } else if (name !== undefined) {
      if (found === undefined) { refuse(404, "NotFound", `animals.zoo.example.com "${name}" not found`); return; }
      if (method === "DELETE") { animals.delete(key); tell("DELETED", found); }
      send(200, found);
    } else if (method === "DELETE") {
      for (const one of animals.keys()) if (one.startsWith(key)) animals.delete(one);
      send(200, { kind: "Status", apiVersion: "v1", status: "Success" });
    } else if (searchParams.get("watch") !== null) {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      watchers.add(response);
      response.once("close", () => { watchers.delete(response); });
    } else {
      const items = [...animals].filter(([one]) => namespace === undefined || one.startsWith(`${namespace}/`)).map(([, object]) => object);
      send(200, { kind: "AnimalList", apiVersion: `${zoo.group}/${zoo.version}`, metadata: { resourceVersion: String(revision) }, items });
    }
  };
  const https: Server = createServer({ key: pair.key, cert: pair.cert, ca: requestHeaderCa, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject;
    if (CN === "front-proxy-client") void answer(request, response);
    else response.writeHead(401).end();
  });
  https.on("upgrade", (request: IncomingMessage, socket: TLSSocket) => {
    server.asked.push(`UPGRADE ${request.url ?? ""}`);
    socket.on("error", () => undefined);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${String(request.headers.upgrade)}\r\n\r\n${String(request.headers["x-remote-user"])} says: `);
    socket.pipe(socket);
  });
  https.listen(listen.port, listen.host);
  await once(https, "listening");
  const server: ExtensionServer = {
    port: (https.address() as AddressInfo).port, asked: [], broken: undefined,
    hangUp: () => { https.closeIdleConnections(); },
    close: () => { https.closeAllConnections(); https.close(); },
  };
  return server;
}
