import { checkConfigKey, checkDnsLabel, checkDnsSubdomain } from "../../value/names.ts";
import { checkLabels } from "../check-metadata.ts";
import type { FieldError } from "../field-error.ts";
import type { PodSpec, Toleration, Volume } from "../generated/core-v1.ts";
import { checkContainer } from "./_container.ts";
import { checkNotNegative } from "./_counts.ts";

/** What a volume may be made of, beside its name. */
const volumeSourcesMax = 1;

/**
 * Checks a pod's spec, of a Pod or a template, at a path.
 * @see kubernetes pkg/apis/core/validation/validation.go ValidatePodSpec
 */
export function checkPodSpec(spec: PodSpec, path: string): readonly FieldError[] {
  const volumes = spec.volumes ?? [];
  const volumeNames = new Set(volumes.map((volume) => volume.name));
  const errors: FieldError[] = volumes.flatMap((volume, index) => checkVolume(volume, `${path}.volumes[${index}]`));
  const initContainers = spec.initContainers ?? [];
  if (spec.containers.length === 0) errors.push({ type: "Required", path: `${path}.containers`, detail: "" });
  spec.containers.forEach((container, index) => errors.push(...checkContainer(container, { path: `${path}.containers[${index}]`, volumeNames, isInit: false })));
  initContainers.forEach((container, index) => errors.push(...checkContainer(container, { path: `${path}.initContainers[${index}]`, volumeNames, isInit: true })));
  const names = new Set(spec.containers.map((container) => container.name));
  initContainers.forEach(({ name }, index) => {
    if (names.has(name)) errors.push({ type: "Duplicate", path: `${path}.initContainers[${index}].name`, value: name, detail: "" });
  });
  errors.push(...checkHostPorts(spec, path));
  errors.push(...checkLabels(spec.nodeSelector ?? {}, `${path}.nodeSelector`));
  errors.push(...checkNotNegative(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds));
  if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 1) {
    errors.push({ type: "Invalid", path: `${path}.activeDeadlineSeconds`, value: spec.activeDeadlineSeconds, detail: "must be between 1 and 2147483647, inclusive" });
  }
  for (const field of ["serviceAccountName", "nodeName"] as const) {
    const value = spec[field] ?? "";
    if (value !== "") errors.push(...checkDnsSubdomain(value).map((detail) => ({ type: "Invalid", path: `${path}.${field}`, value, detail }) as const));
  }
  for (const field of ["hostname", "subdomain"] as const) {
    const value = spec[field] ?? "";
    if (value !== "") errors.push(...checkDnsLabel(value).map((detail) => ({ type: "Invalid", path: `${path}.${field}`, value, detail }) as const));
  }
  (spec.tolerations ?? []).forEach((toleration, index) => errors.push(...checkToleration(toleration, `${path}.tolerations[${index}]`)));
  return errors;
}

function checkVolume(volume: Volume, path: string): readonly FieldError[] {
  const errors: FieldError[] = checkDnsLabel(volume.name).map((detail) => ({ type: "Invalid", path: `${path}.name`, value: volume.name, detail }));
  const sources = Object.entries(volume).filter(([key, value]) => key !== "name" && value !== undefined).map(([key]) => key);
  if (sources.length === 0) errors.push({ type: "Required", path, detail: "must specify a volume type" });
  for (const source of sources.slice(volumeSourcesMax)) errors.push({ type: "Forbidden", path: `${path}.${source}`, detail: "may not specify more than 1 volume type" });
  const items = [...(volume.configMap?.items ?? []), ...(volume.secret?.items ?? [])];
  const source = volume.configMap === undefined ? "secret" : "configMap";
  items.forEach((item, index) => {
    errors.push(...checkConfigKey(item.key).map((detail) => ({ type: "Invalid", path: `${path}.${source}.items[${index}].key`, value: item.key, detail }) as const));
    errors.push(...checkLocalPath(item.path, `${path}.${source}.items[${index}].path`));
  });
  if (volume.configMap !== undefined && (volume.configMap.name ?? "") === "") errors.push({ type: "Required", path: `${path}.configMap.name`, detail: "" });
  if (volume.secret !== undefined && (volume.secret.secretName ?? "") === "") errors.push({ type: "Required", path: `${path}.secret.secretName`, detail: "" });
  return errors;
}

/** A path that stays inside its volume. */
export function checkLocalPath(value: string, path: string): readonly FieldError[] {
  if (value.startsWith("/")) return [{ type: "Invalid", path, value, detail: "must be a relative path" }];
  return value.split("/").includes("..") ? [{ type: "Invalid", path, value, detail: "must not contain '..'" }] : [];
}

function checkHostPorts(spec: PodSpec, path: string): readonly FieldError[] {
  const seen = new Set<string>();
  return spec.containers.flatMap((container, at) => (container.ports ?? []).flatMap((port, index): readonly FieldError[] => {
    if (port.hostPort === undefined || port.hostPort === 0) return [];
    const place = `${path}.containers[${at}].ports[${index}].hostPort`;
    if (spec.hostNetwork === true && port.hostPort !== port.containerPort) return [{ type: "Invalid", path: place, value: port.hostPort, detail: "must match `containerPort` when `hostNetwork` is true" }];
    const key = `${port.protocol ?? "TCP"}/${port.hostIP ?? ""}/${port.hostPort}`;
    if (seen.has(key)) return [{ type: "Duplicate", path: place, value: key, detail: "" }];
    seen.add(key);
    return [];
  }));
}

function checkToleration(toleration: Toleration, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const operator = toleration.operator ?? "Equal";
  if ((toleration.key ?? "") === "" && operator !== "Exists") {
    errors.push({ type: "Invalid", path: `${path}.operator`, value: operator, detail: "operator must be Exists when `key` is empty, which means \"match all values and all keys\"" });
  }
  if (toleration.tolerationSeconds !== undefined && toleration.effect !== "NoExecute") {
    errors.push({ type: "Invalid", path: `${path}.effect`, value: toleration.effect ?? "", detail: "effect must be 'NoExecute' when `tolerationSeconds` is set" });
  }
  if (operator === "Exists" && (toleration.value ?? "") !== "") {
    errors.push({ type: "Invalid", path: `${path}.operator`, value: toleration.value, detail: "value must be empty when `operator` is 'Exists'" });
  }
  return errors;
}
