import type { RepositoryProblem } from "../../world/repositories.ts";
import { DamagedError } from "../git-driver.ts";
import type { BlobsResult, GitDriver, GitRemote, GitStore, TreeEntry } from "../git-driver.ts";
import { parseComplaint, parsePushRefusal } from "../git-complaint.ts";
import { remoteSettings } from "../git-environment.ts";
import { isObjectId, logFormat, parseLog, parseTreeListing, sortEntries, zeroId } from "../git-objects.ts";
import { GitTimeoutError } from "../git-process.ts";
import type { GitProcess, GitResult, GitRunOptions } from "../git-process.ts";
import { transferTimeoutMs } from "../limits.ts";
import { countPacks } from "../mirror-files.ts";
import { problem } from "../problem.ts";

/** One line of a listing; longer paths are refused later anyway. */
const listingLineBytesMax = 1_200;
/** What `cat-file --batch` writes around each blob. */
const blobFrameBytes = 100;
const commitsOfRefs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/** The git command: fast, and for repositories of any size. */
export function commandDriver(process: GitProcess): GitDriver {
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
      const result = await run(store, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], signal);
      return result.exitCode === 0 ? firstLine(result) : undefined;
    },
    async log(store, { commit, limit }, signal) {
      const result = await run(store, ["log", "-z", `--format=${logFormat}`, `--max-count=${limit}`, "--end-of-options", commit], signal);
      if (result.exitCode !== 0 && /bad object|unknown revision|ambiguous argument/u.test(result.stderr)) return [];
      if (result.exitCode !== 0) throw failure(["log"], result);
      return parseLog(result.stdout.toString("utf8"));
    },
    async findEntry(store, { commit, path }, signal) {
      if (path === "") {
        const top = await run(store, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{tree}`], signal);
        return top.exitCode === 0 ? { path, mode: "040000", id: firstLine(top) } : undefined;
      }
      const result = await run(store, ["ls-tree", "-z", commit, "--", path], signal);
      if (result.exitCode !== 0 && /Not a valid object name|not a tree object/u.test(result.stderr)) return undefined;
      if (result.exitCode !== 0) throw failure(["ls-tree"], result);
      return parseTreeListing(result.stdout.toString("utf8"))[0];
    },
    async listTree(store, { tree, entriesMax }, signal) {
      const result = await run(store, ["ls-tree", "-r", "-l", "-z", tree], signal, { stdoutBytesMax: (entriesMax + 1) * listingLineBytesMax });
      if (result.isCut) return { kind: "tooMany" };
      if (result.exitCode !== 0) throw failure(["ls-tree"], result);
      const entries = parseTreeListing(result.stdout.toString("utf8"));
      return entries.length > entriesMax ? { kind: "tooMany" } : { kind: "entries", entries };
    },
    async readFolder(store, tree, signal) {
      const result = await run(store, ["ls-tree", "-z", tree], signal);
      if (result.exitCode !== 0) throw failure(["ls-tree"], result);
      return parseTreeListing(result.stdout.toString("utf8"));
    },
    readBlobs: (store, options, signal) => readBlobs(run, store, options, signal),
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

async function readBlobs(
  run: (store: GitStore, parameters: readonly string[], signal: AbortSignal, options?: GitRunOptions) => Promise<GitResult>,
  store: GitStore, options: { readonly ids: readonly string[]; readonly fileBytesMax: number; readonly totalBytesMax: number }, signal: AbortSignal,
): Promise<BlobsResult> {
  const { ids, fileBytesMax, totalBytesMax } = options;
  if (ids.length === 0) return { kind: "blobs", blobs: new Map() };
  const input = `${ids.join("\n")}\n`;
  const sizes = await run(store, ["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"], signal, { input });
  let total = 0;
  for (const line of sizes.stdout.toString("utf8").trimEnd().split("\n")) {
    const [id = "", type, size] = line.split(" ");
    if (type !== "blob") throw new DamagedError(`object ${id} is missing or no blob`);
    const sizeBytes = Number(size);
    total += sizeBytes;
    if (sizeBytes > fileBytesMax || total > totalBytesMax) return { kind: "tooLarge", id, sizeBytes };
  }
  const result = await run(store, ["cat-file", "--batch=%(objectname) %(objectsize)"], signal, { input, stdoutBytesMax: total + ids.length * blobFrameBytes });
  if (result.exitCode !== 0) throw failure(["cat-file"], result);
  return { kind: "blobs", blobs: parseBatch(result.stdout) };
}

function parseBatch(output: Buffer): ReadonlyMap<string, Uint8Array> {
  const blobs = new Map<string, Uint8Array>();
  let at = 0;
  while (at < output.length) {
    const lineEnd = output.indexOf(10, at);
    const [id = "", size] = output.toString("latin1", at, lineEnd).split(" ");
    const length = Number(size);
    if (!isObjectId(id) || !Number.isInteger(length) || lineEnd + 1 + length > output.length) throw new DamagedError(`object ${id} cannot be read`);
    blobs.set(id, new Uint8Array(output.subarray(lineEnd + 1, lineEnd + 1 + length)));
    at = lineEnd + 1 + length + 1;
  }
  return blobs;
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
