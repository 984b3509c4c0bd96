import { checkDnsLabel } from "../../value/names.ts";
import type { Namespace } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";
import { userMetadata } from "../subresource.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { healthy, progressing } from "./_health.ts";

export type { Namespace } from "../generated/core-v1.ts";

/** The finalizer that keeps a namespace until it is empty. */
export const namespaceFinalizer = "kubernetes";

/** Namespace, `v1`. */
export const NamespaceKind: Kind<Namespace> = {
  group: "", version: "v1", kind: "Namespace", plural: "namespaces", singular: "namespace", shortNames: ["ns"], categories: [],
  namespaced: false, message: "core/v1.Namespace", hasStatus: true,
  // Not all of them at once.
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: [{ type: "part", name: "finalize", verbs: ["update"], fields: ["spec.finalizers"], metadata: userMetadata, isOnlyWay: true }],
  columns: [nameColumn, textColumn("Status", ({ status }) => status.phase), ageColumn],
  selectableFields: { "status.phase": ({ status }) => status.phase ?? "" },
  checkName: checkDnsLabel,
  prepare: (namespace, old) => {
    if (old !== undefined) return namespace;
    const finalizers = namespace.spec.finalizers ?? [];
    return {
      ...namespace, status: { phase: "Active" },
      spec: { ...namespace.spec, finalizers: finalizers.includes(namespaceFinalizer) ? finalizers : [...finalizers, namespaceFinalizer] },
    };
  },
  health: (namespace) => (namespace.status.phase === "Terminating" || namespace.metadata.deletionTimestamp !== undefined ? progressing("Pending deletion") : healthy),
};
