import type { Controller, ControllerContext, LiveReader, Reader, Wake } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import type { OwnerReference } from "../../model/generated/meta-v1.ts";
import { releasedReferences } from "../claims.ts";
import { setOwners } from "../ownership.ts";
import { decideDependent, decideOwner, foregroundFinalizer, isBlocking, isWaitingForDependents, orphanFinalizer } from "./decide.ts";
import type { OwnerState } from "./decide.ts";

/**
 * The garbage collector: one controller per kind, each over the metadata of all kinds. It removes what no owner needs any more and does
 * what foreground and orphaning deletions wait for.
 */
export function garbageCollectors(kinds: readonly Kind[]): readonly Controller[] {
  return kinds.map((kind) => garbageCollector(kind, kinds));
}

function garbageCollector(kind: Kind, kinds: readonly Kind[]): Controller {
  return {
    name: `garbage-collector-${kind.plural}`,
    user: "system:serviceaccount:kube-system:generic-garbage-collector",
    kind,
    reads: [],
    readsMetadata: kinds,
    // Dependents are of any kind: an owner orphans and a foreground deletion passes on.
    writes: kinds.flatMap((written) => [{ kind: written, part: "existence" as const }, { kind: written, part: "metadata" as const }]),
    isWokenByItself: false,
    wakes: [{ kind, keys: (object) => (isOfConcern(object) ? [refOf(object)] : []) }, ...kinds.flatMap((other) => wakesBy(other, kind))],
    concurrency: 4,
    async reconcile(_ref, object, context) {
      if (object === undefined) return { kind: "done" };
      await settleOwner(kind, object, kinds, context);
      await settleDependent(kind, object, kinds, context);
      return { kind: "done" };
    },
  };
}

/** Objects nobody owns and that wait for nothing are none of our business. */
function isOfConcern(object: ApiObject): boolean {
  return (object.metadata.ownerReferences ?? []).length > 0 || object.metadata.deletionTimestamp !== undefined;
}

/** Changes of `other` that concern objects of `kind`: as their owner (gone or waiting), or as the dependent an owner of `kind` waits for. */
function wakesBy(other: Kind, kind: Kind): readonly Wake[] {
  return [{
    kind: other,
    keys(object, previous, reader) {
      const keys: ObjectRef[] = [];
      const isGone = reader.get(other, refOf(object)) === undefined;
      const owners = [...(object.metadata.ownerReferences ?? []), ...(previous?.metadata.ownerReferences ?? [])];
      for (const owner of owners) if (isReferenceTo(owner, kind)) keys.push(placeOf(owner, kind, object));
      const replaced = previous !== undefined && previous.metadata.uid !== object.metadata.uid ? [previous] : [];
      for (const owner of [...replaced, ...(isGone || isWaitingForDependents(object) ? [object] : [])]) {
        for (const dependent of reader.dependentsOf(kind, owner.metadata.uid ?? "")) keys.push(refOf(dependent));
      }
      return keys;
    },
  }];
}

function isReferenceTo(owner: OwnerReference, kind: Kind): boolean {
  return owner.kind === kind.kind && owner.apiVersion === apiVersionOf(kind);
}

/** Where an owner is: beside its dependent, or nowhere in particular. */
function placeOf(owner: OwnerReference, kind: Kind, dependent: ApiObject): ObjectRef {
  return { namespace: kind.namespaced ? dependent.metadata.namespace ?? "" : "", name: owner.name };
}

async function settleOwner(kind: Kind, object: ApiObject, kinds: readonly Kind[], { reader, writer }: ControllerContext): Promise<void> {
  const dependents = kinds.flatMap((other) => reader.dependentsOf(other, object.metadata.uid ?? "").map((dependent) => ({ kind: other, dependent })));
  const decision = decideOwner(object, dependents.map(({ dependent }) => dependent));
  const release = async (finalizer: string): Promise<void> => {
    const finalizers = (object.metadata.finalizers ?? []).filter((known) => known !== finalizer);
    const { uid, resourceVersion } = object.metadata;
    await writer.patch(kind, refOf(object), { type: "merge", body: { metadata: { uid, resourceVersion, finalizers: finalizers.length === 0 ? null : finalizers } } });
  };
  switch (decision.kind) {
    case "none": return;
    case "orphan":
      for (const { kind: other, dependent } of dependents) {
        await setOwners({ kind: other, object: dependent, owners: releasedReferences(dependent, object.metadata.uid) }, writer);
      }
      return release(orphanFinalizer);
    case "foreground":
      if (decision.isFree) await release(foregroundFinalizer);
  }
}

async function settleDependent(kind: Kind, object: ApiObject, kinds: readonly Kind[], context: ControllerContext): Promise<void> {
  const { reader, writer, live } = context;
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return;
  const states = new Map<string, OwnerState>();
  for (const owner of owners) states.set(owner.uid, await stateOf({ owner, dependent: object, kinds }, reader, live));
  const blocked = kinds.some((other) => reader.dependentsOf(other, object.metadata.uid ?? "").some((dependent) => isBlocking(dependent, object)));
  const decision = decideDependent(object, (owner) => states.get(owner.uid) ?? "unknown", blocked);
  switch (decision.kind) {
    case "keep": return;
    case "unlink":
      await setOwners({ kind, object, owners: decision.owners }, writer);
      return;
    case "remove":
      warnOfForeignOwner(object, kinds, context);
      try {
        await writer.remove(kind, refOf(object), {
          propagation: decision.propagation, preconditions: { uid: object.metadata.uid ?? "", resourceVersion: object.metadata.resourceVersion ?? "" },
        });
      } catch (error) {
        if (!isApiError(error, "NotFound")) throw error;
      }
  }
}

interface OwnerQuestion {
  readonly owner: OwnerReference;
  readonly dependent: ApiObject;
  readonly kinds: readonly Kind[];
}

/** The cache may lag: what it does not have is asked of the API before anything is removed for it. */
async function stateOf({ owner, dependent, kinds }: OwnerQuestion, reader: Reader, live: LiveReader): Promise<OwnerState> {
  const kind = kinds.find((candidate) => isReferenceTo(owner, candidate));
  if (kind === undefined) return "unknown";
  if (isForeign(kind, dependent)) return "absent";
  const place = placeOf(owner, kind, dependent);
  const known = reader.get(kind, place);
  if (known?.metadata.uid === owner.uid) return isWaitingForDependents(known) ? "waiting" : "solid";
  const found = await live.get(kind, place);
  if (found?.metadata.uid !== owner.uid) return "absent";
  return isWaitingForDependents(found) ? "waiting" : "solid";
}

/** A cluster-scoped object cannot have an owner inside a namespace. */
function isForeign(ownerKind: Kind, dependent: ApiObject): boolean {
  return ownerKind.namespaced && (dependent.metadata.namespace ?? "") === "";
}

function warnOfForeignOwner(object: ApiObject, kinds: readonly Kind[], { writer, reader }: ControllerContext): void {
  const namespace = object.metadata.namespace ?? "";
  for (const owner of object.metadata.ownerReferences ?? []) {
    const kind = kinds.find((candidate) => isReferenceTo(owner, candidate));
    if (kind === undefined || !kind.namespaced) continue;
    const isElsewhere = reader.list(kind).some((candidate) => candidate.metadata.uid === owner.uid && candidate.metadata.namespace !== namespace);
    if (!isElsewhere) continue;
    const text = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
    writer.event(object, { type: "Warning", reason: "OwnerRefInvalidNamespace", message: `ownerRef ${text} does not exist in namespace "${namespace}"` });
  }
}
