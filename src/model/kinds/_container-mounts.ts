import { invalid, forbidden } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Container, VolumeDevice, VolumeMount } from "../generated/core-v1.ts";
import { notSupported } from "../print-field-error.ts";

/** A pod's volumes by name, those that are right; true for claims, which may be used as a device. */
export type MountableVolumes = ReadonlyMap<string, boolean>;

/**
 * Checks where a container sees its pod's volumes.
 * @see kubernetes pkg/apis/core/validation/validation.go ValidateVolumeMounts, ValidateVolumeDevices: what is wrong with a path inside a volume is told of the list
 */
export function checkMounts(container: Container, path: string, volumes: MountableVolumes): readonly FieldError[] {
  const { volumeMounts: mounts = [], volumeDevices: devices = [] } = container;
  return [
    ...mounts.flatMap((mount, index) => checkMount(mount, { list: `${path}.volumeMounts`, index, mounts, devices, volumes, isPrivileged: container.securityContext?.privileged === true })),
    ...devices.flatMap((device, index) => checkDevice(device, { at: `${path}.volumeDevices[${index}]`, before: devices.slice(0, index), mounts, volumes })),
  ];
}

interface MountPlace {
  readonly list: string;
  readonly index: number;
  readonly mounts: readonly VolumeMount[];
  readonly devices: readonly VolumeDevice[];
  readonly volumes: MountableVolumes;
  readonly isPrivileged: boolean;
}

function checkMount(mount: VolumeMount, { list, index, mounts, devices, volumes, isPrivileged }: MountPlace): readonly FieldError[] {
  const at = `${list}[${index}]`;
  const { name, mountPath, subPath = "", subPathExpr = "" } = mount;
  return [
    ...(volumes.has(name) ? [] : [{ type: "NotFound", path: `${at}.name`, value: name, detail: "" } as const]),
    ...(mounts.findIndex((other) => other.mountPath === mountPath) < index ? [invalid(`${at}.mountPath`, mountPath, "must be unique")] : []),
    ...(devices.some((device) => device.name === name) ? [invalid(`${at}.name`, name, "must not already exist in volumeDevices")] : []),
    ...(devices.some((device) => device.devicePath === mountPath) ? [invalid(`${at}.mountPath`, mountPath, "must not already exist as a path in volumeDevices")] : []),
    ...checkDescendingPath(subPath, `${list}.subPath`),
    ...(subPath !== "" && subPathExpr !== "" ? [invalid(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive")] : []),
    ...checkDescendingPath(subPathExpr, `${list}.subPathExpr`),
    ...(mount.mountPropagation === "Bidirectional" && !isPrivileged ? [forbidden(`${list}.mountPropagation`, "Bidirectional mount propagation is available only to privileged containers")] : []),
    ...checkRecursiveReadOnly(mount, `${list}.recursiveReadOnly`),
  ];
}

function checkRecursiveReadOnly({ recursiveReadOnly, readOnly, mountPropagation = "None" }: VolumeMount, path: string): readonly FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") return [];
  if (recursiveReadOnly !== "Enabled" && recursiveReadOnly !== "IfPossible") return [notSupported(path, recursiveReadOnly, ["Disabled", "Enabled", "IfPossible"])];
  return [
    ...(readOnly === true ? [] : [forbidden(path, "may only be specified when readOnly is true")]),
    ...(mountPropagation === "None" ? [] : [forbidden(path, "may only be specified when mountPropagation is None or not specified")]),
  ];
}

interface DevicePlace {
  readonly at: string;
  readonly before: readonly VolumeDevice[];
  readonly mounts: readonly VolumeMount[];
  readonly volumes: MountableVolumes;
}

function checkDevice({ name, devicePath }: VolumeDevice, { at, before, mounts, volumes }: DevicePlace): readonly FieldError[] {
  const isClaim = volumes.get(name);
  return [
    ...(before.some((other) => other.name === name) ? [invalid(`${at}.name`, name, "must be unique")] : []),
    ...(isClaim === false ? [invalid(`${at}.name`, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")] : []),
    ...(isClaim === undefined ? [{ type: "NotFound", path: `${at}.name`, value: name, detail: "" } as const] : []),
    ...(before.some((other) => other.devicePath === devicePath) ? [invalid(`${at}.devicePath`, devicePath, "must be unique")] : []),
    ...(hasBacksteps(devicePath) ? [invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')")] : []),
    ...(mounts.some((mount) => mount.name === name) ? [invalid(`${at}.name`, name, "must not already exist in volumeMounts")] : []),
    ...(mounts.some((mount) => mount.mountPath === devicePath) ? [invalid(`${at}.devicePath`, devicePath, "must not already exist as a path in volumeMounts")] : []),
  ];
}

/** A path that goes down only. */
export function checkDescendingPath(value: string, path: string): readonly FieldError[] {
  return [...(value.startsWith("/") ? [invalid(path, value, "must be a relative path")] : []), ...checkNoBacksteps(value, path)];
}

/** A path without `..`. */
export function checkNoBacksteps(value: string, path: string): readonly FieldError[] {
  return hasBacksteps(value) ? [invalid(path, value, "must not contain '..'")] : [];
}

function hasBacksteps(value: string): boolean {
  return value.includes("..") && value.split("/").includes("..");
}
