import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { errorCodeOf } from "../world/error-code.ts";
import type { RepositoryProblem } from "../world/repositories.ts";
import { unauthorized } from "./git-complaint.ts";
import type { GitRemote } from "./git-driver.ts";
import { basicAuthorization } from "./git-environment.ts";
import { redirectsMax, remoteSilenceTimeoutMs } from "./limits.ts";
import { printBytes, problem } from "./problem.ts";

/** A request to a remote. */
export interface RemoteRequest {
  /** Its credentials go to the origin of `remote.url` and nowhere else. */
  readonly remote: GitRemote;
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An answer whose body is still to be read. */
export interface RemoteResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A transfer that ended badly, as a problem to show. */
export class RemoteError extends Error {
  readonly problem: RepositoryProblem;

  constructor(found: RepositoryProblem) {
    super(found.message);
    this.problem = found;
  }
}

/**
 * Whether a redirect may be followed: to the same host only, never from https to http. Anything else would hand the daemon's reach
 * (its network, its credentials) to whoever runs the remote. @see git-config(1) http.followRedirects, CVE-2023-22490
 */
export function isRedirectAllowed(from: string, to: string): boolean {
  if (!URL.canParse(to, from)) return false;
  const a = new URL(from);
  const b = new URL(to, from);
  if (b.protocol !== "http:" && b.protocol !== "https:") return false;
  if (a.protocol === "https:" && b.protocol === "http:") return false;
  if (b.username !== "" || b.password !== "") return false;
  if (a.hostname !== b.hostname) return false;
  return a.protocol === b.protocol ? a.port === b.port : a.port === "" && b.port === "";
}

/** Bounds of one request, and what it takes for an answer. */
export interface RemoteOptions {
  readonly bytesMax: number;
  /** Answers 401 rather than throwing it. */
  readonly passesUnauthorized?: boolean;
  /** Instead of `isRedirectAllowed`. Credentials never follow to another host. */
  readonly isRedirectAllowed?: (from: string, to: string) => boolean;
}

/** Sends one request, follows allowed redirects of a GET, stops a body over the limit. Throws `RemoteError` for what the user should read. */
export async function requestRemote(asked: RemoteRequest, options: RemoteOptions, signal: AbortSignal): Promise<RemoteResponse> {
  let url = asked.url;
  const mayFollow = options.isRedirectAllowed ?? isRedirectAllowed;
  for (let step = 0; step <= redirectsMax; step++) {
    const message = await send({ ...asked, url, headers: new URL(url).hostname === new URL(asked.url).hostname ? asked.headers : withoutAuthorization(asked.headers) }, signal);
    const status = message.statusCode ?? 0;
    const location = message.headers.location;
    if (status >= 300 && status < 400 && status !== 304 && location !== undefined) {
      message.destroy();
      if (asked.method !== "GET" || !mayFollow(url, location)) throw new RemoteError(redirectRefused(asked.remote.url, url, location));
      url = new URL(location, url).href;
      continue;
    }
    const context = { url: asked.remote.url, hasCredentials: asked.remote.credentials !== undefined };
    if ((status === 401 && options.passesUnauthorized !== true) || status === 403) { message.destroy(); throw new RemoteError(unauthorized(context)); }
    return { status, url, headers: flatten(message), body: limitBody(message, { url: asked.remote.url, bytesMax: options.bytesMax }) };
  }
  throw new RemoteError(problem("Unreachable", `${asked.remote.url}: redirects more than ${redirectsMax} times`));
}

function withoutAuthorization({ authorization: _own, ...headers }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return headers;
}

/** A whole body. */
export async function readBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function send(asked: RemoteRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const target = new URL(asked.url);
  const { credentials } = asked.remote;
  // An upgrade from http to https of the same host (the only change of origin allowed) keeps the credentials: it makes them safer.
  const isOwnHost = target.hostname === new URL(asked.remote.url).hostname && isRedirectAllowed(asked.remote.url, asked.url);
  const headers = { ...asked.headers, "user-agent": "git/2 (capstan)", ...(credentials !== undefined && isOwnHost ? { authorization: basicAuthorization(credentials) } : {}) };
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => { reject(signal.aborted ? signal.reason as Error : new RemoteError(unreachable(asked.remote.url, error))); };
    const options = { method: asked.method, headers, signal, timeout: remoteSilenceTimeoutMs };
    const sent = target.protocol === "https:"
      ? requestHttps(target, { ...options, rejectUnauthorized: asked.remote.insecure !== true }, resolve)
      : requestHttp(target, options, resolve);
    sent.on("timeout", () => { sent.destroy(new Error(`sends nothing for ${remoteSilenceTimeoutMs / 1000} s`)); });
    sent.on("error", fail);
    sent.end(asked.body);
  });
}

async function* limitBody(message: IncomingMessage, options: { readonly url: string; readonly bytesMax: number }): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of message) {
      const bytes = chunk as Uint8Array;
      size += bytes.length;
      if (size > options.bytesMax) throw new RemoteError(problem("TooLarge", `${options.url}: answers with more than ${printBytes(options.bytesMax)}; keep large files out of the repository`));
      yield bytes;
    }
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    throw new RemoteError(unreachable(options.url, error));
  } finally {
    message.destroy();
  }
}

function redirectRefused(repository: string, from: string, location: string): RepositoryProblem {
  const target = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const shown = target === undefined ? "another place" : `${target.protocol}//${target.host}`;
  return problem("NotAllowed", `${repository}: redirects to ${shown}, which is not followed; if that is where the repository is, set repoURL to it`);
}

function unreachable(url: string, error: unknown): RepositoryProblem {
  const code = errorCodeOf(error) ?? "";
  return problem("Unreachable", `${url}: ${reasons[code] ?? (error instanceof Error && error.message !== "" ? error.message : "cannot be reached")}`);
}

/** What node's error codes mean to a person. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused); check host and port",
  ENOTFOUND: "the host's name is not known; check it and the machine's DNS",
  EAI_AGAIN: "the host's name cannot be looked up now; check the machine's DNS",
  ECONNRESET: "the server ended the connection in the middle",
  ETIMEDOUT: "the server does not answer",
  EHOSTUNREACH: "there is no way to the host from here",
  ENETUNREACH: "there is no way to the host from here",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed; trust it with NODE_EXTRA_CA_CERTS, or set insecure on the Repository",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an unknown authority; trust it with NODE_EXTRA_CA_CERTS, or set insecure on the Repository",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be verified; trust it with NODE_EXTRA_CA_CERTS, or set insecure on the Repository",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

function flatten(message: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  return headers;
}
