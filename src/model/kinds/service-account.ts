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
  warn: warnOfAnnotation,
  subresources: [{ type: "action", name: "token", verbs: ["create"], speaks: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" } }],
};

const mountableAnnotation = "kubernetes.io/enforce-mountable-secrets";

/** Who had it before was told. */
function warnOfAnnotation({ metadata }: ServiceAccount, old: ServiceAccount | undefined): readonly string[] {
  const isNew = metadata.annotations?.[mountableAnnotation] !== undefined && old?.metadata.annotations?.[mountableAnnotation] === undefined;
  return isNew ? [`metadata.annotations[${mountableAnnotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`] : [];
}
