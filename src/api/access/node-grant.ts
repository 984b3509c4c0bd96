import type { Grant } from "./role-index.ts";

/**
 * What a node agent may ask for; `admission/node-restriction.ts` narrows its writes to its own node, lease and pods.
 *
 * @see kubernetes ClusterRole system:node
 */
export const nodeGrant: Grant = {
  subject: { group: "system:nodes" },
  rules: [
    { verbs: ["get", "list", "watch"], apiGroups: [""], resources: ["services", "pods", "configmaps", "secrets", "nodes"] },
    { verbs: ["get", "list", "watch"], apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"] },
    { verbs: ["create", "update", "patch"], apiGroups: [""], resources: ["nodes"] },
    { verbs: ["update", "patch"], apiGroups: [""], resources: ["nodes/status", "pods/status"] },
    { verbs: ["delete"], apiGroups: [""], resources: ["pods"] },
    { verbs: ["create", "update", "patch"], apiGroups: ["", "events.k8s.io"], resources: ["events"] },
    { verbs: ["get"], apiGroups: [""], resources: ["serviceaccounts", "namespaces"] },
    { verbs: ["create"], apiGroups: [""], resources: ["serviceaccounts/token"] },
    { verbs: ["create", "delete", "get", "patch", "update"], apiGroups: ["coordination.k8s.io"], resources: ["leases"] },
  ],
};
