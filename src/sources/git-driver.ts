import type { RepositoryProblem, Revision } from "../world/repositories.ts";

/** A bare repository on disk. `quarantine` holds the environment of a push whose objects are not taken yet. */
export interface GitStore {
  readonly directory: string;
  readonly quarantine?: Readonly<Record<string, string>>;
}

/** User name and password for a remote; never printed. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A remote after redirects. `credentials` are sent to the URL's origin only. */
export interface GitRemote {
  readonly url: string;
  readonly credentials?: Credentials;
  /** The server's certificate is not checked. */
  readonly insecure?: boolean;
}

/** Git's modes: file, executable, symbolic link, submodule, folder. */
export type EntryMode = "100644" | "100755" | "120000" | "160000" | "040000";

/** One name in a tree; in recursive listings `path` has slashes. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: EntryMode;
  readonly id: string;
  /** Of files; absent where the driver would have to read the file to know. */
  readonly sizeBytes?: number;
}

/** A new commit. */
export interface CommitDraft {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: { readonly name: string; readonly email: string };
  readonly message: string;
  readonly atMs: number;
}

/** Blobs by object id, or the first one that is over a limit. */
export type BlobsResult =
  | { readonly kind: "blobs"; readonly blobs: ReadonlyMap<string, Uint8Array> }
  | { readonly kind: "tooLarge"; readonly id: string; readonly sizeBytes: number };

/** Full listing of a tree, or the fact that it has more entries than allowed. */
export type ListResult =
  | { readonly kind: "entries"; readonly entries: readonly TreeEntry[] }
  | { readonly kind: "tooMany" };

/**
 * Work on one bare repository: transfers, reading objects, writing objects. Two implementations pass one suite (test/conformance/git).
 * Missing objects are undefined where the type says so; a damaged repository throws `DamagedError`; problems of a remote are values.
 */
export interface GitDriver {
  readonly name: "command" | "isomorphic";
  /** Makes an empty bare repository whose HEAD is `main`; an existing one stays. */
  init(directory: string): Promise<void>;
  /** Brings refs (full names) here, or all branches and tags. Answers the commit of the first ref. Existing refs of ours are overwritten. */
  fetch(store: GitStore, options: { readonly remote: GitRemote; readonly refs: readonly string[] | "all"; readonly packBytesMax: number }, signal: AbortSignal): Promise<{ readonly fetchedBytes: number } | RepositoryProblem>;
  /** The commit a local ref (full name) or commit id names; tags are peeled. */
  resolve(store: GitStore, name: string, signal: AbortSignal): Promise<string | undefined>;
  /** The commits that lead to `commit`, newest first; empty when the commit is not here. */
  log(store: GitStore, options: { readonly commit: string; readonly limit: number }, signal: AbortSignal): Promise<readonly Revision[]>;
  /** What lies at `path` ("" is the top) of a commit. */
  findEntry(store: GitStore, at: { readonly commit: string; readonly path: string }, signal: AbortSignal): Promise<TreeEntry | undefined>;
  /** All files, links and submodules below a tree, in path order as Git sorts them. */
  listTree(store: GitStore, options: { readonly tree: string; readonly entriesMax: number }, signal: AbortSignal): Promise<ListResult>;
  /** The names directly in a tree. */
  readFolder(store: GitStore, tree: string, signal: AbortSignal): Promise<readonly TreeEntry[]>;
  readBlobs(store: GitStore, options: { readonly ids: readonly string[]; readonly fileBytesMax: number; readonly totalBytesMax: number }, signal: AbortSignal): Promise<BlobsResult>;
  writeBlob(store: GitStore, content: Uint8Array, signal: AbortSignal): Promise<string>;
  writeTree(store: GitStore, entries: readonly TreeEntry[], signal: AbortSignal): Promise<string>;
  writeCommit(store: GitStore, draft: CommitDraft, signal: AbortSignal): Promise<string>;
  /** Moves a local ref when it still is at `expected` (undefined: does not exist yet); false when it is not. */
  updateRef(store: GitStore, update: { readonly ref: string; readonly commit: string; readonly expected: string | undefined }, signal: AbortSignal): Promise<boolean>;
  /** Pushes a commit to a branch of the remote, fast-forward only; undefined when taken. */
  push(store: GitStore, options: { readonly remote: GitRemote; readonly ref: string; readonly commit: string }, signal: AbortSignal): Promise<RepositoryProblem | undefined>;
  /** Closes what is kept open of a store that goes away, or is replaced. */
  forget?(store: GitStore): void;
}

/** Objects of a mirror cannot be read: it is written anew from its remote. */
export class DamagedError extends Error {
  readonly code = "Damaged";
}
