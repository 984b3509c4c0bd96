import type { ServiceAccount } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, nameColumn } from "../columns.ts";

export type { ServiceAccount } from "../generated/core-v1.ts";

/** ServiceAccount, `v1`. */
export const ServiceAccountKind: Kind<ServiceAccount> = {
  group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", singular: "serviceaccount", shortNames: ["sa"], categories: [],
  namespaced: true, message: "core/v1.ServiceAccount", hasStatus: false,
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  subresources: [{ type: "action", name: "token", verbs: ["create"], speaks: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" } }],
};
