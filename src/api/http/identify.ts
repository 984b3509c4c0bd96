import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../../model/api-error.ts";
import type { UserInfo } from "../client.ts";
import { accessDenied } from "../errors.ts";
import type { Authorizer } from "../verbs.ts";
import { anonymousUser, parseBearer, parseSocketBearer } from "./authentication.ts";
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

/** Who asks, and whom they act as. The audit log tells of both, and of those who are turned away. */
export interface Identity {
  /** Without a name where credentials are wrong. */
  readonly asker: UserInfo;
  /** The same, or whom they impersonate. */
  readonly user: UserInfo;
  /** Why nothing else of the request is looked at: Unauthorized for wrong credentials, Forbidden for what nobody may without a name, and for whom they may not impersonate. */
  readonly refusal?: ApiError;
}

/** What decides who may be whom. */
interface Access {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
}

/** Who is behind wrong credentials. */
const unknownUser: UserInfo = { name: "", groups: [] };

/** Who asks, and whom they act as: at once where nobody has to be asked. */
export function identify(access: Access, bearer: Bearer, asked: Asked): Identity | Promise<Identity> {
  const { headers, socket, stream } = bearer;
  const certificate = readClientCertificate(stream?.session ?? socket, socket);
  const bearerToken = headers.authorization === undefined ? parseSocketBearer(headers) : parseBearer(headers.authorization);
  const known = access.authenticator.authenticate({ certificate: certificate.subject, bearerToken });
  // Wrong credentials are never taken for none.
  const isNameless = headers.authorization === undefined && bearerToken === undefined && !certificate.isWrong;
  return known instanceof Promise ? known.then((user) => identityOf(access, bearer, { asked, known: user, isNameless })) : identityOf(access, bearer, { asked, known, isNameless });
}

function identityOf({ authorizer }: Access, { rawHeaders }: Bearer, { asked, known, isNameless }: { readonly asked: Asked; readonly known: UserInfo | undefined; readonly isNameless: boolean }): Identity {
  if (known === undefined && !isNameless) return { asker: unknownUser, user: unknownUser, refusal: new ApiError("Unauthorized", "Unauthorized") };
  const asker = known ?? anonymousUser;
  if (known === undefined) {
    const attributes = attributesOf(asked) ?? { verb: asked.method.toLowerCase(), group: "", resource: "", path: asked.path };
    // Before anything else is looked at: who has no name takes no place among those who have.
    if (!authorizer.isAllowed(asker, attributes)) return { asker, user: asker, refusal: accessDenied(asker.name, attributes) };
  }
  try {
    return { asker, user: impersonate(asker, rawHeaders, authorizer) };
  } catch (error) {
    if (error instanceof ApiError) return { asker, user: asker, refusal: error };
    throw error;
  }
}
