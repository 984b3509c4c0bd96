import type { Lease } from "../generated/coordination-v1.ts";
import type { Kind } from "../kind.ts";

export type { Lease } from "../generated/coordination-v1.ts";

/** Lease, `coordination.k8s.io/v1`. */
export const LeaseKind: Kind<Lease> = {
  group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases", singular: "lease", shortNames: [], categories: [],
  namespaced: true, message: "coordination/v1.Lease", hasStatus: false,
  columns: [],
  selectableFields: {},
};
