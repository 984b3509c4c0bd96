import type { Kind } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import type { UserInfo } from "./client.ts";
import type { Notes } from "./notes.ts";
import type { Replies } from "./questions.ts";
import type { Reservations } from "./reservations.ts";
import type { StagedReader } from "./staged-reader.ts";
import type { Staging } from "./staging.ts";
import type { Authorizer } from "./verbs.ts";

/** What is being done to an object; `connect` opens a connection to what it stands for, and the object is the options of that. */
export type AdmissionOperation = "create" | "update" | "remove" | "connect";

/** One write on its way to the store. */
export interface AdmissionRequest {
  readonly operation: AdmissionOperation;
  readonly kind: Kind;
  readonly ref: ObjectRef;
  readonly user: UserInfo;
  readonly subresource?: string;
  /** As stored; absent on create. */
  readonly old: ApiObject | undefined;
  /** The store as this request sees it; what a plugin decides upon it makes a condition of the commit. */
  readonly staging: Staging;
  /** The same, as objects. */
  readonly reader: StagedReader;
  /** All kinds that are served, to find other versions of the request's. */
  readonly kinds: Iterable<Kind>;
  /** What was answered from outside; asking for more breaks the try off until it is there. */
  readonly replies: Replies;
  readonly reservations: Reservations;
  /** Who may do what, for rules that depend on it. */
  readonly authorizer: Authorizer;
  /** True where ServiceAccounts have tokens: pods then get theirs. */
  readonly hasAccountTokens: boolean;
  /** Where warnings and audit annotations go. */
  readonly notes: Notes;
}

/**
 * One rule between the client and the store. It may change the object or refuse it by throwing `ApiError`, but it reads only what it is given and
 * never waits. For a removal the object is the one that is removed.
 */
export interface Admission {
  readonly name: string;
  /** True for the requests it looks at. */
  handles(request: Pick<AdmissionRequest, "operation" | "kind" | "subresource">): boolean;
  /** The object, changed or not. */
  admit?(object: ApiObject, request: AdmissionRequest): ApiObject;
  /** Throws ApiError for what may not be; called when all plugins have changed the object and it is valid. */
  validate?(object: ApiObject, request: AdmissionRequest): void;
  /** The object goes with this commit: gives back what was reserved for it. */
  release?(object: ApiObject, request: Pick<AdmissionRequest, "staging" | "reservations">): void;
}
