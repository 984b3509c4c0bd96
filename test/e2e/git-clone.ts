import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runProgram } from "./daemon.ts";
import type { Run } from "./daemon.ts";

/** How a push ended: what the server said in its `remote:` lines. */
export interface PushEnd {
  readonly isTaken: boolean;
  readonly remote: readonly string[];
  readonly commit: string;
  readonly stderr: string;
}

/** A user's clone of a repository, worked on with the real git. */
export class GitClone {
  readonly directory: string;
  readonly #home: string;

  private constructor(home: string, directory: string) {
    this.#home = home;
    this.directory = directory;
  }

  /** Clones; an empty repository too. */
  static async clone(url: string, options: { readonly home: string; readonly name: string }): Promise<GitClone> {
    const clone = new GitClone(options.home, join(options.home, "clones", options.name));
    await mkdir(join(options.home, "clones"), { recursive: true });
    const run = await clone.#run(["clone", "--quiet", url, clone.directory], options.home);
    if (run.code !== 0) throw new Error(`git clone: ${run.stderr}`);
    // An empty clone begins on the branch the server names, or on whatever the user's git calls it.
    await clone.git(["symbolic-ref", "HEAD", "refs/heads/main"]);
    return clone;
  }

  /** Runs git and answers stdout; throws with what it said when it fails. */
  async git(words: readonly string[]): Promise<string> {
    const run = await this.#run(words, this.directory);
    if (run.code !== 0) throw new Error(`git ${words.join(" ")}: ${run.stderr}`);
    return run.stdout.trim();
  }

  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.directory, path)), { recursive: true });
      await writeFile(join(this.directory, path), content);
    }
  }

  /** Commits everything that lies in the folder. Answers the commit. */
  async commit(message: string): Promise<string> {
    await this.git(["add", "--all"]);
    await this.git(["commit", "--quiet", "--allow-empty", "-m", message]);
    return this.git(["rev-parse", "HEAD"]);
  }

  async push(words: readonly string[] = ["origin", "HEAD:main"]): Promise<PushEnd> {
    const run = await this.#run(["push", ...words], this.directory);
    const remote = run.stderr.split("\n").filter((line) => line.startsWith("remote: ")).map((line) => line.slice("remote: ".length).trimEnd());
    return { isTaken: run.code === 0, remote, commit: await this.git(["rev-parse", "HEAD"]), stderr: run.stderr };
  }

  /** Writes, commits and pushes. */
  async change(files: Readonly<Record<string, string | Uint8Array>>, message = "Change"): Promise<PushEnd> {
    await this.write(files);
    await this.commit(message);
    return this.push();
  }

  /** Goes back to what the server has. */
  async reset(): Promise<void> {
    await this.git(["fetch", "--quiet", "origin"]);
    await this.git(["reset", "--quiet", "--hard", "origin/main"]);
    await this.git(["clean", "-fdq"]);
  }

  #run(words: readonly string[], cwd: string): Promise<Run> {
    const environment = {
      HOME: this.#home, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C",
      GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.org", GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.org",
    };
    return runProgram("git", words, { cwd, environment });
  }
}
