import type { RepositoryProblem } from "../world/repositories.ts";
import { parseAdvertisement } from "./advertisement.ts";
import type { RefList } from "./advertisement.ts";
import type { GitRemote } from "./git-driver.ts";
import type { SourceLimits } from "./limits.ts";
import { printBytes, problem } from "./problem.ts";
import { readBody, RemoteError, requestRemote } from "./remote-http.ts";

/** The refs of a remote, and what makes the next question cheap. */
export interface RemoteRefs {
  readonly list: RefList;
  /** Where the repository really is, after redirects; transfers go there. */
  readonly url: string;
  readonly etag?: string;
}

/** Asks a remote for its refs with one request (plus redirects). With an ETag from before, an unchanged list costs no body. @see gitprotocol-http(5) */
export async function listRemoteRefs(
  remote: GitRemote, options: { readonly limits: SourceLimits; readonly previous?: RemoteRefs | undefined }, signal: AbortSignal,
): Promise<RemoteRefs | RepositoryProblem> {
  const { limits, previous } = options;
  const base = remote.url.replace(/\/+$/u, "");
  const headers = { accept: "*/*", ...(previous?.etag === undefined ? {} : { "if-none-match": previous.etag }) };
  try {
    const response = await requestRemote({ remote, url: `${base}/info/refs?service=git-upload-pack`, method: "GET", headers }, { bytesMax: limits.advertisementBytesMax }, signal);
    const body = await readBody(response.body);
    if (response.status === 304 && previous !== undefined) return previous;
    if (response.status === 404 || response.status === 410) return problem("NoSuchRepository", `${remote.url}: there is no repository at this URL; check it (private repositories also answer this to a stranger)`);
    if (response.status !== 200) return problem("Unreachable", `${remote.url}: answers with HTTP status ${response.status}`);
    const list = parseAdvertisement(body, limits);
    if ("kind" in list) {
      return list.kind === "tooMany"
        ? problem("TooLarge", `${remote.url}: has more than ${limits.refsMax} branches and tags`)
        : problem("NoSuchRepository", `${remote.url}: answers, but not as a Git server does; give the URL that git clone takes`);
    }
    const url = response.url.replace(/\/info\/refs\?.*$/u, "");
    const { etag } = response.headers;
    return etag === undefined ? { list, url } : { list, url, etag };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (error.problem.reason !== "TooLarge") return error.problem;
    return problem("TooLarge", `${remote.url}: its list of branches and tags has more than ${printBytes(limits.advertisementBytesMax)}`);
  }
}
