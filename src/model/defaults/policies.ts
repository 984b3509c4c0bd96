import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { isUnset, withSpec } from "./_parts.ts";

/** A policy is about what comes in, and about what goes out when it says so. */
export function defaultNetworkPolicy(policy: JsonObject): JsonObject {
  return withSpec(policy, (spec) => {
    if (Array.isArray(spec.policyTypes) && spec.policyTypes.length > 0) return spec;
    return { ...spec, policyTypes: Array.isArray(spec.egress) && spec.egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"] };
  });
}

/** Parameters of an IngressClass are of the cluster. */
export function defaultIngressClass(ingressClass: JsonObject): JsonObject {
  return withSpec(ingressClass, (spec) => (isJsonObject(spec.parameters) ? { ...spec, parameters: { ...spec.parameters, scope: spec.parameters.scope ?? "Cluster" } } : spec));
}

/** Users and groups are RBAC's own. */
export function defaultSubject(subject: JsonObject): JsonObject {
  const isOwn = subject.kind === "User" || subject.kind === "Group";
  return isOwn && isUnset(subject.apiGroup) ? { ...subject, apiGroup: "rbac.authorization.k8s.io" } : subject;
}

/** A container's default limit is its maximum, its default request the limit, or else the minimum. */
export function defaultLimit(limit: JsonObject): JsonObject {
  if (limit.type !== "Container") return limit;
  const of = (field: string): JsonObject => (isJsonObject(limit[field]) ? limit[field] : {});
  const limits = { ...of("max"), ...of("default") };
  const requests = { ...of("min"), ...limits, ...of("defaultRequest") };
  return { ...limit, ...(Object.keys(limits).length > 0 ? { default: limits } : {}), ...(Object.keys(requests).length > 0 ? { defaultRequest: requests } : {}) };
}

/** One device, where a number is asked for and none is given. */
export function defaultDeviceRequest(request: JsonObject): JsonObject {
  return request.allocationMode === "ExactCount" && isUnset(request.count) ? { ...request, count: 1 } : request;
}

/** Names that follow from a definition's kind. */
export function defaultDefinition(definition: JsonObject): JsonObject {
  return withSpec(definition, (spec) => {
    if (!isJsonObject(spec.names) || typeof spec.names.kind !== "string") return spec;
    const { kind, singular, listKind } = spec.names;
    return { ...spec, names: { ...spec.names, singular: isUnset(singular) ? kind.toLowerCase() : singular, listKind: isUnset(listKind) ? `${kind}List` : listKind } };
  });
}
