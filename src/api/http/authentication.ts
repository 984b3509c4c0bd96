import type { IncomingHttpHeaders } from "node:http";
import { authenticated } from "../access/token-owners.ts";
import type { UserInfo } from "../client.ts";

/** What a client shows of itself. */
export interface Credentials {
  readonly bearerToken?: string | undefined;
  /** A client certificate the TLS layer has verified against the daemon's CA: the same value for all requests of a connection. */
  readonly certificate?: CertificateSubject | undefined;
}

/** The parts of a certificate's subject that name a user: CN and O. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** Finds who a client is; undefined for credentials that are wrong, expired or absent. Answers at once where nobody has to be asked. */
export interface Authenticator {
  authenticate(credentials: Credentials): UserInfo | undefined | Promise<UserInfo | undefined>;
}

/** Who asks without saying so; may read the public documents only. */
export const anonymousUser: UserInfo = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** Longest bearer token looked at; tokens of ServiceAccounts have about 1,000 letters, those of identity providers some thousand. */
const tokenLengthMax = 16_384;

/** The token of an Authorization header; undefined for another scheme or an absurd length. */
export function parseBearer(header: string | undefined): string | undefined {
  const match = /^Bearer +([!-~]+) *$/i.exec((header ?? "").slice(0, tokenLengthMax + 10));
  const token = match?.[1];
  return token === undefined || token.length > tokenLengthMax ? undefined : token;
}

/** How browsers, which cannot set headers there, send a token with a WebSocket. @see kubernetes apiserver pkg/authentication/request/websocket/protocol.go */
const socketBearerPrefix = "base64url.bearer.authorization.k8s.io.";

/** The token among the protocols of a WebSocket; undefined for any other request, for two tokens, and where no other protocol is offered. */
export function parseSocketBearer({ upgrade, "sec-websocket-protocol": protocols }: IncomingHttpHeaders): string | undefined {
  if (protocols === undefined || upgrade?.toLowerCase() !== "websocket") return undefined;
  const offered = protocols.split(",").map((protocol) => protocol.trim());
  const [first, ...others] = offered.filter((protocol) => protocol.startsWith(socketBearerPrefix));
  if (first === undefined || others.length > 0 || offered.length < 2) return undefined;
  return parseBearer(`Bearer ${Buffer.from(first.slice(socketBearerPrefix.length), "base64url").toString()}`);
}

/** Headers without the token among the protocols of a WebSocket, for whoever is not to see it. */
export function withoutSocketBearer(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { "sec-websocket-protocol": protocols, ...rest } = headers;
  if (protocols === undefined) return headers;
  const kept = protocols.split(",").map((protocol) => protocol.trim()).filter((protocol) => !protocol.startsWith(socketBearerPrefix));
  return kept.length === 0 ? rest : { ...rest, "sec-websocket-protocol": kept.join(", ") };
}

/**
 * Certificates first, then tokens, as upstream.
 *
 * @param users answers the user of a bearer token, undefined when it is unknown or expired
 */
export function createAuthenticator(users: (token: string) => Promise<UserInfo | undefined>): Authenticator {
  const ofCertificates = new WeakMap<CertificateSubject, UserInfo>();
  const ofCertificate = (certificate: CertificateSubject): UserInfo | undefined => {
    const known = ofCertificates.get(certificate);
    if (known !== undefined) return known;
    const named = userOfCertificate(certificate);
    if (named === undefined) return undefined;
    const user = authenticated(named);
    ofCertificates.set(certificate, user);
    return user;
  };
  return {
    authenticate({ certificate, bearerToken }) {
      const user = certificate === undefined ? undefined : ofCertificate(certificate);
      if (user !== undefined || bearerToken === undefined) return user;
      return users(bearerToken).then((owner) => (owner === undefined ? undefined : authenticated(owner)));
    },
  };
}

/** CN is the user, each O a group. A certificate without a name names nobody. Pure. */
export function userOfCertificate(subject: CertificateSubject): UserInfo | undefined {
  return subject.commonName === "" ? undefined : { name: subject.commonName, groups: subject.organizations };
}
