import type { Container, ContainerPort, HTTPGetAction, LifecycleHandler, ProbeHandler } from "../model/generated/core-v1.ts";
import type { HandlerAction } from "./runtimes/runtime.ts";

/** A handler made ready to ask, or why it cannot be; `sleep` is the worker's own. */
export type ResolvedHandler = HandlerAction | { readonly kind: "sleep"; readonly ms: number } | { readonly kind: "unsupported"; readonly message: string };

/** Resolves named ports and hosts: without a host, the pod's own address is asked. */
export function resolveHandler(handler: ProbeHandler & LifecycleHandler, container: Container, podIP: string): ResolvedHandler {
  if (handler.exec !== undefined) return { kind: "exec", command: handler.exec.command ?? [] };
  if (handler.httpGet !== undefined) return resolveHttp(handler.httpGet, container, podIP);
  if (handler.tcpSocket !== undefined) {
    const port = portNumber(handler.tcpSocket.port, container.ports);
    return port === undefined ? noPort(handler.tcpSocket.port) : { kind: "tcp", host: handler.tcpSocket.host ?? podIP, port };
  }
  if (handler.sleep !== undefined) return { kind: "sleep", ms: handler.sleep.seconds * 1000 };
  if (handler.grpc !== undefined) return { kind: "grpc", host: podIP, port: handler.grpc.port, service: handler.grpc.service ?? "" };
  return { kind: "unsupported", message: "must specify a handler type" };
}

/** A header without a value is taken, and sent empty. */
function withValue(header: { readonly name: string; readonly value?: string }): { readonly name: string; readonly value: string } {
  return { name: header.name, value: header.value ?? "" };
}

function resolveHttp({ path, port: portText, host, scheme, httpHeaders }: HTTPGetAction, container: Container, podIP: string): ResolvedHandler {
  const port = portNumber(portText, container.ports);
  if (port === undefined) return noPort(portText);
  const target = path === undefined || path === "" ? "/" : path;
  return { kind: "http", scheme: scheme ?? "HTTP", host: host === undefined || host === "" ? podIP : host, port, path: target.startsWith("/") ? target : `/${target}`, headers: (httpHeaders ?? []).map(withValue) };
}

/** The number of a port given as number, digits or name. */
export function portNumber(port: number | string, ports: readonly ContainerPort[] | undefined): number | undefined {
  if (typeof port === "number") return port;
  if (/^\d+$/u.test(port)) return Number(port);
  return ports?.find((candidate) => candidate.name === port)?.containerPort;
}

function noPort(port: number | string): ResolvedHandler {
  return { kind: "unsupported", message: `couldn't find port: ${JSON.stringify(port)} in the container's ports` };
}
