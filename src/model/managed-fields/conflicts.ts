import { pathsOf, printFieldPath } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";
import type { ManagedEntry } from "./managers.ts";

/** Fields of one manager that an apply would change. */
export interface Conflict {
  readonly entry: ManagedEntry;
  readonly fields: FieldSet;
}

/** One field of a conflict, as a Status tells it. */
export interface ConflictCause {
  /** `conflict with "kubectl-client-side-apply" using apps/v1`. */
  readonly message: string;
  /** `.spec.replicas`. */
  readonly field: string;
}

/** What a Status says of conflicts. @see kubernetes apimachinery pkg/util/managedfields/internal/conflict.go */
export function printConflicts(conflicts: readonly Conflict[]): { readonly message: string; readonly causes: readonly ConflictCause[] } {
  const known = conflicts.map(({ entry, fields }) => ({ manager: printManager(entry), paths: pathsOf(fields).map(printFieldPath) })).toSorted((a, b) => (a.manager < b.manager ? -1 : 1));
  const causes = known.flatMap(({ manager, paths }) => paths.map((field) => ({ message: `conflict with ${manager}`, field })));
  const [only] = causes;
  if (only !== undefined && causes.length === 1) return { message: `Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes };
  const lines = known.flatMap(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)]);
  return { message: `Apply failed with ${causes.length} conflicts: ${lines.join("\n")}`, causes };
}

function printManager({ name, operation, apiVersion, subresource }: ManagedEntry): string {
  const part = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${part}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
