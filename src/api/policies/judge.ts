import type { ValidatingAdmissionPolicy, Validation } from "../../model/generated/admissionregistration-v1.ts";
import { meetsConditions } from "./evaluate.ts";
import type { Budget } from "./evaluate.ts";
import type { Bindings } from "./bindings.ts";
import { lazyVariables } from "./variables.ts";

/** Why a policy does not take a request. */
export interface Failure {
  readonly message: string;
  readonly reason: string;
  /** The validation at fault; absent when the policy itself could not be evaluated. */
  readonly index?: number;
}

/** What a policy says of a request. */
export interface Judgement {
  readonly failures: readonly Failure[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Reason of a failure that names none, as upstream. */
const defaultReason = "Invalid";

/** Letters of an annotation's value, as upstream. */
const annotationLengthMax = 10 * 1024;

/** Judges a request by one policy and one parameter. Pure. @see kubernetes apiserver pkg/admission/plugin/policy/validating/validator.go */
export function judge({ spec }: ValidatingAdmissionPolicy, bindings: Bindings, budget: Budget): Judgement {
  const isLenient = spec.failurePolicy === "Ignore";
  const failed = (message: string): readonly Failure[] => (isLenient ? [] : [{ message, reason: defaultReason }]);
  const met = meetsConditions(spec.matchConditions, bindings, budget);
  if (met === false) return { failures: [], annotations: {} };
  if (met !== true) return { failures: failed(met.error), annotations: {} };
  const all = { ...bindings, variables: lazyVariables(spec.variables, bindings, budget) };
  const failures = (spec.validations ?? []).flatMap((validation, index): readonly Failure[] => {
    const outcome = budget.evaluate(validation.expression, all);
    if (outcome.kind === "error") return failed(`expression '${validation.expression}' resulted in error: ${outcome.message}`);
    return outcome.value === true ? [] : [{ message: messageOf(validation, all, budget), reason: validation.reason ?? defaultReason, index }];
  });
  const annotations = (spec.auditAnnotations ?? []).flatMap(({ key, valueExpression }): readonly (readonly [string, string])[] => {
    const outcome = budget.evaluate(valueExpression, all);
    return outcome.kind === "value" && typeof outcome.value === "string" && outcome.value !== "" ? [[key, outcome.value.slice(0, annotationLengthMax)]] : [];
  });
  return { failures, annotations: Object.fromEntries(annotations) };
}

function messageOf({ expression, message, messageExpression }: Validation, bindings: Bindings, budget: Budget): string {
  const made = messageExpression === undefined || messageExpression === "" ? undefined : budget.evaluate(messageExpression, bindings);
  const text = made?.kind === "value" && typeof made.value === "string" ? made.value.trim() : "";
  // A message of several lines would not be one; upstream falls back too.
  if (text !== "" && !text.includes("\n")) return text;
  return message ?? `failed expression: ${expression.trim()}`;
}
