import type { Service } from "../../model/generated/core-v1.ts";
import type { EndpointSlice } from "../../model/generated/discovery-v1.ts";
import { isSliceOf } from "./service-table.ts";

/** The domain all services are in. */
export const clusterDomain = "cluster.local";

/** What the cluster knows, for answering names. */
export interface DnsView {
  readonly services: ReadonlyMap<string, Service>;
  readonly slices: readonly EndpointSlice[];
}

/** One record of an answer. */
export type DnsRecord =
  | { readonly type: "A"; readonly name: string; readonly address: string }
  | { readonly type: "SRV"; readonly name: string; readonly target: string; readonly port: number }
  | { readonly type: "CNAME"; readonly name: string; readonly target: string }
  | { readonly type: "PTR"; readonly name: string; readonly target: string };

/** The answer to one question. `refused`: the name is not in the cluster's domain, another server should be asked. */
export type DnsAnswer =
  | { readonly kind: "found"; readonly records: readonly DnsRecord[] }
  | { readonly kind: "missing" }
  | { readonly kind: "refused" };

/**
 * Answers a name: `svc`, `svc.ns`, `svc.ns.svc` and the full name; headless services by their ready endpoints; `_port._tcp.svc…` for SRV.
 * A name that exists but has no record of the type is found with no records. Pure.
 *
 * @see kubernetes/dns docs/specification.md
 */
export function answerQuestion(question: DnsQuestion, view: DnsView, namespaceDefault = "default"): DnsAnswer {
  const labels = question.name.toLowerCase().replace(/\.$/u, "").split(".");
  if (question.type === "PTR" && labels.slice(-2).join(".") === "in-addr.arpa") return reverse(question, labels, view);
  const place = parseName(labels, namespaceDefault);
  if (place === undefined) return isInCluster(labels) ? { kind: "missing" } : { kind: "refused" };
  const service = view.services.get(`${place.namespace}/${place.service}`);
  if (service === undefined) return isInCluster(labels) || place.isShort ? { kind: "missing" } : { kind: "refused" };
  if (service.spec.type === "ExternalName") return { kind: "found", records: followName(question, service.spec.externalName ?? "", view) };
  const isHeadless = service.spec.clusterIP === "None";
  const fullName = `${place.service}.${place.namespace}.svc.${clusterDomain}`;
  const endpoints = isHeadless ? endpointsOf(service, view.slices) : [];
  if (place.port !== undefined) return srv(question, { service, port: place.port, protocol: place.protocol ?? "tcp", endpoints, fullName });
  if (place.endpoint !== undefined) {
    const chosen = endpoints.filter((endpoint) => endpoint.label === place.endpoint);
    return chosen.length === 0 ? { kind: "missing" } : { kind: "found", records: question.type === "A" ? chosen.map(({ ip }) => ({ type: "A", name: question.name, address: ip })) : [] };
  }
  if (question.type !== "A") return { kind: "found", records: [] };
  if (!isHeadless) return { kind: "found", records: [{ type: "A", name: question.name, address: service.spec.clusterIP ?? "" }] };
  return endpoints.length === 0 ? { kind: "missing" } : { kind: "found", records: endpoints.map(({ ip }) => ({ type: "A", name: question.name, address: ip })) };
}

/** A name and the type of record that is asked for. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
}

/** Names that lead to each other end somewhere. */
const followedNamesMax = 8;

/** The other name, and what the cluster knows of it: who asks does not ask again by itself. */
function followName({ name, type }: DnsQuestion, target: string, view: DnsView): readonly DnsRecord[] {
  const records: DnsRecord[] = [];
  let [from, to] = [name, target];
  for (let followed = 0; followed < followedNamesMax; followed++) {
    records.push({ type: "CNAME", name: from, target: to });
    const labels = to.toLowerCase().replace(/\.$/u, "").split(".");
    const place = labels.slice(-2).join(".") === clusterDomain ? parseName(labels, "") : undefined;
    const service = place === undefined ? undefined : view.services.get(`${place.namespace}/${place.service}`);
    if (service === undefined) return records;
    if (service.spec.type !== "ExternalName") {
      const found = answerQuestion({ name: to, type }, view);
      return found.kind === "found" ? [...records, ...found.records] : records;
    }
    [from, to] = [to, service.spec.externalName ?? ""];
  }
  return records;
}

/** Whose an address is: a service's, or that of an endpoint with a name of its own. */
function reverse({ name }: DnsQuestion, labels: readonly string[], { services, slices }: DnsView): DnsAnswer {
  const address = labels.slice(0, -2).toReversed().join(".");
  for (const service of services.values()) {
    const fullName = `${service.metadata.name}.${service.metadata.namespace ?? ""}.svc.${clusterDomain}`;
    if (service.spec.clusterIP === address) return { kind: "found", records: [{ type: "PTR", name, target: fullName }] };
    if (service.spec.clusterIP !== "None") continue;
    const own = endpointsOf(service, slices).find(({ ip }) => ip === address);
    if (own !== undefined) return { kind: "found", records: [{ type: "PTR", name, target: `${own.label}.${fullName}` }] };
  }
  return { kind: "refused" };
}

interface Place {
  readonly service: string;
  readonly namespace: string;
  readonly port?: string;
  readonly protocol?: string;
  readonly endpoint?: string;
  /** A single label can only be meant for the cluster. */
  readonly isShort: boolean;
}

function isInCluster(labels: readonly string[]): boolean {
  return labels.slice(-2).join(".") === clusterDomain || labels.at(-1) === "svc";
}

function parseName(labels: readonly string[], namespaceDefault: string): Place | undefined {
  let rest = labels.slice(-2).join(".") === clusterDomain ? labels.slice(0, -2) : [...labels];
  const isFull = rest.length !== labels.length;
  const hasSvc = rest.at(-1) === "svc";
  if (hasSvc) rest = rest.slice(0, -1);
  else if (isFull) return undefined;
  if (!hasSvc && rest.length > 2) return undefined;
  const [service, namespace] = rest.length === 1 ? [rest[0], namespaceDefault] : rest.slice(-2);
  if (service === undefined || namespace === undefined || (hasSvc && rest.length < 2)) return undefined;
  const place = { service, namespace, isShort: labels.length === 1 };
  const before = rest.slice(0, -2);
  if (before.length === 0) return place;
  if (before.length === 1) return { ...place, endpoint: before[0] ?? "" };
  const [port, protocol] = before;
  return before.length === 2 && port?.startsWith("_") === true && protocol?.startsWith("_") === true ? { ...place, port: port.slice(1), protocol: protocol.slice(1) } : undefined;
}

interface EndpointName {
  readonly label: string;
  readonly ip: string;
  readonly ports: EndpointSlice["ports"];
}

function endpointsOf(service: Service, slices: readonly EndpointSlice[]): readonly EndpointName[] {
  const isAnyShown = service.spec.publishNotReadyAddresses === true;
  return slices.filter((slice) => isSliceOf(slice, service)).flatMap((slice) => (slice.endpoints ?? [])
    .filter((endpoint) => isAnyShown || endpoint.conditions?.ready !== false)
    .flatMap((endpoint) => endpoint.addresses.map((ip) => ({ ip, label: endpoint.hostname ?? ip.replaceAll(".", "-"), ports: slice.ports }))));
}

function srv(question: { readonly name: string; readonly type: string }, { service, port, protocol, endpoints, fullName }: { readonly service: Service; readonly port: string; readonly protocol: string; readonly endpoints: readonly EndpointName[]; readonly fullName: string }): DnsAnswer {
  const isNamed = (candidate: { readonly name?: string; readonly protocol?: string }) => candidate.name === port && (candidate.protocol ?? "TCP").toLowerCase() === protocol;
  const records: readonly DnsRecord[] = service.spec.clusterIP === "None"
    ? endpoints.flatMap((endpoint) => (endpoint.ports ?? []).filter(isNamed).map((found): DnsRecord => ({ type: "SRV", name: question.name, target: `${endpoint.label}.${fullName}`, port: found.port ?? 0 })))
    : (service.spec.ports ?? []).filter(isNamed).map((found): DnsRecord => ({ type: "SRV", name: question.name, target: fullName, port: found.port }));
  if (records.length === 0) return { kind: "missing" };
  return { kind: "found", records: question.type === "SRV" ? records : [] };
}

/** A pod's resolv.conf: the cluster first, then the machine's own servers, which are asked for what the cluster refuses. */
export function printResolvConf({ namespace, server, others }: { readonly namespace: string; readonly server: string; readonly others: readonly string[] }): string {
  // glibc uses three servers at most.
  const servers = [server, ...others.filter((other) => other !== server)].slice(0, 3);
  return [...servers.map((address) => `nameserver ${address}`), `search ${namespace}.svc.${clusterDomain} svc.${clusterDomain} ${clusterDomain}`, "options ndots:5", ""].join("\n");
}
