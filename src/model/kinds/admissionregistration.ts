import { checkDnsSubdomain } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";
import type {
  MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingAdmissionPolicyBindingSpec, MutatingWebhook, MutatingWebhookConfiguration, Mutation, ParamKind, ParamRef, ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding, ValidatingWebhook, ValidatingWebhookConfiguration,
} from "../generated/admissionregistration-v1.ts";
import type { LabelSelector } from "../generated/meta-v1.ts";
import { checkMatchConditions, checkMutationExpressions, checkPolicyExpressions } from "../admission-expressions.ts";
import { notSupported } from "../print-field-error.ts";
import { checkLabelSelector, checkPresent, forbidden, invalid, invalidEach, required } from "../checks.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { kindOf } from "./_kind-of.ts";
import { allOperations, checkConstraints, checkMatchResources, checkParamKind, checkParamRef, checkRule, mutableOperations } from "./_match-resources.ts";

const common = { apiVersion: "admissionregistration.k8s.io/v1", namespaced: false, needsRevision: true, categories: ["api-extensions"] } as const;

/** MutatingWebhookConfiguration, `admissionregistration.k8s.io/v1`. */
export const MutatingWebhookConfigurationKind = kindOf<MutatingWebhookConfiguration>({
  ...common, kind: "MutatingWebhookConfiguration", plural: "mutatingwebhookconfigurations",
  columns: [nameColumn, countColumn("Webhooks", "integer", ({ webhooks }) => webhooks?.length), ageColumn],
  validate: ({ webhooks = [] }) => checkWebhooks(webhooks),
});

/** ValidatingWebhookConfiguration, `admissionregistration.k8s.io/v1`. */
export const ValidatingWebhookConfigurationKind = kindOf<ValidatingWebhookConfiguration>({
  ...common, kind: "ValidatingWebhookConfiguration", plural: "validatingwebhookconfigurations",
  columns: [nameColumn, countColumn("Webhooks", "integer", ({ webhooks }) => webhooks?.length), ageColumn],
  validate: ({ webhooks = [] }) => checkWebhooks(webhooks),
});

/** ValidatingAdmissionPolicy, `admissionregistration.k8s.io/v1`. */
export const ValidatingAdmissionPolicyKind = kindOf<ValidatingAdmissionPolicy>({
  ...common, kind: "ValidatingAdmissionPolicy", plural: "validatingadmissionpolicies", hasStatus: true,
  columns: [nameColumn, countColumn("Validations", "integer", ({ spec }) => spec.validations?.length), textColumn("ParamKind", ({ spec }) => printParamKind(spec.paramKind)), ageColumn],
  validate: ({ spec }) => [
    ...checkParamKind(spec.paramKind, "spec.paramKind"), ...checkConstraints(spec.matchConstraints, "spec.matchConstraints", allOperations),
    ...((spec.validations ?? []).length === 0 && (spec.auditAnnotations ?? []).length === 0 ? [required("spec.validations", "validations or auditAnnotations must contain at least one item")] : []),
    ...checkPolicyExpressions(spec),
  ],
});

/** ValidatingAdmissionPolicyBinding, `admissionregistration.k8s.io/v1`. */
export const ValidatingAdmissionPolicyBindingKind = kindOf<ValidatingAdmissionPolicyBinding>({
  ...common, kind: "ValidatingAdmissionPolicyBinding", plural: "validatingadmissionpolicybindings",
  columns: [nameColumn, textColumn("PolicyName", ({ spec }) => spec.policyName), textColumn("ParamRef", ({ spec }) => printParamRef(spec.paramRef)), ageColumn],
  validate: ({ spec }) => [
    ...checkBinding(spec, allOperations),
    ...(spec.validationActions.length === 0 ? [required("spec.validationActions", "at least one validation action is required")] : []),
    ...spec.validationActions.flatMap((action, index) => (["Deny", "Warn", "Audit"].includes(action) ? [] : [notSupported(`spec.validationActions[${index}]`, action, ["Audit", "Deny", "Warn"])])),
    ...(spec.validationActions.includes("Deny") && spec.validationActions.includes("Warn") ? [invalid("spec.validationActions", spec.validationActions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)")] : []),
  ],
});

/** MutatingAdmissionPolicy, `admissionregistration.k8s.io/v1`. */
export const MutatingAdmissionPolicyKind = kindOf<MutatingAdmissionPolicy>({
  ...common, kind: "MutatingAdmissionPolicy", plural: "mutatingadmissionpolicies",
  columns: [nameColumn, countColumn("Mutations", "integer", ({ spec }) => spec.mutations?.length), textColumn("ParamKind", ({ spec }) => printParamKind(spec.paramKind)), ageColumn],
  validate: ({ spec }) => [
    ...checkParamKind(spec.paramKind, "spec.paramKind"), ...checkConstraints(spec.matchConstraints, "spec.matchConstraints", mutableOperations),
    ...((spec.mutations ?? []).length === 0 ? [required("spec.mutations", "mutations must contain at least one item")] : []),
    ...(spec.mutations ?? []).flatMap((mutation, index) => checkPatchType(mutation, `spec.mutations[${index}]`)),
    ...checkMutationExpressions(spec), ...checkPresent("spec.reinvocationPolicy", spec.reinvocationPolicy),
  ],
});

/** MutatingAdmissionPolicyBinding, `admissionregistration.k8s.io/v1`. */
export const MutatingAdmissionPolicyBindingKind = kindOf<MutatingAdmissionPolicyBinding>({
  ...common, kind: "MutatingAdmissionPolicyBinding", plural: "mutatingadmissionpolicybindings",
  columns: [nameColumn, textColumn("PolicyName", ({ spec }) => spec.policyName), textColumn("ParamRef", ({ spec }) => printParamRef(spec.paramRef)), ageColumn],
  validate: ({ spec }) => checkBinding(spec, mutableOperations),
});

function checkBinding({ policyName = "", paramRef, matchResources }: MutatingAdmissionPolicyBindingSpec, operations: readonly string[]): readonly FieldError[] {
  return [
    ...(policyName === "" ? [required("spec.policyName")] : invalidEach("spec.policyName", policyName, checkDnsSubdomain(policyName))),
    ...checkParamRef(paramRef, "spec.paramRef"), ...checkMatchResources(matchResources, "spec.matchResources", operations),
  ];
}

/** A mutation says what its type is about, and nothing of the other. */
function checkPatchType(mutation: Mutation, path: string): readonly FieldError[] {
  const { patchType } = mutation;
  const known = Object.keys(patchFields);
  if (!known.includes(patchType)) return [patchType as string === "" ? required(`${path}.patchType`) : notSupported(`${path}.patchType`, patchType, known)];
  return known.flatMap((type): readonly FieldError[] => {
    const field = patchFields[type as keyof typeof patchFields];
    if (type === patchType) return mutation[field] === undefined ? [required(`${path}.${field}`, `must be specified when patchType is ${type}`)] : [];
    return mutation[field] === undefined ? [] : [invalid(`${path}.${field}`, `{${field}}`, `must not be specified when patchType is ${patchType}`)];
  });
}

const patchFields = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;

function printParamKind(kind: ParamKind | undefined): string {
  return kind === undefined ? "<unset>" : `${kind.apiVersion ?? ""}/${kind.kind ?? ""}`;
}

function printParamRef(ref: ParamRef | undefined): string {
  if (ref === undefined) return "<unset>";
  const { name = "", namespace = "", selector } = ref;
  return name === "" && selector !== undefined ? printGoSelector(selector) : `${namespace === "" ? "*" : namespace}/${name}`;
}

/** A label selector as Go prints it: upstream's printer does not take the trouble. */
function printGoSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`).join("");
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`).join("");
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`;
}

/** @see kubernetes pkg/apis/admissionregistration/validation/validation.go */
function checkWebhooks(webhooks: readonly (ValidatingWebhook | MutatingWebhook)[]): readonly FieldError[] {
  return webhooks.flatMap((webhook, index) => checkWebhook(webhook, `webhooks[${index}]`));
}

/** Upstream's longest wait for a webhook. */
const timeoutSecondsMax = 30;

function checkWebhook(webhook: ValidatingWebhook | MutatingWebhook, path: string): readonly FieldError[] {
  const errors: FieldError[] = checkDnsSubdomain(webhook.name).map((detail) => invalid(`${path}.name`, webhook.name, detail));
  if (webhook.name.split(".").length < 3) errors.push(invalid(`${path}.name`, webhook.name, "should be a domain with at least three segments separated by dots"));
  if (webhook.admissionReviewVersions.length === 0) errors.push(required(`${path}.admissionReviewVersions`, "must specify one of v1, v1beta1"));
  else if (!webhook.admissionReviewVersions.some((version) => version === "v1" || version === "v1beta1")) {
    errors.push(invalid(`${path}.admissionReviewVersions`, webhook.admissionReviewVersions, "must include at least one of v1, v1beta1"));
  }
  if (webhook.sideEffects !== "None" && webhook.sideEffects !== "NoneOnDryRun") errors.push(notSupported(`${path}.sideEffects`, webhook.sideEffects, ["None", "NoneOnDryRun"]));
  const timeout = webhook.timeoutSeconds ?? 1;
  if (timeout < 1 || timeout > timeoutSecondsMax) errors.push(invalid(`${path}.timeoutSeconds`, timeout, `the timeout value must be between 1 and ${timeoutSecondsMax} seconds`));
  const { url, service } = webhook.clientConfig;
  if ((url === undefined) === (service === undefined)) errors.push(required(`${path}.clientConfig`, "exactly one of url or service is required"));
  else if (url !== undefined) errors.push(...checkUrl(url, `${path}.clientConfig.url`));
  errors.push(...(webhook.rules ?? []).flatMap((rule, index) => checkRule(rule, `${path}.rules[${index}]`)));
  errors.push(...checkMatchConditions(webhook.matchConditions, `${path}.matchConditions`));
  errors.push(...checkLabelSelector(`${path}.namespaceSelector`, webhook.namespaceSelector ?? {}), ...checkLabelSelector(`${path}.objectSelector`, webhook.objectSelector ?? {}));
  return errors;
}

function checkUrl(text: string, path: string): readonly FieldError[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return [required(path, `url must be a valid URL: ${text}`)];
  const errors: FieldError[] = url.protocol === "https:" ? [] : [invalid(path, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme; desired format: https://host[/path]`)];
  if (url.username !== "" || url.password !== "") errors.push(forbidden(path, "user information is not permitted in the URL"));
  if (/^https:\/\/(?:\/|$)/i.test(text)) errors.push(invalid(path, "", "host must be specified; desired format: https://host[/path]"));
  if (url.hash !== "") errors.push(invalid(path, url.hash.slice(1), "fragments are not permitted in the URL"));
  if (url.search !== "") errors.push(invalid(path, url.search, "query parameters are not permitted in the URL"));
  return errors;
}
