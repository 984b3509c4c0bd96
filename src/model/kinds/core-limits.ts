import { isEqual } from "../../value/equal.ts";
import { compareQuantities, isQuantity, milliValueOf, parseQuantity } from "../../value/quantity.ts";
import type { FieldError } from "../field-error.ts";
import type { EndpointAddress, Endpoints, LimitRange, LimitRangeItem, ResourceQuota } from "../generated/core-v1.ts";
import { checkDnsLabel, checkDnsSubdomain, checkPortNumber, checkQualifiedName } from "../../value/names.ts";
import { checkQuantities, duplicate, forbidden, invalid, invalidEach, required } from "../checks.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { checkEndpointIp } from "./_endpoint-address.ts";
import { checkQuotaScopes } from "./_quota-scopes.ts";
import { createdAtColumns, kindOf } from "./_kind-of.ts";

/** Endpoints shown before the rest is counted. */
const shownEndpointsMax = 3;

/** LimitRange, `v1`. */
export const LimitRangeKind = kindOf<LimitRange>({
  apiVersion: "v1", kind: "LimitRange", plural: "limitranges", namespaced: true, isCreatedByUpdate: true, shortNames: ["limits"], columns: createdAtColumns,
  prepare: withLimits,
  validate: ({ spec: { limits } }) => limits.flatMap((limit, index) => [
    ...checkLimit(limit, `spec.limits[${index}]`),
    ...(limits.findIndex(({ type }) => type === limit.type) < index ? [duplicate(`spec.limits[${index}].type`, limit.type)] : []),
  ]),
});

/** Nobody asks for the list; whoever reads it may trust that it is there. */
function withLimits(range: LimitRange): LimitRange {
  return Array.isArray(range.spec.limits) ? range : { ...range, spec: { ...range.spec, limits: [] } };
}

/** ResourceQuota, `v1`. */
export const ResourceQuotaKind = kindOf<ResourceQuota>({
  apiVersion: "v1", kind: "ResourceQuota", plural: "resourcequotas", namespaced: true, shortNames: ["quota"], hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Request", (quota) => printQuota(quota, (resource) => !resource.startsWith("limits."))),
    textColumn("Limit", (quota) => printQuota(quota, (resource) => resource.startsWith("limits."))),
    ageColumn,
  ],
  validate: ({ spec }) => [
    ...checkQuantities("spec.hard", spec.hard),
    ...Object.entries(spec.hard ?? {}).flatMap(([resource, value]) => (isCounted(resource) && isQuantity(value) && milliValueOf(parseQuantity(value)) % 1000 !== 0 ? [invalid(`spec.hard[${resource}]`, value, "must be an integer")] : [])),
    ...Object.keys(spec.hard ?? {}).flatMap((resource) => (isQuotaResource(resource) ? [] : invalidEach(`spec.hard[${resource}]`, resource, ["must be a standard resource type or fully qualified", "must be a standard resource for quota"]))),
    ...Object.keys(spec.hard ?? {}).flatMap((resource) => invalidEach(`spec.hard[${resource}]`, resource, checkQualifiedName(resource))),
    ...checkQuotaScopes(spec),
  ],
  immutable: ["spec.scopes"],
});

/** Endpoints, `v1`. */
export const EndpointsKind = kindOf<Endpoints>({
  apiVersion: "v1", kind: "Endpoints", plural: "endpoints", namespaced: true, isCreatedByUpdate: true, shortNames: ["ep"],
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  columns: [nameColumn, textColumn("Endpoints", printEndpoints), ageColumn],
  validate: checkEndpoints,
});

/** Objects by number. */
const counted: ReadonlySet<string> = new Set(["pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"]);

function isCounted(resource: string): boolean {
  return counted.has(resource) || resource.startsWith("count/");
}

/** What a quota may be of: a name with a domain, or one of those known. @see kubernetes pkg/apis/core/helper/helpers.go IsStandardQuotaResourceName */
const amounts = /^((requests|limits)\.)?(cpu|memory|ephemeral-storage)$|^requests\.storage$|^(requests\.)?hugepages-/;

function isQuotaResource(resource: string): boolean {
  return resource.includes("/") || counted.has(resource) || amounts.test(resource);
}

function printQuota({ status }: ResourceQuota, isShown: (resource: string) => boolean): string {
  return Object.keys(status.hard ?? {}).filter(isShown).toSorted().map((resource) => `${resource}: ${status.used?.[resource] ?? "0"}/${status.hard?.[resource] ?? "0"}`).join(", ");
}

function printEndpoints({ subsets }: Endpoints): string {
  if (subsets === undefined || subsets.length === 0) return "<none>";
  const all = subsets.flatMap(({ ports = [], addresses = [] }) => {
    const texts = addresses.map(({ ip }) => ip);
    return ports.length === 0 ? texts : ports.flatMap(({ port }) => texts.map((ip) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)));
  });
  const shown = all.slice(0, shownEndpointsMax).join(",");
  return all.length > shownEndpointsMax ? `${shown} + ${all.length - shownEndpointsMax} more...` : shown;
}

/** Subsets that were taken once are taken as long as they do not change. */
function checkEndpoints({ subsets = [] }: Endpoints, old: Endpoints | undefined): readonly FieldError[] {
  if (old !== undefined && isEqual(subsets, old.subsets ?? [])) return [];
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const path = `subsets[${index}]`;
    if (addresses.length === 0 && notReadyAddresses.length === 0) return [required(path, "must specify `addresses` or `notReadyAddresses`")];
    const check = (list: readonly EndpointAddress[], field: string) => list.flatMap((address, at) => checkEndpointAddress(address, `${path}.${field}[${at}]`));
    return [
      ...check(addresses, "addresses"), ...check(notReadyAddresses, "notReadyAddresses"),
      ...ports.flatMap(({ name = "", port, appProtocol }, at) => [
        ...(name === "" ? (ports.length > 1 ? [required(`${path}.ports[${at}].name`)] : []) : invalidEach(`${path}.ports[${at}].name`, name, checkDnsLabel(name))),
        ...invalidEach(`${path}.ports[${at}].port`, port, checkPortNumber(port)),
        ...(appProtocol === undefined ? [] : invalidEach(`${path}.ports[${at}].appProtocol`, appProtocol, checkQualifiedName(appProtocol))),
      ]),
    ];
  });
}

function checkEndpointAddress({ ip, hostname = "", nodeName }: EndpointAddress, path: string): readonly FieldError[] {
  return [
    ...checkEndpointIp(ip, `${path}.ip`),
    ...(hostname === "" ? [] : invalidEach(`${path}.hostname`, hostname, checkDnsLabel(hostname))),
    ...(nodeName === undefined ? [] : invalidEach(`${path}.nodeName`, nodeName, checkDnsSubdomain(nodeName))),
  ];
}

/** @see kubernetes pkg/apis/core/validation/validation.go ValidateLimitRange */
function checkLimit(limit: LimitRangeItem, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (limit.type === "Pod") {
    for (const field of ["default", "defaultRequest"] as const) {
      if (Object.keys(limit[field] ?? {}).length > 0) errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  const atMost = (low: "min" | "defaultRequest" | "default", high: "max" | "defaultRequest" | "default", text: string): void => {
    for (const [resource, value] of Object.entries(limit[low] ?? {})) {
      const bound = limit[high]?.[resource];
      if (bound === undefined || !isQuantity(value) || !isQuantity(bound) || compareQuantities(parseQuantity(value), parseQuantity(bound)) <= 0) continue;
      errors.push(invalid(`${path}.${low}[${resource}]`, value, text.replace("$value", value).replace("$bound", bound)));
    }
  };
  atMost("min", "max", "min value $value is greater than max value $bound");
  atMost("defaultRequest", "max", "default request value $value is greater than max value $bound");
  atMost("defaultRequest", "default", "default request value $value is greater than default limit value $bound");
  atMost("default", "max", "default value $value is greater than max value $bound");
  if (!limit.type.includes("/") && !limitTypes.has(limit.type)) errors.push(invalid(`${path}.type`, limit.type, "must be a standard limit type or fully qualified"));
  if (limit.type === "PersistentVolumeClaim" && limit.min?.["storage"] === undefined && limit.max?.["storage"] === undefined) {
    errors.push(required(`${path}.limits`, "either minimum or maximum storage value is required, but neither was provided"));
  }
  for (const [resource, ratio] of Object.entries(limit.maxLimitRequestRatio ?? {})) errors.push(...checkRatio(limit, { resource, ratio, path }));
  return errors;
}

/** What limits may be for. */
const limitTypes: ReadonlySet<string> = new Set(["Pod", "Container", "PersistentVolumeClaim"]);

const one = parseQuantity("1");

/** A limit is never below its request, and no further above it than the bounds allow. */
function checkRatio({ min, max }: LimitRangeItem, { resource, ratio, path }: { readonly resource: string; readonly ratio: string; readonly path: string }): readonly FieldError[] {
  if (!isQuantity(ratio)) return [];
  const place = `${path}.maxLimitRequestRatio[${resource}]`;
  const [least, most] = [min?.[resource], max?.[resource]];
  const below = compareQuantities(parseQuantity(ratio), one) < 0 ? [invalid(place, ratio, `ratio ${ratio} is less than 1`)] : [];
  if (least === undefined || most === undefined || !isQuantity(least) || !isQuantity(most)) return below;
  const bound = milliValueOf(parseQuantity(most)) / milliValueOf(parseQuantity(least));
  return milliValueOf(parseQuantity(ratio)) / 1000 > bound ? [...below, invalid(place, ratio, `ratio ${ratio} is greater than max/min = ${bound.toFixed(6)}`)] : below;
}
