import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { subresourcesOf } from "../../model/subresource.ts";
import type { SpokenKind, Subresource } from "../../model/subresource.ts";
import { verbsOf } from "./request-path.ts";

/** Order of groups in discovery: the core first, then Kubernetes' own, then ours, each by name. */
function groupRank(group: string): number {
  if (group === "") return 0;
  return group === "capstan.dev" ? 2 : 1;
}

/** Every group and version served, in discovery's order. */
export function groupVersionsOf(kinds: readonly Kind[]): readonly { readonly group: string; readonly version: string; readonly kinds: readonly Kind[] }[] {
  const byName = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const name = apiVersionOf(kind);
    byName.set(name, [...(byName.get(name) ?? []), kind]);
  }
  return [...byName.values()]
    .map((members) => ({ group: members[0]?.group ?? "", version: members[0]?.version ?? "", kinds: members.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)) }))
    .toSorted((a, b) => groupRank(a.group) - groupRank(b.group) || (a.group === b.group ? compareVersions(a.version, b.version) : a.group < b.group ? -1 : 1));
}

/**
 * Stable versions first, then betas, then alphas, each from the newest on; names that are no versions come last, by the alphabet. The first is the one
 * preferred. @see kubernetes apimachinery pkg/version/helpers.go CompareKubeAwareVersionStrings
 */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [rankOf(a), rankOf(b)];
  for (let at = 0; at < first.length; at++) {
    const difference = (second[at] ?? 0) - (first[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Stability, major and minor: the higher, the earlier. */
function rankOf(version: string): readonly [number, number, number] {
  const found = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version);
  if (found === null) return [0, 0, 0];
  const [, major, stage, minor] = found;
  return [stage === undefined ? 3 : stage === "beta" ? 2 : 1, Number(major), Number(minor ?? 0)];
}

/** `/api`. */
export function apiVersions(address: string): JsonObject {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }] };
}

/** `/apis`. */
export function apiGroupList(kinds: readonly Kind[]): JsonObject {
  return { kind: "APIGroupList", apiVersion: "v1", groups: namedGroups(kinds).map((group) => groupOf(kinds, group)) };
}

/** `/apis/GROUP`; undefined for a group that is not served. */
export function apiGroup(kinds: readonly Kind[], group: string): JsonObject | undefined {
  return namedGroups(kinds).includes(group) ? { kind: "APIGroup", apiVersion: "v1", ...groupOf(kinds, group) } : undefined;
}

function namedGroups(kinds: readonly Kind[]): readonly string[] {
  return [...new Set(groupVersionsOf(kinds).map((served) => served.group))].filter((group) => group !== "");
}

function groupOf(kinds: readonly Kind[], group: string): JsonObject {
  const versions = groupVersionsOf(kinds).filter((served) => served.group === group).map((served) => ({ groupVersion: `${group}/${served.version}`, version: served.version }));
  return { name: group, versions, preferredVersion: versions[0] ?? null };
}

/** `/api/v1` or `/apis/GROUP/VERSION`; undefined when nothing of it is served. */
export function apiResourceList(kinds: readonly Kind[], group: string, version: string): JsonObject | undefined {
  const served = groupVersionsOf(kinds).find((candidate) => candidate.group === group && candidate.version === version);
  if (served === undefined) return undefined;
  const resources = served.kinds.flatMap((kind) => [resourceOf(kind), ...subresourcesOf(kind).map((subresource) => subresourceOf(kind, subresource))]);
  return { kind: "APIResourceList", ...(group === "" ? {} : { apiVersion: "v1" }), groupVersion: group === "" ? version : `${group}/${version}`, resources };
}

function resourceOf(kind: Kind): JsonObject {
  return {
    name: kind.plural, singularName: kind.singular, namespaced: kind.namespaced, kind: kind.kind, verbs: verbsOf(kind),
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
  };
}

/** What a subresource speaks: the kind itself where it says nothing else. */
function spokenBy(kind: Kind, { speaks }: Subresource): SpokenKind {
  return speaks ?? { group: kind.group, version: kind.version, kind: kind.kind };
}

function subresourceOf(kind: Kind, subresource: Subresource): JsonObject {
  const { group, version, kind: spoken } = spokenBy(kind, subresource);
  const isOther = group !== kind.group || version !== kind.version;
  return {
    name: `${kind.plural}/${subresource.name}`, singularName: "", namespaced: kind.namespaced, ...(isOther ? { group, version } : {}),
    kind: spoken, verbs: subresource.verbs,
  };
}

/** The aggregated form of `/api` (core group only) or `/apis` (all others). */
export function aggregatedDiscovery(kinds: readonly Kind[], root: "api" | "apis", version: "v2" | "v2beta1"): JsonObject {
  const served = groupVersionsOf(kinds).filter((candidate) => (candidate.group === "") === (root === "api"));
  const groups = [...new Set(served.map((candidate) => candidate.group))];
  const items: readonly Json[] = groups.map((group) => ({
    metadata: group === "" ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
    versions: served.filter((candidate) => candidate.group === group).map((candidate) => ({
      version: candidate.version, freshness: "Current", resources: candidate.kinds.map(aggregatedResource),
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function aggregatedResource(kind: Kind): JsonObject {
  const subresources = subresourcesOf(kind).map((subresource) => ({ subresource: subresource.name, responseKind: { ...spokenBy(kind, subresource) }, verbs: subresource.verbs }));
  return {
    resource: kind.plural, responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster", singularResource: kind.singular, verbs: verbsOf(kind),
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
