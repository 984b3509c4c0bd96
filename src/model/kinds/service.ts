import { checkDnsLabel } from "../../value/names.ts";
import type { Service, ServicePort, ServiceSpec } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, labelsText, nameColumn, textColumn } from "../columns.ts";
import { deletionHealth, healthy, progressing } from "./_health.ts";
import { checkService } from "./_service.ts";
import { proxyOf } from "./_proxy.ts";

export type { Service } from "../generated/core-v1.ts";
export { isExternallyAccessible, needsHealthCheck } from "./_service.ts";

/** Service, `v1`. */
export const ServiceKind: Kind<Service> = {
  group: "", version: "v1", kind: "Service", plural: "services", singular: "service", shortNames: ["svc"], categories: ["all"],
  namespaced: true, isCreatedByUpdate: true, message: "core/v1.Service", hasStatus: true,
  subresources: [proxyOf("ServiceProxyOptions")],
  columns: [
    nameColumn,
    textColumn("Type", ({ spec }) => spec.type),
    textColumn("Cluster-IP", ({ spec }) => orNone(spec.clusterIPs?.[0])),
    textColumn("External-IP", printExternal),
    textColumn("Port(s)", ({ spec }) => orNone((spec.ports ?? []).map(printPort).join(","))),
    ageColumn,
    textColumn("Selector", ({ spec }) => labelsText(spec.selector), 1),
  ],
  selectableFields: { "spec.clusterIP": ({ spec }) => spec.clusterIP ?? "", "spec.type": ({ spec }) => spec.type ?? "" },
  checkName: checkDnsLabel,
  prepare: prepareService,
  validate: checkService,
  health: assessService,
};

/** Keeps what the server once gave out when an update leaves it open, and makes the single and the plural address agree. */
function prepareService(service: Service, old: Service | undefined): Service {
  const kept = old === undefined ? service.spec : withAllocationsOf(service.spec, old.spec);
  const { clusterIP = "", clusterIPs, ...rest } = kept;
  if (kept.type === "ExternalName") return { ...service, spec: { ...rest, ...(clusterIP === "" ? {} : { clusterIP }) } };
  const first = clusterIP === "" ? (clusterIPs?.[0] ?? "") : clusterIP;
  const families = { ipFamilies: kept.ipFamilies ?? ["IPv4"], ipFamilyPolicy: kept.ipFamilyPolicy ?? "SingleStack" } as const;
  const addresses = first === "" ? {} : { clusterIP: first, clusterIPs: clusterIPs === undefined || clusterIPs.length === 0 ? [first] : clusterIPs };
  return { ...service, spec: { ...rest, ...families, ...addresses } };
}

function withAllocationsOf(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const hadAddress = old.type !== "ExternalName" && spec.type !== "ExternalName" && (spec.clusterIP ?? "") === "" && (old.clusterIP ?? "") !== "";
  const addresses = hadAddress ? { clusterIP: old.clusterIP ?? "", clusterIPs: old.clusterIPs ?? [] } : {};
  const hasNodePorts = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const ports = spec.ports?.map((port): ServicePort => {
    const before = old.ports?.find((candidate) => candidate.port === port.port && (candidate.protocol ?? "TCP") === (port.protocol ?? "TCP"));
    return hasNodePorts && (port.nodePort ?? 0) === 0 && before?.nodePort !== undefined ? { ...port, nodePort: before.nodePort } : port;
  });
  return { ...spec, ...addresses, ...(ports === undefined ? {} : { ports }) };
}

function orNone(text: string | undefined): string {
  return text === undefined || text === "" ? "<none>" : text;
}

function printPort({ port, nodePort, protocol }: ServicePort): string {
  return nodePort !== undefined && nodePort !== 0 ? `${port}:${nodePort}/${protocol ?? "TCP"}` : `${port}/${protocol ?? "TCP"}`;
}

function printExternal({ spec, status }: Service): string {
  const external = (spec.externalIPs ?? []).join(",");
  switch (spec.type) {
    case "ClusterIP":
    case "NodePort": return orNone(external);
    case "LoadBalancer": {
      const addresses = [...new Set((status.loadBalancer?.ingress ?? []).map(({ ip = "", hostname = "" }) => (ip === "" ? hostname : ip)))].toSorted();
      return [...addresses, ...(spec.externalIPs ?? [])].join(",") || "<pending>";
    }
    case "ExternalName": return spec.externalName ?? "";
    case undefined:
  }
  return "<unknown>";
}

function assessService(service: Service): Health {
  const deletion = deletionHealth(service);
  if (deletion !== undefined) return deletion;
  const isWaiting = service.spec.type === "LoadBalancer" && (service.status.loadBalancer?.ingress ?? []).length === 0;
  return isWaiting ? progressing("Waiting for a load balancer address") : healthy;
}
