import type { TokenRequestSpec, TokenRequestStatus } from "../model/generated/authentication-v1.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import type { Kind } from "../model/kind.ts";
import type { PartName } from "../model/subresource.ts";
import type { Json } from "../value/json.ts";

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
}

export interface ListResult<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
}

export type Patch =
  | { readonly type: "merge"; readonly body: Json }
  | { readonly type: "json"; readonly body: Json }
  | { readonly type: "strategic"; readonly body: Json }
  /** Server-side apply: `body` is a manifest of what the field manager wants, which takes fields of others only by force. Creates where there is none. */
  | { readonly type: "apply"; readonly body: Json; readonly isForced?: boolean };

export interface PatchOptions extends WriteOptions {
  /** With `scale` the patch is applied to an autoscaling/v1 Scale; `finalize` is the only way to a namespace's spec.finalizers. The answer is the whole object. */
  readonly subresource?: PartName;
}

export interface RemoveOptions {
  readonly propagation?: "Background" | "Foreground" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Start after this revision. */
  readonly resourceVersion: string;
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

/** One write of a transaction: all are defaulted, validated and admitted, then committed at one revision or not at all. */
export type TransactionWrite =
  | { readonly verb: "create"; readonly object: ApiObject }
  /** With `metadata.resourceVersion` the update is conditional. */
  | { readonly verb: "update"; readonly object: ApiObject }
  | { readonly verb: "remove"; readonly kind: Kind; readonly ref: ObjectRef; readonly options?: RemoveOptions };

export interface ApiTransaction {
  readonly writes: readonly TransactionWrite[];
  /** Refused with Conflict when a newer generation was committed under this name. */
  readonly fence?: { readonly name: string; readonly generation: number };
  readonly dryRun?: boolean;
}

export interface ApiTransactionResult {
  /** The revision all writes share; the current one when nothing changed. */
  readonly resourceVersion: string;
  /** The objects as stored, in the order of the writes; undefined for one that is gone. */
  readonly objects: readonly (ApiObject | undefined)[];
}

/**
 * The one way to the cluster's state, in-process or over HTTPS, for controllers, agents, reconciler and web alike (DESIGN 4.2).
 * Throws `ApiError` for every refusal. Objects answered are frozen or private to the caller: never change one in place.
 */
export interface Client {
  /** Undefined when there is none. */
  get<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef): Promise<T | undefined>;
  list<T extends ApiObject>(kind: Kind<T>, options?: ListOptions): Promise<ListResult<T>>;
  create<T extends ApiObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  update<T extends ApiObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  updateStatus<T extends ApiObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, options?: PatchOptions): Promise<T>;
  /** The object as it stands now when it waits for finalizers or its grace period, undefined when it is gone. Throws NotFound. */
  remove<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, options?: RemoveOptions): Promise<T | undefined>;
  /** Ends by throwing ApiError "Expired" when the revision is gone; by returning on abort. */
  watch<T extends ApiObject>(kind: Kind<T>, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent<T>>;
  transact(transaction: ApiTransaction): Promise<ApiTransactionResult>;
  /** A token of a ServiceAccount. Throws NotFound where there is none, or no tokens at all. */
  requestToken(account: ObjectRef, spec: TokenRequestSpec): Promise<TokenRequestStatus>;
}

/** Who asks. Groups as in Kubernetes; `system:masters` may do everything. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** What an authenticator adds, by key, such as the pod a token is bound to. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}
