import { ApiError, isApiError } from "../../model/api-error.ts";
import type { FieldError } from "../../model/field-error.ts";
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutation as Step } from "../../model/generated/admissionregistration-v1.ts";
import { MutatingAdmissionPolicyBindingKind, MutatingAdmissionPolicyKind } from "../../model/kinds/admissionregistration.ts";
import type { ApiObject } from "../../model/object.ts";
import type { AdmissionRequest } from "../admission-plugin.ts";
import { forbidden, internalError } from "../errors.ts";
import { isExempt } from "../match-resources.ts";
import { adoptChange, isSame, unchanged } from "../mutation.ts";
import type { Mutator } from "../mutation.ts";
import { bindingsOf, withParams } from "../policies/bindings.ts";
import type { Bindings } from "../policies/bindings.ts";
import { findBound } from "../policies/bound.ts";
import type { Bound } from "../policies/bound.ts";
import { Budget, meetsConditions } from "../policies/evaluate.ts";
import { mutate } from "../policies/mutate.ts";
import { lazyVariables } from "../policies/variables.ts";
import { kindFor, viewFor } from "../webhooks/review.ts";

const policyKinds = { policies: MutatingAdmissionPolicyKind, bindings: MutatingAdmissionPolicyBindingKind };

/**
 * Changes objects as the policies that are bound say, one after the other. Once something was changed, by them or by webhooks after them, those that may
 * be asked again are asked again.
 *
 * @see kubernetes apiserver pkg/admission/plugin/policy/mutating/dispatcher.go
 */
export const mutatingPolicies: Mutator = {
  name: "MutatingAdmissionPolicy",
  // What a removal removes stays what it is.
  handles: ({ kind, operation }) => !isExempt(kind) && operation !== "remove",
  mutate(object, request) {
    const first = run(object, request);
    if (first === undefined) return unchanged(object);
    return {
      object: first.object, isChanged: first.hasMutated,
      again(now) {
        if (first.repeatable.size === 0 || (!first.hasMutated && isSame(now, first.object))) return now;
        return run(now, request, first.repeatable)?.object ?? now;
      },
    };
  },
};

/** A policy with one of its parameters. */
interface Invocation extends Omit<Bound<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>, "params"> {
  readonly key: string;
  readonly param: ApiObject | undefined;
}

interface Ran {
  readonly object: ApiObject;
  /** True once a mutation was made, even one that changed nothing, as upstream. */
  readonly hasMutated: boolean;
  /** The keys of those that were asked and may be asked again. */
  readonly repeatable: ReadonlySet<string>;
}

/** Asks policies; undefined where none is bound. @param wanted the keys of those that are asked, all where it is absent. Throws ApiError for what a policy cannot do and must. */
function run(object: ApiObject, request: AdmissionRequest, wanted?: ReadonlySet<string>): Ran | undefined {
  const failures: Failure[] = [];
  const invocations = findInvocations(object, request, failures);
  if (invocations.length === 0 && failures.length === 0) return undefined;
  const repeatable = new Set<string>();
  let current = object;
  let hasMutated = false;
  for (const invocation of invocations) {
    const { policy: { spec }, key } = invocation;
    const met = meetsConditions(spec.matchConditions, seenBy(invocation, current, request), new Budget());
    if (typeof met !== "boolean") { failures.push({ ...invocation, message: met.error, isOfEvaluation: true }); continue; }
    if (!met || wanted?.has(key) === false) continue;
    for (const step of spec.mutations ?? []) {
      const next = take(step, invocation, current, request);
      if (typeof next === "string") { failures.push({ ...invocation, message: next, isOfEvaluation: true }); continue; }
      current = next;
      hasMutated = true;
    }
    if (spec.reinvocationPolicy === "IfNeeded") repeatable.add(key);
  }
  demandNoFailure(failures, request);
  return { object: current, hasMutated, repeatable };
}

/** By the names of policies and bindings, so that it does not depend on chance what comes of them. */
function findInvocations(object: ApiObject, request: AdmissionRequest, failures: Failure[]): readonly Invocation[] {
  const bound = [...findBound(policyKinds, object, request)].toSorted((a, b) => (a.policy.metadata.name < b.policy.metadata.name ? -1 : a.policy === b.policy ? 0 : 1));
  return bound.flatMap(({ params, ...one }) => {
    if (typeof params === "string") { failures.push({ ...one, message: params, isOfEvaluation: false }); return []; }
    return params.map((param) => ({ ...one, param, key: JSON.stringify([one.policy.metadata.name, one.binding.metadata.name, param?.metadata.namespace, param?.metadata.name]) }));
  });
}

function seenBy({ kind, param }: Invocation, object: ApiObject, request: AdmissionRequest): Bindings {
  return withParams(bindingsOf(object, request, kind), param);
}

/** The object after one mutation; a text says why there is none. */
function take(step: Step, invocation: Invocation, object: ApiObject, request: AdmissionRequest): ApiObject | string {
  const { kind, policy } = invocation;
  const budget = new Budget();
  const bindings = seenBy(invocation, object, request);
  const all = { ...bindings, variables: lazyVariables(policy.spec.variables, bindings, budget) };
  const outcome = mutate(step, { kind: kindFor(request, kind), object: viewFor(object, request, kind) }, all, budget);
  if (outcome.kind === "failed") return outcome.message;
  const isPatch = step.patchType === "JSONPatch";
  try {
    // A patch is held to the fields there are, where they are known before anybody asks.
    return adoptChange(object, { changed: outcome.object, kind, fieldValidation: isPatch && request.kind.schema === undefined ? "Strict" : "Ignore" }, request);
  } catch (error) {
    if (!isApiError(error)) throw error;
    const message = error.message.replace(/^.* cannot be handled as a \w+: /, "");
    if (isPatch) throw internalError(message);
    return message;
  }
}

/** Why a policy could not be followed. */
interface Failure extends Pick<Invocation, "policy" | "binding"> {
  readonly message: string;
  /** False for what is wrong with how it is bound. */
  readonly isOfEvaluation: boolean;
}

/** Throws for failures of policies that must be followed: the first one names the reason. @see kubernetes apiserver pkg/admission/plugin/policy/generic/policy_dispatcher.go */
function demandNoFailure(failures: readonly Failure[], { kind, ref }: AdmissionRequest): void {
  const fatal = failures.filter(({ policy }) => policy.spec.failurePolicy !== "Ignore");
  const causes = fatal.map(({ policy, binding, message }): FieldError => ({ type: "PolicyRefusal", path: "", detail: `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}` }));
  const [first] = fatal;
  if (first === undefined) return;
  const { details, code } = forbidden(kind, ref.name, "");
  throw new ApiError(first.isOfEvaluation ? "Invalid" : "Forbidden", causes[0]?.detail ?? "", { details, causes, code });
}
