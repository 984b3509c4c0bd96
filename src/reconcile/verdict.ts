import type { Health, HealthStatus } from "../model/health.ts";
import type { Kind } from "../model/kind.ts";
import { DeploymentKind } from "../model/kinds/deployment.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { ReplicaSetKind } from "../model/kinds/replica-set.ts";
import type { ApiObject } from "../model/object.ts";
import { apiVersionOf } from "../model/kind.ts";
import type { Reader } from "../control/controller.ts";
import type { ApplicationStatus, Cause } from "../model/generated/capstan-v1.ts";
import type { ResourceId } from "./tracking.ts";

/** From best to worst; an application is as well as its worst object, as in Argo CD. */
const severity: readonly HealthStatus[] = ["Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"];

/** One object of an application with its health. */
export interface Assessed {
  readonly id: ResourceId;
  readonly kind: Kind;
  readonly live: ApiObject | undefined;
  readonly health: Health | undefined;
}

/** Assesses the objects of an application. Kinds without a health of their own count as healthy once they exist. Pure over the caches. */
export function assess(ids: readonly { readonly id: ResourceId; readonly kind: Kind }[], live: (id: ResourceId) => ApiObject | undefined, nowMs: number): readonly Assessed[] {
  return ids.map(({ id, kind }) => {
    const object = live(id);
    if (object === undefined) return { id, kind, live: undefined, health: { status: "Missing", message: `${id.kind} ${id.name} does not exist` } };
    return { id, kind, live: object, health: kind.health?.(object, nowMs) };
  });
}

/** One state and, unless all is well, the one cause: the worst object, followed down to the pod that explains it. */
export function verdict(assessed: readonly Assessed[], reader: Reader, nowMs: number): NonNullable<ApplicationStatus["health"]> {
  let worst: Assessed | undefined;
  for (const one of assessed) {
    if (one.health !== undefined && (worst?.health === undefined || severity.indexOf(one.health.status) > severity.indexOf(worst.health.status))) worst = one;
  }
  const status = worst?.health?.status ?? "Healthy";
  if (worst === undefined || status === "Healthy") return { status: "Healthy" };
  const cause = podCause(worst, reader, nowMs) ?? {
    apiVersion: apiVersionOf(worst.kind), kind: worst.id.kind, ...(worst.id.namespace === "" ? {} : { namespace: worst.id.namespace }),
    name: worst.id.name, message: worst.health?.message ?? status,
  };
  return { status, message: cause.message, cause };
}

/** The pod that keeps a workload from being well: the worst one, the newest of equals. */
function podCause(worst: Assessed, reader: Reader, nowMs: number): Cause | undefined {
  if (worst.live === undefined) return undefined;
  const sets = worst.kind.kind === DeploymentKind.kind ? reader.ownedBy(ReplicaSetKind, worst.live) : [worst.live];
  const pods = sets.flatMap((set) => reader.ownedBy(PodKind, set)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  let found: { readonly pod: ApiObject; readonly health: Health } | undefined;
  for (const pod of pods) {
    const health = PodKind.health?.(pod, nowMs);
    if (health?.message === undefined || health.status === "Healthy") continue;
    const rank = severity.indexOf(health.status) - (found === undefined ? -1 : severity.indexOf(found.health.status));
    if (rank > 0 || (rank === 0 && (pod.metadata.creationTimestamp ?? "") > (found?.pod.metadata.creationTimestamp ?? ""))) found = { pod, health };
  }
  if (found === undefined) return undefined;
  return { apiVersion: "v1", kind: "Pod", namespace: found.pod.metadata.namespace ?? "", name: found.pod.metadata.name, message: found.health.message ?? found.health.status };
}
