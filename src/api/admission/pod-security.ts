import { NamespaceKind } from "../../model/kinds/namespace.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { invalidError, printFieldError } from "../../model/print-field-error.ts";
import type { CheckedPod } from "../../model/pod-security/check.ts";
import { findViolations, printViolations } from "../../model/pod-security/evaluate.ts";
import { isStricter, policyOf, printStandard } from "../../model/pod-security/policy.ts";
import type { Standard } from "../../model/pod-security/policy.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { templateOf, templateKinds } from "./_pod-templates.ts";

/** Where the cluster's own parts run: they need what others may not have. */
const exemptNamespaces: ReadonlySet<string> = new Set(["kube-system"]);

/** Existing pods looked at when a namespace's policy becomes stricter, as upstream's bound. */
const podsCheckedMax = 3_000;

const annotationPrefix = "pod-security.kubernetes.io/";

/** Parts of a pod whose change the standard looks at. */
const checkedSubresources: ReadonlySet<string | undefined> = new Set([undefined, "ephemeralcontainers", "resize"]);

/**
 * The Pod Security Standards, as a namespace's labels ask for them: pods are refused, their owners only warned of.
 * @see kubernetes pod-security-admission admission/admission.go
 */
export const podSecurity: Admission = {
  name: "PodSecurity",
  handles({ operation, kind, subresource }) {
    if (operation === "remove") return false;
    if (kind === PodKind) return checkedSubresources.has(subresource);
    return subresource === undefined && (kind === NamespaceKind || templateKinds.has(kind));
  },
  validate(object, request) {
    if (isOfKind(NamespaceKind, object)) return checkNamespace(object, request);
    if (exemptNamespaces.has(request.ref.namespace)) return;
    if (!isOfKind(PodKind, object)) {
      const template = templateOf(object);
      if (template !== undefined) checkPod(template, request, { isEnforced: false });
    } else if (request.old === undefined || !isOfKind(PodKind, request.old) || isChangeChecked(object, request.old)) {
      checkPod(object, request, { isEnforced: true });
    }
  },
};

function checkPod(pod: CheckedPod, { kind, ref, reader, notes }: AdmissionRequest, { isEnforced }: { readonly isEnforced: boolean }): void {
  const namespace = reader.get(NamespaceKind, { namespace: "", name: ref.namespace });
  const { policy, errors } = policyOf(namespace?.metadata.labels);
  const { enforce, audit, warn } = policy;
  if (errors.length > 0) notes.annotate(`${annotationPrefix}error`, `Failed to parse policy: ${errors.map(printFieldError).join(", ")}`);
  const text = (standard: Standard): string => `PodSecurity "${printStandard(standard)}": ${printViolations(findViolations(standard, pod))}`;
  const isViolated = (standard: Standard): boolean => findViolations(standard, pod).length > 0;
  if (isEnforced && (errors.length > 0 || [enforce, audit, warn].some(({ level }) => level !== "privileged"))) notes.annotate(`${annotationPrefix}enforce-policy`, printStandard(enforce));
  if (isViolated(audit)) notes.annotate(`${annotationPrefix}audit-violations`, `would violate ${text(audit)}`);
  if (isEnforced && isViolated(enforce)) throw forbidden(kind, ref.name, `violates ${text(enforce)}`);
  if (isViolated(warn)) notes.warn(`would violate ${text(warn)}`);
}

/** Broken labels are refused; a stricter policy tells which of the pods that are there would be refused now. */
function checkNamespace(namespace: Namespace, { kind, ref, old, reader, notes }: AdmissionRequest): void {
  const { policy: { enforce }, errors } = policyOf(namespace.metadata.labels);
  const before = old === undefined ? undefined : policyOf(old.metadata.labels);
  const isNewlyBroken = errors.map(printFieldError).join() !== before?.errors.map(printFieldError).join();
  if (errors.length > 0 && isNewlyBroken) throw invalidError(kind, ref.name, errors);
  if (before === undefined) return;
  const was = before.policy.enforce;
  const isSame = was.level === enforce.level && was.version === enforce.version;
  const isRelaxed = enforce.level === "privileged" || (was.version === enforce.version && !isStricter(enforce.level, was.level));
  if (isSame || isRelaxed || exemptNamespaces.has(ref.name)) return;
  for (const warning of warningsOfExisting(ref.name, reader.list(PodKind, ref.name), enforce)) notes.warn(warning);
}

function warningsOfExisting(namespace: string, pods: readonly Pod[], standard: Standard): readonly string[] {
  const names = new Map<string, string[]>();
  for (const pod of pods.slice(0, podsCheckedMax)) {
    const reasons = findViolations(standard, pod).map(({ reason }) => reason).join(", ");
    if (reasons !== "") names.set(reasons, [...(names.get(reasons) ?? []), pod.metadata.name]);
  }
  const texts = [...names].map(([reasons, [first = "", ...others]]) => {
    const more = others.length === 0 ? "" : ` (and ${others.length} other pod${others.length === 1 ? "" : "s"})`;
    return `${first}${more}: ${reasons}`;
  });
  return [
    ...(pods.length > podsCheckedMax ? [`new PodSecurity enforce level only checked against the first ${podsCheckedMax} of ${pods.length} existing pods`] : []),
    ...(texts.length === 0 ? [] : [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${printStandard(standard)}"`]),
    ...texts.toSorted(),
  ];
}

/** True when something changed that the standard may look at: containers that came or went, or another image. */
function isChangeChecked(pod: Pod, old: Pod): boolean {
  const images = ({ spec }: Pod): string => JSON.stringify([spec.initContainers, spec.containers].map((list = []) => list.map(({ image }) => image)));
  const before = new Map((old.spec.ephemeralContainers ?? []).map(({ name, image }) => [name, image]));
  return images(pod) !== images(old) || (pod.spec.ephemeralContainers ?? []).some(({ name, image }) => !before.has(name) || before.get(name) !== image);
}

