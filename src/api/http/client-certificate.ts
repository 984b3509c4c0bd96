import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { CertificateSubject } from "./authentication.ts";

/** A connection as requests tell of it: over TLS, which their types leave open. */
export type PeerSocket = Pick<Socket, "remoteAddress"> & Partial<Pick<TLSSocket, "authorized" | "getPeerCertificate">>;

/** What was read of each connection's certificate: connections live long and the certificate does not change. */
const known = new WeakMap<object, { readonly subject: CertificateSubject | undefined }>();

/**
 * The subject of the client certificate of a connection, when the TLS layer verified it.
 *
 * @param connection what stays the same for all requests of the connection: the socket, or the HTTP/2 session
 */
export function readClientCertificate(connection: object, socket: PeerSocket): CertificateSubject | undefined {
  const before = known.get(connection);
  if (before !== undefined) return before.subject;
  const subject = socket.authorized === true && socket.getPeerCertificate !== undefined ? subjectOf(socket.getPeerCertificate()) : undefined;
  known.set(connection, { subject });
  return subject;
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
