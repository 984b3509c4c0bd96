import type { FileTree } from "../value/file-tree.ts";
import type { RepositoryProblem } from "../world/repositories.ts";
import type { GitDriver, GitStore, TreeEntry } from "./git-driver.ts";
import type { SourceLimits } from "./limits.ts";
import { isProblem, printBytes, problem } from "./problem.ts";
import { checkFilePath, parseFolderPath, printPath, resolveLink } from "./tree-path.ts";

/** Links that lead to links; Linux gives up after 40 (ELOOP). */
const linkStepsMax = 8;
/** A link's text is a path. */
const linkBytesMax = 4_096;
/** Pointers of Git LFS are smaller than this and begin so. @see git-lfs docs/spec.md */
const lfsPointerBytesMax = 1_024;
const lfsPointerStart = "version https://git-lfs.github.com/spec/v1";

/** Reads a folder of a commit: its id is the digest, so an unchanged folder is an unchanged digest. Every fault of the content is a problem that names the file. */
export async function readTree(
  driver: GitDriver, options: { readonly store: GitStore; readonly commit: string; readonly path: string; readonly limits: SourceLimits; readonly known?: (treeId: string) => FileTree | undefined }, signal: AbortSignal,
): Promise<FileTree | RepositoryProblem> {
  const { store, commit, path, limits } = options;
  const parsed = parseFolderPath(path, limits);
  if (isProblem(parsed)) return parsed;
  const { folder } = parsed;
  const found = await driver.findEntry(store, { commit, path: folder }, signal);
  if (found === undefined && (await driver.resolve(store, commit, signal)) === undefined) return problem("Damaged", `commit ${commit.slice(0, 12)} is not in the local copy any more; it will be fetched again`);
  if (found === undefined) return problem("NoSuchRevision", `there is no folder "${printPath(folder === "" ? "." : folder)}" in commit ${commit.slice(0, 12)}; check the application's source.path`);
  if (found.mode === "160000") return problem("NotAllowed", `${folder} is a submodule; point the application at the submodule's own repository`);
  if (found.mode !== "040000") return problem("NotAllowed", `${folder} is a file in commit ${commit.slice(0, 12)}; set source.path to a folder`);
  const known = options.known?.(found.id);
  if (known !== undefined) return known;
  const listing = await driver.listTree(store, { tree: found.id, entriesMax: limits.treeFilesMax }, signal);
  if (listing.kind === "tooMany") return problem("TooLarge", `${printFolder(folder)} has more than ${limits.treeFilesMax} files; point the application at a smaller folder`);
  const fault = checkEntries(listing.entries, folder, limits);
  if (fault !== undefined) return fault;
  return readFiles(driver, { store, folder, treeId: found.id, entries: listing.entries, limits }, signal);
}

/** What is wrong with a listing, before any file is read. Pure. */
export function checkEntries(entries: readonly TreeEntry[], folder: string, limits: SourceLimits): RepositoryProblem | undefined {
  let total = 0;
  for (const entry of entries) {
    const shown = joinPath(folder, entry.path);
    const fault = checkFilePath(shown, limits);
    if (fault !== undefined) return fault;
    if (entry.mode === "160000") return problem("NotAllowed", `${shown}: is a submodule, which is not followed; copy its files, or point an application at its own repository`);
    const sizeBytes = entry.sizeBytes ?? 0;
    if (sizeBytes > limits.fileBytesMax) return fileTooLarge(shown, sizeBytes, limits);
    total += sizeBytes;
    if (total > limits.treeBytesMax) return treeTooLarge(folder, limits);
  }
  return undefined;
}

async function readFiles(
  driver: GitDriver, options: { readonly store: GitStore; readonly folder: string; readonly treeId: string; readonly entries: readonly TreeEntry[]; readonly limits: SourceLimits }, signal: AbortSignal,
): Promise<FileTree | RepositoryProblem> {
  const { store, folder, treeId, entries, limits } = options;
  const ids = [...new Set(entries.map((entry) => entry.id))];
  const result = await driver.readBlobs(store, { ids, fileBytesMax: limits.fileBytesMax, totalBytesMax: limits.treeBytesMax }, signal);
  if (result.kind === "tooLarge") {
    const entry = entries.find(({ id }) => id === result.id);
    return result.sizeBytes > limits.fileBytesMax && entry !== undefined ? fileTooLarge(joinPath(folder, entry.path), result.sizeBytes, limits) : treeTooLarge(folder, limits);
  }
  return buildTree({ folder, treeId, entries, blobs: result.blobs });
}

/** Puts files and followed links into a tree, or names the first file that may not be in one. Pure. */
export function buildTree(options: { readonly folder: string; readonly treeId: string; readonly entries: readonly TreeEntry[]; readonly blobs: ReadonlyMap<string, Uint8Array> }): FileTree | RepositoryProblem {
  const { folder, treeId, entries, blobs } = options;
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const shown = joinPath(folder, entry.path);
    const target = entry.mode === "120000" ? followLink(entry, { byPath, blobs, shown }) : entry;
    if (isProblem(target)) return target;
    const content = blobs.get(target.id);
    if (content === undefined) return problem("Damaged", `${shown}: its content is missing from the repository`);
    if (isLfsPointer(content)) return problem("NotAllowed", `${shown}: is stored in Git LFS, which is not read; commit the file itself (git lfs untrack)`);
    files.set(entry.path, content);
  }
  return { kind: "tree", digest: treeId, files };
}

function followLink(
  link: TreeEntry, options: { readonly byPath: ReadonlyMap<string, TreeEntry>; readonly blobs: ReadonlyMap<string, Uint8Array>; readonly shown: string },
): TreeEntry | RepositoryProblem {
  let at = link;
  for (let step = 0; step < linkStepsMax; step++) {
    const content = options.blobs.get(at.id);
    const target = content === undefined || content.length > linkBytesMax ? "" : Buffer.from(content).toString("utf8");
    const path = resolveLink(at.path, target);
    if (path === undefined) return problem("NotAllowed", `${options.shown}: is a symbolic link that leaves the folder (to ${printPath(target)}); put a copy of the file there`);
    const next = options.byPath.get(path);
    if (next === undefined) {
      const isFolder = path === "" || [...options.byPath.keys()].some((known) => known.startsWith(`${path}/`));
      return problem("NotAllowed", isFolder
        ? `${options.shown}: is a symbolic link to a folder (${printPath(target)}); only links to files are followed`
        : `${options.shown}: is a symbolic link to ${printPath(target)}, which is not there`);
    }
    if (next.mode !== "120000") return next;
    at = next;
  }
  return problem("NotAllowed", `${options.shown}: is a symbolic link that leads in a circle`);
}

function isLfsPointer(content: Uint8Array): boolean {
  return content.length < lfsPointerBytesMax && Buffer.from(content.subarray(0, lfsPointerStart.length)).toString("latin1") === lfsPointerStart;
}

function fileTooLarge(path: string, sizeBytes: number, limits: SourceLimits): RepositoryProblem {
  return problem("TooLarge", `${path}: has ${printBytes(sizeBytes)}, allowed are ${printBytes(limits.fileBytesMax)}; keep large files out of the application's folder`);
}

function treeTooLarge(folder: string, limits: SourceLimits): RepositoryProblem {
  return problem("TooLarge", `${printFolder(folder)} has more than ${printBytes(limits.treeBytesMax)} of files; point the application at a smaller folder`);
}

function joinPath(folder: string, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

function printFolder(folder: string): string {
  return folder === "" ? "the repository's top folder" : `folder ${folder}`;
}
