import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { ApiError } from "../../model/api-error.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Service } from "../../model/kinds/service.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { ObjectRef } from "../../model/object.ts";
import { accessDenied } from "../errors.ts";
import type { PodConnection } from "../nodes.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge } from "./edge.ts";
import { connectOptions } from "./connect-options.ts";
import { answerNodeProxy } from "./node-proxy.ts";
import { nodeOf } from "./pod-logs.ts";
import { ownHeaders, proxiedAnswer, proxiedHost } from "./proxied-answer.ts";
import type { ResourceTarget } from "./request-path.ts";
import { systemCaller } from "./system-caller.ts";

/** The pod and port a proxied request goes to. */
interface Backend {
  readonly pod: Pod;
  readonly port: number;
}

/**
 * Passes an HTTP request on to a pod, or to a ready pod behind a service; a node's are answered here. Only the pod's own address is ever connected to.
 * Throws ApiError for every refusal.
 */
export async function answerProxy(edge: Edge, request: EdgeRequest, target: ResourceTarget, verb: string): Promise<Answer> {
  const ref = { namespace: target.namespace ?? "", name: target.name ?? "" };
  const attributes = { verb, group: "", resource: target.resource.plural, subresource: "proxy", ...ref };
  if (!edge.authorizer.isAllowed(request.caller.user, attributes)) throw accessDenied(request.caller.user.name, attributes);
  await edge.verbs.admitConnection(request.caller, target.resource, ref, { subresource: "proxy", options: connectOptions("proxy", request.query, target.proxyPath) });
  const place = parseProxyName(ref.name);
  if (target.resource === NodeKind) return answerNodeProxy(edge, request, { name: place.name, path: target.proxyPath ?? "/" });
  const named = { namespace: ref.namespace, name: place.name };
  const backend = target.resource === ServiceKind ? await serviceBackend(edge, request, named, place.port) : await podBackend(edge, request, named, place.port);
  // Relative addresses of the answer would lead beside the proxy.
  if (target.proxyPath === undefined && (request.method === "GET" || request.method === "HEAD")) return withSlash(request);
  const { metadata, spec } = backend.pod;
  const connection = await nodeOf(edge, spec.nodeName ?? "").connect({ ...named, name: metadata.name, uid: metadata.uid ?? "" }, backend.port, request.signal);
  const prefix = request.path.slice(0, request.path.length - (target.proxyPath ?? "").length);
  return passOn(connection, request, { path: target.proxyPath ?? "/", prefix, isSecure: place.scheme === "https" });
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

async function podBackend(edge: Edge, request: EdgeRequest, ref: ObjectRef, port: string): Promise<Backend> {
  const pod = (await edge.verbs.get(systemCaller(request.caller), PodKind, ref)).object() as Pod;
  if ((pod.spec.nodeName ?? "") === "") throw new ApiError("ServiceUnavailable", "address not allowed");
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const chosen = port === "" ? declared[0]?.containerPort ?? 80 : declared.find(({ name }) => name === port)?.containerPort ?? Number(port);
  return { pod, port: checkPort(chosen) };
}

async function serviceBackend(edge: Edge, request: EdgeRequest, ref: ObjectRef, port: string): Promise<Backend> {
  const caller = systemCaller(request.caller);
  const service = (await edge.verbs.get(caller, ServiceKind, ref)).object() as Service;
  const ports = service.spec.ports ?? [];
  const chosen = port === "" && ports.length === 1 ? ports[0] : ports.find((one) => one.name === port || String(one.port) === port);
  const none = new ApiError("ServiceUnavailable", `no endpoints available for service ${JSON.stringify(port === "" ? ref.name : `${ref.name}:${port}`)}`);
  if (chosen === undefined) throw new ApiError("ServiceUnavailable", `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(ref.name)}`);
  const slices = await edge.verbs.list(caller, EndpointSliceKind, { namespace: ref.namespace, labelSelector: `kubernetes.io/service-name=${ref.name}` });
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

/** What is asked of the pod, and how. */
interface ProxiedPath {
  readonly path: string;
  /** The proxy's own path in front of it. */
  readonly prefix: string;
  readonly isSecure: boolean;
}

/** Sends the request over a connection and answers with what comes back, as it comes. */
async function passOn(connection: PodConnection, request: EdgeRequest, { path, prefix, isSecure }: ProxiedPath): Promise<Answer> {
  const query = request.query.toString();
  const passed = Object.entries(request.headers ?? {}).filter(([name]) => !ownHeaders.has(name) && !name.startsWith(":") && !name.startsWith("impersonate-"));
  const options = {
    method: request.method, path: `${path}${query === "" ? "" : `?${query}`}`, signal: request.signal,
    headers: {
      ...Object.fromEntries(passed), connection: "close", host: proxiedHost, "x-forwarded-uri": request.path,
      ...(request.body.length === 0 ? {} : { "content-length": String(request.body.length) }),
    },
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const stream = asDuplex(connection);
    // Whose certificate it is nobody can tell: it is only known that this pod answers.
    const outgoing = requestHttp({ ...options, createConnection: () => (isSecure ? connectTls({ socket: stream, servername: "", rejectUnauthorized: false }) : stream) }, resolve);
    outgoing.once("error", (error) => { reject(new ApiError("ServiceUnavailable", `error trying to reach service: ${error.message}`)); });
    outgoing.end(Buffer.from(request.body));
  });
  return proxiedAnswer(response, request, prefix);
}

/** A connection as the stream Node's HTTP client writes to. */
function asDuplex(connection: PodConnection): Duplex {
  const incoming = connection.chunks[Symbol.asyncIterator]();
  return new Duplex({
    read() {
      incoming.next().then(({ done, value }) => { this.push(done === true ? null : value); }, (error: unknown) => { this.destroy(error instanceof Error ? error : new Error(String(error))); });
    },
    write(chunk: Buffer, _encoding, done) { void connection.write(chunk).finally(() => { done(); }); },
    // The pod answers before it is hung up on; some servers take a half-closed client for a gone one.
    final(done) { done(); },
    destroy(error, done) { connection.destroy(); done(error); },
  });
}
