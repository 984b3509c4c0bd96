import { isJsonObject, parseJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { serviceAccountGroups } from "../access/role-index.ts";
import { authenticated } from "../access/token-owners.ts";
import type { UserInfo } from "../client.ts";
import { metadataOf, textOf, textsOf } from "../shape.ts";
import { compareVersions } from "../version-order.ts";
import type { AskServer, ServerReply } from "./extension-servers.ts";
import type { RemoteDocument } from "./remote-documents.ts";
import type { ApiRoute } from "./routes.ts";

/** A resource of another server that namespaces have. */
export interface ForeignResource {
  readonly route: ApiRoute;
  readonly plural: string;
  readonly verbs: readonly string[];
}

/** What other servers have in namespaces. */
export interface ForeignResources {
  readonly known: readonly ForeignResource[];
  /** `GROUP/VERSION` of servers of which it is not known now. */
  readonly unknown: readonly string[];
}

/** What of one resource stands in a namespace afterwards. */
export interface ForeignRemainder {
  /** `animals.zoo.example.com` */
  readonly resource: string;
  readonly count: number;
  readonly finalizers: ReadonlyMap<string, number>;
}

/** What emptying a namespace of other servers' objects came to. */
export interface ForeignOutcome {
  readonly left: readonly ForeignRemainder[];
  /** Servers nobody knows the resources of: whether the namespace is empty is not known. */
  readonly unknown: readonly string[];
  /** Of a server that could not be asked, or refused. */
  readonly failure: string | undefined;
}

/** As whom upstream's controller asks. */
const emptier: UserInfo = authenticated({ name: "system:serviceaccount:kube-system:namespace-controller", groups: serviceAccountGroups("kube-system") });

/** A server has this time for each of the questions. */
const askMaxMs = 10_000;

/** Objects looked at in one go; those behind them are found when these have gone. */
const pageSize = 250;

const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** What can be removed from namespaces on other servers: of each resource in the version its group prefers. Pure. */
export function foreignResources(routes: readonly (readonly [ApiRoute, RemoteDocument])[]): ForeignResources {
  const known = new Map<string, ForeignResource>();
  const unknown: string[] = [];
  for (const [route, { freshness, resources }] of routes.toSorted(([a], [b]) => b.versionPriority - a.versionPriority || compareVersions(a.version, b.version))) {
    if (freshness === "Stale") unknown.push(`${route.group}/${route.version}`);
    for (const resource of freshness === "Stale" ? [] : resources) {
      const plural = textOf(resource, "resource");
      const verbs = textsOf(resource, "verbs");
      const name = `${plural}.${route.group}`;
      if (textOf(resource, "scope") === "Namespaced" && verbs.includes("delete") && verbs.includes("list") && !known.has(name)) known.set(name, { route, plural, verbs });
    }
  }
  return { known: [...known.values()], unknown: unknown.toSorted() };
}

/** Removes what other servers have in a namespace. Never rejects. @see kubernetes pkg/controller/namespace/deletion */
export async function emptyForeign(ask: AskServer, { known, unknown }: ForeignResources, namespace: string): Promise<ForeignOutcome> {
  const left: ForeignRemainder[] = [];
  let failure: string | undefined;
  for (const resource of known) {
    const outcome = await emptyResource(ask, resource, namespace);
    if (typeof outcome === "string") failure = outcome;
    else left.push(outcome);
  }
  return { left, unknown, failure };
}

async function emptyResource(ask: AskServer, { route, plural, verbs }: ForeignResource, namespace: string): Promise<ForeignRemainder | string> {
  const path = `/apis/${route.group}/${route.version}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  const resource = `${plural}.${route.group}`;
  const send = (method: string, at: string) => ask(route, { method, path: at, user: emptier, accept: metadataOnly, timeoutMs: askMaxMs });
  const list = async () => itemsOf(await send("GET", `${path}?limit=${pageSize}`));
  const before = await list();
  if (before === undefined) return `${resource} cannot be listed`;
  if (before.length > 0 && verbs.includes("deletecollection")) await send("DELETE", path);
  else for (const item of before) if (metadataOf(item)["deletionTimestamp"] === undefined) await send("DELETE", `${path}/${encodeURIComponent(textOf(metadataOf(item), "name"))}`);
  const after = before.length === 0 ? before : await list();
  if (after === undefined) return `${resource} cannot be listed`;
  const finalizers = new Map<string, number>();
  for (const finalizer of after.flatMap((item) => textsOf(metadataOf(item), "finalizers"))) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  return { resource, count: after.length, finalizers };
}

/** The objects of a list; undefined for anything else. */
function itemsOf(reply: ServerReply): readonly JsonObject[] | undefined {
  if (reply.kind === "failed" || reply.code !== 200) return undefined;
  const list = parseJsonObject(reply.text);
  const items = list === undefined ? undefined : list["items"] ?? [];
  return Array.isArray(items) ? items.filter((item): item is JsonObject => isJsonObject(item)) : undefined;
}
