import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { isUnset } from "./_parts.ts";

/** A day's work for one client: upstream's session affinity, 3 hours. */
const clientIpTimeoutSeconds = 10_800;

/** What a Service's type and affinity imply; addresses and node ports are the API's to give. */
export function defaultService(service: JsonObject): JsonObject {
  if (!isJsonObject(service.spec)) return service;
  const spec: Record<string, Json | undefined> = { ...service.spec };
  const type = spec.type;
  if (Array.isArray(spec.ports)) {
    spec.ports = spec.ports.map((port: Json) => (isJsonObject(port) && isUnset(port.targetPort) && port.port !== undefined ? { ...port, targetPort: port.port } : port));
  }
  if (spec.sessionAffinity === "ClientIP") spec.sessionAffinityConfig = withTimeout(spec.sessionAffinityConfig);
  else if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  const hasExternalIps = Array.isArray(spec.externalIPs) && spec.externalIPs.length > 0;
  if (type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && hasExternalIps)) spec.externalTrafficPolicy ??= "Cluster";
  if (type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer") spec.internalTrafficPolicy ??= "Cluster";
  if (type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
  return { ...service, spec, ...(type === "LoadBalancer" ? withModes(service.status) : {}) };
}

/** An address of a balancer is its own where nobody says that it passes on. */
function withModes(status: Json | undefined): { readonly status?: JsonObject } {
  if (!isJsonObject(status) || !isJsonObject(status.loadBalancer) || !Array.isArray(status.loadBalancer.ingress)) return {};
  const ingress = status.loadBalancer.ingress.map((place: Json) => (isJsonObject(place) && !isUnset(place.ip) ? { ...place, ipMode: place.ipMode ?? "VIP" } : place));
  return { status: { ...status, loadBalancer: { ...status.loadBalancer, ingress } } };
}

/** Every namespace can be selected by its name. */
export function defaultNamespace(namespace: JsonObject): JsonObject {
  const metadata = namespace.metadata;
  if (!isJsonObject(metadata) || typeof metadata.name !== "string" || metadata.name === "") return namespace;
  const labels = isJsonObject(metadata.labels) ? metadata.labels : {};
  return { ...namespace, metadata: { ...metadata, labels: { ...labels, "kubernetes.io/metadata.name": metadata.name } } };
}

function withTimeout(config: Json | undefined): JsonObject {
  const clientIP = isJsonObject(config) && isJsonObject(config.clientIP) ? config.clientIP : {};
  return { clientIP: { ...clientIP, timeoutSeconds: clientIP.timeoutSeconds ?? clientIpTimeoutSeconds } };
}
