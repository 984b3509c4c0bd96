import type { Controller, ControllerContext, LiveReader, Reader, Wake, WorkRef } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { apiVersionOf, storedKindOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import type { OwnerReference } from "../../model/generated/meta-v1.ts";
import { releasedReferences } from "../claims.ts";
import { setOwners } from "../ownership.ts";
import { decideDependent, decideOwner, foregroundFinalizer, isBlocking, isWaitingForDependents, orphanFinalizer } from "./decide.ts";
import type { OwnerState } from "./decide.ts";

/** Objects worked on at once, as upstream's --concurrent-gc-syncs. */
const concurrency = 20;

/**
 * The garbage collector: one controller over the metadata of all kinds. It removes what no owner needs any more and does what foreground
 * and orphaning deletions wait for.
 *
 * @param kinds those whose objects are stored as their own; owners may be named by another view of them
 */
export function garbageCollector(kinds: readonly Kind[], views: readonly Kind[] = []): Controller {
  const known = kindsByName(kinds, views);
  const [first] = kinds;
  if (first === undefined) throw new Error("the garbage collector needs a kind");
  return {
    name: "garbage-collector",
    user: "system:serviceaccount:kube-system:generic-garbage-collector",
    kind: first,
    kinds,
    reads: [],
    readsMetadata: kinds,
    // Dependents are of any kind: an owner orphans and a foreground deletion passes on.
    writes: kinds.flatMap((written) => [{ kind: written, part: "existence" as const }, { kind: written, part: "metadata" as const }]),
    isWokenByItself: false,
    wakes: kinds.map((kind) => wakeBy(kind, known)),
    customKinds: { reads: "metadata", writes: ["existence", "metadata"], wakes: (kind) => [wakeBy(kind, known)] },
    concurrency,
    async reconcile({ kind = first }, object, context) {
      if (object === undefined) return { kind: "done" };
      const all = withCustom(known, context.reader);
      await settleOwner(kind, object, all, context);
      await settleDependent(kind, object, all, context);
      return { kind: "done" };
    },
  };
}

/** The kinds, and how references find them. */
interface KnownKinds {
  readonly all: readonly Kind[];
  readonly byName: ReadonlyMap<string, Kind>;
  readonly custom?: readonly Kind[];
}

function kindsByName(kinds: readonly Kind[], views: readonly Kind[]): KnownKinds {
  return { all: kinds, byName: new Map([...kinds, ...views].map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, storedKindOf(kind)])) };
}

function wakeBy(kind: Kind, known: KnownKinds): Wake {
  return { kind, keys: (object, previous, reader) => concernedBy(kind, { object, previous, known: withCustom(known, reader) }, reader) };
}

/** The kinds known beforehand and those of definitions; an owner may be named by any version of theirs. */
function withCustom(known: KnownKinds, { customKinds }: Reader): KnownKinds {
  if (customKinds.length === 0) return known;
  return { all: [...known.all, ...customKinds], byName: known.byName, custom: customKinds };
}

function kindOfOwner(owner: OwnerReference, { byName, custom }: KnownKinds): Kind | undefined {
  return byName.get(`${owner.apiVersion} ${owner.kind}`) ?? custom?.find((kind) => kind.kind === owner.kind && owner.apiVersion.startsWith(`${kind.group}/`));
}

/** Objects nobody owns and that wait for nothing are none of our business. */
function isOfConcern(object: ApiObject): boolean {
  return (object.metadata.ownerReferences ?? []).length > 0 || object.metadata.deletionTimestamp !== undefined;
}

interface Change {
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
  readonly known: KnownKinds;
}

/** Whom a change concerns: the object itself, its owners, and, when it is gone or waits, its dependents of any kind. */
function concernedBy(kind: Kind, { object, previous, known }: Change, reader: Reader): readonly WorkRef[] {
  const keys: WorkRef[] = isOfConcern(object) ? [{ kind, ...refOf(object) }] : [];
  for (const owner of [...(object.metadata.ownerReferences ?? []), ...(previous?.metadata.ownerReferences ?? [])]) {
    const ownerKind = kindOfOwner(owner, known);
    if (ownerKind !== undefined) keys.push({ kind: ownerKind, ...placeOf(owner, ownerKind, object) });
  }
  const isGone = reader.get(kind, refOf(object)) === undefined;
  const replaced = previous !== undefined && previous.metadata.uid !== object.metadata.uid ? [previous] : [];
  for (const owner of [...replaced, ...(isGone || isWaitingForDependents(object) ? [object] : [])]) {
    for (const other of known.all) {
      for (const dependent of reader.dependentsOf(other, owner.metadata.uid ?? "")) keys.push({ kind: other, ...refOf(dependent) });
    }
  }
  return keys;
}

/** Where an owner is: beside its dependent, or nowhere in particular. */
function placeOf(owner: OwnerReference, kind: Kind, dependent: ApiObject): ObjectRef {
  return { namespace: kind.namespaced ? dependent.metadata.namespace ?? "" : "", name: owner.name };
}

async function settleOwner(kind: Kind, object: ApiObject, kinds: KnownKinds, { reader, writer }: ControllerContext): Promise<void> {
  const dependents = kinds.all.flatMap((other) => reader.dependentsOf(other, object.metadata.uid ?? "").map((dependent) => ({ kind: other, dependent })));
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

async function settleDependent(kind: Kind, object: ApiObject, kinds: KnownKinds, context: ControllerContext): Promise<void> {
  const { reader, writer, live } = context;
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return;
  const states = new Map<string, OwnerState>();
  for (const owner of owners) states.set(owner.uid, await stateOf({ owner, dependent: object, kinds }, reader, live));
  const dependents = kinds.all.flatMap((other) => reader.dependentsOf(other, object.metadata.uid ?? ""));
  const facts = { isBlocked: dependents.some((dependent) => isBlocking(dependent, object)), isWaitedOn: dependents.some(isWaitingForDependents) };
  const decision = decideDependent(object, (owner) => states.get(owner.uid) ?? "unknown", facts);
  switch (decision.kind) {
    case "keep": return;
    case "unlink":
      await setOwners({ kind, object, owners: decision.owners }, writer);
      return;
    case "remove":
      warnOfForeignOwner(object, kinds, context);
      try {
        const { metadata } = decision.isInCircle === true ? await setOwners({ kind, object, owners: owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })) }, writer) : object;
        await writer.remove(kind, refOf(object), { propagation: decision.propagation, preconditions: { uid: metadata.uid ?? "", resourceVersion: metadata.resourceVersion ?? "" } });
      } catch (error) {
        if (!isApiError(error, "NotFound")) throw error;
      }
  }
}

interface OwnerQuestion {
  readonly owner: OwnerReference;
  readonly dependent: ApiObject;
  readonly kinds: KnownKinds;
}

/** The cache may lag: what it does not have is asked of the API before anything is removed for it. */
async function stateOf({ owner, dependent, kinds }: OwnerQuestion, reader: Reader, live: LiveReader): Promise<OwnerState> {
  const kind = kindOfOwner(owner, kinds);
  if (kind === undefined) return "unknown";
  if (isForeign(kind, dependent)) return "unknown";
  const place = placeOf(owner, kind, dependent);
  const known = reader.get(kind, place);
  if (known?.metadata.uid === owner.uid) return isWaitingForDependents(known) ? "waiting" : "solid";
  const found = await live.get(kind, place);
  if (found?.metadata.uid !== owner.uid) return "absent";
  return isWaitingForDependents(found) ? "waiting" : "solid";
}

/** A cluster-scoped object cannot have an owner inside a namespace: nobody knows which one is meant, so the object stays. @see kubernetes garbagecollector.go isDangling */
function isForeign(ownerKind: Kind, dependent: ApiObject): boolean {
  return ownerKind.namespaced && (dependent.metadata.namespace ?? "") === "";
}

function warnOfForeignOwner(object: ApiObject, kinds: KnownKinds, { writer, reader }: ControllerContext): void {
  const namespace = object.metadata.namespace ?? "";
  for (const owner of object.metadata.ownerReferences ?? []) {
    const kind = kindOfOwner(owner, kinds);
    if (kind === undefined || !kind.namespaced) continue;
    const isElsewhere = reader.list(kind).some((candidate) => candidate.metadata.uid === owner.uid && candidate.metadata.namespace !== namespace);
    if (!isElsewhere) continue;
    const text = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
    writer.event(object, { type: "Warning", reason: "OwnerRefInvalidNamespace", message: `ownerRef ${text} does not exist in namespace "${namespace}"` });
  }
}
