import { createHash } from "node:crypto";
import type { FileTree } from "../../src/value/file-tree.ts";
import type { Repositories, RepositoryProblem, Revision, RevisionRequest } from "../../src/world/repositories.ts";
import type { Clock } from "../../src/world/clock.ts";

/** A world of Git repositories in memory: what the daemon sees of Git, without Git. */
export interface FakeRepositories extends Repositories {
  /** Commits these files on top of `main`, and answers the commit. Paths left out go. */
  push(repoURL: string, files: Readonly<Record<string, string>>, message?: string): string;
  /** Files of a commit. */
  filesOf(repoURL: string, commit: string): Readonly<Record<string, string>>;
  /** The commit `main` is at. */
  head(repoURL: string): string | undefined;
  /** While set, everything fails with this. */
  problem: RepositoryProblem | undefined;
  /** Questions answered so far. */
  readonly resolves: number;
}

interface Commit {
  readonly revision: Revision;
  readonly files: Readonly<Record<string, string>>;
}

/** Repositories that come into being with their first push. */
export function fakeRepositories(clock: Clock): FakeRepositories {
  const commits = new Map<string, Commit[]>();
  let resolves = 0;
  const find = (repoURL: string, commit: string): Commit | undefined => commits.get(repoURL)?.find((one) => one.revision.commit === commit);
  const world: FakeRepositories = {
    problem: undefined,
    get resolves() { return resolves; },
    push(repoURL, files, message = "change") {
      const line = commits.get(repoURL) ?? [];
      const commit = createHash("sha1").update(`${repoURL}\n${line.length}\n${message}\n${JSON.stringify(files)}`).digest("hex");
      line.push({ files, revision: { commit, author: "Ada <ada@example.com>", message, committedAtMs: clock.nowMs(), parents: line.slice(-1).map((one) => one.revision.commit) } });
      commits.set(repoURL, line);
      return commit;
    },
    filesOf: (repoURL, commit) => find(repoURL, commit)?.files ?? {},
    head: (repoURL) => commits.get(repoURL)?.at(-1)?.revision.commit,
    async resolve({ repoURL, targetRevision }: RevisionRequest) {
      resolves++;
      if (world.problem !== undefined) return world.problem;
      const line = commits.get(repoURL);
      if (line === undefined) return { kind: "problem", reason: "NoSuchRepository", message: `${repoURL} does not exist` };
      const found = targetRevision === "HEAD" || targetRevision === "main" ? line.at(-1) : find(repoURL, targetRevision);
      return found?.revision ?? { kind: "problem", reason: "NoSuchRevision", message: `${repoURL} has no ${targetRevision}` };
    },
    async readTree(repoURL, commit, path) {
      if (world.problem !== undefined) return world.problem;
      return treeOf(find(repoURL, commit)?.files ?? {}, path);
    },
    async writeRevert({ repoURL, toCommit, path, message }) {
      if (world.problem !== undefined) return world.problem;
      const target = find(repoURL, toCommit);
      const current = commits.get(repoURL)?.at(-1);
      if (target === undefined || current === undefined) return { kind: "problem", reason: "NoSuchRevision", message: `${repoURL} has no ${toCommit}` };
      const isInside = (name: string) => path === "." || name.startsWith(`${path}/`);
      const kept = Object.entries(current.files).filter(([name]) => !isInside(name));
      const back = Object.entries(target.files).filter(([name]) => isInside(name));
      world.push(repoURL, Object.fromEntries([...kept, ...back]), message);
      const head = commits.get(repoURL)?.at(-1);
      return head?.revision ?? { kind: "problem", reason: "Empty", message: "nothing was written" };
    },
    async history(repoURL, commit, limit) {
      const line = commits.get(repoURL) ?? [];
      const index = line.findIndex((one) => one.revision.commit === commit);
      return line.slice(0, index + 1).toReversed().slice(0, limit).map((one) => one.revision);
    },
  };
  return world;
}

/** The folder `path` of some files as a tree; its digest is that of its content, as Git's is. */
export function treeOf(files: Readonly<Record<string, string>>, path: string): FileTree | RepositoryProblem {
  const prefix = path === "." || path === "" ? "" : `${path}/`;
  const inside = Object.entries(files).filter(([name]) => name.startsWith(prefix)).map(([name, text]) => [name.slice(prefix.length), new TextEncoder().encode(text)] as const);
  if (inside.length === 0 && prefix !== "") return { kind: "problem", reason: "NoSuchRevision", message: `there is no folder ${path}` };
  const digest = createHash("sha1").update(JSON.stringify(Object.entries(files).filter(([name]) => name.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1)))).digest("hex");
  return { kind: "tree", digest, files: new Map(inside) };
}
