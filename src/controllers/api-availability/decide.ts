import { availableCondition } from "../../api/aggregation/routes.ts";
import { withCondition } from "../../model/conditions.ts";
import type { APIService, APIServiceStatus } from "../../model/generated/apiregistration-v1.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import type { Service } from "../../model/kinds/service.ts";

/** The port of an APIService's Service that names none. */
const defaultPort = 443;

/** What an APIService is judged by. */
export interface ApiServiceFacts {
  /** The group and version are served here. */
  readonly isLocal: boolean;
  readonly service: Service | undefined;
  /** The Service's own. */
  readonly slices: readonly EndpointSlice[];
  /** What asking the server came to: the failure, or none. Absent: it was not asked yet. */
  readonly probed?: { readonly failure?: string };
}

/** Whether the server of an APIService can be asked, and why not. */
export interface Availability {
  readonly isAvailable: boolean;
  readonly reason: string;
  readonly message: string;
}

const no = (reason: string, message: string): Availability => ({ isAvailable: false, reason, message });

/**
 * Whether an APIService is available; `"ask"` where only its server can tell. Pure.
 *
 * @see kubernetes kube-aggregator pkg/controllers/status/remote
 */
export function decideAvailability({ spec: { group = "", version = "", service: target } }: APIService, { isLocal, service, slices, probed }: ApiServiceFacts): Availability | "ask" {
  if (target === undefined) return { isAvailable: true, reason: "Local", message: "Local APIServices are always available" };
  const { namespace = "", name = "", port = defaultPort } = target;
  const named = `service/${name} in ${JSON.stringify(namespace)}`;
  if (isLocal) return no("ServedLocally", `${group}/${version} is served by this API server itself: nothing is asked of ${named}`);
  if (service === undefined) return no("ServiceNotFound", `${named} is not present`);
  if ((service.spec.type ?? "ClusterIP") === "ClusterIP") {
    const offered = (service.spec.ports ?? []).find((one) => one.port === port);
    if (offered === undefined) return no("ServicePortError", `${named} is not listening on port ${port}`);
    if (slices.length === 0) return no("EndpointsNotFound", `cannot find endpointslices for ${named}`);
    const portName = offered.name ?? "";
    if (!slices.some((slice) => hasEndpoint(slice, portName))) return no("MissingEndpoints", `endpointslices for ${named} have no addresses with port name ${JSON.stringify(portName)}`);
  }
  if (probed === undefined) return "ask";
  return probed.failure === undefined ? { isAvailable: true, reason: "Passed", message: "all checks passed" } : no("FailedDiscoveryCheck", probed.failure);
}

function hasEndpoint({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  return (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) && (ports ?? []).some(({ name = "", port }) => name === portName && port !== undefined);
}

/** The status with what was found out; the very same where it says so already. Pure. */
export function withAvailability(status: APIServiceStatus, { isAvailable, reason, message }: Availability, nowMs: number): APIServiceStatus {
  const conditions = withCondition(status.conditions, { type: availableCondition, status: isAvailable ? "True" : "False", reason, message }, nowMs);
  return conditions === status.conditions ? status : { ...status, conditions };
}
