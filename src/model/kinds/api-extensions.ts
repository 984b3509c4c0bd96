import { findCondition } from "../conditions.ts";
import { checkDefinition } from "../custom/check-definition.ts";
import type { FieldError } from "../field-error.ts";
import type { APIService } from "../generated/apiregistration-v1.ts";
import type { CustomResourceDefinition } from "../generated/apiextensions-v1.ts";
import type { Health } from "../health.ts";
import { checkDns1035Label, checkDnsSubdomain, checkPathSegment } from "../../value/names.ts";
import { checkPresent, invalid, invalidEach, required } from "../checks.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { degraded, healthy, progressing } from "./_health.ts";
import { createdAtColumns, kindOf } from "./_kind-of.ts";

export type { CustomResourceDefinition } from "../generated/apiextensions-v1.ts";

/** The finalizer that stands for a definition's objects. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** CustomResourceDefinition, `apiextensions.k8s.io/v1`. */
export const CustomResourceDefinitionKind = kindOf<CustomResourceDefinition>({
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", plural: "customresourcedefinitions", namespaced: false, needsRevision: true,
  shortNames: ["crd", "crds"], categories: ["api-extensions"], hasStatus: true, columns: createdAtColumns,
  prepare: withStoredVersions,
  validate: checkDefinition,
  immutable: ["spec.group", "spec.scope", "spec.names.plural", "spec.names.kind"],
  health: assessDefinition,
  removalFinalizer: cleanupFinalizer,
});

/** APIService, `apiregistration.k8s.io/v1`. */
export const APIServiceKind = kindOf<APIService>({
  apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", plural: "apiservices", namespaced: false, needsRevision: true, categories: ["api-extensions"], hasStatus: true,
  checkName: checkPathSegment,
  columns: [
    nameColumn,
    textColumn("Service", ({ spec: { service } }) => (service === undefined ? "Local" : `${service.namespace ?? ""}/${service.name ?? ""}`)),
    textColumn("Available", ({ status }) => {
      const available = findCondition(status.conditions, "Available");
      if (available === undefined) return "Unknown";
      return available.status === "True" || (available.reason ?? "") === "" ? available.status : `${available.status} (${available.reason ?? ""})`;
    }),
    ageColumn,
  ],
  validate: checkApiService,
  health: ({ status }) => {
    const available = findCondition(status.conditions, "Available");
    if (available === undefined) return progressing("Waiting to be processed");
    return available.status === "True" ? healthy : progressing(`${available.reason ?? ""}: ${available.message ?? ""}`);
  },
});

/** Whatever was the storage version once may lie in the store. */
function withStoredVersions(definition: CustomResourceDefinition): CustomResourceDefinition {
  // What is required is looked at later: here it may be missing.
  const versions: CustomResourceDefinition["spec"]["versions"] | undefined = definition.spec.versions;
  const storage = versions?.find((version) => version.storage)?.name;
  const known = definition.status.storedVersions ?? [];
  return storage === undefined || known.includes(storage) ? definition : { ...definition, status: { ...definition.status, storedVersions: [...known, storage] } };
}

/** Argo CD's rules. */
function assessDefinition({ status: { conditions } }: CustomResourceDefinition): Health {
  if (conditions === undefined) return progressing("Status conditions not found");
  const violation = ["Terminating", "NamesAccepted", "Established"].map((type) => findCondition(conditions, type));
  const [terminating, accepted, established] = violation;
  if (terminating?.status === "True") return progressing("CRD is being terminated");
  if (accepted?.status === "False") return degraded(`CRD names have not been accepted: ${accepted.message ?? ""}`);
  if (established?.status !== "True") return degraded("CRD is not established");
  const broken = findCondition(conditions, "NonStructuralSchema");
  return broken?.status === "True" ? degraded(`Schema violations found: ${broken.message ?? ""}`) : { status: "Healthy", message: "CRD is healthy" };
}

/** @see kubernetes kube-aggregator pkg/apis/apiregistration/validation */
function checkApiService({ metadata, spec }: APIService): readonly FieldError[] {
  const { group = "", version = "", service, caBundle = "", insecureSkipTLSVerify = false } = spec;
  const errors: FieldError[] = [];
  const expected = `${version}.${group}`;
  if (metadata.name !== expected) errors.push(invalid("metadata.name", metadata.name, `must be \`spec.version+"."+spec.group\`: "${expected}"`));
  if (group === "" && version !== "v1") errors.push(required("spec.group", "only v1 may have an empty group and it better be legacy kube"));
  if (group !== "") errors.push(...invalidEach("spec.group", group, checkDnsSubdomain(group)));
  errors.push(...invalidEach("spec.version", version, checkDns1035Label(version)));
  for (const [name, max] of priorityMaxima) if (!(spec[name] > 0 && spec[name] <= max)) errors.push(invalid(`spec.${name}`, spec[name], `must be positive and less than ${max}`));
  if (service === undefined) {
    if (caBundle !== "") errors.push(invalid("spec.caBundle", `${Buffer.from(caBundle, "base64").length} bytes`, "local APIServices may not have a caBundle"));
    if (insecureSkipTLSVerify) errors.push(invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify"));
    return errors;
  }
  errors.push(...checkPresent("spec.service.namespace", service.namespace), ...checkPresent("spec.service.name", service.name));
  if (service.port !== undefined && !(service.port > 0 && service.port < 65_536)) errors.push(invalid("spec.service.port", service.port, "port is not valid: must be between 1 and 65535, inclusive"));
  if (insecureSkipTLSVerify && caBundle !== "") errors.push(invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
  return errors;
}

const priorityMaxima = [["groupPriorityMinimum", 20_000], ["versionPriority", 1_000]] as const;
