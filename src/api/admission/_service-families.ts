import { invalid } from "../../model/checks.ts";
import type { FieldError } from "../../model/field-error.ts";
import type { ServiceSpec } from "../../model/generated/core-v1.ts";
import { checkClusterIps } from "../../model/kinds/service.ts";
import { isEqual } from "../../value/equal.ts";
import { ipFamilyOf } from "../../value/ip.ts";
import type { IpFamily } from "../../value/ip.ts";
import { headless, needsAddress } from "./_service-values.ts";

/** The one family of addresses the cluster has. */
const clusterFamily: IpFamily = "IPv4";

/** A Service's families filled in, or why they cannot be. */
export type FamilyDecision =
  | { readonly kind: "settled"; readonly spec: ServiceSpec }
  | { readonly kind: "refused"; readonly errors: readonly FieldError[] };

/** The fields that say which families a Service has, all of them there. */
interface Families {
  readonly ipFamilyPolicy: NonNullable<ServiceSpec["ipFamilyPolicy"]>;
  readonly ipFamilies: readonly string[];
  readonly clusterIPs: readonly string[];
}

/**
 * Settles which families of addresses a Service has, in a cluster of one. Nothing ever goes from one family to two, or back, but where the policy says so. A headless Service without a selector
 * may have any: nobody gives it addresses. Pure.
 *
 * @see kubernetes pkg/registry/core/service/storage/alloc.go initIPFamilyFields
 */
export function settleFamilies(spec: ServiceSpec, old: ServiceSpec | undefined): FamilyDecision {
  if (!needsAddress(spec)) return { kind: "settled", spec };
  const malformed = checkClusterIps(spec);
  if (malformed.length > 0) return { kind: "refused", errors: malformed };
  const isFree = spec.clusterIP === headless && Object.keys(spec.selector ?? {}).length === 0;
  const ipFamilyPolicy = spec.ipFamilyPolicy ?? old?.ipFamilyPolicy ?? (isFree ? "RequireDualStack" : "SingleStack");
  const reduced = reduce({ ipFamilyPolicy, ipFamilies: spec.ipFamilies ?? [], clusterIPs: spec.clusterIPs ?? [] }, old);
  const inferred = [...reduced.ipFamilies, ...reduced.clusterIPs.slice(reduced.ipFamilies.length).flatMap((address) => ipFamilyOf(address) ?? [])];
  const errors = [
    ...checkPolicy(reduced, old),
    ...reduced.clusterIPs.flatMap((address, index) => (index < reduced.ipFamilies.length || ipFamilyOf(address) !== "IPv6" ? [] : [invalid(`spec.clusterIPs[${index}]`, reduced.clusterIPs, "IPv6 is not configured on this cluster")])),
  ];
  if (errors.length > 0) return { kind: "refused", errors };
  const families = inferred.length === 0 ? [clusterFamily] : inferred;
  const lacking = isFree ? [] : checkConfigured(ipFamilyPolicy, inferred);
  if (lacking.length > 0) return { kind: "refused", errors: lacking };
  const ipFamilies = isFree && families.length === 1 && ipFamilyPolicy !== "SingleStack" ? [...families, families[0] === "IPv4" ? "IPv6" : "IPv4"] : families;
  return { kind: "settled", spec: { ...spec, ipFamilyPolicy, ipFamilies, ...(reduced.clusterIPs.length === 0 ? {} : { clusterIPs: reduced.clusterIPs }) } };
}

/** Who goes to one family and leaves the lists as they were means the first of each. */
function reduce(families: Families, old: ServiceSpec | undefined): Families {
  if (old === undefined || families.ipFamilyPolicy !== "SingleStack") return families;
  const { ipFamilies, clusterIPs } = families;
  return {
    ...families,
    ipFamilies: isEqual(ipFamilies, old.ipFamilies) ? ipFamilies.slice(0, 1) : ipFamilies,
    clusterIPs: isEqual(clusterIPs, old.clusterIPs) ? clusterIPs.slice(0, 1) : clusterIPs,
  };
}

function checkPolicy({ ipFamilyPolicy, ipFamilies, clusterIPs }: Families, old: ServiceSpec | undefined): readonly FieldError[] {
  const refused = (detail: string): FieldError => invalid("spec.ipFamilyPolicy", ipFamilyPolicy, detail);
  const isFewer = (list: readonly string[], before: readonly string[] | undefined): boolean => list.length > 0 && list.length < (before ?? []).length;
  if (ipFamilyPolicy !== "SingleStack") {
    return [
      ...(isFewer(clusterIPs, old?.clusterIPs) ? [refused("must be 'SingleStack' to release the secondary cluster IP")] : []),
      ...(isFewer(ipFamilies, old?.ipFamilies) ? [refused("must be 'SingleStack' to release the secondary IP family")] : []),
    ];
  }
  return [
    ...(clusterIPs.length === 2 ? [refused("must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified")] : []),
    ...(ipFamilies.length === 2 ? [refused("must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified")] : []),
  ];
}

function checkConfigured(ipFamilyPolicy: string, ipFamilies: readonly string[]): readonly FieldError[] {
  return [
    ...(ipFamilyPolicy === "RequireDualStack" ? [invalid("spec.ipFamilyPolicy", ipFamilyPolicy, "this cluster is not configured for dual-stack services")] : []),
    ...ipFamilies.flatMap((family, index) => (family === clusterFamily ? [] : [invalid(`spec.ipFamilies[${index}]`, family, "not configured on this cluster")])),
  ];
}
