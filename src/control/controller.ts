import type { Client } from "../api/client.ts";
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
  get<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef): T | undefined;
  /** In key order. */
  list<T extends ApiObject>(kind: Kind<T>, namespace?: string): readonly T[];
  /** Objects whose controller owner reference has this uid, in key order. */
  ownedBy<T extends ApiObject>(kind: Kind<T>, owner: ApiObject): readonly T[];
}

/** Writes through the API, held to what the controller declared; each result is put into the caches at once. */
export interface Writer extends Pick<Client, "create" | "update" | "updateStatus" | "patch" | "remove"> {
  /** Records an Event about `object`; repeated ones are counted, failures only logged. */
  event(object: ApiObject, event: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string }): void;
}

/** Part of an object a controller may write. `whole` includes creating and removing. */
export type WrittenPart = "whole" | "status" | "metadata" | "spec";

export interface WriteDeclaration {
  readonly kind: Kind;
  readonly part: WrittenPart;
  /** For `spec`, the field paths written, so that two writers of one field are found. */
  readonly fields?: readonly string[];
}

export interface ControllerContext {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly world: World;
  readonly signal: AbortSignal;
}

/** A control loop, as a frozen value. The runner gives it a key at a time, never one key twice at once. */
export interface Controller<T extends ApiObject = ApiObject> {
  readonly name: string;
  readonly kind: Kind<T>;
  readonly reads: readonly Kind[];
  readonly writes: readonly WriteDeclaration[];
  /** How changes of other kinds wake keys of this controller's kind. */
  readonly wakes?: readonly Wake[];
  /** Keys worked on at once. */
  readonly concurrency?: number;
  /** `object` is undefined when it is gone. */
  reconcile(ref: ObjectRef, object: T | undefined, context: ControllerContext): Promise<Outcome>;
}

/** Maps a changed object of `kind` to the keys it concerns. `previous` is what the cache held before. */
export interface Wake {
  readonly kind: Kind;
  readonly keys: (object: ApiObject, previous: ApiObject | undefined, reader: Reader) => readonly ObjectRef[];
}
