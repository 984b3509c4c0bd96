import type { Kind } from "../model/kind.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { DeploymentKind } from "../model/kinds/deployment.ts";
import { CronJobKind, JobKind } from "../model/kinds/batch.ts";
import { EndpointSliceKind } from "../model/kinds/endpoint-slice.ts";
import { EventKind } from "../model/kinds/event.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { NodeKind } from "../model/kinds/node.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { ReplicaSetKind } from "../model/kinds/replica-set.ts";
import { ReplicationControllerKind } from "../model/kinds/replication-controller.ts";
import { RepositoryKind } from "../model/kinds/repository.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import { ServiceAccountKind } from "../model/kinds/service-account.ts";
import { ServiceKind } from "../model/kinds/service.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { StoredObject } from "../api/verbs.ts";
import { asJson, isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { metadataOnly } from "./hide-secrets.ts";

/** One kind the page follows. */
export interface StreamKind {
  readonly kind: Kind;
  /** What of an object the page gets; all of it when absent. */
  readonly project?: (json: JsonObject) => JsonObject;
}

/** What the page follows, what it shows first first. Nothing secret: secrets and config maps come as metadata. */
export const streamKinds: readonly StreamKind[] = [
  { kind: ApplicationKind },
  { kind: SyncKind, project: syncWithoutDiff },
  { kind: RepositoryKind },
  { kind: PodKind },
  { kind: ReplicaSetKind, project: withoutTemplate },
  { kind: ReplicationControllerKind },
  { kind: DeploymentKind },
  { kind: ServiceKind },
  { kind: EndpointSliceKind },
  { kind: JobKind, project: withoutTemplate },
  { kind: CronJobKind, project: withoutTemplate },
  { kind: NodeKind },
  { kind: EventKind },
  { kind: NamespaceKind, project: onlyMetadata },
  { kind: ServiceAccountKind, project: onlyMetadata },
  { kind: ConfigMapKind, project: onlyMetadata },
  { kind: SecretKind, project: onlyMetadata },
];

const decoder = new TextDecoder();

/** An object as the page gets it, as JSON. */
export function printForPage({ project }: StreamKind, stored: StoredObject): string {
  return project === undefined ? decoder.decode(stored.bytes()) : JSON.stringify(project(asJson(stored.object())));
}

function onlyMetadata(json: JsonObject): JsonObject {
  return { kind: json["kind"], apiVersion: json["apiVersion"], metadata: metadataOnly(json) };
}

/** A history of two hundred syncs is sent without what each changed; the page asks for that when it is opened. */
function syncWithoutDiff(json: JsonObject): JsonObject {
  const status = isJsonObject(json["status"]) ? json["status"] : {};
  const steps = Array.isArray(status["steps"]) ? status["steps"].map((step: Json) => (isJsonObject(step) ? { ...step, diff: undefined } : step)) : [];
  return { ...json, status: { ...status, steps } };
}

/** Old ReplicaSets are many and their templates large; the page asks for one when it is opened. Images stay, they tell them apart. */
function withoutTemplate(json: JsonObject): JsonObject {
  const spec = isJsonObject(json["spec"]) ? json["spec"] : {};
  return { ...json, spec: { ...spec, template: undefined, jobTemplate: undefined } };
}
