import type { Reader, Wake } from "../control/controller.ts";
import { storedKindOf } from "../model/kind.ts";
import type { FindKind } from "../model/kind-table.ts";
import type { Kind } from "../model/kind.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import { EventKind } from "../model/kinds/event.ts";
import { LeaseKind } from "../model/kinds/lease.ts";
import { RepositoryKind } from "../model/kinds/repository.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import { controllerOf, parseKey } from "../model/object.ts";
import { trackedBy } from "./tracking.ts";

/** Owner chains are Deployment, ReplicaSet, Pod; anything deeper is a loop somebody made by hand. */
const ownersMax = 5;

/** Kinds whose changes say nothing of an application's state. */
const quietKinds = new Set<string>([ApplicationKind.kind, ArtifactKind.kind, EventKind.kind, LeaseKind.kind, RepositoryKind.kind]);

/** The application an object belongs to, by its own mark or that of an owner. */
export function applicationOf(object: ApiObject, reader: Reader, find: FindKind): ObjectRef | undefined {
  let current: ApiObject | undefined = object;
  for (let depth = 0; current !== undefined && depth < ownersMax; depth++) {
    const mark = trackedBy(current);
    if (mark !== undefined) return parseKey(mark);
    const owner = controllerOf(current);
    const kind = owner === undefined ? undefined : find(owner.apiVersion, owner.kind);
    if (owner === undefined || kind === undefined) return undefined;
    if (kind.kind === ApplicationKind.kind) return { namespace: current.metadata.namespace ?? "", name: owner.name };
    current = reader.get(storedKindOf(kind), { namespace: kind.namespaced ? (current.metadata.namespace ?? "") : "", name: owner.name });
  }
  return undefined;
}

/** A change of an object wakes its application; one that lost its mark wakes the application it had. */
export function wakesOfApplication(kinds: readonly Kind[], find: FindKind): readonly Wake[] {
  return kinds.filter((kind) => kind.schema !== undefined || !quietKinds.has(kind.kind)).map((kind) => ({
    kind,
    keys: (object, previous, reader) => {
      if (kind.schema === undefined && kind.kind === SyncKind.kind) return syncOwner(object);
      const found = [applicationOf(object, reader, find), previous === undefined ? undefined : applicationOf(previous, reader, find)];
      return found.filter((ref) => ref !== undefined);
    },
  }));
}

function syncOwner(sync: ApiObject): readonly ObjectRef[] {
  const owner = controllerOf(sync);
  return owner === undefined ? [] : [{ namespace: sync.metadata.namespace ?? "", name: owner.name }];
}
