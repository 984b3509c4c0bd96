import type { Deployment } from "../generated/apps-v1.ts";
import type { Kind } from "../kind.ts";

export type { Deployment } from "../generated/apps-v1.ts";

/** Deployment, `apps/v1`. */
export const DeploymentKind: Kind<Deployment> = {
  group: "apps", version: "v1", kind: "Deployment", plural: "deployments", singular: "deployment", shortNames: ["deploy"], categories: ["all"],
  namespaced: true, message: "apps/v1.Deployment", hasStatus: true,
  scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" },
  columns: [],
  selectableFields: {},
};
