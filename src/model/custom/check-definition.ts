import { isEqual } from "../../value/equal.ts";
import { checkDns1035Label, checkDnsSubdomain } from "../../value/names.ts";
import { parseJsonPath } from "../../value/jsonpath.ts";
import { isValueError } from "../../value/value-error.ts";
import type { FieldError } from "../field-error.ts";
import type { CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionVersion } from "../generated/apiextensions-v1.ts";
import { duplicate, invalid, invalidEach, required, tooMany } from "../checks.ts";
import { notSupported } from "../print-field-error.ts";
import { checkRuleCosts } from "./rule-costs.ts";
import { checkStructural } from "./check-structural.ts";
import { propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** The annotation by which Kubernetes' own groups say that they were reviewed. */
export const approvalAnnotation = "api-approved.kubernetes.io";

/** True for groups that belong to Kubernetes itself. */
export function isProtectedGroup(group: string): boolean {
  return group === "k8s.io" || group === "kubernetes.io" || group.endsWith(".k8s.io") || group.endsWith(".kubernetes.io");
}

/** @see kubernetes apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go */
export function checkDefinition(definition: CustomResourceDefinition, old?: CustomResourceDefinition): readonly FieldError[] {
  const { metadata, spec, status } = definition;
  const { group, names, versions, scope } = spec;
  const errors: FieldError[] = [];
  if (metadata.name !== `${names.plural}.${group}`) errors.push(invalid("metadata.name", metadata.name, 'must be spec.names.plural+"."+spec.group'));
  if (isProtectedGroup(group) && (metadata.annotations?.[approvalAnnotation] ?? "") === "") {
    errors.push(required(`metadata.annotations[${approvalAnnotation}]`, `protected groups must have approval annotation "${approvalAnnotation}", see https://github.com/kubernetes/enhancements/pull/1111`));
  }
  errors.push(...invalidEach("spec.group", group, checkDnsSubdomain(group)));
  if (!group.includes(".")) errors.push(invalid("spec.group", group, "should be a domain with at least one dot"));
  if (scope !== "Cluster" && scope !== "Namespaced") errors.push(notSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
  if (spec.preserveUnknownFields === true) errors.push(invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
  errors.push(...checkNames(names));
  if (versions.filter(({ storage }) => storage).length !== 1) errors.push(invalid("spec.versions", versions.map(({ name }) => name), "must have exactly one version marked as storage version"));
  versions.forEach((version, index) => {
    if (versions.findIndex(({ name }) => name === version.name) !== index) errors.push(invalid("spec.versions", versions.map(({ name }) => name), "must contain unique version names"));
    errors.push(...checkVersion(version, `spec.versions[${index}]`));
    // What was taken before is taken again: an estimate that became stricter must not lock a definition in.
    const root = version.schema?.openAPIV3Schema;
    const before = old?.spec.versions.find(({ name }) => name === version.name)?.schema?.openAPIV3Schema;
    if (root !== undefined && (before === undefined || !isEqual(root, before))) errors.push(...checkRuleCosts(root, `spec.versions[${index}].schema.openAPIV3Schema`));
  });
  errors.push(...checkConversion(spec.conversion));
  (status.storedVersions ?? []).forEach((name, index) => {
    if (!versions.some((version) => version.name === name)) errors.push(invalid(`status.storedVersions[${index}]`, name, "must appear in spec.versions"));
  });
  return errors;
}

function checkNames(names: CustomResourceDefinitionNames): readonly FieldError[] {
  return [
    ...invalidEach("spec.names.plural", names.plural, checkDns1035Label(names.plural)),
    ...(names.singular === undefined ? [] : invalidEach("spec.names.singular", names.singular, checkDns1035Label(names.singular))),
    ...invalidEach("spec.names.kind", names.kind, checkDns1035Label(names.kind.toLowerCase())),
    ...(names.listKind === undefined ? [] : invalidEach("spec.names.listKind", names.listKind, checkDns1035Label(names.listKind.toLowerCase()))),
    ...(names.shortNames ?? []).flatMap((name, index) => invalidEach(`spec.names.shortNames[${index}]`, name, checkDns1035Label(name))),
    ...(names.categories ?? []).flatMap((name, index) => invalidEach(`spec.names.categories[${index}]`, name, checkDns1035Label(name))),
    ...(names.listKind === names.kind ? [invalid("spec.names.listKind", names.listKind, "kind and listKind may not be the same")] : []),
  ];
}

function checkVersion(version: CustomResourceDefinitionVersion, path: string): readonly FieldError[] {
  const { name, schema, subresources } = version;
  const errors: FieldError[] = [...invalidEach(`${path}.name`, name, checkDns1035Label(name))];
  const root = schema?.openAPIV3Schema;
  if (root === undefined) errors.push(required(`${path}.schema.openAPIV3Schema`, "schemas are required"));
  else errors.push(...checkStructural(root, `${path}.schema.openAPIV3Schema`));
  if (version.deprecationWarning !== undefined && version.deprecated !== true) errors.push(invalid(`${path}.deprecationWarning`, version.deprecationWarning, "can only be set for deprecated versions"));
  if (subresources?.scale !== undefined) {
    errors.push(...checkScalePath(`${path}.subresources.scale.specReplicasPath`, subresources.scale.specReplicasPath, [".spec."]), ...checkScalePath(`${path}.subresources.scale.statusReplicasPath`, subresources.scale.statusReplicasPath, [".status."]));
    const { labelSelectorPath } = subresources.scale;
    if (labelSelectorPath !== undefined && labelSelectorPath !== "") errors.push(...checkScalePath(`${path}.subresources.scale.labelSelectorPath`, labelSelectorPath, [".spec.", ".status."]));
  }
  errors.push(...checkColumns(version, path), ...(root === undefined ? [] : checkSelectable(version, root, path)));
  return errors;
}

function checkScalePath(path: string, value: string, roots: readonly string[]): readonly FieldError[] {
  if (value === "") return [required(path, "")];
  if (!/^(?:\.[A-Za-z_][\w-]*)+$/.test(value)) return [invalid(path, value, "must be a simple json path with dot notation")];
  return roots.some((root) => value.startsWith(root)) ? [] : [invalid(path, value, `should be a json path under ${roots.map((root) => root.slice(0, -1)).join(" or ")}`)];
}

const columnTypes = ["integer", "number", "string", "boolean", "date"];

function checkColumns({ additionalPrinterColumns = [] }: CustomResourceDefinitionVersion, path: string): readonly FieldError[] {
  return additionalPrinterColumns.flatMap(({ name, type, jsonPath }, index) => {
    const at = `${path}.additionalPrinterColumns[${index}]`;
    return [
      ...(name === "" ? [required(`${at}.name`, "")] : []),
      ...(columnTypes.includes(type) ? [] : [invalid(`${at}.type`, type, `must be one of ${columnTypes.join(",")}`)]),
      ...(jsonPath === "" ? [required(`${at}.jsonPath`, "")] : checkJsonPath(`${at}.jsonPath`, jsonPath)),
    ];
  });
}

function checkJsonPath(path: string, text: string): readonly FieldError[] {
  try {
    parseJsonPath(text);
    return [];
  } catch (error) {
    if (!isValueError(error)) throw error;
    return [invalid(path, text, `is an invalid jsonpath: ${error.message}`)];
  }
}

/** As upstream. */
const selectableFieldsMax = 8;

function checkSelectable({ selectableFields = [] }: CustomResourceDefinitionVersion, root: Schema, path: string): readonly FieldError[] {
  const count = selectableFields.length;
  return [...(count > selectableFieldsMax ? [tooMany(`${path}.selectableFields`, count, selectableFieldsMax)] : []), ...selectableFields.flatMap(({ jsonPath }, index): readonly FieldError[] => {
    const at = `${path}.selectableFields[${index}].jsonPath`;
    if (jsonPath === "") return [required(at, "")];
    if (selectableFields.findIndex((other) => other.jsonPath === jsonPath) !== index) return [duplicate(at, jsonPath)];
    if (!/^(?:\.[A-Za-z_][\w-]*)+$/.test(jsonPath)) return [invalid(at, jsonPath, "must be a simple json path with dot notation")];
    if (jsonPath.startsWith(".metadata.")) return [invalid(at, jsonPath, "must not point to fields in metadata")];
    const found = jsonPath.slice(1).split(".").reduce<Schema | undefined>((schema, name) => (schema === undefined ? undefined : propertyOf(schema, name)), root);
    if (found === undefined) return [invalid(at, jsonPath, "is an invalid path: does not refer to a valid field")];
    return found.type === "string" || found.type === "integer" || found.type === "boolean" ? [] : [invalid(at, jsonPath, "must point to a field of type string, boolean or integer")];
  })];
}

/** Versions of ConversionReview that are spoken here. */
const reviewVersions = ["v1", "v1beta1"];

function checkConversion(conversion: CustomResourceDefinition["spec"]["conversion"]): readonly FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  if (strategy !== "None" && strategy !== "Webhook") return [notSupported("spec.conversion.strategy", strategy, ["None", "Webhook"])];
  if (strategy === "None") return webhook === undefined ? [] : [{ type: "Forbidden", path: "spec.conversion.webhook", detail: "should not be set when strategy is not set to Webhook" }];
  if (webhook?.clientConfig === undefined) return [required("spec.conversion.webhook.clientConfig", "required when strategy is set to Webhook")];
  const { url, service } = webhook.clientConfig;
  const errors: FieldError[] = [];
  if ((url === undefined) === (service === undefined)) errors.push(required("spec.conversion.webhook.clientConfig", "exactly one of url or service is required"));
  if (url !== undefined && !url.startsWith("https://")) errors.push(invalid("spec.conversion.webhook.clientConfig.url", url, "'https' is the only allowed URL scheme"));
  if (!webhook.conversionReviewVersions.some((version) => reviewVersions.includes(version))) {
    errors.push(invalid("spec.conversion.webhook.conversionReviewVersions", webhook.conversionReviewVersions, "must include at least one of v1, v1beta1"));
  }
  return errors;
}
