import type { ReplicaSetSpec, ReplicaSetStatus } from "./generated/apps-v1.ts";
import type { ApiObject } from "./object.ts";

/** What keeps a number of pods of one template: a ReplicaSet or, as it was called before, a ReplicationController. How they select differs, and how much they tell. */
export interface ReplicaKeeper extends ApiObject {
  readonly spec: Pick<ReplicaSetSpec, "replicas" | "minReadySeconds" | "template">;
  readonly status: ReplicaSetStatus;
}
