import { isEqual } from "../../value/equal.ts";
import { matchesSelector, printSelector, selectorOf } from "../../value/labels.ts";
import { ValueError, readOr } from "../../value/value-error.ts";
import { checkAnnotations, checkLabels } from "../check-metadata.ts";
import { forbidden } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { PodTemplateSpec } from "../generated/core-v1.ts";
import type { LabelSelector, ObjectMeta } from "../generated/meta-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { checkNotNegative } from "./_counts.ts";
import { checkPodSpec } from "./_pod-spec.ts";

/** Names of a template's containers, for `-o wide`. */
export function containerNames(template: PodTemplateSpec | undefined): string {
  return (template?.spec?.containers ?? []).map((container) => container.name).join(",");
}

/** Images of a template's containers, for `-o wide`. */
export function containerImages(template: PodTemplateSpec | undefined): string {
  return (template?.spec?.containers ?? []).map((container) => container.image ?? "").join(",");
}

/** A selector as `-o wide` shows it; the words for an empty and for a broken one differ between kinds. */
export function selectorText(selector: LabelSelector | undefined, words: { readonly empty: string; readonly broken: string }): string {
  const text = readOr(() => printSelector(selectorOf(selector)), () => words.broken);
  return text === "" ? words.empty : text;
}

/** What Deployments and ReplicaSets share: a selector that finds the template's pods, and a template whose pods restart always. */
export function checkWorkload(kindName: string, spec: { readonly selector: LabelSelector; readonly template?: PodTemplateSpec; readonly replicas?: number; readonly minReadySeconds?: number }): readonly FieldError[] {
  return [
    ...checkNotNegative("spec.replicas", spec.replicas),
    ...checkNotNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...checkSelector(kindName, spec.selector, spec.template),
    ...(spec.template === undefined ? [] : checkLastingTemplate(spec.template, "ReplicaSet")),
  ];
}

function checkSelector(kindName: string, value: LabelSelector, template: PodTemplateSpec | undefined): readonly FieldError[] {
  const path = "spec.selector";
  if (isEqual(value, {}) || (Object.keys(value.matchLabels ?? {}).length === 0 && (value.matchExpressions ?? []).length === 0)) {
    return [{ type: "Invalid", path, value, detail: `empty selector is invalid for ${kindName}` }];
  }
  try {
    const labels = metadataOf(template)?.labels ?? {};
    if (matchesSelector(selectorOf(value), labels)) return [];
    return [{ type: "Invalid", path: "spec.template.metadata.labels", value: labels, detail: "`selector` does not match template `labels`" }];
  } catch (error) {
    if (error instanceof ValueError) return [{ type: "Invalid", path, value, detail: error.message }];
    throw error;
  }
}

/** Checks the template of a workload's pods at a path. */
export function checkPodTemplate(template: PodTemplateSpec, path: string): readonly FieldError[] {
  const metadata = metadataOf(template);
  const errors = [...checkLabels(metadata?.labels ?? {}, `${path}.metadata.labels`), ...checkAnnotations(metadata?.annotations ?? {}, `${path}.metadata.annotations`)];
  if (template.spec === undefined) return [...errors, { type: "Required", path: `${path}.spec.containers`, detail: "" }];
  const debugging = (template.spec.ephemeralContainers ?? []).length === 0 ? [] : [forbidden(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")];
  return [...errors, ...checkPodSpec(template.spec, `${path}.spec`), ...debugging];
}

/** Checks the template of pods that restart always, of a kind of this name. */
export function checkLastingTemplate(template: PodTemplateSpec, kindName: string): readonly FieldError[] {
  const path = "spec.template";
  const errors = [...checkPodTemplate(template, path)];
  if (template.spec === undefined) return errors;
  if (template.spec.restartPolicy !== undefined && template.spec.restartPolicy !== "Always") errors.push(notSupported(`${path}.spec.restartPolicy`, template.spec.restartPolicy, ["Always"]));
  if (template.spec.activeDeadlineSeconds !== undefined) errors.push({ type: "Forbidden", path: `${path}.spec.activeDeadlineSeconds`, detail: `activeDeadlineSeconds in ${kindName} is not Supported` });
  return errors;
}

function metadataOf(template: PodTemplateSpec | undefined): ObjectMeta | undefined {
  return template?.metadata;
}
