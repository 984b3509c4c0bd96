import type { RepositoryProblem } from "../../world/repositories.ts";
import { DamagedError } from "../git-driver.ts";
import type { BlobsResult, GitDriver, GitRemote, GitStore, TreeEntry } from "../git-driver.ts";
import { parseComplaint, parsePushRefusal } from "../git-complaint.ts";
import { remoteSettings } from "../git-environment.ts";
import { logFormat, parseLog, parseRawCommit, sortEntries, zeroId } from "../git-objects.ts";
import { GitTimeoutError } from "../git-process.ts";
import type { GitProcess, GitResult, GitRunOptions } from "../git-process.ts";
import { transferTimeoutMs } from "../limits.ts";
import { countPacks } from "../mirror-files.ts";
import { treeObjectBytesMax } from "../object-reader.ts";
import type { ObjectReader } from "../object-reader.ts";
import { problem } from "../problem.ts";

/** Folders within folders followed while listing; deeper ones are refused by their path's depth anyway. */
const walkDepthMax = 64;
/** Blobs asked for before the first has come: enough to keep git busy. */
const blobsAtOnce = 32;
const commitsOfRefs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/** The git command: fast, and for repositories of any size. */
export function commandDriver(process: GitProcess, reader: ObjectReader): GitDriver {
  const run = (store: GitStore, parameters: readonly string[], signal: AbortSignal, options: GitRunOptions = {}) =>
    process.run(parameters, { directory: store.directory, ...(store.quarantine === undefined ? {} : { environment: store.quarantine }), ...options }, signal);
  const write = async (store: GitStore, parameters: readonly string[], signal: AbortSignal, options: GitRunOptions) => {
    const result = await run(store, parameters, signal, options);
    if (result.exitCode !== 0) throw failure(parameters, result);
    return firstLine(result);
  };
  return {
    name: "command",
    async init(directory) {
      const result = await process.run(["init", "--bare", "--quiet", "--initial-branch=main", "--template=", directory], {}, AbortSignal.any([]));
      if (result.exitCode !== 0) throw failure(["init"], result);
    },
    fetch: (store, options, signal) => fetchRefs(process, store, options, signal),
    push: (store, options, signal) => pushCommit(process, store, options, signal),
    async resolve(store, name, signal) {
      return (await reader.readCommit(store, name, signal))?.id;
    },
    async log(store, { commit, limit }, signal) {
      if (limit === 1) {
        const found = await reader.readCommit(store, commit, signal);
        return found === undefined ? [] : [parseRawCommit(found.id, found.content)];
      }
      const result = await run(store, ["log", "-z", `--format=${logFormat}`, `--max-count=${limit}`, "--end-of-options", commit], signal);
      if (result.exitCode !== 0 && /bad object|unknown revision|ambiguous argument/u.test(result.stderr)) return [];
      if (result.exitCode !== 0) throw failure(["log"], result);
      return parseLog(result.stdout.toString("utf8"));
    },
    findEntry: (store, at, signal) => findEntry(reader, store, at, signal),
    async listTree(store, { tree, entriesMax }, signal) {
      const entries: TreeEntry[] = [];
      return await walk(reader, store, { tree, prefix: "", entries, entriesMax, depth: 0 }, signal) ? { kind: "entries", entries } : { kind: "tooMany" };
    },
    readFolder: (store, tree, signal) => readFolder(reader, store, tree, signal),
    readBlobs: (store, options, signal) => readBlobs(reader, store, options, signal),
    forget: (store) => { reader.forget(store); },
    writeBlob: (store, content, signal) => write(store, ["hash-object", "-w", "--stdin"], signal, { input: content }),
    writeTree(store, entries, signal) {
      const lines = sortEntries(entries).map((entry) => `${entry.mode} ${typeOf(entry)} ${entry.id}\t${entry.path}\0`);
      return write(store, ["mktree", "-z"], signal, { input: lines.join("") });
    },
    writeCommit(store, draft, signal) {
      const { name, email } = draft.author;
      const at = `${Math.floor(draft.atMs / 1000)} +0000`;
      return write(store, ["commit-tree", draft.tree, ...draft.parents.flatMap((parent) => ["-p", parent]), "-F", "-"], signal, {
        input: draft.message,
        environment: { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: at, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: at },
      });
    },
    async updateRef(store, { ref, commit, expected }, signal) {
      const result = await run(store, ["update-ref", ref, commit, expected ?? zeroId(commit)], signal);
      if (result.exitCode === 0) return true;
      if (/cannot lock ref|reference already exists/u.test(result.stderr)) return false;
      throw failure(["update-ref"], result);
    },
  };
}

async function fetchRefs(
  process: GitProcess, store: GitStore, options: { readonly remote: GitRemote; readonly refs: readonly string[] | "all"; readonly packBytesMax: number }, signal: AbortSignal,
): Promise<{ readonly fetchedBytes: number } | RepositoryProblem> {
  const { remote, refs, packBytesMax } = options;
  const specifications = refs === "all" ? commitsOfRefs : refs.map((ref) => `+${ref}:${ref === "HEAD" ? "refs/capstan/head" : ref}`);
  const before = await countPacks(store.directory);
  const context = { url: remote.url, packBytesMax, hasCredentials: remote.credentials !== undefined };
  try {
    const result = await process.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--force", "--end-of-options", remote.url, ...specifications], {
      directory: store.directory, settings: [...remoteSettings(remote), ["fetch.unpackLimit", "1"]], timeoutMs: transferTimeoutMs, fileBytesMax: packBytesMax,
    }, signal);
    if (result.exitCode !== 0) return parseComplaint(result.stderr, context);
  } catch (error) {
    if (error instanceof GitTimeoutError) return problem("Unreachable", `${remote.url}: the fetch was given up after ${transferTimeoutMs / 1000} s`);
    throw error;
  }
  const after = await countPacks(store.directory);
  return { fetchedBytes: Math.max(0, after.packBytes - before.packBytes) };
}

async function pushCommit(
  process: GitProcess, store: GitStore, options: { readonly remote: GitRemote; readonly ref: string; readonly commit: string }, signal: AbortSignal,
): Promise<RepositoryProblem | undefined> {
  const { remote, ref, commit } = options;
  const result = await process.run(["push", "--porcelain", "--no-verify", "--end-of-options", remote.url, `${commit}:${ref}`], {
    directory: store.directory, settings: remoteSettings(remote), timeoutMs: transferTimeoutMs,
  }, signal);
  if (result.exitCode === 0) return undefined;
  return parsePushRefusal({ stdout: result.stdout.toString("utf8"), stderr: result.stderr }, { url: remote.url, ref, packBytesMax: 0, hasCredentials: remote.credentials !== undefined });
}

async function findEntry(reader: ObjectReader, store: GitStore, { commit, path }: { readonly commit: string; readonly path: string }, signal: AbortSignal): Promise<TreeEntry | undefined> {
  let folder = await reader.readTree(store, commit, signal);
  let found: TreeEntry | undefined = folder === undefined ? undefined : { path: "", mode: "040000", id: folder.id };
  for (const name of path === "" ? [] : path.split("/")) {
    if (found?.mode !== "040000") return undefined;
    folder ??= await reader.readTree(store, found.id, signal);
    if (folder === undefined) throw new DamagedError(`object ${found.id} is missing or no tree`);
    found = namesOf(folder).find((entry) => entry.path === name);
    folder = undefined;
  }
  return found === undefined ? undefined : { ...found, path };
}

async function readFolder(reader: ObjectReader, store: GitStore, tree: string, signal: AbortSignal): Promise<readonly TreeEntry[]> {
  const folder = await reader.readTree(store, tree, signal);
  if (folder === undefined) throw new DamagedError(`object ${tree} is missing or no tree`);
  return namesOf(folder);
}

function namesOf({ id, entries }: { readonly id: string; readonly entries: readonly TreeEntry[] | "tooMany" }): readonly TreeEntry[] {
  if (entries === "tooMany") throw new Error(`folder ${id} has more than ${treeObjectBytesMax} bytes of names`);
  return entries;
}

/** Lists depth first, which is the order git sorts paths in; false when there is more than is allowed. */
async function walk(
  reader: ObjectReader, store: GitStore, options: { readonly tree: string; readonly prefix: string; readonly entries: TreeEntry[]; readonly entriesMax: number; readonly depth: number }, signal: AbortSignal,
): Promise<boolean> {
  const { prefix, entries, entriesMax, depth } = options;
  if (depth > walkDepthMax) return false;
  const folder = await reader.readTree(store, options.tree, signal);
  if (folder === undefined) throw new DamagedError(`object ${options.tree} is missing or no tree`);
  if (folder.entries === "tooMany") return false;
  for (const entry of folder.entries) {
    const path = `${prefix}${entry.path}`;
    if (entry.mode === "040000") {
      if (!(await walk(reader, store, { tree: entry.id, prefix: `${path}/`, entries, entriesMax, depth: depth + 1 }, signal))) return false;
      continue;
    }
    entries.push({ ...entry, path });
    if (entries.length > entriesMax) return false;
  }
  return true;
}

async function readBlobs(
  reader: ObjectReader, store: GitStore, options: { readonly ids: readonly string[]; readonly fileBytesMax: number; readonly totalBytesMax: number }, signal: AbortSignal,
): Promise<BlobsResult> {
  const { ids, fileBytesMax, totalBytesMax } = options;
  const blobs = new Map<string, Uint8Array>();
  let total = 0;
  for (let first = 0; first < ids.length; first += blobsAtOnce) {
    const found = await Promise.all(ids.slice(first, first + blobsAtOnce).map(async (name) => ({ name, object: await reader.read(store, { name, bytesMax: fileBytesMax }, signal) })));
    for (const { name, object } of found) {
      if (object?.type !== "blob") throw new DamagedError(`object ${name} is missing or no blob`);
      total += object.sizeBytes;
      if (object.content === undefined || total > totalBytesMax) return { kind: "tooLarge", id: name, sizeBytes: object.sizeBytes };
      // A copy of its own: the content may be a view of a larger piece of git's output.
      blobs.set(name, new Uint8Array(object.content));
    }
  }
  return { kind: "blobs", blobs };
}

function typeOf(entry: TreeEntry): string {
  if (entry.mode === "040000") return "tree";
  return entry.mode === "160000" ? "commit" : "blob";
}

function firstLine(result: GitResult): string {
  return result.stdout.toString("utf8").split("\n")[0] ?? "";
}

/** A local git command that failed: the repository is damaged, or the disk is full. */
function failure(parameters: readonly string[], result: GitResult): Error {
  const complaint = result.stderr.trim().split("\n")[0] ?? "";
  if (/No space left|Disk quota|Permission denied/iu.test(result.stderr)) return new Error(`git ${parameters[0] ?? ""}: ${complaint}`);
  return new DamagedError(`git ${parameters[0] ?? ""} ended with ${result.exitCode}: ${complaint}`);
}
