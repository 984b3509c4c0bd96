import type { IncomingHttpHeaders } from "node:http";
import type { TLSSocket } from "node:tls";
import { ApiError } from "../../model/api-error.ts";
import type { UserInfo } from "../client.ts";
import type { AccessAttributes, Authorizer } from "../verbs.ts";
import { anonymousUser, parseBearer } from "./authentication.ts";
import type { Authenticator } from "./authentication.ts";
import { readClientCertificate } from "./client-certificate.ts";
import { impersonate } from "./impersonation.ts";
import { isWatchRequest } from "./request-options.ts";
import { verbOf } from "./request-path.ts";
import type { RequestTarget } from "./request-path.ts";

/** What says who a request is from; the same for HTTP/1.1, HTTP/2 and upgrades. */
export interface RawRequest {
  readonly headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
  readonly socket: TLSSocket;
  readonly stream?: { readonly session?: object };
}

/** What is asked for, which decides whether a name is needed. */
export interface Asked {
  readonly method: string;
  readonly target: RequestTarget;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Who asks, or whom they may act as. Throws Unauthorized where a name is needed, Forbidden for whom they may not impersonate. */
export async function identify(access: { readonly authenticator: Authenticator; readonly authorizer: Authorizer }, { headers, rawHeaders, socket, stream }: RawRequest, asked: Asked): Promise<UserInfo> {
  const certificate = readClientCertificate(stream?.session ?? socket, socket);
  const { authorization } = headers;
  const bearerToken = parseBearer(authorization);
  const known = await access.authenticator.authenticate({
    ...(certificate === undefined ? {} : { certificate }), ...(bearerToken === undefined ? {} : { bearerToken }),
  });
  // Wrong credentials are never taken for none.
  const user = known ?? (authorization === undefined && isForAnybody(access.authorizer, asked) ? anonymousUser : undefined);
  if (user === undefined) throw new ApiError("Unauthorized", "Unauthorized");
  return impersonate(user, rawHeaders, access.authorizer);
}

/** True for what the roles of those who do not say who they are allow. */
function isForAnybody(authorizer: Authorizer, asked: Asked): boolean {
  const attributes = attributesOf(asked);
  return attributes !== undefined && authorizer.isAllowed(anonymousUser, attributes);
}

/** What a request is to the authoriser; undefined for one that means nothing by itself. */
function attributesOf({ method, target, path, query }: Asked): AccessAttributes | undefined {
  if (target.kind === "document" || target.kind === "unknown-path") return { verb: method.toLowerCase(), group: "", resource: "", path };
  if (target.kind !== "resource") return undefined;
  const verb = verbOf(method, target, target.isWatchPath || isWatchRequest(query));
  const { resource: { group, plural }, namespace, name, subresource } = target;
  return verb === undefined ? undefined : {
    verb, group, resource: plural, ...(subresource === undefined ? {} : { subresource }), ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }),
  };
}
