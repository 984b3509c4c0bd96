import type { Client } from "../api/client.ts";
import type { PolicyRule } from "../model/generated/rbac-v1.ts";
import type { Kind } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import type { World } from "../world/world.ts";

/** What a reconcile asks of the runner. An unexpected failure is thrown, never returned. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "wait"; readonly afterMs: number; readonly reason: string }
  | { readonly kind: "stalled"; readonly reason: string; readonly message: string };

/** Reads of the informers' caches. A controller sees its own writes at once; others' writes a moment later. */
export interface Reader {
  /** The kinds of definitions that can be read now. */
  readonly customKinds: readonly Kind[];
  get<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef): T | undefined;
  /** In key order. */
  list<T extends ApiObject>(kind: Kind<T>, namespace?: string): readonly T[];
  /** Objects whose controller owner reference has this uid, in key order. */
  ownedBy<T extends ApiObject>(kind: Kind<T>, owner: ApiObject): readonly T[];
  /** Objects one of whose owner references, controller or not, has this uid, in key order. */
  dependentsOf<T extends ApiObject>(kind: Kind<T>, ownerUid: string): readonly T[];
  /** Objects an index files under `value`, in key order. */
  indexed<T extends ApiObject>(index: Index<T>, value: string): readonly T[];
}

/** An extra way into an informer's cache, kept for the controllers that declare it. Compared by identity: declare each once, as a constant. */
export interface Index<T extends ApiObject = ApiObject> {
  readonly name: string;
  readonly kind: Kind<T>;
  /** The values the object is filed under; none leaves it out. Pure. Declared as a method so that `Index<Pod>` is an `Index`. */
  values(object: T): readonly string[];
}

/** Reads past the caches, for the few decisions that must not rest on a stale view (deleting for good). */
export type LiveReader = Pick<Client, "get" | "list">;

/** Writes through the API, held to what the controller declared; each result is put into the caches at once. */
export interface Writer extends Pick<Client, "create" | "update" | "updateStatus" | "patch" | "remove"> {
  /** Records an Event about `object`; repeated ones are counted, failures only logged. */
  event(object: ApiObject, event: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string }): void;
}

/**
 * Part of an object a controller may write. `existence` is creating and removing; `whole` is existence, metadata and spec;
 * the status is always declared by itself. Several controllers may share existence and metadata of a kind, never a field of spec or status.
 */
export type WrittenPart = "whole" | "existence" | "status" | "metadata" | "spec";

export interface WriteDeclaration {
  readonly kind: Kind;
  readonly part: WrittenPart;
  /** For `spec` and `status`, the field paths written (`spec.nodeName`), so that two writers of one field are found; absent: all. */
  readonly fields?: readonly string[];
  /** Set when it writes only objects that carry this label: others may write those of another value. */
  readonly only?: { readonly label: string; readonly value: string };
}

export interface ControllerContext {
  readonly reader: Reader;
  readonly writer: Writer;
  /** Held to the declared reads (whole or metadata). */
  readonly live: LiveReader;
  readonly world: World;
  readonly signal: AbortSignal;
}

/** A control loop, as a frozen value. The runner gives it a key at a time, never one key twice at once. */
export interface Controller<T extends ApiObject = ApiObject> {
  readonly name: string;
  /** The user name its requests carry; `system:capstan:controller:<name>` when absent. */
  readonly user?: string;
  readonly kind: Kind<T>;
  /** Set when it works on objects of all these kinds, `kind` among them, as the garbage collector does: its wakes' keys then say of which. */
  readonly kinds?: readonly Kind[];
  readonly reads: readonly Kind[];
  /** Kinds of which only `metadata` is needed; when nobody reads them whole, the caches keep nothing else. */
  readonly readsMetadata?: readonly Kind[];
  /** Set when it works with the objects of definitions, too, whichever are served: what it does with each of their kinds. */
  readonly customKinds?: CustomKindDeclaration;
  readonly indexes?: readonly Index[];
  readonly writes: readonly WriteDeclaration[];
  /** Rights beyond those its reads and writes come with, such as a verb of their own. */
  readonly rights?: readonly PolicyRule[];
  /** How changes of other kinds wake keys of this controller's kind. */
  readonly wakes?: readonly Wake[];
  /** Called for every change in the caches, in order and before any wake: for a view kept incrementally. Must not throw or wait. */
  readonly observes?: readonly Observation[];
  /** Keys worked on at once; one when absent. */
  readonly concurrency?: number;
  /** False leaves out the wake of a key by changes of the object itself; `wakes` then says which changes matter. */
  readonly isWokenByItself?: boolean;
  /** `object` is undefined when it is gone. */
  reconcile(ref: WorkRef, object: T | undefined, context: ControllerContext): Promise<Outcome>;
}

/** What a controller does with the kinds of definitions, as its `reads`, `writes` and `wakes` say of the kinds known beforehand. */
export interface CustomKindDeclaration {
  readonly reads: "metadata" | "whole";
  readonly writes: readonly WrittenPart[];
  readonly wakes?: (kind: Kind) => readonly Wake[];
}

/** The key of an object to work on; `kind` where the controller works on several. */
export interface WorkRef extends ObjectRef {
  readonly kind?: Kind;
}

/** Maps a changed object of `kind` to the keys it concerns. `previous` is what the cache held before; for one that went, `object` is its last state and the reader has it no more. */
export interface Wake {
  readonly kind: Kind;
  readonly keys: (object: ApiObject, previous: ApiObject | undefined, reader: Reader) => readonly WorkRef[];
}

/** A look at each change of one kind's cache; `object` is undefined when it went. */
export interface Observation {
  readonly kind: Kind;
  readonly changed: (object: ApiObject | undefined, previous: ApiObject | undefined) => void;
}
