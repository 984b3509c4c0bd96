import type { Deployment, ReplicaSet } from "../../model/generated/apps-v1.ts";
import type { Application, Repository, Sync } from "../../model/generated/capstan-v1.ts";
import type { CronJob, Job } from "../../model/generated/batch-v1.ts";
import type { ConfigMap, Event, Namespace, Node, Pod, ReplicationController, Secret, Service, ServiceAccount } from "../../model/generated/core-v1.ts";
import type { EndpointSlice } from "../../model/generated/discovery-v1.ts";
import type { ApiObject } from "../../model/object.ts";
import type { QueueState } from "../../jobs/jobs.ts";

/** What the stream brings, by plural. */
export interface Kinds {
  readonly applications: Application;
  readonly syncs: Sync;
  readonly repositories: Repository;
  readonly pods: Pod;
  readonly replicasets: ReplicaSet;
  readonly replicationcontrollers: ReplicationController;
  readonly deployments: Deployment;
  readonly jobs: Job;
  readonly cronjobs: CronJob;
  readonly services: Service;
  readonly endpointslices: EndpointSlice;
  readonly nodes: Node;
  readonly events: Event;
  readonly namespaces: Namespace;
  readonly serviceaccounts: ServiceAccount;
  readonly configmaps: ConfigMap;
  readonly secrets: Secret;
}

/** A kind of the stream. */
export type KindName = keyof Kinds;

/** The objects of one kind by `namespace/name`; undefined until the stream has told them. */
export type Objects<T> = ReadonlyMap<string, T> | undefined;

/** Everything the page knows of the cluster. */
export type ClusterState = { readonly [K in KindName]: Objects<Kinds[K]> };

/** One change of one object. */
export type Change = { readonly kind: KindName; readonly object: ApiObject } | { readonly kind: KindName; readonly gone: string };

/** What the stream says. */
export type StreamMessage =
  | { readonly event: "hello"; readonly data: { readonly user: string; readonly gitOrigin: string; readonly nowMs: number } }
  | { readonly event: "state"; readonly data: { readonly kind: KindName; readonly items: readonly ApiObject[] } }
  | { readonly event: "changes"; readonly data: readonly Change[] }
  | { readonly event: "denied"; readonly data: { readonly kind: KindName } }
  | { readonly event: "queue"; readonly data: QueueState }
  | { readonly event: "beat"; readonly data: { readonly nowMs: number } }
  | { readonly event: "ended"; readonly data: unknown };

/** `namespace/name`, or the name alone. */
export function keyOf(object: ApiObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** The objects of a kind's first message. */
export function objectsOf(items: readonly ApiObject[]): ReadonlyMap<string, ApiObject> {
  return new Map(items.map((item) => [keyOf(item), item]));
}

/** Applies a batch of changes: kinds without one keep their very map, so that nothing that shows them is drawn again. */
export function withChanges(state: Readonly<Partial<Record<KindName, Objects<ApiObject>>>>, changes: readonly Change[]): Partial<Record<KindName, ReadonlyMap<string, ApiObject>>> {
  const next: Partial<Record<KindName, Map<string, ApiObject>>> = {};
  for (const change of changes) {
    const map = next[change.kind] ??= new Map(state[change.kind]);
    if ("gone" in change) map.delete(change.gone);
    else map.set(keyOf(change.object), change.object);
  }
  return next;
}

/** Pause before the n-th attempt to reach the daemon again: quick at first, then every ten seconds. */
export function retryDelayMs(attempt: number): number {
  return Math.min(500 * 2 ** Math.max(attempt - 1, 0), 10_000);
}
