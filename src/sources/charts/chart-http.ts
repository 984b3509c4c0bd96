import { sha256 } from "../../value/digest.ts";
import type { GitRemote } from "../git-driver.ts";
import { problem } from "../problem.ts";
import { readBody, RemoteError, requestRemote } from "../remote-http.ts";
import type { RemoteResponse } from "../remote-http.ts";

const mebibyte = 1_048_576;

/** The largest public index has about 20 MB. */
export const indexBytesMax = 64 * mebibyte;
/** A packed chart: the largest public ones have about 1 MB. */
export const chartBytesMax = 20 * mebibyte;
/** Manifests, tokens and lists of tags. */
export const answerBytesMax = 4 * mebibyte;

/** One GET. `isDigestKnown`: what comes is held against a digest, so it may come from another host, without credentials. */
export interface ChartRequest {
  readonly remote: GitRemote;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytesMax: number;
  readonly isDigestKnown?: boolean;
  /** 401 is answered rather than thrown. */
  readonly passesUnauthorized?: boolean;
}

/** Sends a GET; throws RemoteError. */
export function getRemote(asked: ChartRequest, signal: AbortSignal): Promise<RemoteResponse> {
  return requestRemote({ remote: asked.remote, url: asked.url, method: "GET", headers: asked.headers ?? {} }, {
    bytesMax: asked.bytesMax, passesUnauthorized: asked.passesUnauthorized === true,
    ...(asked.isDigestKnown === true ? { isRedirectAllowed: isSafeElsewhere } : {}),
  }, signal);
}

/** To any host over TLS: what is read there is worth its digest and nothing else. */
function isSafeElsewhere(from: string, to: string): boolean {
  if (!URL.canParse(to, from)) return false;
  const target = new URL(to, from);
  if (target.username !== "" || target.password !== "") return false;
  return target.protocol === "https:" || new URL(from).origin === target.origin;
}

/** A whole body, held against its digest (64 hexadecimal digits) where one is known. Throws RemoteError. */
export async function readChecked(response: RemoteResponse, asked: { readonly what: string; readonly digest: string }): Promise<Uint8Array> {
  const bytes = await readBody(response.body);
  const actual = sha256(bytes);
  if (asked.digest !== "" && actual !== asked.digest) throw new RemoteError(problem("Damaged", `${asked.what}: its digest is sha256:${actual}, and sha256:${asked.digest} was promised; it is not used`));
  return bytes;
}
