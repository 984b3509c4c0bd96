import type { Kind } from "../../model/kind.ts";
import type { Aggregation } from "../aggregation/aggregation.ts";
import type { UserInfo } from "../client.ts";
import type { FlowRequest } from "../fairness/classify.ts";
import type { RequestLabels } from "../metrics/request-metrics.ts";
import type { AccessAttributes } from "../verbs.ts";
import { findAggregated, isLongAggregated } from "./aggregated.ts";
import { isWatchRequest, parseQuery } from "./request-options.ts";
import { attributesOfPath } from "./path-attributes.ts";
import { parseRequestPath, verbOf } from "./request-path.ts";
import type { RequestTarget, ResourceTarget } from "./request-path.ts";

/** What is asked for, as the first line of a request says. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly target: RequestTarget;
  /** The API's word for it; undefined for what is no resource, or where the method means nothing. */
  readonly verb: string | undefined;
}

/** What is served: here, and by other servers. */
export interface Served {
  readonly kinds: readonly Kind[];
  readonly aggregation?: Pick<Aggregation, "find">;
}

/** Takes the first line of a request apart. */
export function parseAsked(method: string, url: string, { kinds, aggregation }: Served): Asked {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = parseQuery(mark < 0 ? "" : url.slice(mark + 1));
  const target = parseRequestPath(path, kinds);
  // What is served here is nobody else's: of most requests nothing else is looked at.
  if (aggregation !== undefined && (target.kind === "document" || target.kind === "unknown-path")) {
    const aggregated = findAggregated(aggregation, { method, path, query });
    if (aggregated !== undefined) return { method, path, query, target: aggregated, verb: aggregated.access.verb };
  }
  return { method, path, query, target, verb: target.kind === "resource" ? verbOf(method, target, target.isWatchPath || isWatchRequest(query)) : undefined };
}

/** True for requests that stay open by design: watches, logs and what is proxied. */
export function isLongRunning({ target, query }: Pick<Asked, "target" | "query">): boolean {
  if (target.kind === "aggregated") return isLongAggregated(target);
  return target.kind === "resource" && (target.subresource === "log" || target.subresource === "proxy" || target.isWatchPath || isWatchRequest(query));
}

/** What a request is to the authoriser; undefined for a transaction, whose writes are asked about one by one. */
export function attributesOf({ method, target, path, query, verb }: Asked): AccessAttributes | undefined {
  if (target.kind === "transaction") return undefined;
  if (target.kind === "aggregated") return target.access;
  if (target.kind === "document") return { verb: method.toLowerCase(), group: "", resource: "", path };
  if (target.kind !== "resource" || verb === undefined) return attributesOfPath(method, path, isWatchRequest(query));
  const { resource: { group, plural }, namespace, name, subresource } = target;
  return {
    verb, group, resource: plural, ...(subresource === undefined ? {} : { subresource }), ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }),
  };
}

/** What request limits go by. */
export function flowRequestOf({ method, target, path, verb }: Asked, user: UserInfo): FlowRequest {
  if (target.kind === "aggregated" && target.access.path === undefined) {
    const { group, resource, subresource, namespace = "" } = target.access;
    return { user, verb: target.access.verb, path, resource: { group, resource, subresource, namespace } };
  }
  if (target.kind !== "resource") return { user, verb: method.toLowerCase(), path };
  const { resource: { group, plural }, subresource, namespace = "" } = target;
  return { user, verb: verb ?? method.toLowerCase(), path, resource: { group, resource: plural, subresource, namespace } };
}

/** Upstream's words for what a request does, where they are not the verb's own in capitals. */
const metricVerbs: Readonly<Record<string, string>> = { create: "POST", get: "GET", list: "LIST", watch: "WATCH", update: "PUT", patch: "PATCH", delete: "DELETE", deletecollection: "DELETECOLLECTION" };

/** Other methods are made up, and share one label. */
const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** What a request is counted under. Made-up paths, kinds and methods have no labels of their own. */
export function metricLabelsOf({ method, target, query, verb }: Asked, contentType: string | undefined): RequestLabels {
  const isDryRun = query.has("dryRun");
  // What resources another server has nobody here knows.
  if (target.kind === "aggregated") return { verb: metricVerbs[target.access.verb] ?? "other", group: target.route.group, version: target.route.version, resource: "", subresource: "", scope: "", isDryRun };
  if (target.kind !== "resource") return { verb: knownMethods.has(method) ? method : "other", group: "", version: "", resource: "", subresource: "", scope: "", isDryRun };
  const { resource: { group, version, plural }, subresource, name, namespace } = target;
  const isApply = verb === "patch" && contentType?.startsWith("application/apply-patch") === true;
  const label = verb === undefined || verb === "" ? "other" : isApply ? "APPLY" : metricVerbs[verb] ?? verb.toUpperCase();
  const scope = name !== undefined || verb === "create" ? "resource" : namespace !== undefined ? "namespace" : "cluster";
  return { verb: label, group, version, resource: plural, subresource: verb === undefined ? "" : subresource ?? "", scope, isDryRun };
}

/** The same for what becomes a connection, as a terminal. */
export function connectLabelsOf({ resource: { group, version, plural }, subresource = "" }: ResourceTarget): RequestLabels {
  return { verb: "CONNECT", group, version, resource: plural, subresource, scope: "resource", isDryRun: false };
}
