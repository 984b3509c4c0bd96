import type { FieldError } from "../field-error.ts";
import type { Lease } from "../generated/coordination-v1.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";

export type { Lease } from "../generated/coordination-v1.ts";

/** Lease, `coordination.k8s.io/v1`. */
export const LeaseKind: Kind<Lease> = {
  group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases", singular: "lease", shortNames: [], categories: [],
  namespaced: true, isCreatedByUpdate: true, needsRevision: true, message: "coordination/v1.Lease", hasStatus: false,
  columns: [nameColumn, textColumn("Holder", ({ spec }) => spec.holderIdentity), ageColumn],
  selectableFields: {},
  validate: ({ spec }): readonly FieldError[] => [
    ...(spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0
      ? [{ type: "Invalid", path: "spec.leaseDurationSeconds", value: spec.leaseDurationSeconds, detail: "must be greater than 0" } as const] : []),
    ...checkNotNegative("spec.leaseTransitions", spec.leaseTransitions),
  ],
};
