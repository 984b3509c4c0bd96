import type { Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import type { UserInfo } from "../client.ts";
import type { Authorizer } from "../verbs.ts";

/** Finds whose token this is, for one of the audiences; none asks for the API's own. */
export type ReviewToken = (token: string, audiences: readonly string[]) => Promise<TokenOwner>;

/** What is found of a token. */
export type TokenOwner =
  | { readonly kind: "known"; readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

/** What an answer is made from. */
export interface ReviewContext {
  readonly user: UserInfo;
  readonly namespace: string;
  readonly authorizer: Authorizer;
  readonly reviewToken: ReviewToken;
}

/** A kind that is answered instead of stored. */
export interface Review<T extends ApiObject = ApiObject> {
  readonly kind: Kind<T>;
  /** The question with its answer as status. Declared as a method so that `Review<TokenReview>` is a `Review`. */
  answer(question: T, context: ReviewContext): Promise<T> | T;
}
