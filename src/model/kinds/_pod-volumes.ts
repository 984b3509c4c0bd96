import { checkConfigKey, checkDnsLabel, checkDnsSubdomain } from "../../value/names.ts";
import { parseQuantity } from "../../value/quantity.ts";
import { checkPresent, forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume, VolumeProjection } from "../generated/core-v1.ts";
import { checkFieldRef, checkResourceFieldRef } from "./_container-env.ts";
import { checkDescendingPath, checkNoBacksteps } from "./_container-mounts.ts";
import type { MountableVolumes } from "./_container-mounts.ts";

/** What a volume may be made of, beside its name. */
const volumeSourcesMax = 1;

const modeMax = 0o777;

/** Of the tokens that pods are given; shorter ones would be renewed all the time. */
const tokenSecondsMin = 600;
const tokenSecondsMax = 2 ** 32;

const fileFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

/** A pod's volumes that are right, and what is wrong with the others. */
export interface CheckedVolumes {
  readonly volumes: MountableVolumes;
  readonly errors: readonly FieldError[];
}

/**
 * Checks the volumes of a pod.
 *
 * @param podName empty for templates; claims made for the pod bear it
 * @see kubernetes pkg/apis/core/validation/validation.go ValidateVolumes
 */
export function checkVolumes(list: readonly Volume[], path: string, podName: string): CheckedVolumes {
  const volumes = new Map<string, boolean>();
  const errors: FieldError[] = [];
  const made = new Set(list.filter((volume) => volume.ephemeral !== undefined && podName !== "").map((volume) => `${podName}-${volume.name}`));
  list.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    const found = [...checkVolume(volume, at), ...invalidEach(`${at}.name`, volume.name, checkDnsLabel(volume.name))];
    if (found.length === 0) volumes.set(volume.name, volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined);
    errors.push(...found);
    const claim = volume.persistentVolumeClaim?.claimName ?? "";
    if (made.has(claim)) errors.push(invalid(`${at}.persistentVolumeClaim.claimName`, claim, "must not reference a PVC that gets created for an ephemeral volume"));
  });
  return { volumes, errors };
}

function checkVolume(volume: Volume, path: string): readonly FieldError[] {
  const sources = Object.entries(volume).filter(([key, value]) => key !== "name" && value !== undefined).map(([key]) => key);
  if (sources.length === 0) return [required(path, "must specify a volume type")];
  return [
    ...checkSource(volume, path),
    ...sources.slice(volumeSourcesMax).map((source) => forbidden(`${path}.${source}`, "may not specify more than 1 volume type")),
  ];
}

function checkSource({ configMap, secret, hostPath, emptyDir, nfs, projected, downwardAPI, csi }: Volume, path: string): readonly FieldError[] {
  return [
    ...(emptyDir?.sizeLimit !== undefined && parseQuantity(emptyDir.sizeLimit).nanos < 0n ? [forbidden(`${path}.emptyDir.sizeLimit`, "SizeLimit field must be a valid resource quantity")] : []),
    ...(hostPath === undefined ? [] : checkNoBacksteps(hostPath.path, `${path}.hostPath.path`)),
    ...(secret === undefined ? [] : [...checkPresent(`${path}.secret.secretName`, secret.secretName), ...checkMode(secret.defaultMode, `${path}.secret.defaultMode`), ...checkItems(secret.items, `${path}.secret.items`)]),
    ...(nfs === undefined || nfs.path.startsWith("/") ? [] : [invalid(`${path}.nfs.path`, nfs.path, "must be an absolute path")]),
    ...(downwardAPI === undefined ? [] : [...checkMode(downwardAPI.defaultMode, `${path}.downwardAPI.defaultMode`), ...(downwardAPI.items ?? []).flatMap((file) => checkFile(file, `${path}.downwardAPI`))]),
    ...(configMap === undefined ? [] : [...checkPresent(`${path}.configMap.name`, configMap.name), ...checkMode(configMap.defaultMode, `${path}.configMap.defaultMode`), ...checkItems(configMap.items, `${path}.configMap.items`)]),
    ...(projected === undefined ? [] : checkProjected(projected, `${path}.projected`)),
    ...(csi === undefined ? [] : [...invalidEach(`${path}.csi.driver`, csi.driver, checkDnsSubdomain(csi.driver.toLowerCase())), ...(csi.nodePublishSecretRef === undefined ? [] : checkPresent(`${path}.csi.nodePublishSecretRef.name`, csi.nodePublishSecretRef.name))]),
  ];
}

function checkMode(mode: number | undefined, path: string): readonly FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= modeMax) ? [] : [invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

function checkItems(items: readonly KeyToPath[] | undefined, path: string): readonly FieldError[] {
  return (items ?? []).flatMap(({ key, path: file, mode }, index) => [
    ...invalidEach(`${path}[${index}].key`, key, checkConfigKey(key)),
    ...checkLocalPath(file, `${path}[${index}].path`),
    ...checkMode(mode, `${path}[${index}].mode`),
  ]);
}

/** A path that stays inside its volume, and whose first part is not one of those kept for the volume's own use. */
function checkLocalPath(value: string, path: string): readonly FieldError[] {
  return [...checkDescendingPath(value, path), ...(value.startsWith("..") && !value.startsWith("../") ? [invalid(path, value, "must not start with '..'")] : [])];
}

function checkFile({ path: file, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile, path: string): readonly FieldError[] {
  return [
    ...checkLocalPath(file, `${path}.path`),
    ...(fieldRef === undefined ? [] : checkFieldRef(fieldRef, fileFields, `${path}.fieldRef`)),
    ...(fieldRef !== undefined && resourceFieldRef !== undefined ? [invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")] : []),
    ...(fieldRef === undefined && resourceFieldRef !== undefined ? checkResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, { isVolume: true }) : []),
    ...(fieldRef === undefined && resourceFieldRef === undefined ? [required(path, "one of fieldRef and resourceFieldRef is required")] : []),
    ...checkMode(mode, `${path}.mode`),
  ];
}

function checkProjected({ defaultMode, sources = [] }: ProjectedVolumeSource, path: string): readonly FieldError[] {
  const taken = new Set<string>();
  return [...checkMode(defaultMode, `${path}.defaultMode`), ...sources.flatMap((source, index) => checkProjection(source, { path, at: `${path}.sources[${index}]`, taken }))];
}

interface ProjectionPlace {
  readonly path: string;
  readonly at: string;
  /** Paths of the sources before. */
  readonly taken: Set<string>;
}

function checkProjection(source: VolumeProjection, { path, at, taken }: ProjectionPlace): readonly FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = source;
  const files = [...(secret?.items ?? []).map((item) => [item.path, secret?.name ?? ""] as const), ...(configMap?.items ?? []).map((item) => [item.path, configMap?.name ?? ""] as const), ...(downwardAPI?.items ?? []).map((item) => [item.path, item.path] as const)];
  const repeats = files.flatMap(([file, owner]): readonly FieldError[] => {
    if (taken.has(file)) return [invalid(path, owner, "conflicting duplicate paths")];
    taken.add(file);
    return [];
  });
  const count = Object.values(source).filter((value) => value !== undefined).length;
  return [
    ...(secret === undefined ? [] : [...checkPresent(`${at}.secret.name`, secret.name), ...checkItems(secret.items, `${at}.secret.items`)]),
    ...(configMap === undefined ? [] : [...checkPresent(`${at}.configMap.name`, configMap.name), ...checkItems(configMap.items, `${at}.configMap.items`)]),
    ...(downwardAPI?.items ?? []).flatMap((file) => checkFile(file, `${at}.downwardAPI`)),
    ...repeats,
    ...(token === undefined ? [] : [...checkTokenSeconds(token.expirationSeconds, `${at}.serviceAccountToken.expirationSeconds`), ...checkLocalPath(token.path, `${path}.path`)]),
    ...(count > volumeSourcesMax ? [forbidden(at, "may not specify more than 1 volume type per source")] : []),
  ];
}

function checkTokenSeconds(seconds: number | undefined, path: string): readonly FieldError[] {
  if (seconds === undefined) return [];
  if (seconds < tokenSecondsMin) return [invalid(path, seconds, "may not specify a duration less than 10 minutes")];
  return seconds > tokenSecondsMax ? [invalid(path, seconds, "may not specify a duration larger than 2^32 seconds")] : [];
}
