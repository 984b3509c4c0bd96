import { identityHeaders } from "../aggregation/front-proxy.ts";
import type { Aggregation } from "../aggregation/aggregation.ts";
import { serverNameOf } from "../aggregation/routes.ts";
import type { ApiRoute } from "../aggregation/routes.ts";
import { ApiError, isApiError } from "../../model/api-error.ts";
import { accessDenied } from "../errors.ts";
import type { AccessAttributes, Authorizer } from "../verbs.ts";
import { textAnswer } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import type { Edge } from "./edge.ts";
import { passRequest, toldHeaders } from "./passage.ts";
import type { Trust } from "./passage.ts";
import { attributesOfPath } from "./path-attributes.ts";
import { unreachable } from "./proxy.ts";
import type { ProxiedProgram } from "./proxy.ts";
import { proxiedAnswer } from "./proxied-answer.ts";
import { isWatchRequest } from "./request-options.ts";
import { decodeSegments } from "./request-path.ts";

/** A path that another server answers for. */
export interface AggregatedTarget {
  readonly kind: "aggregated";
  readonly route: ApiRoute;
  /** What the request is to the authoriser: what the path says, for what there is nobody here knows. */
  readonly access: AccessAttributes;
}

/** The largest body that is passed on: ten times what servers built as Kubernetes' own take. */
const uploadBytesMax = 32 * 1024 * 1024;

/** Finds the server of a path below `/apis/GROUP/VERSION`; undefined where there is none, and for paths that servers may read in two ways. */
export function findAggregated(apis: Pick<Aggregation, "find">, { method, path, query }: { readonly method: string; readonly path: string; readonly query: URLSearchParams }): AggregatedTarget | undefined {
  const [root, group = "", version = ""] = decodeSegments(path) ?? [];
  const route = root === "apis" ? apis.find(group, version) : undefined;
  return route === undefined ? undefined : { kind: "aggregated", route, access: withSelectedName(attributesOfPath(method, path, isWatchRequest(query)), query) };
}

/** A list that asks for one name may be allowed for it. @see kubernetes apiserver pkg/endpoints/request/requestinfo.go */
function withSelectedName(access: AccessAttributes, query: URLSearchParams): AccessAttributes {
  if (access.name !== undefined || !collectionVerbs.has(access.verb)) return access;
  const [, name] = /(?:^|,)metadata\.name==?([^,=!]+)(?:,|$)/.exec(query.get("fieldSelector") ?? "") ?? [];
  return name === undefined ? access : { ...access, name };
}

const collectionVerbs: ReadonlySet<string> = new Set(["deletecollection", "list", "watch"]);

/** Subresources whose requests stay open by design. @see kubernetes pkg/controlplane/apiserver BasicLongRunningRequestCheck */
const longRunning: ReadonlySet<string> = new Set(["attach", "exec", "log", "portforward", "proxy"]);

/** True for requests to another server that stay open. */
export function isLongAggregated({ access: { verb, subresource = "" } }: AggregatedTarget): boolean {
  return verb === "watch" || verb === "proxy" || longRunning.has(subresource);
}

/** Passes a request on to the server of its group and version, as it comes, and its answer back. Throws Forbidden; what cannot be asked is answered with 503. */
export async function answerAggregated(edge: Pick<Edge, "aggregation" | "authorizer">, request: EdgeRequest, target: AggregatedTarget): Promise<Answer> {
  demandAccess(edge.authorizer, request, target);
  return passAggregated(edge, request, target.route);
}

/** The same for who may. */
export async function passAggregated({ aggregation }: Pick<Edge, "aggregation">, request: EdgeRequest, route: ApiRoute): Promise<Answer> {
  const { path } = request;
  if (!route.isAvailable || aggregation === undefined) return unavailable;
  const headers = toldHeaders(request.headers ?? {}, path, trustOf(route, request));
  try {
    return proxiedAnswer(await passRequest({ path: withQuery(request), headers, agent: aggregation.servers.poolOf(route), uploadBytesMax }, request), request, "");
  } catch (error) {
    if (isApiError(error)) throw error;
    return textAnswer(`${unreachable(error instanceof Error ? error.message : String(error)).message}\n`, 503);
  }
}

/** What asks for an upgrade. */
type UpgradeRequest = Pick<EdgeRequest, "caller" | "path" | "query" | "signal" | "remoteAddress">;

/** Connects an upgrade with the server of its group and version. Throws Forbidden, and ServiceUnavailable where it cannot be reached. */
export async function openAggregated({ aggregation, authorizer }: Pick<Edge, "aggregation" | "authorizer">, request: UpgradeRequest, target: AggregatedTarget): Promise<ProxiedProgram> {
  demandAccess(authorizer, request, target);
  const { route } = target;
  if (!route.isAvailable || aggregation === undefined) throw new ApiError("ServiceUnavailable", "service unavailable");
  const stream = await aggregation.servers.connect(route, request.signal).catch((error: unknown) => { throw unreachable(error instanceof Error ? error.message : String(error)); });
  return { stream, path: withQuery(request), prefix: "", trust: trustOf(route, request) };
}

/** What upstream answers for a server that is not there. */
const unavailable = textAnswer("service unavailable\n", 503);

function demandAccess(authorizer: Pick<Authorizer, "isAllowed">, { caller: { user } }: Pick<EdgeRequest, "caller">, { access }: AggregatedTarget): void {
  if (!authorizer.isAllowed(user, access)) throw accessDenied(user.name, access);
}

function trustOf(route: ApiRoute, { caller: { user }, remoteAddress }: Pick<EdgeRequest, "caller" | "remoteAddress">): Trust {
  return { host: serverNameOf(route), remoteAddress, identity: identityHeaders(user) };
}

function withQuery({ path, query }: Pick<EdgeRequest, "path" | "query">): string {
  const asked = query.toString();
  return asked === "" ? path : `${path}?${asked}`;
}
