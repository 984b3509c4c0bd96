import type { Container, PodSpec, Volume } from "../model/generated/core-v1.ts";

/** One ConfigMap or Secret a pod reads. */
export interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
}

/** Every ConfigMap and Secret a pod's environment and volumes name, each once. */
export function podReferences(spec: PodSpec): readonly Reference[] {
  const found = new Map<string, Reference>();
  const add = (kind: Reference["kind"], name: string | undefined) => {
    if (name !== undefined && name !== "") found.set(`${kind}/${name}`, { kind, name });
  };
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) addContainer(container, add);
  for (const volume of spec.volumes ?? []) addVolume(volume, add);
  return [...found.values()];
}

type Add = (kind: Reference["kind"], name: string | undefined) => void;

function addContainer(container: Container, add: Add): void {
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
