import { SelfSubjectRulesReviewKind } from "../../model/kinds/reviews.ts";
import type { SelfSubjectRulesReview } from "../../model/kinds/reviews.ts";
import { badRequest } from "../errors.ts";
import type { Review } from "./review.ts";

/** What may I in this namespace? */
export const selfSubjectRulesReview: Review<SelfSubjectRulesReview> = {
  kind: SelfSubjectRulesReviewKind,
  answer(question, { user, authorizer }) {
    const { namespace = "" } = question.spec;
    if (namespace === "") throw badRequest("no namespace on request");
    const rules = authorizer.rulesOf(user, namespace);
    return { ...question, status: {
      resourceRules: rules.filter((rule) => (rule.resources ?? []).length > 0), nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs = [] }) => (
        nonResourceURLs.length === 0 ? [] : [{ verbs, nonResourceURLs }])),
      incomplete: false,
    } };
  },
};
