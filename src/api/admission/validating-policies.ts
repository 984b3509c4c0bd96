import { ApiError } from "../../model/api-error.ts";
import type { StatusReason } from "../../model/api-error.ts";
import type { ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "../../model/generated/admissionregistration-v1.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind } from "../../model/kinds/admissionregistration.ts";
import type { ApiObject } from "../../model/object.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import { forbidden } from "../errors.ts";
import { bindingsOf, withParams } from "../policies/bindings.ts";
import { Budget } from "../policies/evaluate.ts";
import { judge } from "../policies/judge.ts";
import type { Bindings } from "../policies/bindings.ts";
import type { Failure } from "../policies/judge.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { isConstrained, isExempt, selectableObject } from "../match-resources.ts";

const failureAnnotation = "validation.policy.admission.k8s.io/validation_failure";

/** Reasons a validation may name. */
const reasons: readonly StatusReason[] = ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"];

/** Judges requests by the policies that are bound: refuses, warns or notes what they do not take. @see kubernetes apiserver pkg/admission/plugin/policy/validating */
export const validatingPolicies: Admission = {
  name: "ValidatingAdmissionPolicy",
  handles: ({ kind }) => !isExempt(kind),
  validate(object, request) {
    const bindings = request.reader.list(ValidatingAdmissionPolicyBindingKind);
    if (bindings.length === 0) return;
    const whole = selectableObject(object, request);
    const findings: Findings = { denials: [], annotations: new Map() };
    let seen: Bindings | undefined;
    for (const binding of bindings) {
      const policy = request.reader.get(ValidatingAdmissionPolicyKind, { namespace: "", name: binding.spec.policyName });
      if (policy === undefined || !isConstrained(policy.spec.matchConstraints, whole, request, request.kinds) || !isConstrained(binding.spec.matchResources, whole, request, request.kinds)) continue;
      const params = paramsOf(policy, binding, request);
      if (typeof params === "string") {
        if (policy.spec.failurePolicy !== "Ignore") act({ policy, binding, request }, { message: params, reason: "Invalid" }, findings);
        continue;
      }
      seen ??= bindingsOf(object, request);
      for (const param of params) {
        const { failures, annotations } = judge(policy, withParams(seen, param), new Budget());
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

/** The objects a policy is evaluated with, one after the other; a text when there should be some and are none. */
function paramsOf({ spec }: ValidatingAdmissionPolicy, { spec: { paramRef } }: ValidatingAdmissionPolicyBinding, request: AdmissionRequest): readonly (ApiObject | undefined)[] | string {
  const { paramKind } = spec;
  if (paramKind === undefined || paramRef === undefined) return [undefined];
  const kind = [...request.kinds].find((candidate) => candidate.kind === paramKind.kind && apiVersionOf(candidate) === paramKind.apiVersion);
  if (kind === undefined) return `failed to configure policy: failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`;
  const found = findParams(kind, paramRef, request);
  if (found.length > 0) return found;
  return paramRef.parameterNotFoundAction === "Allow" ? [] : "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction";
}

function findParams(kind: Kind, { name = "", namespace = "", selector }: ParamRef, { reader, ref }: AdmissionRequest): readonly ApiObject[] {
  const place = kind.namespaced ? (namespace === "" ? ref.namespace : namespace) : "";
  if (name !== "") return [reader.get(kind, { namespace: place, name })].filter((object) => object !== undefined);
  const parsed = selectorOf(selector);
  return reader.list(kind, place).filter(({ metadata }) => matchesSelector(parsed, metadata.labels ?? {}));
}
