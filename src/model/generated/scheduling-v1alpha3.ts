// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.


export interface TopologyConstraint {
  readonly key: string;
}

export interface WorkloadPodGroupAllDisruptionMode {
}

export interface WorkloadPodGroupBasicSchedulingPolicy {
}

export interface WorkloadPodGroupDisruptionMode {
  readonly single?: WorkloadPodGroupSingleDisruptionMode;
  readonly all?: WorkloadPodGroupAllDisruptionMode;
}

export interface WorkloadPodGroupGangSchedulingPolicy {
  readonly minCount?: number;
}

export interface WorkloadPodGroupResourceClaim {
  readonly name: string;
  readonly resourceClaimName?: string;
  readonly resourceClaimTemplateName?: string;
}

export interface WorkloadPodGroupSchedulingConstraints {
  readonly topology?: readonly (TopologyConstraint)[];
}

export interface WorkloadPodGroupSchedulingPolicy {
  readonly basic?: WorkloadPodGroupBasicSchedulingPolicy;
  readonly gang?: WorkloadPodGroupGangSchedulingPolicy;
}

export interface WorkloadPodGroupSingleDisruptionMode {
}
