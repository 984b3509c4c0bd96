import type { Health } from "../../model/health.ts";
import type { Kind } from "../../model/kind.ts";
import { CronJobKind, JobKind } from "../../model/kinds/batch.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { ReplicaSetKind } from "../../model/kinds/replica-set.ts";
import { ReplicationControllerKind } from "../../model/kinds/replication-controller.ts";
import { RepositoryKind } from "../../model/kinds/repository.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { ApiObject } from "../../model/object.ts";

const kinds: Readonly<Record<string, Kind>> = {
  CronJob: CronJobKind, Deployment: DeploymentKind, Job: JobKind, Node: NodeKind, Pod: PodKind, ReplicaSet: ReplicaSetKind, ReplicationController: ReplicationControllerKind, Repository: RepositoryKind, Service: ServiceKind,
};

/** The health of an object by the daemon's own rules; undefined for kinds without one. */
export function healthOf(object: ApiObject, nowMs: number): Health | undefined {
  return kinds[object.kind]?.health?.(object, nowMs);
}

/** A cell of `kubectl get`, by the daemon's own columns; "" when there is none. */
export function columnOf(object: ApiObject, column: string, nowMs: number): string {
  const value = kinds[object.kind]?.columns.find(({ name }) => name === column)?.value(object, nowMs);
  return value === null || value === undefined ? "" : String(value);
}
