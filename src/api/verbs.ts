import type { PolicyRule } from "../model/generated/rbac-v1.ts";
import type { Kind } from "../model/kind.ts";
import type { ServedKinds } from "../model/kind-table.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import type { PartName } from "../model/subresource.ts";
import type { JsonObject } from "../value/json.ts";
import type { SoughtBytes } from "../value/sought-bytes.ts";
import type { ApiTransaction, ApiTransactionResult, Client, ListOptions, Patch, PatchOptions, RemoveOptions, UserInfo, WatchOptions, WriteOptions } from "./client.ts";
import type { Notes } from "./notes.ts";

/** Who asks, and through which tool; `fieldManager` defaults to the first part of the user agent as upstream. */
export interface Caller {
  readonly user: UserInfo;
  readonly userAgent?: string;
  /** Where warnings and audit annotations of this request go; nowhere when absent. */
  readonly notes?: Notes;
}

/** An object as the store has it: bytes for the wire, parsed only when somebody asks. */
export interface StoredObject {
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** JSON with apiVersion, kind and metadata.resourceVersion, ready to send. */
  bytes(): Uint8Array;
  /** Writes `bytes()` into a buffer from a place on; answers where they end, or undefined where there is no room. Absent: `bytes()` is all there is. */
  copyTo?(target: Uint8Array, at: number): number | undefined;
  /** False where a text, as JSON prints it, does not stand in what is stored: found without parsing. Absent: it cannot be told. */
  mayHold?(text: SoughtBytes): boolean;
  /** Parsed once, frozen where tests run. */
  object(): ApiObject;
}

export interface StoredList {
  readonly items: readonly StoredObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export type StoredEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly stored: StoredObject }
  /** `isInitialEventsEnd`: everything that was there when the watch began has been told. */
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly isInitialEventsEnd?: boolean };

export interface GetRequest {
  readonly subresource?: PartName;
  /** The least revision the object may be read at. */
  readonly resourceVersion?: string;
}

export interface ListRequest extends ListOptions {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

export interface WriteRequest extends WriteOptions {
  /** With `scale` the body, and what a patch is applied to, is an autoscaling/v1 Scale; the answer is the whole object. `finalize` changes a namespace's spec.finalizers. */
  readonly subresource?: PartName;
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore";
  /** What strict decoding refuses beside unknown fields: it was found in the text of the body. */
  readonly problems?: readonly string[];
  /** Paths of all members of that text, in order; absent where its order tells nothing. */
  readonly members?: readonly string[];
}

/** What a write answers: the object as stored, whether it was made, and warnings for the client. */
export interface WriteAnswer {
  readonly stored: StoredObject;
  readonly isCreated: boolean;
  readonly warnings: readonly string[];
}

/** What a delete answers: the object that still stands (finalizers, grace period), or what went. */
export type RemoveAnswer =
  | { readonly kind: "removed"; readonly ref: ObjectRef; readonly uid: string }
  | { readonly kind: "waiting"; readonly stored: StoredObject };

/** What a caller wants to do, as the authoriser sees it (SubjectAccessReview's attributes). */
export interface AccessAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Fields that a list or watch asks for to the letter. */
  readonly exact?: Readonly<Record<string, string>>;
  /** A path that is no resource, `/metrics`; the resource fields are then "". */
  readonly path?: string;
}

/** Answers whether a caller may; deny by default. */
export interface Authorizer {
  isAllowed(user: UserInfo, attributes: AccessAttributes): boolean;
  /** Why the user may, for SubjectAccessReviews; undefined when nothing says so. */
  explain(user: UserInfo, attributes: AccessAttributes): string | undefined;
  /** Every rule a user has in a namespace, those that hold everywhere included. */
  rulesOf(user: UserInfo, namespace: string): readonly PolicyRule[];
  /** Reads these keys of the store anew, so that what was just committed holds for the next request. */
  take(keys: readonly string[]): void;
  /** Reads what it decides by before it is asked, a few at a time. */
  prepare(): Promise<void>;
}

/**
 * The API without HTTP: authorisation, admission, defaulting, validation, store. Every entrance uses it: the HTTP edge
 * with bytes, the in-process client with objects. Throws `ApiError` for every refusal.
 */
export interface Verbs {
  /** What is served now; changes with the definitions in the store. */
  readonly kinds: ServedKinds;
  /** Takes up the definitions other daemons on the same store write, until the signal aborts. */
  followDefinitions(signal: AbortSignal): Promise<void>;
  /** A subresource answers the whole object, under the right to that subresource. Never throws, but rejects; what is known at once is answered at once. */
  get(caller: Caller, kind: Kind, ref: ObjectRef, request?: GetRequest): StoredObject | Promise<StoredObject>;
  list(caller: Caller, kind: Kind, request: ListRequest): Promise<StoredList>;
  /** `bookmarks` adds a BOOKMARK now and then. Without resourceVersion, or with `sendInitialEvents`, the current objects come first as ADDED. */
  watch(caller: Caller, kind: Kind, request: Omit<WatchOptions, "resourceVersion"> & { readonly resourceVersion?: string; readonly bookmarks?: boolean; readonly sendInitialEvents?: boolean }, signal: AbortSignal): AsyncIterable<readonly StoredEvent[]>;
  /** `body` is what the client sent, parsed but not yet checked. */
  create(caller: Caller, kind: Kind, namespace: string, body: JsonObject, request?: WriteRequest): Promise<WriteAnswer>;
  /** Creates where there is none for the kinds upstream does (Event, Lease, Service, RBAC's and some more). */
  update(caller: Caller, kind: Kind, ref: ObjectRef, body: JsonObject, request?: WriteRequest): Promise<WriteAnswer>;
  patch(caller: Caller, kind: Kind, ref: ObjectRef, patch: Patch, request?: WriteRequest & PatchOptions): Promise<WriteAnswer>;
  /** Creates a subresource that does something: answers what the client gets. Throws NotFound where the kind has no such one. */
  act(caller: Caller, kind: Kind, ref: ObjectRef, action: { readonly name: string; readonly body: JsonObject; readonly dryRun?: boolean }): Promise<JsonObject>;
  /** Asks webhooks and policies whether a connection may be opened; whether the caller may was asked before. Throws what they refuse. */
  admitConnection(caller: Caller, kind: Kind, ref: ObjectRef, connection: { readonly subresource: string; readonly options: JsonObject }): Promise<JsonObject>;
  remove(caller: Caller, kind: Kind, ref: ObjectRef, options?: RemoveOptions): Promise<RemoveAnswer>;
  removeCollection(caller: Caller, kind: Kind, list: ListRequest, options?: RemoveOptions): Promise<StoredList>;
  transact(caller: Caller, transaction: ApiTransaction): Promise<ApiTransactionResult>;
  /** The same pipeline as a `Client` of objects. */
  /** `program` names who writes where the user is somebody a part of the daemon acts for. */
  client(user: UserInfo, program?: string): Client;
}
