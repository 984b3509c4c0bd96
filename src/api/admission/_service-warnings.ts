import type { Service } from "../../model/generated/core-v1.ts";
import { headless } from "./_service-values.ts";

const oldHintsAnnotation = "service.kubernetes.io/topology-aware-hints";
const topologyModeAnnotation = "service.kubernetes.io/topology-mode";

/** What a client is told of a Service that says something nobody listens to. Pure. @see kubernetes pkg/api/service/warnings.go */
export function warningsOf({ metadata, spec }: Service): readonly string[] {
  const isElsewhere = spec.type === "ExternalName";
  const isHeadless = spec.type === "ClusterIP" && spec.clusterIP === headless;
  const hasExternalIps = (spec.externalIPs ?? []).length > 0;
  return [
    ...(metadata.annotations?.[oldHintsAnnotation] === undefined ? [] : [`annotation ${oldHintsAnnotation} is deprecated, please use ${topologyModeAnnotation} instead`]),
    ...(isHeadless && (spec.loadBalancerIP ?? "") !== "" ? ["spec.loadBalancerIP is ignored for headless services"] : []),
    ...(isHeadless && hasExternalIps ? ["spec.externalIPs is ignored for headless services"] : []),
    ...(isHeadless && spec.sessionAffinity !== "None" ? ["spec.SessionAffinity is ignored for headless services"] : []),
    ...(isElsewhere && hasExternalIps ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []),
    ...(!isElsewhere && (spec.externalName ?? "") !== "" ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : []),
  ];
}
