import { cluster } from "../cluster.ts";
import type { ClusterState } from "../cluster-state.ts";

/** Everything the tree is made of, read from the signals: whoever asks is drawn again when one of them changes. */
export function treeState(): ClusterState {
  return {
    applications: undefined, syncs: undefined, repositories: undefined, nodes: undefined, events: undefined,
    pods: cluster.pods.value, replicasets: cluster.replicasets.value, replicationcontrollers: cluster.replicationcontrollers.value, deployments: cluster.deployments.value, jobs: cluster.jobs.value, cronjobs: cluster.cronjobs.value, services: cluster.services.value, endpointslices: cluster.endpointslices.value,
    namespaces: cluster.namespaces.value, serviceaccounts: cluster.serviceaccounts.value, configmaps: cluster.configmaps.value, secrets: cluster.secrets.value,
  };
}
