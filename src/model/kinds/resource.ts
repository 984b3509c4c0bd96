import { checkDnsSubdomain, checkQualifiedName } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";
import type { DeviceClaim, DeviceClass, DeviceTaint, DeviceTaintRule, ResourceClaim, ResourceClaimTemplate, ResourcePool, ResourceSlice } from "../generated/resource-v1.ts";
import { invalid, invalidEach } from "../checks.ts";
import { ageColumn, ageOf, nameColumn, textColumn } from "../columns.ts";
import { kindOf } from "./_kind-of.ts";

const apiVersion = "resource.k8s.io/v1";

/** DeviceClass, `resource.k8s.io/v1`. */
export const DeviceClassKind = kindOf<DeviceClass>({ apiVersion, kind: "DeviceClass", plural: "deviceclasses", namespaced: false });

/** ResourceClaim, `resource.k8s.io/v1`. */
export const ResourceClaimKind = kindOf<ResourceClaim>({
  apiVersion, kind: "ResourceClaim", plural: "resourceclaims", namespaced: true, hasStatus: true,
  columns: [nameColumn, textColumn("State", printState), ageColumn],
  validate: ({ spec }) => checkClaim(spec.devices, "spec.devices"),
  immutable: ["spec"],
});

/** ResourceClaimTemplate, `resource.k8s.io/v1`. */
export const ResourceClaimTemplateKind = kindOf<ResourceClaimTemplate>({
  apiVersion, kind: "ResourceClaimTemplate", plural: "resourceclaimtemplates", namespaced: true,
  validate: ({ spec }) => checkClaim(spec.spec?.devices, "spec.spec.devices"),
  immutable: ["spec"],
});

/** ResourceSlice, `resource.k8s.io/v1`. */
export const ResourceSliceKind = kindOf<ResourceSlice>({
  apiVersion, kind: "ResourceSlice", plural: "resourceslices", namespaced: false,
  columns: [
    nameColumn,
    textColumn("Node", ({ spec }) => spec.nodeName),
    textColumn("Driver", ({ spec }) => spec.driver),
    textColumn("Pool", ({ spec }) => poolName(spec.pool)),
    ageColumn,
  ],
  selectableFields: { "spec.nodeName": ({ spec }) => spec.nodeName ?? "", "spec.driver": ({ spec }) => spec.driver },
  validate: ({ spec }) => {
    const places = [spec.nodeName !== undefined && spec.nodeName !== "", spec.nodeSelector !== undefined, spec.allNodes === true, spec.perDeviceNodeSelection === true].filter(Boolean).length;
    const text = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    return [...invalidEach("spec.driver", spec.driver, checkDnsSubdomain(spec.driver)), ...(places === 1 ? [] : [invalid("spec", "{}", text)])];
  },
  immutable: ["spec.driver", "spec.nodeName"],
});

/** DeviceTaintRule, `resource.k8s.io/v1`. */
export const DeviceTaintRuleKind = kindOf<DeviceTaintRule>({
  apiVersion, kind: "DeviceTaintRule", plural: "devicetaintrules", namespaced: false, hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Key", ({ spec }) => taintOf(spec.taint).key),
    textColumn("Value", ({ spec }) => taintOf(spec.taint).value),
    textColumn("Effect", ({ spec }) => taintOf(spec.taint).effect),
    { name: "TimeAdded", type: "string", priority: 0, value: ({ spec }, nowMs) => (taintOf(spec.taint).timeAdded === undefined ? "" : ageOf(spec.taint.timeAdded, nowMs)) },
    ageColumn,
  ],
  validate: ({ spec }) => invalidEach("spec.taint.key", spec.taint.key, checkQualifiedName(spec.taint.key)),
});

function printState({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  if (status.allocation === undefined) return isDeleted ? "deleted" : "pending";
  return [...(isDeleted ? ["deleted"] : []), "allocated", ...((status.reservedFor ?? []).length > 0 ? ["reserved"] : [])].join(",");
}

function taintOf(taint: Partial<DeviceTaint> | undefined): Partial<DeviceTaint> {
  return taint ?? {};
}

function poolName(pool: ResourcePool | undefined): string | undefined {
  return pool?.name;
}

function checkClaim(claim: DeviceClaim | undefined, path: string): readonly FieldError[] {
  return (claim?.requests ?? []).flatMap(({ exactly, firstAvailable = [] }, index) => {
    const isOne = (exactly === undefined) !== (firstAvailable.length === 0);
    return isOne ? [] : [invalid(`${path}.requests[${index}]`, "{}", "exactly one of `exactly` or `firstAvailable` is required")];
  });
}
