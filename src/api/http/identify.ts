import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../../model/api-error.ts";
import type { UserInfo } from "../client.ts";
import type { Authorizer } from "../verbs.ts";
import { anonymousUser, parseBearer } from "./authentication.ts";
import type { Authenticator } from "./authentication.ts";
import { readClientCertificate } from "./client-certificate.ts";
import type { PeerSocket } from "./client-certificate.ts";
import { impersonate } from "./impersonation.ts";
import { attributesOf } from "./request-traits.ts";
import type { Asked } from "./request-traits.ts";

/** What says who a request is from; the same for HTTP/1.1, HTTP/2 and upgrades. */
export interface Bearer {
  readonly headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
  readonly socket: PeerSocket;
  readonly stream?: { readonly session?: object | undefined };
}

/** What decides who may be whom. */
interface Access {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
}

/**
 * Who asks, or whom they may act as: at once where nobody has to be asked. Throws or rejects with Unauthorized where a name is needed, Forbidden for
 * whom they may not impersonate.
 */
export function identify(access: Access, bearer: Bearer, asked: Asked): UserInfo | Promise<UserInfo> {
  const { headers: { authorization }, socket, stream } = bearer;
  const certificate = readClientCertificate(stream?.session ?? socket, socket);
  const bearerToken = authorization === undefined ? undefined : parseBearer(authorization);
  const known = access.authenticator.authenticate({ certificate, bearerToken });
  return known instanceof Promise ? known.then((user) => actingUser(access, bearer, { asked, known: user })) : actingUser(access, bearer, { asked, known });
}

function actingUser({ authorizer }: Access, { headers, rawHeaders }: Bearer, { asked, known }: { readonly asked: Asked; readonly known: UserInfo | undefined }): UserInfo {
  // Wrong credentials are never taken for none.
  const user = known ?? (headers.authorization === undefined && isForAnybody(authorizer, asked) ? anonymousUser : undefined);
  if (user === undefined) throw new ApiError("Unauthorized", "Unauthorized");
  return impersonate(user, rawHeaders, authorizer);
}

/** True for what the roles of those who do not say who they are allow. */
function isForAnybody(authorizer: Authorizer, asked: Asked): boolean {
  const attributes = attributesOf(asked);
  return attributes !== undefined && authorizer.isAllowed(anonymousUser, attributes);
}
