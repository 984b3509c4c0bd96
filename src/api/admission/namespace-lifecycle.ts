import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { forbidden, notFound } from "../errors.ts";
import type { Admission } from "../admission-plugin.ts";

/** Namespaces a cluster is nothing without. Signs of life are made anew, and their namespace with them. @see kubernetes pkg/kubeapiserver/options/plugins.go, lifecycle's immortal namespaces */
const undeletable: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

/** Objects are made only in namespaces that exist and stay; three namespaces cannot be deleted. */
export const namespaceLifecycle: Admission = {
  name: "NamespaceLifecycle",
  handles: ({ operation, kind }) => (operation === "create" && kind.namespaced) || (operation === "remove" && isNamespaceKind(kind)),
  admit(object, { operation, kind, ref, reader }) {
    if (operation === "remove") {
      if (undeletable.has(ref.name)) throw forbidden(kind, ref.name, "this namespace may not be deleted");
      return object;
    }
    const { namespace } = ref;
    // A condition of the commit: a namespace that begins to terminate meanwhile takes no new content.
    const owner = reader.get(NamespaceKind, { namespace: "", name: namespace }, { isDepended: true });
    if (owner === undefined) throw notFound(NamespaceKind, namespace);
    if (owner.metadata.deletionTimestamp !== undefined) {
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
      const cause = { type: "NamespaceTerminating", path: "metadata.namespace", detail: `namespace ${namespace} is being terminated` } as const;
      throw forbidden(kind, ref.name, why, [cause]);
    }
    return object;
  },
};

function isNamespaceKind(kind: { readonly group: string; readonly kind: string }): boolean {
  return kind.group === "" && kind.kind === "Namespace";
}
