import type { Kind } from "./kind.ts";
import { apiVersionOf } from "./kind.ts";
import { ApplicationKind } from "./kinds/application.ts";
import { ArtifactKind } from "./kinds/artifact.ts";
import { ConfigMapKind } from "./kinds/config-map.ts";
import { DeploymentKind } from "./kinds/deployment.ts";
import { EndpointSliceKind } from "./kinds/endpoint-slice.ts";
import { EventKind } from "./kinds/event.ts";
import { LeaseKind } from "./kinds/lease.ts";
import { NamespaceKind } from "./kinds/namespace.ts";
import { NodeKind } from "./kinds/node.ts";
import { PodKind } from "./kinds/pod.ts";
import { ReplicaSetKind } from "./kinds/replica-set.ts";
import { RepositoryKind } from "./kinds/repository.ts";
import { SecretKind } from "./kinds/secret.ts";
import { ServiceKind } from "./kinds/service.ts";
import { ServiceAccountKind } from "./kinds/service-account.ts";
import { SyncKind } from "./kinds/sync.ts";

/** Every kind the API serves. Adding one = a file in `kinds/`, a line here. */
export const kinds: readonly Kind[] = [
  ApplicationKind,
  ArtifactKind,
  ConfigMapKind,
  DeploymentKind,
  EndpointSliceKind,
  EventKind,
  LeaseKind,
  NamespaceKind,
  NodeKind,
  PodKind,
  ReplicaSetKind,
  RepositoryKind,
  SecretKind,
  ServiceKind,
  ServiceAccountKind,
  SyncKind,
];

/** The kinds without those that are one more view of another's objects: each object is of exactly one of these. */
export const storedKinds: readonly Kind[] = kinds.filter((kind) => kind.storedAs === undefined);

const byName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind]));

/** The kind of an `apiVersion` and `kind`, or undefined. */
export function findKind(apiVersion: string, kind: string): Kind | undefined {
  return byName.get(`${apiVersion} ${kind}`);
}
