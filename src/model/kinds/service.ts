import { checkDnsLabel } from "../../value/names.ts";
import type { Service, ServicePort } from "../generated/core-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, labelsText, nameColumn, orNone, textColumn } from "../columns.ts";
import { deletionHealth, healthy, progressing } from "./_health.ts";
import { checkService } from "./_service.ts";
import { checkServiceStatus } from "./_service-status.ts";
import { proxyOf } from "./_proxy.ts";

export type { Service } from "../generated/core-v1.ts";
export { checkClusterIps, isExternallyAccessible, needsHealthCheck } from "./_service.ts";

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
  validate: checkService,
  validateStatus: checkServiceStatus,
  health: assessService,
};

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
