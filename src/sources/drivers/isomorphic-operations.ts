import fs from "node:fs";
import * as git from "isomorphic-git";
import type { HttpClient, TreeObject } from "isomorphic-git";
import { errorCodeOf } from "../../world/error-code.ts";
import type { RepositoryProblem, Revision } from "../../world/repositories.ts";
import { pushRefused } from "../git-complaint.ts";
import { DamagedError } from "../git-driver.ts";
import type { BlobsResult, GitDriver, GitRemote, GitStore, TreeEntry } from "../git-driver.ts";
import { isObjectId, parseRawTree } from "../git-objects.ts";
import { countPacks } from "../mirror-files.ts";
import { problem } from "../problem.ts";
import { readBody, RemoteError, requestRemote } from "../remote-http.ts";

/** isomorphic-git knows SHA-1 repositories only. */
const idBytes = 20;
/** What a server answers to a push, or to the question for refs before a fetch. */
const answerBytesMax = 16_777_216;
/** The remote's section in the mirror's config: every ref keeps its name. */
const remoteName = "mirror";

const caches = new Map<string, object>();

/** isomorphic-git on the thread it is called on; `isomorphic.ts` calls it on a worker. */
export const isomorphicOperations: GitDriver = {
  name: "isomorphic",
  async init(directory) {
    if (fs.existsSync(`${directory}/HEAD`)) return;
    await git.init({ fs, gitdir: directory, bare: true, defaultBranch: "main" });
  },
  fetch: fetchRefs,
  push: pushCommit,
  async resolve(store, name) {
    return orUndefined(async () => {
      const oid = isObjectId(name) ? name : await git.resolveRef({ ...at(store), ref: name });
      return (await git.readCommit({ ...at(store), oid })).oid;
    });
  },
  async log(store, { commit, limit }) {
    const commits = await orUndefined(() => git.log({ ...at(store), ref: commit, depth: limit }));
    return (commits ?? []).map(({ oid, commit: read }): Revision => ({
      commit: oid, author: `${read.author.name} <${read.author.email}>`, message: read.message.trimEnd(), committedAtMs: read.committer.timestamp * 1000, parents: read.parent,
    }));
  },
  async findEntry(store, { commit, path }) {
    const read = await orUndefined(() => git.readCommit({ ...at(store), oid: commit }));
    if (read === undefined) return undefined;
    let found: TreeEntry | undefined = { path: "", mode: "040000", id: read.commit.tree };
    for (const name of path === "" ? [] : path.split("/")) {
      if (found?.mode !== "040000") return undefined;
      found = (await readFolder(store, found.id)).find((entry) => entry.path === name);
    }
    return found === undefined ? undefined : { ...found, path };
  },
  async listTree(store, { tree, entriesMax }, signal) {
    const entries: TreeEntry[] = [];
    const isWhole = await walk(store, { tree, prefix: "", entries, entriesMax, depth: 0 }, signal);
    return isWhole ? { kind: "entries", entries } : { kind: "tooMany" };
  },
  readFolder,
  readBlobs,
  writeBlob: (store, content) => git.writeBlob({ ...at(store), blob: content }),
  writeTree: (store, entries) => git.writeTree({ ...at(store), tree: entries.map((entry): TreeObject[number] => ({ mode: entry.mode, path: entry.path, oid: entry.id, type: typeOf(entry) })) }),
  writeCommit(store, draft) {
    const person = { ...draft.author, timestamp: Math.floor(draft.atMs / 1000), timezoneOffset: 0 };
    return git.writeCommit({ ...at(store), commit: { message: draft.message, tree: draft.tree, parent: [...draft.parents], author: person, committer: person } });
  },
  async updateRef(store, { ref, commit, expected }) {
    const current = await orUndefined(() => git.resolveRef({ ...at(store), ref }));
    if (current !== expected) return false;
    await git.writeRef({ ...at(store), ref, value: commit, force: true });
    return true;
  },
};

/** Folders within folders followed while listing; deeper ones are refused by their path's depth anyway. */
const walkDepthMax = 64;

async function walk(
  store: GitStore, options: { readonly tree: string; readonly prefix: string; readonly entries: TreeEntry[]; readonly entriesMax: number; readonly depth: number }, signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted();
  const { prefix, entries, entriesMax, depth } = options;
  if (depth > walkDepthMax) return false;
  for (const entry of await readFolder(store, options.tree)) {
    const path = `${prefix}${entry.path}`;
    if (entry.mode === "040000") {
      if (!(await walk(store, { tree: entry.id, prefix: `${path}/`, entries, entriesMax, depth: depth + 1 }, signal))) return false;
      continue;
    }
    entries.push({ ...entry, path });
    if (entries.length > entriesMax) return false;
  }
  return true;
}

async function readFolder(store: GitStore, tree: string): Promise<readonly TreeEntry[]> {
  const read = await whole(() => git.readObject({ ...at(store), oid: tree, format: "content" }));
  if (read.format !== "content" || read.type !== "tree") throw new DamagedError(`object ${tree} is no tree`);
  return parseRawTree(read.object, idBytes);
}

async function readBlobs(store: GitStore, options: { readonly ids: readonly string[]; readonly fileBytesMax: number; readonly totalBytesMax: number }, signal: AbortSignal): Promise<BlobsResult> {
  const blobs = new Map<string, Uint8Array>();
  let total = 0;
  for (const id of options.ids) {
    signal.throwIfAborted();
    const { blob } = await whole(() => git.readBlob({ ...at(store), oid: id }));
    total += blob.length;
    if (blob.length > options.fileBytesMax || total > options.totalBytesMax) return { kind: "tooLarge", id, sizeBytes: blob.length };
    // A copy of its own: the blob may be a view of a whole pack.
    blobs.set(id, new Uint8Array(blob));
  }
  return { kind: "blobs", blobs };
}

async function fetchRefs(
  store: GitStore, options: { readonly remote: GitRemote; readonly refs: readonly string[] | "all"; readonly packBytesMax: number }, signal: AbortSignal,
): Promise<{ readonly fetchedBytes: number } | RepositoryProblem> {
  const { remote, refs } = options;
  const before = await countPacks(store.directory);
  const http = httpPlugin(remote, options.packBytesMax, signal);
  const shared = { ...at(store), http, url: remote.url, remote: remoteName };
  try {
    // With `tags: true` tags need no refspec; given one, their peeled lines (`v1^{}`) would be taken for refs.
    await git.setConfig({ ...at(store), path: `remote.${remoteName}.fetch`, value: refs === "all" ? "+refs/heads/*:refs/heads/*" : "+refs/*:refs/*" });
    if (refs === "all") await git.fetch({ ...shared, ref: "HEAD", singleBranch: false, tags: true });
    else for (const ref of refs) await git.fetch({ ...shared, ref, remoteRef: ref, singleBranch: true, tags: false });
  } catch (error) {
    return transferProblem(error, remote, signal);
  }
  caches.delete(store.directory);
  return { fetchedBytes: Math.max(0, (await countPacks(store.directory)).packBytes - before.packBytes) };
}

async function pushCommit(store: GitStore, options: { readonly remote: GitRemote; readonly ref: string; readonly commit: string }, signal: AbortSignal): Promise<RepositoryProblem | undefined> {
  const { remote, ref, commit } = options;
  const local = `refs/capstan/push-${commit}`;
  const context = { url: remote.url, ref };
  await git.writeRef({ ...at(store), ref: local, value: commit, force: true });
  try {
    const result = await git.push({ ...at(store), http: httpPlugin(remote, answerBytesMax, signal), url: remote.url, ref: local, remoteRef: ref, force: false });
    const refused = Object.values(result.refs).find((one) => !one.ok);
    if (refused !== undefined) return pushRefused(context, refused.error);
    return result.ok ? undefined : pushRefused(context, result.error ?? "no reason given");
  } catch (error) {
    if (errorCodeOf(error) === "PushRejectedError") return pushRefused(context, "non-fast-forward");
    if (error instanceof git.Errors.GitPushError) return pushRefused(context, Object.values(error.data.result.refs).find((one) => !one.ok)?.error ?? "no reason given");
    return transferProblem(error, remote, signal);
  } finally {
    await git.deleteRef({ ...at(store), ref: local });
  }
}

/** isomorphic-git's transport: ours, so that size, redirects, silence and credentials are under our rules. */
function httpPlugin(remote: GitRemote, bytesMax: number, signal: AbortSignal): HttpClient {
  return {
    async request({ url, method, headers, body }) {
      const sent = body === undefined ? undefined : await readBody(body);
      const response = await requestRemote({ remote, url, method: method === "POST" ? "POST" : "GET", headers: headers ?? {}, ...(sent === undefined ? {} : { body: sent }) }, { bytesMax }, signal);
      return { url: response.url, method: method ?? "GET", statusCode: response.status, statusMessage: "", headers: { ...response.headers }, body: iterate(response.body) };
    },
  };
}

async function* iterate(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of body) yield chunk;
}

function transferProblem(error: unknown, remote: GitRemote, signal: AbortSignal): RepositoryProblem {
  signal.throwIfAborted();
  if (error instanceof RemoteError) return error.problem;
  if (error instanceof git.Errors.HttpError) {
    const { statusCode } = error.data;
    if (statusCode === 404) return problem("NoSuchRepository", `${remote.url}: there is no repository at this URL; check it (private repositories also answer this to a stranger)`);
    return problem("Unreachable", `${remote.url}: answers with HTTP status ${statusCode}`);
  }
  if (errorCodeOf(error) === "NotFoundError") return problem("NoSuchRevision", `${remote.url}: the branch or tag went away while it was fetched`);
  return problem("Unreachable", `${remote.url}: the transfer failed in the middle (${errorCodeOf(error) ?? "unknown reason"})`);
}

function at(store: GitStore): { readonly fs: typeof fs; readonly gitdir: string; readonly cache: object } {
  let cache = caches.get(store.directory);
  if (cache === undefined) {
    cache = {};
    caches.set(store.directory, cache);
  }
  return { fs, gitdir: store.directory, cache };
}

async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (errorCodeOf(error) === "NotFoundError") return undefined;
    throw new DamagedError(`an object cannot be read (${errorCodeOf(error) ?? String(error)})`, { cause: error });
  }
}

async function whole<T>(read: () => Promise<T>): Promise<T> {
  const value = await orUndefined(read);
  if (value === undefined) throw new DamagedError("an object is missing");
  return value;
}

function typeOf(entry: TreeEntry): "tree" | "commit" | "blob" {
  if (entry.mode === "040000") return "tree";
  return entry.mode === "160000" ? "commit" : "blob";
}
