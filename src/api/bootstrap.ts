import { isApiError } from "../model/api-error.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import type { Client } from "./client.ts";

/** Namespaces every cluster has. */
export const systemNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Makes sure that what every cluster has is there; harmless when it is. The client needs the right to create namespaces. */
export async function bootstrapCluster(client: Client): Promise<void> {
  for (const name of systemNamespaces) {
    if (await client.get(NamespaceKind, { namespace: "", name }) !== undefined) continue;
    try {
      await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: {}, status: {} });
    } catch (error) {
      // Another daemon on the same store was faster.
      if (!isApiError(error, "AlreadyExists")) throw error;
    }
  }
}
