import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { subresourcesOf } from "../../model/subresource.ts";
import type { SpokenKind, Subresource } from "../../model/subresource.ts";
import type { RemoteDocument } from "../aggregation/remote-documents.ts";
import { compareVersions } from "../version-order.ts";
import { localPriority } from "../aggregation/priorities.ts";
import type { ApiPriority } from "../aggregation/priorities.ts";
import { verbsOf } from "./request-path.ts";

/** A group and version as discovery tells of it. */
export interface ServedVersion {
  readonly group: string;
  readonly version: string;
  /** What is served here, by plural. */
  readonly kinds: readonly Kind[];
  /** What another server answers for. */
  readonly remote?: RemoteDocument;
}

/** A group and version of another server, and where its APIService wants it. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  readonly document: RemoteDocument;
}

/**
 * Every group and version served, here or elsewhere, in discovery's order: groups and their versions by their priorities, a group's being the highest of
 * its versions'. Of what the API serves itself nothing is taken from elsewhere. Pure.
 *
 * @see kubernetes kube-aggregator pkg/apis/apiregistration/v1/helper SortedByGroupAndVersion
 */
export function servedVersions(kinds: readonly Kind[], remote: readonly RemoteVersion[] = []): readonly ServedVersion[] {
  const local = localVersions(kinds);
  const names = new Set(local.map(({ served }) => `${served.group}/${served.version}`));
  const all = [...local, ...remote.filter(({ group, version }) => !names.has(`${group}/${version}`)).map(({ group, version, document, ...priority }) => ({
    served: { group, version, kinds: [], remote: document }, priority: { group: priority.groupPriority, version: priority.versionPriority },
  }))];
  const ofGroup = new Map<string, number>();
  for (const { served: { group }, priority } of all) ofGroup.set(group, Math.max(priority.group, ofGroup.get(group) ?? 0));
  return all.toSorted(({ served: a, priority: first }, { served: b, priority: second }) => {
    if (a.group === b.group) return second.version - first.version || compareVersions(a.version, b.version);
    return (ofGroup.get(b.group) ?? 0) - (ofGroup.get(a.group) ?? 0) || (a.group < b.group ? -1 : 1);
  }).map(({ served }) => served);
}

interface RankedVersion {
  readonly served: ServedVersion;
  readonly priority: ApiPriority;
}

function localVersions(kinds: readonly Kind[]): readonly RankedVersion[] {
  const byName = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const name = apiVersionOf(kind);
    const members = byName.get(name);
    if (members === undefined) byName.set(name, [kind]);
    else members.push(kind);
  }
  return [...byName.values()].map((members) => {
    const { group = "", version = "" } = members[0] ?? {};
    return { served: { group, version, kinds: members.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)) }, priority: localPriority(group, version) };
  });
}

/** Every group and version served here. */
export function groupVersionsOf(kinds: readonly Kind[]): readonly ServedVersion[] {
  return servedVersions(kinds);
}

/** `/api`. */
export function apiVersions(address: string): JsonObject {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }] };
}

/** `/apis`. */
export function apiGroupList(served: readonly ServedVersion[]): JsonObject {
  return { kind: "APIGroupList", apiVersion: "v1", groups: namedGroups(served).map((group) => groupOf(served, group)) };
}

/** `/apis/GROUP`; undefined for a group that is not served. */
export function apiGroup(served: readonly ServedVersion[], group: string): JsonObject | undefined {
  return namedGroups(served).includes(group) ? { kind: "APIGroup", apiVersion: "v1", ...groupOf(served, group) } : undefined;
}

function namedGroups(served: readonly ServedVersion[]): readonly string[] {
  return [...new Set(served.map(({ group }) => group))].filter((group) => group !== "");
}

function groupOf(served: readonly ServedVersion[], group: string): JsonObject {
  const versions = served.filter((one) => one.group === group).map(({ version }) => ({ groupVersion: `${group}/${version}`, version }));
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
export function aggregatedDiscovery(all: readonly ServedVersion[], root: "api" | "apis", version: "v2" | "v2beta1"): JsonObject {
  const served = all.filter((candidate) => (candidate.group === "") === (root === "api"));
  const groups = [...new Set(served.map((candidate) => candidate.group))];
  const items: readonly Json[] = groups.map((group) => ({
    metadata: group === "" ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
    versions: served.filter((candidate) => candidate.group === group).map((candidate) => ({
      version: candidate.version, freshness: candidate.remote?.freshness ?? "Current", resources: candidate.remote?.resources ?? candidate.kinds.map(aggregatedResource),
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
