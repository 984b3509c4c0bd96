import { findCondition, withCondition } from "../../model/conditions.ts";
import { approvalAnnotation, isProtectedGroup } from "../../model/custom/check-definition.ts";
import type { CustomResourceDefinitionCondition, CustomResourceDefinitionNames } from "../../model/generated/apiextensions-v1.ts";
import type { Kind } from "../../model/kind.ts";
import type { CustomResourceDefinition } from "../../model/kinds/api-extensions.ts";
import { isEqual } from "../../value/equal.ts";
import { quote } from "../../value/quote.ts";


/** A definition's status; what it does not change stays. */
export type DefinitionStatus = CustomResourceDefinition["status"];

/** What others of the group have taken already. */
interface TakenNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** The status of a definition that is not being removed: which names it gets, and whether it is served. The very same status when nothing changes. Pure. */
export function decideStatus(definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[], facts: { readonly builtIn: readonly Kind[]; readonly nowMs: number }): DefinitionStatus {
  const { status } = definition;
  const { accepted, conflict } = decideNames(definition, takenBy(definition, others, facts.builtIn));
  const wasEstablished = findCondition(status.conditions, "Established")?.status === "True";
  const namesCondition: CustomResourceDefinitionCondition = conflict === undefined
    ? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" }
    : { type: "NamesAccepted", status: "False", ...conflict };
  // What is served stays served: a later conflict takes no names away.
  const established: CustomResourceDefinitionCondition = conflict === undefined || wasEstablished
    ? { type: "Established", status: "True", reason: "InitialNamesAccepted", message: "the initial names have been accepted" }
    : { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" };
  const conditions = [namesCondition, established, ...approvalConditions(definition)].reduce<readonly CustomResourceDefinitionCondition[]>(
    (list, condition) => withCondition(list, condition, facts.nowMs), status.conditions ?? [],
  );
  const next = { ...status, conditions, acceptedNames: accepted };
  return isEqual(next, status) ? status : next;
}

/**
 * The names a definition gets: those it asks for, except where another of its group has them.
 *
 * @see kubernetes apiextensions-apiserver pkg/controller/status/naming_controller.go
 */
function decideNames({ spec: { names }, status }: CustomResourceDefinition, taken: TakenNames): {
  readonly accepted: CustomResourceDefinitionNames; readonly conflict: { readonly reason: string; readonly message: string } | undefined;
} {
  const accepted = status.acceptedNames;
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const refuse = (reason: string, name: string): void => { conflict = { reason, message: `${quote(name)} is already in use` }; };
  const resource = (name: string, old: string | undefined, reason: string): string => {
    if (!taken.resources.has(name)) return name;
    refuse(reason, name);
    return old ?? "";
  };
  const kind = (name: string, old: string | undefined, reason: string): string => {
    if (!taken.kinds.has(name)) return name;
    refuse(reason, name);
    return old ?? "";
  };
  const shortNames = names.shortNames ?? [];
  const takenShort = shortNames.find((name) => taken.resources.has(name));
  const result: CustomResourceDefinitionNames = {
    plural: resource(names.plural, accepted?.plural, "PluralConflict"),
    singular: resource(names.singular ?? names.kind.toLowerCase(), accepted?.singular, "SingularConflict"),
    ...(takenShort === undefined ? (names.shortNames === undefined ? {} : { shortNames }) : accepted?.shortNames === undefined ? {} : { shortNames: accepted.shortNames }),
    kind: kind(names.kind, accepted?.kind, "KindConflict"),
    listKind: kind(names.listKind ?? `${names.kind}List`, accepted?.listKind, "ListKindConflict"),
    ...(names.categories === undefined ? {} : { categories: names.categories }),
  };
  if (takenShort !== undefined) refuse("ShortNamesConflict", takenShort);
  return { accepted: result, conflict };
}

function takenBy({ metadata, spec }: CustomResourceDefinition, others: readonly CustomResourceDefinition[], builtIn: readonly Kind[]): TakenNames {
  const accepted = others.filter((other) => other.spec.group === spec.group && other.metadata.name !== metadata.name).flatMap((other) => other.status.acceptedNames ?? []);
  const kinds = builtIn.filter((kind) => kind.group === spec.group);
  return {
    resources: new Set([
      ...accepted.flatMap((names) => [names.plural, names.singular ?? "", ...(names.shortNames ?? [])]), ...kinds.flatMap((kind) => [kind.plural, kind.singular, ...kind.shortNames]),
    ].filter((name) => name !== "")),
    kinds: new Set([...accepted.flatMap((names) => [names.kind, names.listKind ?? ""]), ...kinds.flatMap((kind) => [kind.kind, `${kind.kind}List`])].filter((name) => name !== "")),
  };
}

/** @see kubernetes apiextensions-apiserver pkg/controller/apiapproval */
function approvalConditions({ metadata, spec: { group } }: CustomResourceDefinition): readonly CustomResourceDefinitionCondition[] {
  if (!isProtectedGroup(group)) return [];
  const approval = metadata.annotations?.[approvalAnnotation] ?? "";
  const type = "KubernetesAPIApprovalPolicyConformant";
  if (approval.startsWith("unapproved")) return [{ type, status: "False", reason: "UnapprovedAnnotation", message: `not approved: ${quote(approval)}` }];
  return [{ type, status: "True", reason: "ApprovedAnnotation", message: `approved in ${approval}` }];
}

/** The status of a definition whose objects are being removed, with what is left of them. Pure. */
export function decideTerminating(definition: CustomResourceDefinition, removal: { readonly left: number; readonly failure: string | undefined; readonly nowMs: number }): DefinitionStatus {
  const { left, failure, nowMs } = removal;
  const condition: CustomResourceDefinitionCondition = failure !== undefined
    ? { type: "Terminating", status: "True", reason: "InstanceDeletionFailed", message: `could not list or remove instances: ${failure}` }
    : left > 0
      ? { type: "Terminating", status: "True", reason: "InstanceDeletionInProgress", message: "CustomResource deletion is in progress" }
      : { type: "Terminating", status: "False", reason: "InstanceDeletionCompleted", message: "removed all instances" };
  const conditions = withCondition(definition.status.conditions, condition, nowMs);
  return conditions === definition.status.conditions ? definition.status : { ...definition.status, conditions };
}
