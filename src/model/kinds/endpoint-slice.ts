import type { EndpointSlice } from "../generated/discovery-v1.ts";
import type { Kind } from "../kind.ts";

export type { EndpointSlice } from "../generated/discovery-v1.ts";

/** EndpointSlice, `discovery.k8s.io/v1`. */
export const EndpointSliceKind: Kind<EndpointSlice> = {
  group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices", singular: "endpointslice", shortNames: [], categories: [],
  namespaced: true, message: "discovery/v1.EndpointSlice", hasStatus: false,
  columns: [],
  selectableFields: {},
};
