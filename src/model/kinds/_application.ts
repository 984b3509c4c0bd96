import { parseDuration } from "../../value/duration.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../value/names.ts";
import { readOr } from "../../value/value-error.ts";
import type { FieldError } from "../field-error.ts";
import type { Application, ApplicationSource, RetryStrategy } from "../generated/capstan-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { checkNotNegative } from "./_counts.ts";
import { checkRepoUrl } from "./_repo-url.ts";

/** Sync options by name, with the values each takes; the names are Argo CD's. Those that only take `true` say what is always done here. */
const syncOptions: Readonly<Record<string, readonly string[]>> = {
  ApplyOutOfSyncOnly: ["true"], CreateNamespace: ["true", "false"], FailOnSharedResource: ["true"], PruneLast: ["true"], RespectIgnoreDifferences: ["true"],
};

/** The cluster the daemon itself is; applications cannot go to another one yet. */
const ownServer = "https://kubernetes.default.svc";

/** Helm's bound, so that names made from a release still fit. */
const releaseNameLengthMax = 53;

/** Checks where an Application comes from, where it goes and how it is synced. */
export function checkApplication({ spec }: Application): readonly FieldError[] {
  const { namespace = "", server = ownServer } = spec.destination;
  return [
    ...checkSource(spec.source),
    ...(server === ownServer ? [] : [notSupported("spec.destination.server", server, [ownServer])]),
    ...(namespace === "" ? [] : checkDnsLabel(namespace).map((detail) => ({ type: "Invalid", path: "spec.destination.namespace", value: namespace, detail }) as const)),
    ...((spec.serviceAccountName ?? "") === "" ? [] : checkDnsSubdomain(spec.serviceAccountName ?? "").map((detail) => ({ type: "Invalid", path: "spec.serviceAccountName", value: spec.serviceAccountName, detail }) as const)),
    ...checkNotNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
    ...(spec.syncPolicy?.syncOptions ?? []).flatMap((option, index) => checkSyncOption(option, `spec.syncPolicy.syncOptions[${index}]`)),
    ...(spec.syncPolicy?.retry === undefined ? [] : checkRetry(spec.syncPolicy.retry)),
    ...(spec.ignoreDifferences ?? []).flatMap(({ jsonPointers = [] }, index) => jsonPointers.flatMap((pointer, at): readonly FieldError[] => (
      pointer.startsWith("/") ? [] : [{ type: "Invalid", path: `spec.ignoreDifferences[${index}].jsonPointers[${at}]`, value: pointer, detail: "must begin with \"/\"" }]))),
  ];
}

function checkSource(source: ApplicationSource): readonly FieldError[] {
  const path = "spec.source";
  const isChart = source.chart !== undefined && source.chart !== "";
  const errors: FieldError[] = [...checkRepoUrl(source.repoURL, { path: `${path}.repoURL`, isHostedAllowed: !isChart, isInsecureAllowed: true, isRegistryAllowed: isChart })];
  if (isChart) errors.push(...checkChart(source, path));
  if (source.path !== undefined) errors.push(...checkTreePath(source.path, `${path}.path`));
  if (source.targetRevision !== undefined && !isChart) errors.push(...checkRevision(source.targetRevision, `${path}.targetRevision`));
  const { helm } = source;
  if (helm === undefined) return errors;
  (helm.valueFiles ?? []).forEach((file, index) => errors.push(...checkTreePath(file, `${path}.helm.valueFiles[${index}]`)));
  (helm.fileParameters ?? []).forEach(({ name, path: file }, index) => {
    if (name === "") errors.push({ type: "Required", path: `${path}.helm.fileParameters[${index}].name`, detail: "" });
    errors.push(...(file === "" ? [{ type: "Required", path: `${path}.helm.fileParameters[${index}].path`, detail: "" } as const] : checkTreePath(file, `${path}.helm.fileParameters[${index}].path`)));
  });
  const releaseName = helm.releaseName ?? "";
  if (releaseName !== "") {
    errors.push(...checkDnsLabel(releaseName).map((detail) => ({ type: "Invalid", path: `${path}.helm.releaseName`, value: releaseName, detail }) as const));
    if (releaseName.length > releaseNameLengthMax) errors.push({ type: "TooLong", path: `${path}.helm.releaseName`, detail: `may not be more than ${releaseNameLengthMax} bytes` });
  }
  if (helm.values !== undefined && helm.values !== "" && helm.valuesObject !== undefined) {
    errors.push({ type: "Forbidden", path: `${path}.helm.values`, detail: "may not be set together with `valuesObject`" });
  }
  return errors;
}

/** A chart of a repository or registry, and the version or range of it. */
function checkChart({ chart = "", path = ".", targetRevision = "" }: ApplicationSource, at: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!/^[a-zA-Z0-9][\w.-]*(?:\/[a-zA-Z0-9][\w.-]*)*$/.test(chart)) errors.push({ type: "Invalid", path: `${at}.chart`, value: chart, detail: "must be the name of a chart" });
  if (path !== "." && path !== "") errors.push({ type: "Forbidden", path: `${at}.path`, detail: "may not be set together with `chart`" });
  if (/[^\w\s.,*<>=!~^|+:-]/.test(targetRevision)) errors.push({ type: "Invalid", path: `${at}.targetRevision`, value: targetRevision, detail: "must be a version of the chart or a range such as 1.x or >=1.2 <2" });
  return errors;
}

/** A path inside the repository's tree. */
function checkTreePath(value: string, path: string): readonly FieldError[] {
  const invalid = (detail: string): readonly FieldError[] => [{ type: "Invalid", path, value, detail }];
  if (value.startsWith("/")) return invalid("must be a relative path");
  if (value.split("/").includes("..")) return invalid("must not contain '..'");
  if (/[\\\p{Cc}]/u.test(value)) return invalid("must not contain backslashes or control characters");
  return [];
}

/** A branch, tag, commit or HEAD. @see git check-ref-format */
function checkRevision(value: string, path: string): readonly FieldError[] {
  const isRef = /^(?!-)(?!\/)[^\s~^:?*[\\\p{Cc}]+(?<!\/)(?<!\.)(?<!\.lock)$/u.test(value) && !/\.\.|@\{|\/\/|\/\./.test(value) && !value.startsWith(".") && value !== "@";
  return isRef ? [] : [{ type: "Invalid", path, value, detail: "must be a branch, a tag, a commit or HEAD" }];
}

function checkSyncOption(option: string, path: string): readonly FieldError[] {
  const [name = "", value] = option.split("=", 2);
  const values = syncOptions[name];
  if (values === undefined) return [notSupported(path, option, Object.keys(syncOptions).map((known) => `${known}=…`))];
  return value !== undefined && values.includes(value) ? [] : [notSupported(path, option, values.map((known) => `${name}=${known}`))];
}

function checkRetry({ limit, backoff }: RetryStrategy): readonly FieldError[] {
  const path = "spec.syncPolicy.retry";
  const errors: FieldError[] = [];
  if (limit !== undefined && limit < -1) errors.push({ type: "Invalid", path: `${path}.limit`, value: limit, detail: "must be greater than or equal to -1, which retries for ever" });
  if (backoff === undefined) return errors;
  const [firstMs, mostMs] = [durationOf(backoff.duration), durationOf(backoff.maxDuration)];
  for (const [field, ms] of [["duration", firstMs], ["maxDuration", mostMs]] as const) {
    if (ms === "broken" || (typeof ms === "number" && ms <= 0)) errors.push({ type: "Invalid", path: `${path}.backoff.${field}`, value: backoff[field], detail: "must be a positive duration such as 5s or 3m" });
  }
  if (typeof firstMs === "number" && typeof mostMs === "number" && mostMs < firstMs) {
    errors.push({ type: "Invalid", path: `${path}.backoff.maxDuration`, value: backoff.maxDuration, detail: "must not be shorter than `duration`" });
  }
  if (backoff.factor !== undefined && backoff.factor < 1) errors.push({ type: "Invalid", path: `${path}.backoff.factor`, value: backoff.factor, detail: "must be greater than or equal to 1" });
  return errors;
}

function durationOf(text: string | undefined): number | "absent" | "broken" {
  if (text === undefined || text === "") return "absent";
  return readOr(() => parseDuration(text), () => "broken" as const);
}
