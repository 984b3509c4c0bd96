import { findCondition } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { FlowSchema, PriorityLevelConfiguration, PriorityLevelConfigurationReference, QueuingConfiguration } from "../generated/flowcontrol-v1.ts";
import type { Column } from "../kind.ts";
import { notSupported } from "../print-field-error.ts";
import { checkPresent, forbidden, invalid, required } from "../checks.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { kindOf } from "./_kind-of.ts";

const apiVersion = "flowcontrol.apiserver.k8s.io/v1";

/** Upstream's lowest precedence of a schema. */
const precedenceMax = 10_000;

/** FlowSchema, `flowcontrol.apiserver.k8s.io/v1`. */
export const FlowSchemaKind = kindOf<FlowSchema>({
  apiVersion, kind: "FlowSchema", plural: "flowschemas", namespaced: false, hasStatus: true,
  columns: [
    nameColumn,
    textColumn("PriorityLevel", ({ spec }) => levelOf(spec.priorityLevelConfiguration)),
    countColumn("MatchingPrecedence", "string", ({ spec }) => spec.matchingPrecedence),
    textColumn("DistinguisherMethod", ({ spec }) => spec.distinguisherMethod?.type ?? "<none>"),
    ageColumn,
    textColumn("MissingPL", ({ status }) => findCondition(status.conditions?.map((condition) => ({ ...condition, status: condition.status ?? "" })), "Dangling")?.status ?? "?"),
  ],
  validate: ({ spec }) => {
    const precedence = spec.matchingPrecedence ?? 1;
    return [
      ...(precedence < 1 ? [invalid("spec.matchingPrecedence", precedence, "must be a positive value")] : []),
      ...(precedence > precedenceMax ? [invalid("spec.matchingPrecedence", precedence, `must not be greater than ${precedenceMax}`)] : []),
      ...checkPresent("spec.priorityLevelConfiguration.name", spec.priorityLevelConfiguration.name, "must reference a priority level"),
    ];
  },
});

/** PriorityLevelConfiguration, `flowcontrol.apiserver.k8s.io/v1`. */
export const PriorityLevelConfigurationKind = kindOf<PriorityLevelConfiguration>({
  apiVersion, kind: "PriorityLevelConfiguration", plural: "prioritylevelconfigurations", namespaced: false, hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Type", ({ spec }) => spec.type),
    numberOrNone("NominalConcurrencyShares", ({ spec }) => spec.limited?.nominalConcurrencyShares),
    numberOrNone("Queues", (level) => queuingOf(level)?.queues),
    numberOrNone("HandSize", (level) => queuingOf(level)?.handSize),
    numberOrNone("QueueLengthLimit", (level) => queuingOf(level)?.queueLengthLimit),
    ageColumn,
  ],
  validate: checkLevel,
});

function levelOf(reference: PriorityLevelConfigurationReference | undefined): string | undefined {
  return reference?.name;
}

function queuingOf({ spec }: PriorityLevelConfiguration): QueuingConfiguration | undefined {
  return spec.limited?.limitResponse.queuing;
}

function numberOrNone(name: string, read: (level: PriorityLevelConfiguration) => number | undefined): Column<PriorityLevelConfiguration> {
  return { name, type: "string", priority: 0, value: (level) => read(level) ?? "<none>" };
}

function checkLevel({ spec }: PriorityLevelConfiguration): readonly FieldError[] {
  if (spec.type === "Exempt") return spec.limited === undefined ? [] : [forbidden("spec.limited", "must be nil if the type is not Limited")];
  if (spec.type !== "Limited") return [notSupported("spec.type", spec.type, ["Exempt", "Limited"])];
  if (spec.exempt !== undefined) return [forbidden("spec.exempt", "must be nil if the type is Limited")];
  if (spec.limited === undefined) return [required("spec.limited", "must not be empty when type is Limited")];
  const { type, queuing } = spec.limited.limitResponse;
  const path = "spec.limited.limitResponse";
  if (type === "Reject") return queuing === undefined ? [] : [forbidden(`${path}.queuing`, "must be nil if limited.limitResponse.type is not Limited")];
  if (type !== "Queue") return [notSupported(`${path}.type`, type, ["Queue", "Reject"])];
  return queuing === undefined ? [required(`${path}.queuing`, "must not be empty if limited.limitResponse.type is Limited")] : [];
}
