import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { findSubresource } from "../../model/subresource.ts";
import type { AggregatedTarget } from "./aggregated.ts";

/** Where several writes are committed at one revision. */
export const transactionPath = "/apis/capstan.dev/v1/transactions";

const transactionSegments = transactionPath.split("/").length - 1;

/** What a URL path names. The query and the method decide the verb afterwards. */
export type RequestTarget =
  | ResourceTarget
  /** A document that is no resource: discovery, OpenAPI, health, version, metrics. */
  | { readonly kind: "document"; readonly path: string }
  /** A known group and version without such a resource: upstream answers a Status. */
  | { readonly kind: "unknown-resource" }
  /** Several writes at one revision, which Kubernetes does not have. */
  | { readonly kind: "transaction" }
  /** What another server answers for. */
  | AggregatedTarget
  /** Nothing of ours: upstream answers plain text. */
  | { readonly kind: "unknown-path" };

/** A path to a resource: a collection without `name`, one object or one of its subresources with it. */
export interface ResourceTarget {
  readonly kind: "resource";
  readonly resource: Kind;
  /** Absent for cluster-scoped kinds and for collections across namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** The deprecated `/api/v1/watch/…` form. */
  readonly isWatchPath: boolean;
  /** What lies behind `…/proxy`, as it was sent. */
  readonly proxyPath?: string;
}

/** A path through a proxy: whatever follows is the other side's. */
const proxyPattern = /^(\/api\/v1\/(?:namespaces\/[^/]+\/(?:pods|services)|nodes)\/[^/]+)\/proxy(\/.*)$/;

/** Collections remembered, for some kinds in each of a hundred namespaces. */
const collectionsMax = 1_024;

/** Collections in a namespace by their path. A list of kinds never changes: another one takes its place. */
const collections = new WeakMap<readonly Kind[], Map<string, ResourceTarget>>();

/**
 * Finds what a path names, from the kinds alone: no route is written by hand. The path comes without the query. Most paths are those of a collection that was
 * asked for before, or of one of its objects.
 */
export function parseRequestPath(path: string, kinds: readonly Kind[]): RequestTarget {
  const known = collections.get(kinds) ?? new Map<string, ResourceTarget>();
  const nameAt = path.lastIndexOf("/") + 1;
  const collection = known.get(path.slice(0, nameAt - 1));
  if (collection?.namespace !== undefined && isPlainName(path, nameAt)) {
    return { kind: "resource", resource: collection.resource, isWatchPath: false, namespace: collection.namespace, name: path.slice(nameAt) };
  }
  const target = known.get(path) ?? parseWholePath(path, kinds);
  if (target.kind === "resource" && target.namespace !== undefined && target.name === undefined && !target.isWatchPath && !path.endsWith("/") && !known.has(path)) {
    if (known.size >= collectionsMax) known.clear();
    collections.set(kinds, known.set(path, target));
  }
  return target;
}

/** True where a name begins that is written as it is. */
function isPlainName(path: string, nameAt: number): boolean {
  const first = path.charCodeAt(nameAt);
  return nameAt < path.length && first !== dot && !path.includes("%", nameAt);
}

const dot = 0x2e;

function parseWholePath(path: string, kinds: readonly Kind[]): RequestTarget {
  const proxied = path.includes("/proxy/") ? proxyPattern.exec(path) : null;
  if (proxied !== null) {
    const target = parseRequestPath(`${proxied[1] ?? ""}/proxy`, kinds);
    return target.kind === "resource" ? { ...target, proxyPath: proxied[2] ?? "/" } : target;
  }
  const segments = decodeSegments(path);
  if (segments === undefined) return { kind: "unknown-path" };
  const [root, first = "", second = ""] = segments;
  if (root === "apis" && segments.length === transactionSegments && `/${segments.join("/")}` === transactionPath) return { kind: "transaction" };
  if (root === "api" && segments.length >= 3) return parseGroupPath({ group: "", version: first, segments: segments.slice(2), kinds });
  if (root === "apis" && segments.length >= 4) return parseGroupPath({ group: first, version: second, segments: segments.slice(3), kinds });
  return { kind: "document", path: `/${segments.join("/")}` };
}

/** Splits and decodes; undefined for a path with broken escapes or empty segments in the middle. */
export function decodeSegments(path: string): readonly string[] | undefined {
  const parts = path.slice(path.startsWith("/") ? 1 : 0, path.length > 1 && path.endsWith("/") ? -1 : undefined).split("/");
  try {
    const decoded = path.includes("%") ? parts.map((part) => decodeURIComponent(part)) : parts;
    for (const part of decoded) if (part === "." || part === ".." || (part === "" && decoded.length > 1) || part.includes("/")) return undefined;
    return decoded;
  } catch {
    return undefined;
  }
}

interface GroupPath {
  readonly group: string;
  readonly version: string;
  readonly segments: readonly string[];
  readonly kinds: readonly Kind[];
}

/** Kinds by plural, by group and version. A list of kinds never changes: another one takes its place. */
const indexes = new WeakMap<readonly Kind[], ReadonlyMap<string, ReadonlyMap<string, Kind>>>();

function kindsIn(kinds: readonly Kind[], group: string, version: string): ReadonlyMap<string, Kind> | undefined {
  const known = indexes.get(kinds) ?? indexKinds(kinds);
  return known.get(`${group}/${version}`);
}

function indexKinds(kinds: readonly Kind[]): ReadonlyMap<string, ReadonlyMap<string, Kind>> {
  const index = new Map<string, Map<string, Kind>>();
  for (const kind of kinds) {
    const name = `${kind.group}/${kind.version}`;
    const served = index.get(name) ?? new Map<string, Kind>();
    index.set(name, served);
    if (!served.has(kind.plural)) served.set(kind.plural, kind);
  }
  indexes.set(kinds, index);
  return index;
}

function parseGroupPath({ group, version, segments, kinds }: GroupPath): RequestTarget {
  const served = kindsIn(kinds, group, version);
  if (served === undefined) return { kind: "unknown-path" };
  const isWatchPath = segments[0] === "watch" && segments.length > 1;
  const parts = isWatchPath ? segments.slice(1) : segments;
  const namespace = parts[1];
  if (parts[0] === "namespaces" && namespace !== undefined && parts.length >= 3 && !isNamespaceSubresource(group, parts)) {
    const resource = served.get(parts[2] ?? "");
    if (resource === undefined || !resource.namespaced || parts.length > 5) return { kind: "unknown-resource" };
    return resourceTarget(resource, isWatchPath, { namespace, name: parts[3], subresource: parts[4] });
  }
  const resource = served.get(parts[0] ?? "");
  if (resource === undefined || parts.length > 3 || (resource.namespaced && parts.length > 1)) return { kind: "unknown-resource" };
  return resourceTarget(resource, isWatchPath, { namespace: undefined, name: parts[1], subresource: parts[2] });
}

/** What of a path stands in front of and behind the resource. */
interface Place {
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Written out for the paths that most requests have: putting a target together piece by piece takes longer than finding it. */
function resourceTarget(resource: Kind, isWatchPath: boolean, { namespace, name, subresource }: Place): ResourceTarget {
  if (namespace !== undefined && name !== undefined && subresource === undefined) return { kind: "resource", resource, isWatchPath, namespace, name };
  return {
    kind: "resource", resource, isWatchPath,
    ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }), ...(subresource === undefined ? {} : { subresource }),
  };
}

/** `/api/v1/namespaces/NAME/status` and `…/finalize` are the namespace's own, not a resource inside it. */
function isNamespaceSubresource(group: string, parts: readonly string[]): boolean {
  return group === "" && parts.length === 3 && (parts[2] === "status" || parts[2] === "finalize");
}

/** The verbs every kind has unless it says otherwise. */
export const standardVerbs: readonly string[] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** The verbs of a kind, in discovery's order. */
export function verbsOf(kind: Kind): readonly string[] {
  return kind.verbs ?? standardVerbs;
}

/** What each method means below an object. */
const subresourceVerbs: ReadonlyMap<string, string> = new Map([["GET", "get"], ["HEAD", "get"], ["POST", "create"], ["PUT", "update"], ["PATCH", "patch"], ["DELETE", "delete"]]);

/** Whoever may be updated may be patched. */
function subresourceVerb(method: string, kind: Kind, name: string): string | undefined {
  // A method that means nothing here is the other side's business; only who has every verb may use it, as upstream.
  if (method === "OPTIONS" && name === "proxy") return "";
  const verb = subresourceVerbs.get(method);
  const allowed = findSubresource(kind, name)?.verbs;
  if (allowed === undefined || verb === undefined || allowed.includes(verb)) return verb;
  return verb === "patch" && allowed.includes("update") ? verb : undefined;
}

/** The verb a method means on a target; undefined when the method is not allowed there. */
export function verbOf(method: string, target: ResourceTarget, isWatch: boolean): string | undefined {
  const isOne = target.name !== undefined;
  if (target.subresource !== undefined) return subresourceVerb(method, target.resource, target.subresource);
  switch (method) {
    case "GET": case "HEAD":
      if (isWatch) return "watch";
      return isOne ? "get" : "list";
    case "POST": return isOne || (target.resource.namespaced && target.namespace === undefined) ? undefined : "create";
    case "PUT": return isOne ? "update" : undefined;
    case "PATCH": return isOne ? "patch" : undefined;
    case "DELETE":
      if (isOne) return "delete";
      return target.resource.namespaced && target.namespace === undefined ? undefined : "deletecollection";
    default: return undefined;
  }
}

/** The REST path of a kind's collection or object, as clients ask for it. */
export function printResourcePath(kind: Kind, place: { readonly namespace?: string; readonly name?: string; readonly subresource?: string }): string {
  const root = kind.group === "" ? "/api/v1" : `/apis/${apiVersionOf(kind)}`;
  const scope = kind.namespaced && place.namespace !== undefined && place.namespace !== "" ? `/namespaces/${encodeURIComponent(place.namespace)}` : "";
  const name = place.name === undefined ? "" : `/${encodeURIComponent(place.name)}`;
  const subresource = place.subresource === undefined ? "" : `/${place.subresource}`;
  return `${root}${scope}/${kind.plural}${name}${subresource}`;
}
