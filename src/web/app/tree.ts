import type { Application } from "../../model/generated/capstan-v1.ts";
import type { Health } from "../../model/health.ts";
import type { ApiObject } from "../../model/object.ts";
import type { ClusterState, KindName } from "./cluster-state.ts";
import { columnOf, healthOf } from "./health-of.ts";

/** One line of the resource tree. */
export interface TreeNode {
  /** `apps/Deployment/shop/web`: unique in the tree. */
  readonly id: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly health: Health | undefined;
  /** Sync state; only what the application deploys itself has one. */
  readonly sync: string | undefined;
  /** Fields that differ from Git. */
  readonly drift: readonly string[];
  /** The events of the hook that made it; undefined for what no hook made. */
  readonly hook?: string;
  /** `2/3 ready`, `Running · 1 restart`. */
  readonly detail: string;
  readonly createdAt: string | undefined;
  /** True for what has no part in the present: ReplicaSets of older revisions. */
  readonly isPast: boolean;
  readonly children: readonly TreeNode[];
}

/** Which map of the stream holds a kind. */
const kindNames: Readonly<Record<string, KindName>> = {
  "apps/Deployment": "deployments", "apps/ReplicaSet": "replicasets", "/ReplicationController": "replicationcontrollers", "batch/Job": "jobs", "batch/CronJob": "cronjobs", "/Pod": "pods", "/Service": "services", "discovery.k8s.io/EndpointSlice": "endpointslices",
  "/ConfigMap": "configmaps", "/Secret": "secrets", "/ServiceAccount": "serviceaccounts", "/Namespace": "namespaces",
};

/** Plural of a kind, as in the API's paths; undefined for one the page does not follow. */
export function pluralOf(group: string, kind: string): string | undefined {
  if (kind === "Node" || kind === "Event") return `${kind.toLowerCase()}s`;
  return kindNames[`${group}/${kind}`];
}

/** What owns what, from the bottom up: children by the uid of their controller. */
export function childrenByOwner(state: ClusterState): ReadonlyMap<string, readonly ApiObject[]> {
  const byOwner = new Map<string, ApiObject[]>();
  for (const objects of [state.replicasets, state.jobs, state.pods, state.endpointslices]) {
    for (const object of objects?.values() ?? []) {
      for (const owner of object.metadata.ownerReferences ?? []) {
        const list = byOwner.get(owner.uid);
        if (list === undefined) byOwner.set(owner.uid, [object]);
        else list.push(object);
      }
    }
  }
  return byOwner;
}

/** Builds the tree of an application: what it deploys, and below each what came of it, down to pods and endpoint slices. Pure. */
export function buildTree(application: Application, state: ClusterState, nowMs: number): readonly TreeNode[] {
  const byOwner = childrenByOwner(state);
  return (application.status.resources ?? []).map((resource) => {
    const { group = "", version, kind, namespace = "", name, health, status, drift = [], hook, hookType = "" } = resource;
    const plural = kindNames[`${group}/${kind}`];
    const live: ApiObject | undefined = plural === undefined ? undefined : state[plural]?.get(namespace === "" ? name : `${namespace}/${name}`);
    return {
      id: `${group}/${kind}/${namespace}/${name}`, group, version, kind, namespace, name, health, sync: hook === true ? undefined : status, drift, isPast: false, ...(hook === true ? { hook: hookType } : {}),
      detail: live === undefined ? "" : detailOf(live, nowMs), createdAt: live?.metadata.creationTimestamp, children: live === undefined ? [] : childrenOf(live, byOwner, nowMs),
    };
  });
}

function childrenOf(owner: ApiObject, byOwner: ReadonlyMap<string, readonly ApiObject[]>, nowMs: number): readonly TreeNode[] {
  return (byOwner.get(owner.metadata.uid ?? "") ?? []).map((object) => nodeOf(object, byOwner, nowMs)).toSorted(compareNodes);
}

function nodeOf(object: ApiObject, byOwner: ReadonlyMap<string, readonly ApiObject[]>, nowMs: number): TreeNode {
  const [group = "", version = ""] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  const { namespace = "", name } = object.metadata;
  const children = childrenOf(object, byOwner, nowMs);
  return {
    id: `${group}/${object.kind}/${namespace}/${name}`, group, version, kind: object.kind, namespace, name, health: healthOf(object, nowMs), sync: undefined, drift: [],
    detail: detailOf(object, nowMs), createdAt: object.metadata.creationTimestamp, isPast: object.kind === "ReplicaSet" && children.length === 0 && replicasOf(object) === 0, children,
  };
}

/** Present before past, newest first; equal times by name, so that lines do not jump. */
function compareNodes(a: TreeNode, b: TreeNode): number {
  if (a.isPast !== b.isPast) return a.isPast ? 1 : -1;
  const [x, y] = [a.createdAt ?? "", b.createdAt ?? ""];
  if (x !== y && (a.kind === "ReplicaSet" || a.kind === "Job")) return x < y ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}

function replicasOf(object: ApiObject): number {
  return (object as { readonly spec?: { readonly replicas?: number } }).spec?.replicas ?? 0;
}

function readyOfDesired(object: ApiObject, nowMs: number): string {
  return `${columnOf(object, "Ready", nowMs)}/${columnOf(object, "Desired", nowMs)} ready`;
}

/** What one line says of an object besides its health. */
export function detailOf(object: ApiObject, nowMs: number): string {
  switch (object.kind) {
    case "Deployment": return `${columnOf(object, "Ready", nowMs)} ready`;
    case "ReplicaSet": return replicasOf(object) === 0 ? "older revision" : readyOfDesired(object, nowMs);
    case "ReplicationController": return readyOfDesired(object, nowMs);
    case "Pod": {
      const restarts = columnOf(object, "Restarts", nowMs);
      return [columnOf(object, "Status", nowMs), `${columnOf(object, "Ready", nowMs)} ready`, restarts === "0" ? "" : `${restarts} restart${restarts === "1" ? "" : "s"}`].filter((part) => part !== "").join(" · ");
    }
    case "Service": return `${columnOf(object, "Cluster-IP", nowMs)} ${columnOf(object, "Port(s)", nowMs)}`.trim();
    case "EndpointSlice": {
      const endpoints = (object as { readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null }).endpoints ?? [];
      return endpoints.length === 0 ? "no endpoints" : `${endpoints.filter((endpoint) => endpoint.conditions?.ready !== false).length} of ${endpoints.length} endpoints ready`;
    }
    case "Job": return `${columnOf(object, "Status", nowMs)} · ${columnOf(object, "Completions", nowMs)} succeeded`;
    case "CronJob": return [columnOf(object, "Schedule", nowMs), columnOf(object, "Suspend", nowMs) === "True" ? "suspended" : ""].filter((part) => part !== "").join(" · ");
    default: return "";
  }
}

/** A node and everything below it, as one list. */
export function flatten(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...flatten(node.children)]);
}
