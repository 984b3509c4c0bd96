import { isPercent } from "../../value/int-or-string.ts";
import type { FieldError } from "../field-error.ts";
import type { PodDisruptionBudget } from "../generated/policy-v1.ts";
import { checkLabelSelector, invalid } from "../checks.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { checkNotNegative } from "./_counts.ts";
import { kindOf } from "./_kind-of.ts";

export type { PodDisruptionBudget } from "../generated/policy-v1.ts";

/** PodDisruptionBudget, `policy/v1`. */
export const PodDisruptionBudgetKind = kindOf<PodDisruptionBudget>({
  apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets", namespaced: true, needsRevision: true, shortNames: ["pdb"], hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Min Available", ({ spec }) => String(spec.minAvailable ?? "N/A")),
    textColumn("Max Unavailable", ({ spec }) => String(spec.maxUnavailable ?? "N/A")),
    countColumn("Allowed Disruptions", "integer", ({ status }) => status.disruptionsAllowed),
    ageColumn,
  ],
  validate: checkBudget,
});

function checkBudget({ spec }: PodDisruptionBudget): readonly FieldError[] {
  const both = spec.minAvailable !== undefined && spec.maxUnavailable !== undefined;
  return [
    ...(both ? [invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")] : []),
    ...checkShare("spec.minAvailable", spec.minAvailable),
    ...checkShare("spec.maxUnavailable", spec.maxUnavailable),
    ...checkLabelSelector("spec.selector", spec.selector ?? {}),
  ];
}

function checkShare(path: string, value: number | string | undefined): readonly FieldError[] {
  if (value === undefined || typeof value === "number") return checkNotNegative(path, value);
  if (!isPercent(value)) return [invalid(path, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")];
  return Number.parseInt(value, 10) > 100 ? [invalid(path, value, "must not be greater than 100%")] : [];
}
