import type { UserInfo as ReviewedUser } from "../../model/generated/authentication-v1.ts";
import { SelfSubjectReviewKind, TokenReviewKind } from "../../model/kinds/reviews.ts";
import type { SelfSubjectReview, TokenReview } from "../../model/kinds/reviews.ts";
import type { UserInfo } from "../client.ts";
import { badRequest } from "../errors.ts";
import type { Review } from "./review.ts";

/** Who am I? */
export const selfSubjectReview: Review<SelfSubjectReview> = {
  kind: SelfSubjectReviewKind,
  answer: (question, { user }) => ({ ...question, status: { userInfo: printUser(user) } }),
};

/** Whose token is this? */
export const tokenReview: Review<TokenReview> = {
  kind: TokenReviewKind,
  async answer(question, { reviewToken }) {
    const { token, audiences = [] } = question.spec;
    // An empty one is left out.
    if (!("token" in question.spec)) throw badRequest("token is required for TokenReview in authentication");
    const owner = await reviewToken(token, audiences);
    // Who asks has the token; the answer need not carry it further.
    const asked = { ...question, spec: { ...question.spec, token: "" } };
    if (owner.kind === "unknown") return { ...asked, status: { authenticated: false, error: owner.reason } };
    return { ...asked, status: { authenticated: true, user: printUser(owner.user), ...(owner.audiences.length === 0 ? {} : { audiences: owner.audiences }) } };
  },
};

function printUser({ name, uid, groups, extra }: UserInfo): ReviewedUser {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}
