import type { Container, PodSpec, Volume } from "./generated/core-v1.ts";

/** One object of its namespace that a pod uses. */
export interface PodReference {
  readonly kind: "ConfigMap" | "Secret" | "PersistentVolumeClaim" | "ServiceAccount";
  readonly name: string;
}

/** What a pod's environment and volumes are made from. */
export interface ContentReference extends PodReference {
  readonly kind: "ConfigMap" | "Secret";
}

/** Every ConfigMap and Secret a pod's environment and volumes name, each once. */
export function contentReferences(spec: PodSpec): readonly ContentReference[] {
  const found = new Map<string, ContentReference>();
  const add: Add = (kind, name) => {
    if (name !== undefined && name !== "") found.set(`${kind}/${name}`, { kind, name });
  };
  for (const container of [...spec.initContainers ?? [], ...spec.containers, ...spec.ephemeralContainers ?? []]) addContainer(container, add);
  for (const volume of spec.volumes ?? []) addVolume(volume, add);
  return [...found.values()];
}

/** Everything of its namespace that the node of a pod has to do with. @see kubernetes pkg/api/v1/pod VisitPodSecretNames */
export function podReferences(spec: PodSpec, podName: string): readonly PodReference[] {
  const claims = (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => [
    ...(persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName]), ...(ephemeral === undefined ? [] : [`${podName}-${name}`]),
  ]);
  const secrets = [...(spec.imagePullSecrets ?? []).map(({ name }) => name), ...(spec.volumes ?? []).flatMap(driverSecrets)];
  return [
    ...contentReferences(spec),
    ...secrets.flatMap((name): readonly PodReference[] => (name === undefined || name === "" ? [] : [{ kind: "Secret", name }])),
    ...claims.map((name): PodReference => ({ kind: "PersistentVolumeClaim", name })),
    { kind: "ServiceAccount", name: spec.serviceAccountName ?? "default" },
  ];
}

/** Secrets that volume drivers are given. */
function driverSecrets(volume: Volume): readonly (string | undefined)[] {
  return [
    volume.azureFile?.secretName, volume.cephfs?.secretRef?.name, volume.cinder?.secretRef?.name, volume.flexVolume?.secretRef?.name, volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef?.name, volume.iscsi?.secretRef?.name, volume.storageos?.secretRef?.name, volume.csi?.nodePublishSecretRef?.name,
  ];
}

type Add = (kind: ContentReference["kind"], name: string | undefined) => void;

function addContainer(container: Pick<Container, "env" | "envFrom">, add: Add): void {
  for (const from of container.envFrom ?? []) {
    add("ConfigMap", from.configMapRef?.name);
    add("Secret", from.secretRef?.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    add("ConfigMap", valueFrom?.configMapKeyRef?.name);
    add("Secret", valueFrom?.secretKeyRef?.name);
  }
}

function addVolume(volume: Volume, add: Add): void {
  add("ConfigMap", volume.configMap?.name);
  add("Secret", volume.secret?.secretName);
  for (const source of volume.projected?.sources ?? []) {
    add("ConfigMap", source.configMap?.name);
    add("Secret", source.secret?.name);
  }
}
