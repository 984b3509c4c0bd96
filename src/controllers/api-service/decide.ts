import { EndpointSliceKind, serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { EndpointsKind } from "../../model/kinds/core-limits.ts";
import { apiVersionOf } from "../../model/kind.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import type { Endpoints } from "../../model/generated/core-v1.ts";
import { isEqual } from "../../value/equal.ts";
import { skipMirrorLabel } from "../endpoint-slice-mirroring/decide.ts";

/** Where the API is: `default/kubernetes`, as in every cluster. */
export const apiServiceRef = { namespace: "default", name: "kubernetes" } as const;

/** The port pods ask, as upstream; the API itself may listen on another. */
const servicePort = 443;

const portName = "https";

/** Where the API listens. */
export interface ApiEndpoint {
  readonly host: string;
  readonly port: number;
}

/** What a cluster has of its own Service. */
export interface ApiServiceState {
  readonly service: Service | undefined;
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: Endpoints | undefined;
}

/** What is to be made; what leads elsewhere is made anew. */
export interface ApiServicePlan {
  readonly service: Service | undefined;
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: Endpoints | undefined;
}

/**
 * What the cluster's own Service lacks. A Service somebody changed stays as it is. Pure.
 *
 * @param clusterIP the address it is to have, one the serving certificate is for
 * @see kubernetes pkg/controlplane/controller/kubernetesservice, pkg/controlplane/reconcilers
 */
export function decideApiService({ service, slice, endpoints }: ApiServiceState, clusterIP: string, { host, port }: ApiEndpoint): ApiServicePlan {
  const { namespace, name } = apiServiceRef;
  const wantedSlice: EndpointSlice = {
    apiVersion: apiVersionOf(EndpointSliceKind), kind: EndpointSliceKind.kind, metadata: { namespace, name, labels: { [serviceNameLabel]: name } },
    addressType: host.includes(":") ? "IPv6" : "IPv4", endpoints: [{ addresses: [host], conditions: { ready: true } }], ports: [{ name: portName, port, protocol: "TCP" }],
  };
  const wantedEndpoints: Endpoints = {
    apiVersion: apiVersionOf(EndpointsKind), kind: EndpointsKind.kind, metadata: { namespace, name, labels: { [skipMirrorLabel]: "true" } },
    subsets: [{ addresses: [{ ip: host }], ports: [{ name: portName, port, protocol: "TCP" }] }],
  };
  const isSliceTrue = slice !== undefined && isEqual(slice.endpoints?.map(({ addresses }) => addresses), [[host]]) && slice.ports?.[0]?.port === port;
  const isEndpointsTrue = endpoints !== undefined && isEqual(endpoints.subsets?.map(({ addresses }) => addresses?.map(({ ip }) => ip)), [[host]]) && endpoints.subsets?.[0]?.ports?.[0]?.port === port;
  return {
    service: service === undefined ? {
      apiVersion: apiVersionOf(ServiceKind), kind: ServiceKind.kind, metadata: { namespace, name, labels: { component: "apiserver", provider: "kubernetes" } },
      spec: { type: "ClusterIP", sessionAffinity: "None", clusterIP, ports: [{ name: portName, protocol: "TCP", port: servicePort, targetPort: port }] }, status: {},
    } : undefined,
    slice: isSliceTrue ? undefined : wantedSlice,
    endpoints: isEndpointsTrue ? undefined : wantedEndpoints,
  };
}
