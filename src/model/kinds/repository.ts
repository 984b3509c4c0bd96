import { checkDnsLabel } from "../../value/names.ts";
import { findCondition } from "../conditions.ts";
import type { FieldError } from "../field-error.ts";
import type { Repository } from "../generated/capstan-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { degraded, deletionHealth, healthy, progressing } from "./_health.ts";
import { checkRepoUrl } from "./_repo-url.ts";

export type { Repository } from "../generated/capstan-v1.ts";

/** Polling faster than this only makes load: the forges' own limits are far below. */
export const pollIntervalSecondsMin = 1;

/** Repository, `capstan.dev/v1`. */
export const RepositoryKind: Kind<Repository> = {
  group: "capstan.dev", version: "v1", kind: "Repository", plural: "repositories", singular: "repository", shortNames: ["repo"], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Repository", hasStatus: true,
  columns: [
    nameColumn,
    textColumn("URL", ({ spec }) => spec.url),
    { name: "Hosted", type: "boolean", priority: 0, value: ({ spec }) => spec.hosted === true },
    textColumn("Ready", ({ status }) => findCondition(status.conditions, "Ready")?.status ?? "Unknown"),
    ageColumn,
  ],
  selectableFields: {},
  // The name is part of the hosted repository's address.
  checkName: checkDnsLabel,
  validate: checkRepository,
  health: assessRepository,
};

function checkRepository({ spec }: Repository): readonly FieldError[] {
  const errors: FieldError[] = [];
  const url = spec.url ?? "";
  if (url === "" && spec.hosted !== true) errors.push({ type: "Required", path: "spec.url", detail: "either url or `hosted: true` is required" });
  if (url !== "" && spec.hosted === true) errors.push({ type: "Forbidden", path: "spec.url", detail: "may not be set when `hosted` is true" });
  if (url !== "" && spec.hosted !== true) errors.push(...checkRepoUrl(url, { path: "spec.url", isHostedAllowed: false, isInsecureAllowed: spec.insecure === true, isRegistryAllowed: true }));
  if (spec.keyringSecretRef !== undefined && spec.type !== "helm") errors.push({ type: "Forbidden", path: "spec.keyringSecretRef", detail: "may only be set when `type` is helm" });
  if (spec.pollIntervalSeconds !== undefined && spec.pollIntervalSeconds < pollIntervalSecondsMin) {
    errors.push({ type: "Invalid", path: "spec.pollIntervalSeconds", value: spec.pollIntervalSeconds, detail: `must be greater than or equal to ${pollIntervalSecondsMin}` });
  }
  for (const field of ["secretRef", "webhookSecretRef", "keyringSecretRef"] as const) {
    const reference = spec[field];
    if (reference !== undefined && (reference.name ?? "") === "") errors.push({ type: "Required", path: `spec.${field}.name`, detail: "" });
  }
  return errors;
}

function assessRepository(repository: Repository): Health {
  const deletion = deletionHealth(repository);
  if (deletion !== undefined) return deletion;
  const ready = findCondition(repository.status.conditions, "Ready");
  if (ready === undefined || ready.status === "Unknown") return progressing(ready?.message ?? "");
  return ready.status === "True" ? healthy : degraded(ready.message);
}
