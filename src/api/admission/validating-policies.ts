import { ApiError } from "../../model/api-error.ts";
import type { StatusReason } from "../../model/api-error.ts";
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "../../model/generated/admissionregistration-v1.ts";
import type { Kind } from "../../model/kind.ts";
import { ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind } from "../../model/kinds/admissionregistration.ts";
import { forbidden } from "../errors.ts";
import { bindingsOf, withParams } from "../policies/bindings.ts";
import { findBound } from "../policies/bound.ts";
import { Budget } from "../policies/evaluate.ts";
import { judge } from "../policies/judge.ts";
import type { Bindings } from "../policies/bindings.ts";
import type { Failure } from "../policies/judge.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { isExempt } from "../match-resources.ts";

const failureAnnotation = "validation.policy.admission.k8s.io/validation_failure";

/** Reasons a validation may name. */
const reasons: readonly StatusReason[] = ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"];

const policyKinds = { policies: ValidatingAdmissionPolicyKind, bindings: ValidatingAdmissionPolicyBindingKind };

/** Judges requests by the policies that are bound: refuses, warns or notes what they do not take. @see kubernetes apiserver pkg/admission/plugin/policy/validating */
export const validatingPolicies: Admission = {
  name: "ValidatingAdmissionPolicy",
  handles: ({ kind }) => !isExempt(kind),
  validate(object, request) {
    const findings: Findings = { denials: [], annotations: new Map() };
    const seen = new Map<Kind, Bindings>();
    for (const { policy, binding, kind, params } of findBound(policyKinds, object, request)) {
      if (typeof params === "string") {
        if (policy.spec.failurePolicy !== "Ignore") act({ policy, binding, request }, { message: params, reason: "Invalid" }, findings);
        continue;
      }
      const bindings = seen.get(kind) ?? bindingsOf(object, request, kind);
      seen.set(kind, bindings);
      for (const param of params) {
        const { failures, annotations } = judge(policy, withParams(bindings, param), new Budget());
        for (const [key, value] of Object.entries(annotations)) note(findings, `${policy.metadata.name}/${key}`, value);
        for (const failure of failures) act({ policy, binding, request }, failure, findings);
      }
    }
    for (const [key, values] of findings.annotations) request.notes.annotate(key, [...values].join(", "));
    // The first to refuse is told of; every other has warned and noted what it had to.
    const [denial] = findings.denials;
    if (denial !== undefined) throw denial;
  },
};

/** What all bindings have to say of one request. */
interface Findings {
  readonly denials: ApiError[];
  /** Each text once: one policy bound twice notes the same twice. */
  readonly annotations: Map<string, Set<string>>;
}

function note({ annotations }: Findings, key: string, value: string): void {
  const values = annotations.get(key) ?? new Set();
  annotations.set(key, values.add(value));
}

interface Bound {
  readonly policy: ValidatingAdmissionPolicy;
  readonly binding: ValidatingAdmissionPolicyBinding;
  readonly request: AdmissionRequest;
}

function act({ policy, binding, request }: Bound, { message, reason, index }: Failure, findings: Findings): void {
  const actions = binding.spec.validationActions;
  const names = { policy: policy.metadata.name, binding: binding.metadata.name };
  // Of several failures the first is noted, as upstream.
  if (actions.includes("Audit") && !findings.annotations.has(failureAnnotation)) note(findings, failureAnnotation, JSON.stringify([{ message, ...names, ...(index === undefined ? {} : { expressionIndex: index }), validationActions: actions }]));
  if (actions.includes("Warn")) request.notes.warn(`Validation failed for ValidatingAdmissionPolicy '${names.policy}' with binding '${names.binding}': ${message}`);
  if (!actions.includes("Deny")) return;
  const detail = `ValidatingAdmissionPolicy '${names.policy}' with binding '${names.binding}' denied request: ${message}`;
  const refusal = forbidden(request.kind, request.ref.name, detail);
  // kubectl shows nothing of an Invalid but its causes.
  findings.denials.push(new ApiError(reasons.find((known) => known === reason) ?? "Invalid", refusal.message, { details: refusal.details, causes: [{ type: "PolicyRefusal", path: "", detail }] }));
}
