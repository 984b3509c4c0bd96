import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from "./reviews/access-reviews.ts";
import { selfSubjectReview, tokenReview } from "./reviews/identity-reviews.ts";
import type { Review } from "./reviews/review.ts";
import { selfSubjectRulesReview } from "./reviews/rules-review.ts";

/** Every kind that is answered instead of stored. Adding one = a file in `reviews/`, a line here. */
export const reviews: readonly Review[] = [
  localSubjectAccessReview, selfSubjectAccessReview, selfSubjectReview, selfSubjectRulesReview, subjectAccessReview, tokenReview,
];
