import type { PolicyRule } from "../../model/generated/rbac-v1.ts";
import { PersistentVolumeClaimKind } from "../../model/kinds/persistent-volume.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { Store } from "../../store/store.ts";
import type { UserInfo } from "../client.ts";
import { readStored } from "../encode.ts";
import { nodeNameOf } from "../nodes-as-users.ts";
import { isOfKind } from "../shape.ts";
import type { AccessAttributes } from "../verbs.ts";
import type { NodeGraph } from "./node-graph.ts";
import { CompiledRole, roleKeyOf } from "./rules.ts";

/** Where nodes renew their leases. */
export const nodeLeaseNamespace = "kube-node-lease";

const readVerbs: readonly string[] = ["get", "list", "watch"];

/**
 * What every node may ask for, whichever its pods are; what it writes of this is narrowed by admission. Pods and nodes it reads are its own alone, as of
 * Kubernetes 1.32.
 *
 * @see kubernetes ClusterRoles system:node and, for the services of a node, system:node-proxier
 */
const plainRules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["services"], verbs: readVerbs },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: readVerbs },
  { apiGroups: [""], resources: ["nodes"], verbs: ["create", "update", "patch"] },
  { apiGroups: [""], resources: ["nodes/status", "pods/status"], verbs: ["update", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "update", "patch"] },
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
  { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews", "localsubjectaccessreviews"], verbs: ["create"] },
  { apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests"], verbs: ["create", "get", "list", "watch"] },
  { apiGroups: ["node.k8s.io"], resources: ["runtimeclasses"], verbs: readVerbs },
  { apiGroups: ["storage.k8s.io"], resources: ["csidrivers"], verbs: readVerbs },
];

const plainRole = new CompiledRole(plainRules);

/** Why a node may, undefined when it may not: what its pods use, what is its own, and what every node may. @see kubernetes plugin/pkg/auth/authorizer/node */
export function explainNodeAccess(user: UserInfo, attributes: AccessAttributes, { graph, store }: { readonly graph: NodeGraph; readonly store: Store }): string | undefined {
  const nodeName = nodeNameOf(user);
  if (nodeName === undefined || attributes.path !== undefined) return undefined;
  const { verb, group, resource, subresource, namespace = "", name = "", exact = {} } = attributes;
  const isAllowed = ((): boolean => {
    switch (subresource === undefined ? `${group}/${resource}` : `${group}/${resource}/${subresource}`) {
      // What it writes of these, admission narrows.
      case "/pods": return readVerbs.includes(verb) ? exact["spec.nodeName"] === nodeName || (name !== "" && isOwnPod(store, { namespace, name }, nodeName)) : plainRole.allows(attributes, roleKeyOf(attributes));
      case "/nodes": return readVerbs.includes(verb) ? name === nodeName : plainRole.allows(attributes, roleKeyOf(attributes));
      case "/secrets": return readVerbs.includes(verb) && graph.isUsed(nodeName, "Secret", namespace, name);
      case "/configmaps": return readVerbs.includes(verb) && graph.isUsed(nodeName, "ConfigMap", namespace, name);
      case "/serviceaccounts": return verb === "get" && graph.isUsed(nodeName, "ServiceAccount", namespace, name);
      case "/serviceaccounts/token": return verb === "create" && graph.isUsed(nodeName, "ServiceAccount", namespace, name);
      case "/persistentvolumeclaims": return verb === "get" && graph.isUsed(nodeName, "PersistentVolumeClaim", namespace, name);
      case "/persistentvolumes": return verb === "get" && graph.claimsOf(nodeName).some((claim) => volumeOfClaim(store, claim) === name);
      case "coordination.k8s.io/leases": return namespace === nodeLeaseNamespace && (verb === "create" || (name === nodeName && ["get", "update", "patch", "delete"].includes(verb)));
      case "storage.k8s.io/csinodes": return verb === "create" || (name === nodeName && ["get", "update", "patch", "delete"].includes(verb));
      default: return plainRole.allows(attributes, roleKeyOf(attributes));
    }
  })();
  return isAllowed ? `node ${JSON.stringify(nodeName)} has to do with it` : undefined;
}

/** True for a pod bound to the node, and for one that is not there: who saw its pod go may learn that it has gone. */
function isOwnPod(store: Store, ref: ObjectRef, nodeName: string): boolean {
  const found = readStored(store, PodKind, ref);
  return found === undefined || (isOfKind(PodKind, found) && found.spec.nodeName === nodeName);
}

/** The volume a claim is bound to; "" when none. */
function volumeOfClaim(store: Store, claim: string): string {
  const [namespace = "", name = ""] = claim.split("/");
  const found = readStored(store, PersistentVolumeClaimKind, { namespace, name });
  return found !== undefined && isOfKind(PersistentVolumeClaimKind, found) ? found.spec.volumeName ?? "" : "";
}
