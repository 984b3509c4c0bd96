import type { FieldError } from "../field-error.ts";
import type { SelfSubjectReview, TokenRequest, TokenReview } from "../generated/authentication-v1.ts";
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SelfSubjectRulesReview, SubjectAccessReview, SubjectAccessReviewSpec } from "../generated/authorization-v1.ts";
import type { ApiObject } from "../object.ts";
import { invalid } from "../checks.ts";
import { createdAtColumns, kindOf } from "./_kind-of.ts";
import type { KindFacts } from "./_kind-of.ts";

export type { SelfSubjectReview, TokenReview } from "../generated/authentication-v1.ts";
export type { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from "../generated/authorization-v1.ts";

/** Who somebody is, and what they may: asked by creating one, answered at once. */
function reviewOf<T extends ApiObject>(facts: Omit<KindFacts<T>, "verbs" | "isStored">) {
  return kindOf<T>({ ...facts, verbs: ["create"], isStored: false, columns: createdAtColumns });
}

/** SelfSubjectReview, `authentication.k8s.io/v1`. */
export const SelfSubjectReviewKind = reviewOf<SelfSubjectReview>({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", plural: "selfsubjectreviews", namespaced: false });

/** TokenReview, `authentication.k8s.io/v1`. */
export const TokenReviewKind = reviewOf<TokenReview>({
  apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", plural: "tokenreviews", namespaced: false, secretPaths: ["spec.token"],
});

/** SubjectAccessReview, `authorization.k8s.io/v1`. */
export const SubjectAccessReviewKind = reviewOf<SubjectAccessReview>({
  apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", plural: "subjectaccessreviews", namespaced: false,
  validate: ({ spec }) => [...checkAttributes(spec), ...checkSubject(spec)],
});

/** LocalSubjectAccessReview, `authorization.k8s.io/v1`. */
export const LocalSubjectAccessReviewKind = reviewOf<LocalSubjectAccessReview>({
  apiVersion: "authorization.k8s.io/v1", kind: "LocalSubjectAccessReview", plural: "localsubjectaccessreviews", namespaced: true,
  validate: ({ spec, metadata }) => [
    ...checkAttributes(spec), ...checkSubject(spec),
    ...(spec.resourceAttributes !== undefined && spec.resourceAttributes.namespace !== metadata.namespace
      ? [invalid("spec.resourceAttributes.namespace", spec.resourceAttributes.namespace ?? "", "must match metadata.namespace")] : []),
    ...(spec.nonResourceAttributes === undefined ? [] : [invalid("spec.nonResourceAttributes", spec.nonResourceAttributes, "disallowed on this kind of request")]),
  ],
});

/** SelfSubjectAccessReview, `authorization.k8s.io/v1`. */
export const SelfSubjectAccessReviewKind = reviewOf<SelfSubjectAccessReview>({
  apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", plural: "selfsubjectaccessreviews", namespaced: false,
  validate: ({ spec }) => checkAttributes(spec),
});

/** SelfSubjectRulesReview, `authorization.k8s.io/v1`. */
export const SelfSubjectRulesReviewKind = reviewOf<SelfSubjectRulesReview>({ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", plural: "selfsubjectrulesreviews", namespaced: false });

/** What `serviceaccounts/token` speaks; no resource of its own. */
export const TokenRequestKind = kindOf<TokenRequest>({
  apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", plural: "tokenrequests", namespaced: true, isStored: false, verbs: [], secretPaths: ["status.token"],
  validate: ({ spec: { expirationSeconds = tokenSecondsMin } }) => [
    ...(expirationSeconds < tokenSecondsMin ? [invalid("spec.expirationSeconds", expirationSeconds, "may not specify a duration less than 10 minutes")] : []),
    ...(expirationSeconds > tokenSecondsMax ? [invalid("spec.expirationSeconds", expirationSeconds, "may not specify a duration larger than 2^32 seconds")] : []),
  ],
});

/** Bounds of a token's life. @see kubernetes pkg/apis/authentication/validation */
const tokenSecondsMin = 600;
const tokenSecondsMax = 2 ** 32;

/** @see kubernetes pkg/apis/authorization/validation/validation.go */
function checkAttributes({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec): readonly FieldError[] {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    return [invalid("spec.nonResourceAttributes", nonResourceAttributes, "cannot be specified in combination with resourceAttributes")];
  }
  if (resourceAttributes !== undefined || nonResourceAttributes !== undefined) return [];
  return [invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified")];
}

function checkSubject({ user = "", groups = [] }: SubjectAccessReviewSpec): readonly FieldError[] {
  return user === "" && groups.length === 0 ? [invalid("spec.user", "", "at least one of user or group must be specified")] : [];
}
