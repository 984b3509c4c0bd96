import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Service } from "../../model/kinds/service.ts";
import type { NodePod } from "../nodes.ts";

/** One place a Service leads to. */
export interface ServerEndpoint {
  readonly host: string;
  readonly port: number;
  /** Where it is a pod's: its node leads to it, wherever that is. */
  readonly pod?: { readonly nodeName: string; readonly ref: NodePod };
}

/**
 * Every place a port of a Service leads to now, or in a text why there is none. Pure.
 *
 * @param slices the Service's own
 * @see kubernetes apiserver pkg/util/proxy ResolveEndpoint
 */
export function endpointsOf({ metadata, spec }: Service, slices: readonly EndpointSlice[], port: number): readonly ServerEndpoint[] | string {
  if (spec.type === "ExternalName") return [{ host: spec.externalName ?? "", port }];
  const offered = (spec.ports ?? []).find((one) => one.port === port);
  if (offered === undefined) return `no service port ${port} found for service ${JSON.stringify(metadata.name)}`;
  const found = slices.flatMap((slice) => endpointsIn(slice, offered.name ?? ""));
  return found.length > 0 ? found : `no endpoints available for service ${JSON.stringify(metadata.name)}`;
}

function endpointsIn({ endpoints, ports }: EndpointSlice, portName: string): readonly ServerEndpoint[] {
  const port = ports?.find(({ name = "" }) => name === portName)?.port;
  if (port === undefined) return [];
  return (endpoints ?? []).filter(({ conditions, addresses }) => conditions?.ready !== false && addresses.length > 0).map(({ addresses, nodeName = "", targetRef }) => ({
    host: addresses[0] ?? "", port,
    ...(targetRef?.kind === "Pod" && nodeName !== "" ? { pod: { nodeName, ref: { namespace: targetRef.namespace ?? "", name: targetRef.name ?? "", uid: targetRef.uid ?? "" } } } : {}),
  }));
}
