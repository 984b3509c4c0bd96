/** Where a group, and a version within it, stand in discovery: the higher, the earlier. */
export interface ApiPriority {
  readonly group: number;
  readonly version: number;
}

/** Of the groups of definitions. @see kubernetes pkg/controlplane/controller/crdregistration */
const ofDefinitions: ApiPriority = { group: 1_000, version: 100 };

/** Stable versions of built-in groups. */
const stable = 15;

/** Of built-in groups; Capstan's own stands behind those of definitions, whose names people mean first. @see kubernetes cmd/kube-apiserver/app/aggregator.go apiVersionPriorities */
const ofGroups: Readonly<Record<string, number>> = {
  "": 18_000, "apiregistration.k8s.io": 20_000, apps: 17_800, "events.k8s.io": 17_750, "authentication.k8s.io": 17_700, "authorization.k8s.io": 17_600, autoscaling: 17_500, batch: 17_400,
  "certificates.k8s.io": 17_300, "networking.k8s.io": 17_200, policy: 17_100, "rbac.authorization.k8s.io": 17_000, "storage.k8s.io": 16_800, "apiextensions.k8s.io": 16_700,
  "admissionregistration.k8s.io": 16_700, "scheduling.k8s.io": 16_600, "coordination.k8s.io": 16_500, "node.k8s.io": 16_300, "discovery.k8s.io": 16_200, "resource.k8s.io": 16_200,
  "flowcontrol.apiserver.k8s.io": 16_100, "internal.apiserver.k8s.io": 16_000, "storagemigration.k8s.io": 15_800, "capstan.dev": 500,
};

/** Of built-in versions that are no stable one of their group, or not its only one. */
const ofVersions: Readonly<Record<string, number>> = {
  "/v1": 1, "autoscaling/v2": 30, "flowcontrol.apiserver.k8s.io/v1": 21, "resource.k8s.io/v1": 21,
};

/** Of versions that are not stable, by their stage. */
const ofStages: readonly (readonly [stage: RegExp, priority: number])[] = [[/alpha/, 1], [/beta/, 9]];

/** Where a group and version that the API serves itself stand. Pure. */
export function localPriority(group: string, version: string): ApiPriority {
  const ofGroup = ofGroups[group];
  if (ofGroup === undefined) return ofDefinitions;
  const ofStage = ofStages.find(([stage]) => stage.test(version))?.[1];
  return { group: ofGroup, version: ofVersions[`${group}/${version}`] ?? ofStage ?? stable };
}
