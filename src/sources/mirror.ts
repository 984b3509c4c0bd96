import type { RepositoryProblem } from "../world/repositories.ts";
import type { World } from "../world/world.ts";
import { chooseDriver } from "./drivers.ts";
import type { GitDrivers } from "./drivers.ts";
import { DamagedError } from "./git-driver.ts";
import type { GitDriver, GitRemote, GitStore } from "./git-driver.ts";
import { isomorphicPackBytesMax, mirrorPacksMax } from "./limits.ts";
import { countPacks, isRepository, removeFolder, swapFolders } from "./mirror-files.ts";
import { isProblem, problem } from "./problem.ts";

/** What a mirror is asked to hold: a ref and the commit it is known to be at, or all refs because a bare commit id was given. */
export interface Wanted {
  readonly ref?: string;
  readonly commit: string;
}

/** A bare copy of one outside repository. One transfer at a time; a failed one removes nothing. */
export class Mirror {
  readonly store: GitStore;
  readonly #drivers: GitDrivers;
  readonly #world: World;
  readonly #packBytesMax: number;
  #turn: Promise<unknown> = Promise.resolve();
  #driver: GitDriver | undefined;
  #isSuspect = false;

  constructor(options: { readonly directory: string; readonly drivers: GitDrivers; readonly world: World; readonly packBytesMax: number }) {
    this.store = { directory: options.directory };
    this.#drivers = options.drivers;
    this.#world = options.world;
    this.#packBytesMax = options.packBytesMax;
  }

  /** The driver for what lies here now. */
  async driver(): Promise<GitDriver> {
    this.#driver ??= chooseDriver(this.#drivers, await countPacks(this.store.directory));
    return this.#driver;
  }

  /** Something here could not be read: the next `bring` writes the mirror anew. */
  suspect(): void {
    this.#isSuspect = true;
  }

  /** Makes sure the wanted commit is here. Answers the bytes that had to be fetched, or why not. */
  bring(remote: GitRemote, wanted: Wanted, signal: AbortSignal): Promise<{ readonly fetchedBytes: number } | RepositoryProblem> {
    return this.#inTurn(() => this.#bring(remote, wanted, signal));
  }

  /** Writes the mirror anew beside itself, then swaps: nothing is lost when the remote is away. */
  renew(remote: GitRemote, wanted: Wanted, signal: AbortSignal): Promise<{ readonly fetchedBytes: number } | RepositoryProblem> {
    return this.#inTurn(() => this.#renew(remote, wanted, signal));
  }

  async #bring(remote: GitRemote, wanted: Wanted, signal: AbortSignal): Promise<{ readonly fetchedBytes: number } | RepositoryProblem> {
    if (this.#isSuspect || !(await isRepository(this.store.directory))) return this.#renew(remote, wanted, signal);
    try {
      const driver = await this.driver();
      if ((await driver.resolve(this.store, wanted.commit, signal)) === wanted.commit && (await this.#isWhole(driver, wanted.commit, signal))) return { fetchedBytes: 0 };
      const { packCount } = await countPacks(this.store.directory);
      if (packCount >= mirrorPacksMax) return await this.#renew(remote, wanted, signal);
      const fetched = await this.#fetch(this.store, remote, wanted, signal);
      if (isProblem(fetched) && fetched.reason !== "Damaged") return fetched;
      if (!isProblem(fetched) && (await (await this.driver()).resolve(this.store, wanted.commit, signal)) === wanted.commit) return fetched;
      if (wanted.ref === undefined) return noSuchCommit(remote, wanted);
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      this.#world.log.warn("a mirror is damaged and is written anew", { directory: this.store.directory, error });
    }
    return this.#renew(remote, wanted, signal);
  }

  async #renew(remote: GitRemote, wanted: Wanted, signal: AbortSignal): Promise<{ readonly fetchedBytes: number } | RepositoryProblem> {
    const suffix = this.#world.chance.uuid().slice(0, 8);
    const next = `${this.store.directory}.new-${suffix}`;
    try {
      await (this.#drivers.command ?? this.#drivers.isomorphic).init(next);
      const fetched = await this.#fetch({ directory: next }, remote, wanted, signal);
      if (isProblem(fetched)) return fetched;
      const driver = chooseDriver(this.#drivers, await countPacks(next));
      if ((await driver.resolve({ directory: next }, wanted.commit, signal)) === undefined) return noSuchCommit(remote, wanted);
      // What is open would go on reading the old one.
      for (const { forget } of Object.values(this.#drivers)) for (const directory of [next, this.store.directory]) forget?.({ directory });
      await swapFolders({ current: this.store.directory, next, aside: `${this.store.directory}.old-${suffix}` });
      this.#driver = driver;
      this.#isSuspect = false;
      return fetched;
    } finally {
      await removeFolder(next);
    }
  }

  /** isomorphic-git first; what is too large for it goes to the git command. */
  async #fetch(store: GitStore, remote: GitRemote, wanted: Wanted, signal: AbortSignal): Promise<{ readonly fetchedBytes: number } | RepositoryProblem> {
    const refs = wanted.ref === undefined ? "all" : [wanted.ref];
    const { isomorphic, command } = this.#drivers;
    const chosen = chooseDriver(this.#drivers, await countPacks(store.directory));
    const packBytesMax = chosen === isomorphic ? Math.min(this.#packBytesMax, isomorphicPackBytesMax) : this.#packBytesMax;
    const fetched = await chosen.fetch(store, { remote, refs, packBytesMax }, signal);
    this.#driver = undefined;
    if (!isProblem(fetched) || fetched.reason !== "TooLarge" || chosen !== isomorphic || packBytesMax === this.#packBytesMax) return fetched;
    if (command === undefined) return problem("TooLarge", `${fetched.message} (installing git on this machine allows more)`);
    return command.fetch(store, { remote, refs, packBytesMax: this.#packBytesMax }, signal);
  }

  /** A commit whose tree cannot be found is only half here. */
  async #isWhole(driver: GitDriver, commit: string, signal: AbortSignal): Promise<boolean> {
    const top = await driver.findEntry(this.store, { commit, path: "" }, signal);
    return top !== undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work, work);
    this.#turn = next.catch(() => undefined);
    return next;
  }
}

function noSuchCommit(remote: GitRemote, wanted: Wanted): RepositoryProblem {
  return problem("NoSuchRevision", `${remote.url}: no branch or tag leads to commit ${wanted.commit}`);
}
