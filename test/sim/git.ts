import { createHash } from "node:crypto";
import type { FileTree } from "../../src/value/file-tree.ts";
import type { Repositories, RepositoryProblem, Revision, RevisionRequest } from "../../src/world/repositories.ts";
import { treeOf } from "../world/fake-repositories.ts";
import type { Folder } from "./content.ts";
import { filesOf } from "./content.ts";
import type { Life, SeededChance, SimulatedClock } from "./world.ts";
import { never } from "./world.ts";

/** One commit of a whole repository: every application's folder as a model, from which files are printed. */
export interface SimulatedCommit {
  readonly revision: Revision;
  readonly folders: ReadonlyMap<string, Folder>;
  readonly number: number;
}

/** How unwell Git is. */
export interface GitFaults {
  /** Share of questions answered with a problem, and of slow ones. */
  fail: number;
  slow: number;
  slowMs: number;
}

interface Line {
  readonly commits: SimulatedCommit[];
  head: SimulatedCommit | undefined;
}

/** The outside world of Git: outlives every process. */
export class SimulatedGit {
  readonly faults: GitFaults = { fail: 0, slow: 0, slowMs: 0 };
  readonly #clock: SimulatedClock;
  readonly #chance: SeededChance;
  readonly #lines = new Map<string, Line>();
  #count = 0;
  /** Told of every commit that becomes a head. */
  onHead: (repoURL: string, commit: SimulatedCommit) => void = () => {};

  constructor(clock: SimulatedClock, chance: SeededChance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  head(repoURL: string): SimulatedCommit | undefined {
    return this.#line(repoURL).head;
  }

  commits(repoURL: string): readonly SimulatedCommit[] {
    return this.#line(repoURL).commits;
  }

  find(repoURL: string, commit: string): SimulatedCommit | undefined {
    return this.#line(repoURL).commits.find((one) => one.revision.commit === commit);
  }

  /** Writes a commit on top of `parent` (the head when absent) and moves the branch to it. */
  push(repoURL: string, folders: ReadonlyMap<string, Folder>, options: { readonly message: string; readonly parent?: SimulatedCommit }): SimulatedCommit {
    const line = this.#line(repoURL);
    const parent = options.parent ?? line.head;
    const number = ++this.#count;
    const commit = createHash("sha1").update(`${repoURL} ${number} ${options.message}`).digest("hex");
    const made: SimulatedCommit = {
      folders, number,
      revision: { commit, author: "Ada <ada@example.com>", message: options.message, committedAtMs: this.#clock.nowMs(), parents: parent === undefined ? [] : [parent.revision.commit] },
    };
    line.commits.push(made);
    line.head = made;
    this.onHead(repoURL, made);
    return made;
  }

  /** Git as one process sees it. */
  seenBy(life: Life): Repositories {
    const asked = async (): Promise<RepositoryProblem | undefined> => {
      if (life.isDead) return never();
      const { fail, slow, slowMs } = this.faults;
      await life.sleep(this.#chance.isLucky(slow) ? this.#chance.fraction() * slowMs : this.#chance.between(1, 40));
      return this.#chance.isLucky(fail) ? { kind: "problem", reason: "Unreachable", message: "simulated: git.example.com does not answer" } : undefined;
    };
    const named = (request: RevisionRequest): SimulatedCommit | undefined =>
      (request.targetRevision === "main" || request.targetRevision === "HEAD" ? this.head(request.repoURL) : this.find(request.repoURL, request.targetRevision));
    return {
      resolve: async (request) => {
        const problem = await asked();
        return problem ?? named(request)?.revision ?? { kind: "problem", reason: "NoSuchRevision", message: `no ${request.targetRevision}` };
      },
      readTree: async (repoURL, commit, path): Promise<FileTree | RepositoryProblem> => {
        const problem = await asked();
        if (problem !== undefined) return problem;
        const folder = this.find(repoURL, commit)?.folders.get(path);
        if (folder === undefined) return { kind: "problem", reason: "NoSuchRevision", message: `there is no folder ${path}` };
        return treeOf(filesOf(folder), ".");
      },
      writeRevert: async (request) => {
        const problem = await asked();
        if (problem !== undefined) return problem;
        const target = this.find(request.repoURL, request.toCommit);
        const head = this.head(request.repoURL);
        const folder = target?.folders.get(request.path);
        if (head === undefined || folder === undefined) return { kind: "problem", reason: "NoSuchRevision", message: `no ${request.toCommit}` };
        return this.push(request.repoURL, new Map([...head.folders, [request.path, folder]]), { message: request.message }).revision;
      },
      history: async (repoURL, commit, limit) => {
        const problem = await asked();
        if (problem !== undefined) return problem;
        const found: Revision[] = [];
        for (let next = this.find(repoURL, commit); next !== undefined && found.length < limit; next = this.find(repoURL, next.revision.parents[0] ?? "")) found.push(next.revision);
        return found;
      },
    };
  }

  #line(repoURL: string): Line {
    let line = this.#lines.get(repoURL);
    if (line === undefined) this.#lines.set(repoURL, line = { commits: [], head: undefined });
    return line;
  }
}
