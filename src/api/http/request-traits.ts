import type { UserInfo } from "../client.ts";
import type { FlowRequest } from "../fairness/classify.ts";
import type { RequestLabels } from "../metrics/request-metrics.ts";
import { isWatchRequest } from "./request-options.ts";
import { verbOf } from "./request-path.ts";
import type { RequestTarget, ResourceTarget } from "./request-path.ts";

/** What of a request others go by. */
export interface RequestTraits {
  readonly method: string;
  readonly target: RequestTarget;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** True for requests that stay open by design: watches, logs and what is proxied. */
export function isLongRunning({ target, query }: Pick<RequestTraits, "target" | "query">): boolean {
  return target.kind === "resource" && (target.subresource === "log" || target.subresource === "proxy" || target.isWatchPath || isWatchRequest(query));
}

/** What request limits go by. */
export function flowRequestOf({ method, target, path, query }: RequestTraits, user: UserInfo): FlowRequest {
  if (target.kind !== "resource") return { user, verb: method.toLowerCase(), path };
  const { resource: { group, plural }, subresource, namespace = "" } = target;
  return { user, verb: verbOf(method, target, target.isWatchPath || isWatchRequest(query)) ?? method.toLowerCase(), path, resource: { group, resource: plural, subresource, namespace } };
}

/** Upstream's words for what a request does, where they are not the verb's own in capitals. */
const metricVerbs: Readonly<Record<string, string>> = { create: "POST", update: "PUT", deletecollection: "DELETECOLLECTION" };

/** Other methods are made up, and share one label. */
const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** What a request is counted under. Made-up paths, kinds and methods have no labels of their own. */
export function metricLabelsOf({ method, target, query }: RequestTraits, contentType: string | undefined): RequestLabels {
  const isDryRun = query.has("dryRun");
  if (target.kind !== "resource") return { verb: knownMethods.has(method) ? method : "other", group: "", version: "", resource: "", subresource: "", scope: "", isDryRun };
  const { resource: { group, version, plural }, subresource, name, namespace } = target;
  const known = verbOf(method, target, target.isWatchPath || isWatchRequest(query));
  const isApply = known === "patch" && contentType?.startsWith("application/apply-patch") === true;
  const verb = known === undefined ? "other" : isApply ? "APPLY" : metricVerbs[known] ?? known.toUpperCase();
  const scope = name !== undefined || known === "create" ? "resource" : namespace !== undefined ? "namespace" : "cluster";
  return { verb, group, version, resource: plural, subresource: known === undefined ? "" : subresource ?? "", scope, isDryRun };
}

/** The same for what becomes a connection, as a terminal. */
export function connectLabelsOf({ resource: { group, version, plural }, subresource = "" }: ResourceTarget): RequestLabels {
  return { verb: "CONNECT", group, version, resource: plural, subresource, scope: "resource", isDryRun: false };
}
