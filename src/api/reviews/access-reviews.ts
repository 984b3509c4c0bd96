import type { FieldSelectorAttributes, SelfSubjectAccessReviewSpec, SubjectAccessReviewSpec, SubjectAccessReviewStatus } from "../../model/generated/authorization-v1.ts";
import { LocalSubjectAccessReviewKind, SelfSubjectAccessReviewKind, SubjectAccessReviewKind } from "../../model/kinds/reviews.ts";
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from "../../model/kinds/reviews.ts";
import type { UserInfo } from "../client.ts";
import type { AccessAttributes, Authorizer } from "../verbs.ts";
import { exactFieldsOf } from "../selection.ts";
import type { ExactFields } from "../selection.ts";
import { parseFieldSelector } from "../../value/field-selector.ts";
import { readOr } from "../../value/value-error.ts";
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
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "", fieldSelector } = resourceAttributes;
  return { verb, group, resource, namespace, name, exact: exactOf(fieldSelector), ...(subresource === "" ? {} : { subresource }) };
}

/** What cannot be read narrows nothing. */
function exactOf({ rawSelector = "", requirements = [] }: FieldSelectorAttributes = {}): ExactFields {
  if (requirements.length > 0) return Object.fromEntries(requirements.flatMap(({ key, operator, values = [] }) => (operator === "In" && values.length === 1 ? [[key, values[0] ?? ""]] : [])));
  return readOr(() => exactFieldsOf(parseFieldSelector(rawSelector)), () => ({}));
}
