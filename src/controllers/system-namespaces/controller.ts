import { systemNamespaces } from "../../api/bootstrap.ts";
import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";

const names: ReadonlySet<string> = new Set(systemNamespaces);

/** Makes the cluster's own namespaces anew where somebody removed one, as all but three can be. @see kubernetes pkg/controlplane/controller/systemnamespaces */
export const systemNamespacesController: Controller<Namespace> = {
  name: "system-namespaces",
  kind: NamespaceKind,
  reads: [NamespaceKind],
  writes: [{ kind: NamespaceKind, part: "existence" }],
  async reconcile({ name }, namespace, { writer }) {
    if (namespace !== undefined || !names.has(name)) return { kind: "done" };
    try {
      await writer.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: {}, status: {} });
    } catch (error) {
      if (!isApiError(error, "AlreadyExists")) throw error;
    }
    return { kind: "done" };
  },
};
