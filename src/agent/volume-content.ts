import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret, Volume, VolumeProjection } from "../model/generated/core-v1.ts";
import type { Lookup } from "./lookup.ts";
import type { NodeFacts } from "./pod-field.ts";
import { podField, resourceField } from "./pod-field.ts";
import type { VolumeContent, VolumeFile } from "./runtimes/runtime.ts";
import { RuntimeProblem } from "./runtimes/runtime.ts";

/** What volumes are made from. */
export interface VolumeContext {
  readonly lookup: Lookup;
  readonly node: NodeFacts;
  readonly podIP: string;
  readonly isHostPathAllowed: boolean;
}

/** Mode of files where the pod sets none (kubernetes pkg/apis/core/v1/defaults.go). */
const fileModeDefault = 0o644;

/** The content of every volume. Throws RuntimeProblem FailedMount, worded as the kubelet's event, for the first that cannot be made. */
export function volumeContents(pod: Pod, context: VolumeContext): readonly VolumeContent[] {
  return (pod.spec.volumes ?? []).map((volume) => {
    try {
      return volumeContent(pod, volume, context);
    } catch (error) {
      if (!(error instanceof RuntimeProblem)) throw error;
      throw new RuntimeProblem("FailedMount", `MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`, { cause: error });
    }
  });
}

function volumeContent(pod: Pod, volume: Volume, context: VolumeContext): VolumeContent {
  const { name } = volume;
  const namespace = pod.metadata.namespace ?? "";
  const { lookup } = context;
  if (volume.emptyDir !== undefined) return { kind: "empty", name, isInMemory: volume.emptyDir.medium === "Memory" };
  if (volume.configMap !== undefined) {
    const { name: source = "", items, defaultMode, optional } = volume.configMap;
    return { kind: "files", name, isSecret: false, files: configMapFiles(lookup.configMap(namespace, source), { name: source, items, mode: defaultMode ?? fileModeDefault, isOptional: optional === true }) };
  }
  if (volume.secret !== undefined) {
    const { secretName: source = "", items, defaultMode, optional } = volume.secret;
    return { kind: "files", name, isSecret: true, files: secretFiles(lookup.secret(namespace, source), { name: source, items, mode: defaultMode ?? fileModeDefault, isOptional: optional === true }) };
  }
  if (volume.downwardAPI !== undefined) {
    return { kind: "files", name, isSecret: false, files: downwardFiles(pod, volume.downwardAPI.items ?? [], { ...context, mode: volume.downwardAPI.defaultMode ?? fileModeDefault }) };
  }
  if (volume.projected !== undefined) {
    const mode = volume.projected.defaultMode ?? fileModeDefault;
    const sources = volume.projected.sources ?? [];
    return { kind: "files", name, isSecret: sources.some((source) => source.secret !== undefined || source.serviceAccountToken !== undefined), files: sources.flatMap((source) => projectedFiles(pod, source, { ...context, mode })) };
  }
  if (volume.hostPath !== undefined) {
    if (!context.isHostPathAllowed) throw new RuntimeProblem("FailedMount", "hostPath volumes are not allowed on this node");
    return { kind: "host", name, path: volume.hostPath.path };
  }
  throw new RuntimeProblem("FailedMount", "this type of volume is not supported by this node; use emptyDir, configMap, secret, downwardAPI or projected");
}

interface SourceOptions {
  readonly name: string;
  readonly items: readonly KeyToPath[] | undefined;
  readonly mode: number;
  readonly isOptional: boolean;
}

function configMapFiles(configMap: ConfigMap | undefined, options: SourceOptions): readonly VolumeFile[] {
  if (configMap === undefined && !options.isOptional) throw new RuntimeProblem("FailedMount", `configmap "${options.name}" not found`);
  const entries = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(configMap?.data ?? {})) entries.set(key, Buffer.from(value, "utf8"));
  for (const [key, value] of Object.entries(configMap?.binaryData ?? {})) entries.set(key, Buffer.from(value, "base64"));
  return select(entries, options, (key) => `configmap references non-existent config key: ${key}`);
}

function secretFiles(secret: Secret | undefined, options: SourceOptions): readonly VolumeFile[] {
  if (secret === undefined && !options.isOptional) throw new RuntimeProblem("FailedMount", `secret "${options.name}" not found`);
  const entries = new Map(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")] as const));
  return select(entries, options, (key) => `references non-existent secret key: ${key}`);
}

function select(entries: ReadonlyMap<string, Uint8Array>, { items, mode, isOptional }: SourceOptions, missing: (key: string) => string): readonly VolumeFile[] {
  if (items === undefined || items.length === 0) return [...entries].map(([key, bytes]) => ({ path: checkedPath(key), bytes, mode }));
  return items.flatMap((item) => {
    const bytes = entries.get(item.key);
    if (bytes !== undefined) return [{ path: checkedPath(item.path), bytes, mode: item.mode ?? mode }];
    if (isOptional) return [];
    throw new RuntimeProblem("FailedMount", missing(item.key));
  });
}

interface DownwardOptions extends VolumeContext {
  readonly mode: number;
}

function downwardFiles(pod: Pod, items: readonly DownwardAPIVolumeFile[], options: DownwardOptions): readonly VolumeFile[] {
  const [first] = pod.spec.containers;
  return items.map((item) => {
    const text = item.resourceFieldRef !== undefined && first !== undefined ? resourceField(pod, first, { selector: item.resourceFieldRef, node: options.node }) : podField(pod, item.fieldRef?.fieldPath ?? "", options);
    return { path: checkedPath(item.path), bytes: Buffer.from(text, "utf8"), mode: item.mode ?? options.mode };
  });
}

function projectedFiles(pod: Pod, source: VolumeProjection, options: DownwardOptions): readonly VolumeFile[] {
  const namespace = pod.metadata.namespace ?? "";
  const shape = (projection: { readonly name?: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean }): SourceOptions => ({ name: projection.name ?? "", items: projection.items, mode: options.mode, isOptional: projection.optional === true });
  if (source.configMap !== undefined) return configMapFiles(options.lookup.configMap(namespace, source.configMap.name ?? ""), shape(source.configMap));
  if (source.secret !== undefined) return secretFiles(options.lookup.secret(namespace, source.secret.name ?? ""), shape(source.secret));
  if (source.downwardAPI !== undefined) return downwardFiles(pod, source.downwardAPI.items ?? [], options);
  if (source.serviceAccountToken !== undefined) {
    const token = options.lookup.token(pod, source.serviceAccountToken);
    return [{ path: checkedPath(source.serviceAccountToken.path), bytes: Buffer.from(token, "utf8"), mode: tokenModeOf(pod, options.mode) }];
  }
  throw new RuntimeProblem("FailedMount", "this projected source is not supported by this node; use configMap, secret, downwardAPI or serviceAccountToken");
}

/** Only its owner reads a token, unless another user of the pod has to. @see kubernetes pkg/volume/projected/projected.go */
function tokenModeOf({ spec }: Pod, mode: number): number {
  const runAs = [spec.securityContext?.runAsUser, ...[...spec.initContainers ?? [], ...spec.containers].map((container) => container.securityContext?.runAsUser)];
  if (spec.securityContext?.fsGroup !== undefined) return 0o600 | 0o040;
  return runAs.some((user) => user !== undefined && user !== 0) ? mode : 0o600;
}

/** A path inside a volume that cannot leave it. */
export function checkedPath(path: string): string {
  const parts = path.split("/");
  if (path === "" || path.startsWith("/") || path.includes("\0") || parts.includes("..") || parts.includes("") || parts.includes(".") || path.startsWith("..")) {
    throw new RuntimeProblem("FailedMount", `path "${path}" must be relative and stay inside the volume`);
  }
  return path;
}
