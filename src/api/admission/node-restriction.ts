import { isEqual } from "../../value/equal.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { CSINodeKind } from "../../model/kinds/storage.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { ApiObject } from "../../model/object.ts";
import { forbidden } from "../errors.ts";
import { nodeNameOf } from "../nodes-as-users.ts";
import { isOfKind } from "../shape.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";

/** Where nodes renew their leases. */
const leaseNamespace = "kube-node-lease";

/** A node agent writes its own node, its own lease and the pods bound to it, and no others. @see kubernetes plugin/pkg/admission/noderestriction */
export const nodeRestriction: Admission = {
  name: "NodeRestriction",
  handles: ({ kind }) => (kind.group === "" && (kind.kind === "Node" || kind.kind === "Pod")) || kind.kind === "Lease" || kind === CSINodeKind,
  admit(object, request) {
    const nodeName = nodeNameOf(request.user);
    if (nodeName === undefined) return object;
    const why = findTrespass(object, { ...request, nodeName });
    if (why !== undefined) throw forbidden(request.kind, request.ref.name, why);
    return object;
  },
};

/** Why a node may not do this; undefined when it may. */
function findTrespass(object: ApiObject, { nodeName, kind, ref, old, operation, subresource }: AdmissionRequest & { readonly nodeName: string }): string | undefined {
  if (kind.kind === "Lease") {
    if (ref.namespace !== leaseNamespace) return `can only access leases in the "${leaseNamespace}" system namespace`;
    return ref.name === nodeName ? undefined : "can only access node lease with the same name as the requesting node";
  }
  if (kind === CSINodeKind) return ref.name === nodeName ? undefined : "can only access CSINode with the same name as the requesting node";
  if (kind.kind === "Node") {
    if (ref.name !== nodeName) return `node "${nodeName}" is not allowed to modify node "${ref.name}"`;
    // Who owns it may be deleted, and the node with it.
    if (old !== undefined && !isEqual(object.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) return `node "${nodeName}" is not allowed to modify ownerReferences`;
    const isOwnTaintsKept = operation !== "update" || !isOfKind(NodeKind, object) || old === undefined || !isOfKind(NodeKind, old)
      || JSON.stringify(object.spec.taints ?? []) === JSON.stringify(old.spec.taints ?? []);
    if (!isOwnTaintsKept) return `node "${nodeName}" is not allowed to modify taints`;
    const labels = findForeignLabels(object, old);
    if (labels.length === 0) return undefined;
    return operation === "create" ? `node "${nodeName}" is not allowed to set the following labels: ${labels.join(", ")}` : `is not allowed to modify labels: ${labels.join(", ")}`;
  }
  const pod = old ?? object;
  const isOwn = isOfKind(PodKind, pod) && pod.spec.nodeName === nodeName;
  switch (operation) {
    case "connect": return undefined;
    case "create": return `pod does not have "kubernetes.io/config.mirror" annotation, node "${nodeName}" can only create mirror pods`;
    case "remove": return isOwn ? undefined : `node "${nodeName}" can only delete pods with spec.nodeName set to itself`;
    case "update":
      if (subresource !== "status") return `node "${nodeName}" can only update pod status`;
      if (!isOwn) return `node "${nodeName}" can only update pod status for pods with spec.nodeName set to itself`;
      return isEqual(object.metadata.labels ?? {}, pod.metadata.labels ?? {}) ? undefined : `node "${nodeName}" cannot update labels through pod status`;
  }
}

/** Kubernetes' own labels say what a node is for and how far it is trusted, which it may not say itself. */
const kubernetesLabel = /(?:^|\.)(?:kubernetes|k8s)\.io\//;

/** Of these a node knows best: what machine it is, and where it stands; and those made for it. @see kubernetes pkg/kubelet/apis/well_known_labels.go */
const ownLabel = /^(?:kubernetes\.io\/(?:hostname|os|arch)|beta\.kubernetes\.io\/(?:os|arch|instance-type)|topology\.kubernetes\.io\/(?:zone|region)|failure-domain\.beta\.kubernetes\.io\/(?:zone|region)|(?:[^/]+\.)?(?:kubelet|node)\.kubernetes\.io\/.*)$/;

/** The labels a node may not have changed. @see kubernetes plugin/pkg/admission/noderestriction getModifiedLabels */
function findForeignLabels(object: ApiObject, old: ApiObject | undefined): readonly string[] {
  const before = old?.metadata.labels ?? {};
  const after = object.metadata.labels ?? {};
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => kubernetesLabel.test(key) && !ownLabel.test(key) && before[key] !== after[key]).toSorted();
}
