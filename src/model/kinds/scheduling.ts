import type { FieldError } from "../field-error.ts";
import { checkDnsLabel } from "../../value/names.ts";
import type { RuntimeClass } from "../generated/node-v1.ts";
import type { PriorityClass } from "../generated/scheduling-v1.ts";
import { checkQuantities, forbidden, invalidEach } from "../checks.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { kindOf, truthColumn } from "./_kind-of.ts";
import { warnOfLabels } from "./_old-node-labels.ts";

/** The highest priority a user may give; above are the system's own classes. */
const userPriorityMax = 1_000_000_000;

const systemClasses: Readonly<Record<string, number>> = { "system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000 };

/** PriorityClass, `scheduling.k8s.io/v1`. */
export const PriorityClassKind = kindOf<PriorityClass>({
  apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", plural: "priorityclasses", namespaced: false, shortNames: ["pc"],
  columns: [
    nameColumn,
    countColumn("Value", "integer", ({ value }) => value),
    truthColumn("Global-Default", ({ globalDefault }) => globalDefault),
    ageColumn,
    textColumn("PreemptionPolicy", ({ preemptionPolicy }) => preemptionPolicy),
  ],
  validate: checkPriorityClass,
  immutable: ["preemptionPolicy"],
});

/** RuntimeClass, `node.k8s.io/v1`. */
export const RuntimeClassKind = kindOf<RuntimeClass>({
  apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", plural: "runtimeclasses", namespaced: false, isCreatedByUpdate: true, needsRevision: true,
  columns: [nameColumn, textColumn("Handler", ({ handler }) => handler), ageColumn],
  validate: ({ handler, overhead }) => [...invalidEach("handler", handler, checkDnsLabel(handler)), ...checkQuantities("overhead.podFixed", overhead?.podFixed)],
  warn: ({ scheduling }) => warnOfLabels(Object.keys(scheduling?.nodeSelector ?? {}), (_key, message) => `scheduling.nodeSelector: ${message}`),
  immutable: ["handler"],
});

function checkPriorityClass({ metadata, value = 0 }: PriorityClass, old: PriorityClass | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { name } = metadata;
  if (name.startsWith("system-")) {
    if (systemClasses[name] !== value) errors.push(forbidden("metadata.name", `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`));
  } else if (value > userPriorityMax) {
    errors.push(forbidden("value", `maximum allowed value of a user defined priority is ${userPriorityMax}`));
  }
  if (old !== undefined && (old.value ?? 0) !== value) errors.push(forbidden("value", "may not be changed in an update."));
  return errors;
}
