import type { FileTree } from "../value/file-tree.ts";

/** One commit, as people see it. */
export interface Revision {
  /** Full object id, 40 or 64 hexadecimal digits. */
  readonly commit: string;
  readonly author: string;
  /** Whole message; the first line is the subject. */
  readonly message: string;
  readonly committedAtMs: number;
  readonly parents: readonly string[];
}

/** What a caller asks of a repository: the URL and revision of an application's source, or a hosted repository's name in the URL. */
export interface RevisionRequest {
  readonly repoURL: string;
  /** Branch, tag, `HEAD`, or a commit id. */
  readonly targetRevision: string;
  /** A chart of a chart repository or OCI registry; `targetRevision` is then a version or a range of versions. */
  readonly chart?: string;
  /** Namespace whose Repository and Secret objects give credentials. */
  readonly namespace: string;
}

/** What went wrong at Git's side; `message` is fit for people and holds no credentials. */
export interface RepositoryProblem {
  readonly kind: "problem";
  readonly reason: "Unreachable" | "Unauthorized" | "NoSuchRepository" | "NoSuchRevision" | "Empty" | "TooLarge" | "NotAllowed" | "Damaged";
  readonly message: string;
}

/** The outside world of Git repositories: real in `src/sources`, simulated in `test/sim`. */
export interface Repositories {
  /** Finds the commit a revision names now; asks the remote (conditionally), fetches what is new. */
  resolve(request: RevisionRequest, signal: AbortSignal): Promise<Revision | RepositoryProblem>;
  /** Reads the folder `path` of a commit that was resolved before. Blobs over the limits are problems, symlinks never leave the tree. */
  readTree(repoURL: string, commit: string, path: string, signal: AbortSignal): Promise<FileTree | RepositoryProblem>;
  /** Reads a chart's package, resolved before, by its digest. Absent where charts come from Git only. */
  readChart?(repoURL: string, digest: string, signal: AbortSignal): Promise<FileTree | RepositoryProblem>;
  /** Writes a commit that brings `path` back to what it was at `commit`, on top of the branch `targetRevision`; answers the new commit. */
  writeRevert(request: RevisionRequest & { readonly toCommit: string; readonly path: string; readonly author: string; readonly message: string }, signal: AbortSignal): Promise<Revision | RepositoryProblem>;
  /** The last `limit` commits that lead to `commit`, newest first, from what is already here. */
  history(repoURL: string, commit: string, limit: number, signal: AbortSignal): Promise<readonly Revision[] | RepositoryProblem>;
}
