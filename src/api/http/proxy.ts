import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { ApiError } from "../../model/api-error.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { EndpointSliceKind, serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Service } from "../../model/kinds/service.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { ObjectRef } from "../../model/object.ts";
import { accessDenied, notServed } from "../errors.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge } from "./edge.ts";
import { withoutSocketBearer } from "./authentication.ts";
import { connectOptions } from "./connect-options.ts";
import { answerNodeProxy } from "./node-proxy.ts";
import { passRequest, toldHeaders } from "./passage.ts";
import type { Trust } from "./passage.ts";
import { nodeOf } from "./pod-logs.ts";
import { asDuplex } from "./pod-stream.ts";
import { proxiedAnswer } from "./proxied-answer.ts";
import type { ResourceTarget } from "./request-path.ts";
import { systemCaller } from "./system-caller.ts";

/** The pod and port a proxied request goes to. */
interface Backend {
  readonly pod: Pod;
  readonly port: number;
}

/** A program in a pod that a request is passed on to. */
export interface ProxiedProgram {
  /** To the program itself, within TLS where that was asked for. */
  readonly stream: Duplex;
  /** What it is asked for, with the query. */
  readonly path: string;
  /** The proxy's own path in front of it. */
  readonly prefix: string;
  /** What is told to a server that believes the API who asks. */
  readonly trust?: Trust;
}

/** What is asked of a proxy. */
type ProxyRequest = Pick<EdgeRequest, "caller" | "path" | "query" | "signal">;

/**
 * Passes an HTTP request on to a pod, or to a ready pod behind a service; a node's are answered here. Only the pod's own address is ever connected to.
 * Throws ApiError for every refusal.
 */
export async function answerProxy(edge: Edge, request: EdgeRequest, asked: ResourceTarget, verb: string): Promise<Answer> {
  const target = await admitProxy(edge, request, asked, verb);
  if (target.resource === NodeKind) return answerNodeProxy(edge, request, { name: parseProxyName(target.name ?? "").name, path: target.proxyPath ?? "/" });
  const backend = await findBackend(edge, request, target);
  // Relative addresses of the answer would lead beside the proxy.
  if (target.proxyPath === undefined && (request.method === "GET" || request.method === "HEAD")) return withSlash(request);
  return passOn(await connectTo(edge, request, target, backend), request);
}

/** Connects an upgrade with the program it is for. Throws ApiError for every refusal: node agents listen nowhere, and take none. */
export async function openProxy(edge: Edge, request: ProxyRequest, asked: ResourceTarget, verb: string): Promise<ProxiedProgram> {
  const target = await admitProxy(edge, request, asked, verb);
  if (target.resource === NodeKind) throw notServed();
  return connectTo(edge, request, target, await findBackend(edge, request, target));
}

/** The program cannot be asked. */
export function unreachable(why: string): ApiError {
  return new ApiError("ServiceUnavailable", `error trying to reach service: ${why}`);
}

/** What is asked for, with the part of the path that leads to the proxy. */
interface ProxyTarget extends ResourceTarget {
  readonly prefix: string;
}

/** What is asked for, as those left it who are asked about connections. Throws Forbidden. */
async function admitProxy(edge: Edge, request: ProxyRequest, target: ResourceTarget, verb: string): Promise<ProxyTarget> {
  const ref = { namespace: target.namespace ?? "", name: target.name ?? "" };
  const attributes = { verb, group: "", resource: target.resource.plural, subresource: "proxy", ...ref };
  if (!edge.authorizer.isAllowed(request.caller.user, attributes)) throw accessDenied(request.caller.user.name, attributes);
  const { path } = await edge.verbs.admitConnection(request.caller, target.resource, ref, { subresource: "proxy", options: connectOptions("proxy", request.query, target.proxyPath) });
  const prefix = request.path.slice(0, request.path.length - (target.proxyPath ?? "").length);
  return { ...target, prefix, ...(typeof path === "string" && path !== target.proxyPath ? { proxyPath: path.startsWith("/") ? path : `/${path}` } : {}) };
}

async function findBackend(edge: Edge, request: ProxyRequest, target: ResourceTarget): Promise<Backend> {
  const { name, port } = parseProxyName(target.name ?? "");
  const named = { namespace: target.namespace ?? "", name };
  return target.resource === ServiceKind ? serviceBackend(edge, request, named, port) : podBackend(edge, request, named, port);
}

async function connectTo(edge: Edge, request: ProxyRequest, target: ProxyTarget, { pod: { metadata, spec }, port }: Backend): Promise<ProxiedProgram> {
  const connection = await nodeOf(edge, spec.nodeName ?? "").connect({ namespace: target.namespace ?? "", name: metadata.name, uid: metadata.uid ?? "" }, port, request.signal);
  const { proxyPath = "" } = target;
  const query = request.query.toString();
  const plain = asDuplex(connection);
  return {
    // Whose certificate it is nobody can tell: it is only known that this pod answers.
    stream: parseProxyName(target.name ?? "").scheme === "https" ? connectTls({ socket: plain, servername: "", rejectUnauthorized: false }) : plain,
    path: `${proxyPath === "" ? "/" : proxyPath}${query === "" ? "" : `?${query}`}`,
    prefix: target.prefix,
  };
}

function withSlash({ path, query }: EdgeRequest): Answer {
  const asked = query.toString();
  return { kind: "body", code: 301, contentType: "text/plain", body: new Uint8Array(), headers: { location: `${path}/${asked === "" ? "" : `?${asked}`}` } };
}

/** `[SCHEME:]NAME[:PORT]`, as upstream reads a proxied name. Pure. */
export function parseProxyName(text: string): { readonly scheme: string; readonly name: string; readonly port: string } {
  const parts = text.split(":");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length === 3 && (first === "" || first === "http" || first === "https")) return { scheme: first, name: second, port: third };
  if (parts.length <= 2) return { scheme: "", name: first, port: second };
  throw new ApiError("BadRequest", `invalid name for a proxied request ${JSON.stringify(text)}`);
}

async function podBackend(edge: Edge, request: ProxyRequest, ref: ObjectRef, port: string): Promise<Backend> {
  const pod = (await edge.verbs.get(systemCaller(request.caller), PodKind, ref)).object() as Pod;
  if ((pod.spec.nodeName ?? "") === "") throw new ApiError("ServiceUnavailable", "address not allowed");
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const chosen = port === "" ? declared[0]?.containerPort ?? 80 : declared.find(({ name }) => name === port)?.containerPort ?? Number(port);
  return { pod, port: checkPort(chosen) };
}

async function serviceBackend(edge: Edge, request: ProxyRequest, ref: ObjectRef, port: string): Promise<Backend> {
  const caller = systemCaller(request.caller);
  const service = (await edge.verbs.get(caller, ServiceKind, ref)).object() as Service;
  const ports = service.spec.ports ?? [];
  const chosen = port === "" && ports.length === 1 ? ports[0] : ports.find((one) => one.name === port || String(one.port) === port);
  const none = new ApiError("ServiceUnavailable", `no endpoints available for service ${JSON.stringify(port === "" ? ref.name : `${ref.name}:${port}`)}`);
  if (chosen === undefined) throw new ApiError("ServiceUnavailable", `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(ref.name)}`);
  const slices = await edge.verbs.list(caller, EndpointSliceKind, { namespace: ref.namespace, labelSelector: `${serviceNameLabel}=${ref.name}` });
  const ready = slices.items.flatMap((item) => readyPods(item.object() as EndpointSlice, chosen.name ?? ""));
  const one = ready[Math.floor(edge.world.chance.fraction() * ready.length)];
  if (one === undefined) throw none;
  return { pod: (await edge.verbs.get(caller, PodKind, { namespace: ref.namespace, name: one.podName })).object() as Pod, port: checkPort(one.port) };
}

function readyPods({ endpoints, ports }: EndpointSlice, portName: string): readonly { readonly podName: string; readonly port: number }[] {
  const port = ports?.find(({ name = "" }) => name === portName)?.port;
  if (port === undefined) return [];
  return (endpoints ?? []).filter(({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === "Pod").map(({ targetRef }) => ({ podName: targetRef?.name ?? "", port }));
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ApiError("BadRequest", `${String(port)} is no port`);
}

/** Sends the request over a connection and answers with what comes back, as it comes. */
async function passOn(program: ProxiedProgram, request: EdgeRequest): Promise<Answer> {
  const { stream, path, prefix } = program;
  const response = await passRequest({ path, headers: { ...toldHeaders(request.headers ?? {}, request.path), connection: "close" }, createConnection: () => stream }, request)
    .catch((error: unknown) => { throw unreachable(error instanceof Error ? error.message : String(error)); });
  return proxiedAnswer(response, request, prefix);
}

/** Headers without which an upgrade is none. */
const upgradeHeaders = ["connection", "upgrade"] as const;

/** What a program answers to who asks for an upgrade. */
export type ProgramAnswer =
  | { readonly kind: "refused"; readonly response: IncomingMessage }
  | { readonly kind: "upgraded"; readonly response: IncomingMessage; readonly upgraded: Duplex; readonly head: Buffer };

/** Asks a program for an upgrade in the words of the client. Rejects with ServiceUnavailable where it cannot be reached. */
export function askUpgrade({ stream, path, trust }: ProxiedProgram, { method = "GET", headers, url = "" }: IncomingMessage): Promise<ProgramAnswer> {
  const asked = { ...toldHeaders(withoutSocketBearer(headers), url.split("?")[0] ?? "", trust), ...Object.fromEntries(upgradeHeaders.map((name) => [name, headers[name]] as const)) };
  return new Promise((resolve, reject) => {
    const outgoing = requestHttp({ method, path, createConnection: () => stream, headers: asked });
    outgoing.once("upgrade", (response, upgraded, head) => { resolve({ kind: "upgraded", response, upgraded, head }); });
    outgoing.once("response", (response) => { resolve({ kind: "refused", response }); });
    outgoing.once("error", (error) => { reject(unreachable(error.message)); });
    outgoing.end();
  });
}
