import type { Volume, VolumeProjection } from "../generated/core-v1.ts";
import { quote } from "../../value/quote.ts";

/** Volumes of drivers that are gone, by the name of their field. */
const goneSources: Readonly<Record<string, string>> = {
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
};

/** What is said of volumes whose driver nobody has any more, or that put two files at one place. @see kubernetes pkg/api/pod/warnings.go */
export function warnOfVolumes(volumes: readonly Volume[], path: string): readonly string[] {
  return [
    ...volumes.flatMap((volume, index) => warnOfSource(volume, `${path}[${index}]`)),
    ...volumes.flatMap(warnOfOverlaps),
  ];
}

/** The same for the source of one volume, of a pod or the cluster's. */
export function warnOfSource(source: object, path: string): readonly string[] {
  return Object.entries(goneSources).flatMap(([name, message]) => (Object.hasOwn(source, name) ? [`${path}.${name === "storageos" ? "storageOS" : name}: ${message}`] : []));
}

/** Where a file is put, and from where; "" for the volume's own. */
interface Placed {
  readonly path: string;
  readonly source: string;
}

function warnOfOverlaps({ name, configMap, secret, downwardAPI, projected }: Volume): readonly string[] {
  const tell = (kind: string, items: readonly { readonly path: string }[] = []): readonly string[] => overlapsOf(items.map(({ path }) => ({ path, source: "" })))
    .map((overlap) => `volume ${quote(name)} (${kind}): overlapping paths: ${overlap}`);
  const sources = projected?.sources ?? [];
  return [
    ...(configMap === undefined ? [] : tell(`ConfigMap ${quote(configMap.name ?? "")}`, configMap.items)),
    ...(secret === undefined ? [] : tell(`Secret ${quote(secret.secretName ?? "")}`, secret.items)),
    ...(downwardAPI === undefined ? [] : tell("DownwardAPI", downwardAPI.items)),
    ...sources.filter((source) => Object.keys(source).length === 0).map(() => `volume ${quote(name)} (Projected) has no sources provided`),
    ...overlapsOf(sources.flatMap(placesOf)).map((overlap) => `volume ${quote(name)} (Projected): overlapping paths: ${overlap}`),
  ];
}

function placesOf({ configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle }: VolumeProjection): readonly Placed[] {
  const from = (source: string, items: readonly { readonly path: string }[] = []): readonly Placed[] => items.map(({ path }) => ({ path, source }));
  if (configMap !== undefined) return from(`ConfigMap ${quote(configMap.name ?? "")}`, configMap.items);
  if (secret !== undefined) return from(`Secret ${quote(secret.name ?? "")}`, secret.items);
  if (downwardAPI !== undefined) return from("DownwardAPI", downwardAPI.items);
  if (serviceAccountToken !== undefined) return from("ServiceAccountToken", [serviceAccountToken]);
  return clusterTrustBundle === undefined ? [] : from(`ClusterTrustBundle ${quote(clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? "")}`, [clusterTrustBundle]);
}

function overlapsOf(places: readonly Placed[]): readonly string[] {
  const seen: Placed[] = [];
  return places.flatMap(({ path: given, source }) => {
    const place = { path: given.replace(/\/+$/, ""), source };
    const overlaps = seen.filter(({ path }) => place.path !== "" && path !== "" && (`${path}/`.startsWith(`${place.path}/`) || `${place.path}/`.startsWith(`${path}/`)));
    seen.push(place);
    return overlaps.map((other) => `${printPlace(place)} with ${printPlace(other)}`);
  });
}

function printPlace({ path, source }: Placed): string {
  return source === "" ? quote(path) : `${quote(path)} (${source})`;
}
