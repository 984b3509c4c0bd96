import { sha256 } from "../../value/digest.ts";
import type { GitRemote } from "../git-driver.ts";
import { problem } from "../problem.ts";
import { readBody, RemoteError } from "../remote-http.ts";
import { chartBytesMax, getRemote, indexBytesMax, readChecked } from "./chart-http.ts";
import { readChartIndex } from "./chart-index.ts";
import type { IndexEntry } from "./chart-index.ts";
import { provenanceBytesMax } from "./provenance.ts";
import { pickVersion } from "./pick-version.ts";

/** A version of a chart that was found, and how to get its package. */
export interface FoundChart {
  readonly version: string;
  /** Of the package; empty where nothing says before it is there. */
  readonly digest: string;
  readonly createdAtMs: number;
  fetch(signal: AbortSignal): Promise<Uint8Array>;
  /** Its provenance file; undefined where there is none. Throws RemoteError. */
  fetchProvenance(signal: AbortSignal): Promise<Uint8Array | undefined>;
}

/** What a repository said of one chart, to be asked again only for what is new. */
export interface SeenIndex {
  readonly etag: string;
  readonly entries: readonly IndexEntry[];
}

/** Finds a chart in a repository's index.yaml over HTTP. Throws RemoteError. */
export async function findInIndex(
  remote: GitRemote, wanted: { readonly chart: string; readonly revision: string; readonly seen: SeenIndex | undefined }, signal: AbortSignal,
): Promise<{ readonly found: FoundChart; readonly seen: SeenIndex }> {
  const base = remote.url.replace(/\/*$/, "/");
  const url = new URL("index.yaml", base).href;
  const headers = { accept: "*/*", ...(wanted.seen === undefined || wanted.seen.etag === "" ? {} : { "if-none-match": wanted.seen.etag }) };
  const response = await getRemote({ remote, url, headers, bytesMax: indexBytesMax }, signal);
  const seen = response.status === 304 && wanted.seen !== undefined ? wanted.seen : await readSeen(response, { url, chart: wanted.chart });
  const version = pickVersion(seen.entries.map((entry) => entry.version), wanted.revision);
  const entry = seen.entries.find((one) => one.version === version);
  if (version === undefined || entry === undefined) throw new RemoteError(problem("NoSuchRevision", `${remote.url}: chart ${wanted.chart} has no version ${wanted.revision}; ${newest(seen.entries)}`));
  return { found: foundOf(remote, { base, chart: wanted.chart, entry }), seen };
}

async function readSeen(response: Awaited<ReturnType<typeof getRemote>>, asked: { readonly url: string; readonly chart: string }): Promise<SeenIndex> {
  if (response.status !== 200) throw new RemoteError(problem("NoSuchRepository", `${asked.url}: answers with ${response.status}; repoURL must be the folder of a chart repository's index.yaml`));
  const text = new TextDecoder().decode(await readBody(response.body));
  const entries = readIndex(text, asked);
  if (entries === undefined) throw new RemoteError(problem("NoSuchRevision", `${asked.url}: there is no chart ${asked.chart}`));
  return { etag: response.headers["etag"] ?? "", entries };
}

function readIndex(text: string, { url, chart }: { readonly url: string; readonly chart: string }): readonly IndexEntry[] | undefined {
  try {
    return readChartIndex(text, chart);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RemoteError(problem("Damaged", `${url}: cannot be read: ${error.message}`));
    throw error;
  }
}

function foundOf(remote: GitRemote, { base, chart, entry }: { readonly base: string; readonly chart: string; readonly entry: IndexEntry }): FoundChart {
  const { version, digest, urls, created } = entry;
  const what = `chart ${chart} ${version} of ${remote.url}`;
  const urlOf = (): URL => {
    const [first] = urls;
    if (first === undefined || !URL.canParse(first, base)) throw new RemoteError(problem("Damaged", `${what}: the index names no address for it`));
    const url = new URL(first, base);
    if (url.protocol !== "https:" && url.origin !== new URL(base).origin) throw new RemoteError(problem("NotAllowed", `${what}: the index names ${url.protocol}//${url.host}, and another host is only asked over https`));
    return url;
  };
  return {
    version, digest, createdAtMs: Date.parse(created) || 0,
    async fetchProvenance(signal) {
      const url = urlOf();
      url.pathname += ".prov";
      // What it says is worth its signature, wherever it is from.
      const response = await getRemote({ remote, url: url.href, bytesMax: provenanceBytesMax, isDigestKnown: true }, signal);
      return response.status === 200 ? readBody(response.body) : undefined;
    },
    async fetch(signal) {
      const url = urlOf();
      const response = await getRemote({ remote, url: url.href, bytesMax: chartBytesMax, isDigestKnown: digest !== "" }, signal);
      if (response.status !== 200) throw new RemoteError(problem("NoSuchRevision", `${what}: ${url.origin} answers with ${response.status}`));
      return readChecked(response, { what, digest });
    },
  };
}

function newest(entries: readonly IndexEntry[]): string {
  const version = pickVersion(entries.map((entry) => entry.version), "*");
  return version === undefined ? "it has none at all" : `the newest is ${version}`;
}

/** Names what was seen by whom: an answer to other credentials says nothing. */
export function seenKey(remote: GitRemote, chart: string): string {
  return sha256(JSON.stringify([remote.url, remote.credentials?.username, remote.credentials?.password, chart]));
}
