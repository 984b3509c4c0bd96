import { join } from "node:path";
import type { Client } from "../api/client.ts";
import { sha256 } from "../value/digest.ts";
import type { FileTree } from "../value/file-tree.ts";
import { RecentMap } from "../value/recent-map.ts";
import type { Repositories, RepositoryProblem, Revision, RevisionRequest } from "../world/repositories.ts";
import type { World } from "../world/world.ts";
import { ChartSource } from "./charts/chart-source.ts";
import type { VerifyTools } from "./charts/provenance.ts";
import { pickRevision } from "./advertisement.ts";
import type { PickedRevision } from "./advertisement.ts";
import { findRemote, normalizeUrl } from "./credentials.ts";
import type { GitDrivers } from "./drivers.ts";
import { DamagedError } from "./git-driver.ts";
import type { GitDriver, GitRemote, GitStore } from "./git-driver.ts";
import type { HostedRepositories } from "./hosted.ts";
import { historyMax, sourceLimits, treeCacheBytesMax } from "./limits.ts";
import type { SourceLimits } from "./limits.ts";
import { listFolder, makePrivateFolder, removeFolder } from "./mirror-files.ts";
import { Mirror } from "./mirror.ts";
import { isProblem, problem } from "./problem.ts";
import { readTree } from "./read-tree.ts";
import { listRemoteRefs } from "./remote-refs.ts";
import type { RemoteRefs } from "./remote-refs.ts";
import { writeRevertCommit } from "./revert-tree.ts";
import { SingleFlight } from "./single-flight.ts";
import { TreeCache } from "./tree-cache.ts";

export interface RepositoriesOptions {
  readonly client: Client;
  readonly world: World;
  /** `DIR/repositories`: mirrors of outside repositories lie in `mirrors/`. */
  readonly directory: string;
  readonly drivers: GitDrivers;
  /** Absent where git is not installed. */
  readonly hosted?: HostedRepositories;
  /** Folders read lately; the verdict on a push puts its own there. */
  readonly trees?: TreeCache;
  readonly limits?: Partial<SourceLimits>;
  /** How signatures of charts are checked; absent where they cannot be. */
  readonly verify?: VerifyTools;
}

type RevertOrder = Parameters<Repositories["writeRevert"]>[0];

/** What one namespace last saw of one remote. */
interface Seen {
  readonly refs: RemoteRefs;
  readonly credentialsDigest: string;
}

/** The real world of Git: outside repositories through mirrors, hosted ones directly. */
export function createRepositories(options: RepositoriesOptions): SourceRepositories {
  return new SourceRepositories(options);
}

/** See `Repositories`; besides, it tells the poller what a fetch brought. */
export class SourceRepositories implements Repositories {
  readonly #options: RepositoriesOptions;
  readonly #limits: SourceLimits;
  readonly #mirrors = new Map<string, Mirror>();
  readonly #seen = new Map<string, Seen>();
  readonly #revisions = new RecentMap<string, Revision>({ entriesMax: revisionsKeptMax });
  readonly #flights = new SingleFlight<Revision | RepositoryProblem>();
  readonly #trees: TreeCache;
  readonly #life = new AbortController();
  readonly #charts: ChartSource;

  constructor(options: RepositoriesOptions) {
    this.#options = options;
    this.#charts = new ChartSource({ client: options.client, directory: join(options.directory, "charts"), ...(options.verify === undefined ? {} : { verify: options.verify }) });
    this.#limits = { ...sourceLimits, ...options.limits };
    this.#trees = options.trees ?? new TreeCache(treeCacheBytesMax);
  }

  /** Makes the folders and removes what an earlier run left half done. */
  async start(): Promise<void> {
    const folder = join(this.#options.directory, "mirrors");
    await makePrivateFolder(folder);
    for (const name of await listFolder(folder)) if (/\.(?:new|old)-[0-9a-f]+$/u.test(name)) await removeFolder(join(folder, name));
  }

  stop(): void {
    this.#life.abort(new Error("the daemon stops"));
  }

  async resolve(request: RevisionRequest, signal: AbortSignal): Promise<Revision | RepositoryProblem> {
    const { chart } = request;
    if (chart !== undefined && chart !== "") {
      const key = `chart ${request.namespace} ${request.repoURL} ${chart} ${request.targetRevision}`;
      return this.#flights.join(key, () => this.#charts.resolve({ ...request, chart }, this.#life.signal), signal);
    }
    const hostedName = this.#hostedName(request.repoURL);
    if (hostedName !== undefined) return this.#guard(request.repoURL, () => this.#resolveHosted(hostedName, request, signal));
    const remote = await findRemote(this.#options.client, request.namespace, request.repoURL);
    if (isProblem(remote)) return remote;
    const key = `${digestOf(remote)} ${request.repoURL} ${request.targetRevision}`;
    return this.#flights.join(key, () => this.#guard(request.repoURL, () => this.#resolveOutside(remote, request, this.#life.signal)), signal);
  }

  async readTree(repoURL: string, commit: string, path: string, signal: AbortSignal): Promise<FileTree | RepositoryProblem> {
    const place = await this.#placeOf(repoURL);
    if (isProblem(place)) return place;
    const { driver, store } = place;
    const tree = await this.#guard(repoURL, () => readTree(driver, { store, commit, path, limits: this.#limits, known: (id) => this.#trees.get(id) }, signal));
    if (!isProblem(tree)) this.#trees.put(tree.digest, tree);
    else if (tree.reason === "Damaged") this.#distrust(repoURL);
    return tree;
  }

  readChart(repoURL: string, digest: string): Promise<FileTree | RepositoryProblem> {
    return this.#charts.read(repoURL, digest);
  }

  async history(repoURL: string, commit: string, limit: number, signal: AbortSignal): Promise<readonly Revision[] | RepositoryProblem> {
    const place = await this.#placeOf(repoURL);
    if (isProblem(place)) return place;
    const { driver, store } = place;
    return this.#guard(repoURL, async () => {
      const revisions = await driver.log(store, { commit, limit: Math.min(limit, historyMax) }, signal);
      return revisions.length === 0 ? problem("NoSuchRevision", `${repoURL}: commit ${commit.slice(0, 12)} is not here`) : revisions;
    });
  }

  async writeRevert(order: RevertOrder, signal: AbortSignal): Promise<Revision | RepositoryProblem> {
    const base = await this.resolve(order, signal);
    if (isProblem(base)) return base;
    const place = await this.#placeOf(order.repoURL);
    if (isProblem(place)) return place;
    const ref = await this.#branchOf(order, signal);
    if (isProblem(ref)) return ref;
    return this.#guard(order.repoURL, async () => {
      const { driver, store } = place;
      const written = await writeRevertCommit(driver, { store, base: base.commit, request: order, limits: this.#limits, nowMs: this.#options.world.clock.nowMs() }, signal);
      if (isProblem(written)) return written;
      const refusal = await this.#publish(order, { ref, base: base.commit, commit: written.commit, driver, store }, signal);
      return refusal ?? written;
    });
  }

  /** The refs last seen of a URL, for the Repository's status; none before the first resolve. */
  async refsOf(repoURL: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const hostedName = this.#hostedName(repoURL);
    if (hostedName !== undefined && this.#options.hosted !== undefined && (await this.#options.hosted.has(hostedName))) return (await this.#options.hosted.listRefs(hostedName, signal)).refs;
    return this.#seen.get(normalizeUrl(repoURL))?.refs.list.refs ?? new Map<string, string>();
  }

  #hostedName(repoURL: string): string | undefined {
    return this.#options.hosted?.nameOf(repoURL);
  }

  async #resolveHosted(name: string, request: RevisionRequest, signal: AbortSignal): Promise<Revision | RepositoryProblem> {
    const { hosted, drivers } = this.#options;
    if (hosted === undefined || drivers.command === undefined || !(await hosted.has(name))) return noSuchHosted(name);
    const picked = await hosted.pick(name, request, signal);
    if (isProblem(picked)) return picked;
    return this.#readRevision(drivers.command, { store: hosted.storeOf(name), commit: picked.commit, url: request.repoURL }, signal);
  }

  async #resolveOutside(remote: GitRemote, request: RevisionRequest, signal: AbortSignal): Promise<Revision | RepositoryProblem> {
    const listed = await this.#listRefs(remote, signal);
    if (isProblem(listed)) return listed;
    const picked = pickRevision(listed.list, request.targetRevision, remote.url);
    if (isProblem(picked)) return picked;
    const mirror = this.#mirrorOf(remote.url);
    // What was read in full before is still here: an unchanged ref ends with the one request above.
    const known = this.#revisions.get(revisionKey(mirror.store, picked.commit));
    if (known !== undefined) return known;
    const effective: GitRemote = { ...remote, url: listed.url };
    const brought = await mirror.bring(effective, picked.kind === "ref" ? { ref: picked.ref, commit: picked.commit } : { commit: picked.commit }, signal);
    if (isProblem(brought)) return brought;
    return this.#readRevision(await mirror.driver(), { store: mirror.store, commit: picked.commit, url: remote.url }, signal);
  }

  async #listRefs(remote: GitRemote, signal: AbortSignal): Promise<RemoteRefs | RepositoryProblem> {
    const key = normalizeUrl(remote.url);
    const credentialsDigest = digestOf(remote);
    const seen = this.#seen.get(key);
    // An answer seen with other credentials says nothing about what these may see.
    const previous = seen?.credentialsDigest === credentialsDigest ? seen.refs : undefined;
    const listed = await listRemoteRefs(remote, { limits: this.#limits, previous }, signal);
    if (!isProblem(listed)) this.#seen.set(key, { refs: listed, credentialsDigest });
    return listed;
  }

  async #readRevision(driver: GitDriver, at: { readonly store: GitStore; readonly commit: string; readonly url: string }, signal: AbortSignal): Promise<Revision | RepositoryProblem> {
    const key = revisionKey(at.store, at.commit);
    const known = this.#revisions.get(key);
    if (known !== undefined) return known;
    const [revision] = await driver.log(at.store, { commit: at.commit, limit: 1 }, signal);
    if (revision === undefined) return problem("NoSuchRevision", `${at.url}: commit ${at.commit.slice(0, 12)} is not here`);
    this.#revisions.set(key, revision);
    return revision;
  }

  async #branchOf(order: RevertOrder, signal: AbortSignal): Promise<string | RepositoryProblem> {
    const hostedName = this.#hostedName(order.repoURL);
    const list = hostedName !== undefined && this.#options.hosted !== undefined
      ? await this.#options.hosted.listRefs(hostedName, signal)
      : this.#seen.get(normalizeUrl(order.repoURL))?.refs.list;
    const picked: PickedRevision | RepositoryProblem | undefined = list === undefined ? undefined : pickRevision(list, order.targetRevision, order.repoURL);
    if (isProblem(picked)) return picked;
    if (picked?.kind === "ref" && picked.ref.startsWith("refs/heads/")) return picked.ref;
    return problem("NotAllowed", `targetRevision ${order.targetRevision} of the application is no branch, so there is nowhere to put a revert commit; set it to a branch, or change it to the commit you want`);
  }

  async #publish(
    order: RevertOrder, revert: { readonly ref: string; readonly base: string; readonly commit: string; readonly driver: GitDriver; readonly store: GitStore }, signal: AbortSignal,
  ): Promise<RepositoryProblem | undefined> {
    const { ref, base, commit, driver, store } = revert;
    const { hosted } = this.#options;
    const hostedName = this.#hostedName(order.repoURL);
    if (hostedName !== undefined && hosted !== undefined) {
      const isTaken = await driver.updateRef(store, { ref, commit, expected: base }, signal);
      if (!isTaken) return problem("NotAllowed", `${order.repoURL}: branch ${order.targetRevision} moved while the revert was written; look at the new commit and try again`);
      hosted.notifyUpdated(hostedName, [{ ref, oldCommit: base, newCommit: commit }]);
      return undefined;
    }
    const remote = await findRemote(this.#options.client, order.namespace, order.repoURL);
    if (isProblem(remote)) return remote;
    const url = this.#seen.get(normalizeUrl(order.repoURL))?.refs.url ?? remote.url;
    return driver.push(store, { remote: { ...remote, url }, ref, commit }, signal);
  }

  async #placeOf(repoURL: string): Promise<{ readonly driver: GitDriver; readonly store: GitStore } | RepositoryProblem> {
    const { hosted, drivers } = this.#options;
    const hostedName = this.#hostedName(repoURL);
    if (hostedName === undefined) {
      const mirror = this.#mirrorOf(repoURL);
      return { driver: await mirror.driver(), store: mirror.store };
    }
    if (hosted === undefined || drivers.command === undefined || !(await hosted.has(hostedName))) return noSuchHosted(hostedName);
    return { driver: drivers.command, store: hosted.storeOf(hostedName) };
  }

  #mirrorOf(url: string): Mirror {
    const name = sha256(normalizeUrl(url)).slice(0, 32);
    let mirror = this.#mirrors.get(name);
    if (mirror === undefined) {
      const { drivers, world } = this.#options;
      mirror = new Mirror({ directory: join(this.#options.directory, "mirrors", `${name}.git`), drivers, world, packBytesMax: this.#limits.packBytesMax });
      this.#mirrors.set(name, mirror);
    }
    return mirror;
  }

  #distrust(repoURL: string): void {
    this.#revisions.clear();
    if (this.#hostedName(repoURL) === undefined) this.#mirrorOf(repoURL).suspect();
  }

  /** A damaged repository is a problem to show; what was remembered of it is forgotten, so the next resolve looks at the disk and writes it anew. */
  async #guard<T>(repoURL: string, work: () => Promise<T | RepositoryProblem>): Promise<T | RepositoryProblem> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      this.#distrust(repoURL);
      this.#options.world.log.error("a repository is damaged", { repository: repoURL, error });
      return problem("Damaged", this.#hostedName(repoURL) === undefined
        ? `${repoURL}: the local copy is damaged and will be fetched again`
        : `${repoURL}: the hosted repository is damaged; push it again from a clone, or restore it from a backup`);
    }
  }
}

/** Revisions remembered; one per branch that applications follow is enough. */
const revisionsKeptMax = 1_000;

function revisionKey(store: GitStore, commit: string): string {
  return `${store.directory} ${commit}`;
}

function noSuchHosted(name: string): RepositoryProblem {
  return problem("NoSuchRepository", `there is no hosted repository "${name}"; create it with capstan repo add`);
}

/** Tells remotes apart by what they may see, without keeping the password about. */
function digestOf(remote: GitRemote): string {
  return sha256(JSON.stringify([remote.credentials?.username, remote.credentials?.password, remote.insecure]));
}
