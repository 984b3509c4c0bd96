import type { SelfSubjectAccessReviewSpec, SubjectAccessReviewSpec, SubjectAccessReviewStatus } from "../../model/generated/authorization-v1.ts";
import { LocalSubjectAccessReviewKind, SelfSubjectAccessReviewKind, SubjectAccessReviewKind } from "../../model/kinds/reviews.ts";
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from "../../model/kinds/reviews.ts";
import type { UserInfo } from "../client.ts";
import type { AccessAttributes, Authorizer } from "../verbs.ts";
import type { Review } from "./review.ts";

/** May I? */
export const selfSubjectAccessReview: Review<SelfSubjectAccessReview> = {
  kind: SelfSubjectAccessReviewKind,
  answer: (question, { user, authorizer }) => ({ ...question, status: statusOf(authorizer, user, question.spec) }),
};

/** May somebody? */
export const subjectAccessReview: Review<SubjectAccessReview> = {
  kind: SubjectAccessReviewKind,
  answer: (question, { authorizer }) => ({ ...question, status: statusOf(authorizer, userOf(question.spec), question.spec) }),
};

/** May somebody in this namespace? */
export const localSubjectAccessReview: Review<LocalSubjectAccessReview> = {
  kind: LocalSubjectAccessReviewKind,
  answer: (question, { authorizer }) => ({ ...question, status: statusOf(authorizer, userOf(question.spec), question.spec) }),
};

function userOf({ user = "", groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

function statusOf(authorizer: Authorizer, user: UserInfo, spec: SelfSubjectAccessReviewSpec): SubjectAccessReviewStatus {
  const reason = authorizer.explain(user, attributesOf(spec));
  if (reason === undefined) return { allowed: false };
  return reason === "" ? { allowed: true } : { allowed: true, reason };
}

function attributesOf({ resourceAttributes, nonResourceAttributes = {} }: SelfSubjectAccessReviewSpec): AccessAttributes {
  if (resourceAttributes === undefined) return { verb: nonResourceAttributes.verb ?? "", group: "", resource: "", path: nonResourceAttributes.path ?? "" };
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = resourceAttributes;
  return { verb, group, resource, namespace, name, ...(subresource === "" ? {} : { subresource }) };
}
