import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { CertificateSubject } from "./authentication.ts";

/** A connection as requests tell of it: over TLS, which their types leave open. */
export type PeerSocket = Pick<Socket, "remoteAddress"> & Partial<Pick<TLSSocket, "authorized" | "getPeerCertificate">>;

/** What a connection's certificate says: nothing without one; nobody where it is expired, from elsewhere or for another use, or names none. */
export interface PeerCertificate {
  readonly subject?: CertificateSubject;
  /** One was shown that names nobody: wrong credentials, which are never taken for none. */
  readonly isWrong: boolean;
}

/** What was read of each connection's certificate: connections live long and the certificate does not change. */
const known = new WeakMap<object, PeerCertificate>();

const noCertificate: PeerCertificate = { isWrong: false };

/**
 * The client certificate of a connection, as the TLS layer verified it.
 *
 * @param connection what stays the same for all requests of the connection: the socket, or the HTTP/2 session
 */
export function readClientCertificate(connection: object, socket: PeerSocket): PeerCertificate {
  const before = known.get(connection);
  if (before !== undefined) return before;
  const read = readPeer(socket);
  known.set(connection, read);
  return read;
}

function readPeer(socket: PeerSocket): PeerCertificate {
  const shown = socket.getPeerCertificate?.();
  // Node answers an empty object where there is none.
  if (shown === undefined || shown.raw === undefined) return noCertificate;
  const subject = socket.authorized === true ? subjectOf(shown) : undefined;
  return subject === undefined ? { isWrong: true } : { subject, isWrong: false };
}

function subjectOf(certificate: { readonly subject?: { readonly CN?: unknown; readonly O?: unknown } }): CertificateSubject | undefined {
  const names = textsOf(certificate.subject?.CN);
  // Two common names would leave open who is meant.
  const [commonName, ...others] = names;
  if (commonName === undefined || others.length > 0) return undefined;
  return { commonName, organizations: textsOf(certificate.subject?.O) };
}

function textsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((item): item is string => typeof item === "string");
}
