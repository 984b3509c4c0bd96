/** Kinds in the order they are installed in, as Helm's; what is not listed comes after, by name. */
const installOrder = [
  "Namespace", "PriorityClass", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodDisruptionBudget", "ServiceAccount", "Secret", "ConfigMap",
  "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding",
  "Service", "EndpointSlice", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob",
  "IngressClass", "Ingress", "APIService", "Repository", "Application",
];

const positions = new Map(installOrder.map((kind, index) => [kind, index]));

interface Ordered {
  readonly wave: number;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Compares two steps: by wave, then kind in install order, then namespace and name. Total and deterministic. */
export function compareInstall(a: Ordered, b: Ordered): number {
  return a.wave - b.wave
    || (positions.get(a.kind) ?? installOrder.length) - (positions.get(b.kind) ?? installOrder.length)
    || compareText(a.kind, b.kind) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

/** The reverse: what was installed last is removed first. */
export function compareRemoval(a: Ordered, b: Ordered): number {
  return compareInstall(b, a);
}

/** Compares texts by their code units, as `toSorted` wants it. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
