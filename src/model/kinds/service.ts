import type { Service } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";

export type { Service } from "../generated/core-v1.ts";

/** Service, `v1`. */
export const ServiceKind: Kind<Service> = {
  group: "", version: "v1", kind: "Service", plural: "services", singular: "service", shortNames: ["svc"], categories: ["all"],
  namespaced: true, message: "core/v1.Service", hasStatus: true,
  columns: [],
  selectableFields: {},
};
