import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { FileTree } from "../value/file-tree.ts";
import type { PipeLine } from "../world/processes.ts";
import type { RepositoryProblem, Revision } from "../world/repositories.ts";
import type { World } from "../world/world.ts";
import { pickRevision, refsMeant } from "./advertisement.ts";
import type { PickedRevision, RefList } from "./advertisement.ts";
import type { GitDriver, GitStore } from "./git-driver.ts";
import type { GitSettings } from "./git-environment.ts";
import { parseBasicPassword, parseGitRequest, runHttpBackend } from "./git-http.ts";
import type { GitRequest } from "./git-http.ts";
import type { GitProcess } from "./git-process.ts";
import { isHostedName, parseHostedUrl } from "./hosted-name.ts";
import { isObjectId } from "./git-objects.ts";
import { hookScript } from "./hook-script.ts";
import { gitServingMax, sourceLimits } from "./limits.ts";
import type { SourceLimits } from "./limits.ts";
import { isRepository, listFolder, makePrivateFolder, readHead, removeFolder, writeProgram, writeText } from "./mirror-files.ts";
import { problem } from "./problem.ts";
import { hasTooManyCommands, printRefusal } from "./push-commands.ts";
import { answerHook } from "./push-gate.ts";
import type { PushQuestion, PushUpdate, PushVerdict } from "./push-gate.ts";
import { readTree } from "./read-tree.ts";
import { readRef, readRefs } from "./ref-files.ts";
import { revertAuthor } from "./revert-tree.ts";
import type { TreeCache } from "./tree-cache.ts";
import { writeFiles } from "./write-files.ts";

/** A push that waits for its verdict. Its objects can be read, but are not taken yet. */
export interface Push {
  /** The hosted repository's name. */
  readonly repository: string;
  /** Who pushes, as the token check named them. */
  readonly user: string;
  readonly updates: readonly PushUpdate[];
  readTree(commit: string, path: string): Promise<FileTree | RepositoryProblem>;
  readRevision(commit: string): Promise<Revision | RepositoryProblem>;
}

export interface HostedOptions {
  readonly world: World;
  /** `DIR/repositories`: hosted repositories lie in `hosted/`, the hook in `hooks/`. */
  readonly directory: string;
  readonly git: GitProcess;
  readonly driver: GitDriver;
  /** Folders read lately, shared with whoever reads them once they are taken. */
  readonly trees?: TreeCache;
  readonly limits?: Partial<SourceLimits>;
  readonly verdictTimeoutMs?: number;
  /** Who a token belongs to and whether they may do this; undefined refuses. */
  checkToken(token: string, access: { readonly repository: string; readonly action: "read" | "write" }): Promise<{ readonly name: string } | undefined>;
  /** The verdict on a push. What it throws refuses the push. */
  onPush(push: Push): Promise<PushVerdict>;
  /** Told when somebody begins to push, some round trips before the verdict is asked for. */
  onPushBegins?(): void;
  /** Told once refs have changed; nobody waits for it. */
  onUpdated(repository: string, updates: readonly PushUpdate[]): void;
}

/** The repositories this daemon hosts itself: bare ones, served by `git http-backend`, each push judged before it is taken. */
export class HostedRepositories {
  readonly #options: HostedOptions;
  readonly #limits: SourceLimits;
  readonly #root: string;
  readonly #life = new AbortController();
  #origins: readonly string[] = [];
  #servingCount = 0;

  constructor(options: HostedOptions) {
    this.#options = options;
    this.#limits = { ...sourceLimits, ...options.limits };
    this.#root = join(options.directory, "hosted");
  }

  /** Makes the folders and the hook. Call before the first request is handled. */
  async start(): Promise<void> {
    await makePrivateFolder(this.#root);
    await makePrivateFolder(this.#hooks);
    await writeProgram(join(this.#hooks, "pre-receive"), hookScript);
    for (const name of await this.list()) await this.#mendHead(name);
  }

  stop(): void {
    this.#life.abort(new Error("the daemon stops"));
  }

  /** Tells under which origins (`http://127.0.0.1:7080`) `/git/` is served, so that such URLs are known as ours. */
  setOrigins(origins: readonly string[]): void {
    this.#origins = origins;
  }

  /** The hosted repository a URL names, whether it exists or not; undefined for an outside URL. */
  nameOf(repoURL: string): string | undefined {
    return parseHostedUrl(repoURL, this.#origins);
  }

  storeOf(name: string): GitStore {
    return { directory: join(this.#root, `${name}.git`) };
  }

  has(name: string): Promise<boolean> {
    return isHostedName(name) ? isRepository(this.storeOf(name).directory) : Promise.resolve(false);
  }

  async list(): Promise<readonly string[]> {
    return (await listFolder(this.#root)).filter((name) => name.endsWith(".git")).map((name) => name.slice(0, -4)).filter(isHostedName);
  }

  /** Makes an empty repository; one that exists stays as it is. */
  async create(name: string): Promise<RepositoryProblem | undefined> {
    if (!isHostedName(name)) return problem("NotAllowed", `"${name}" cannot name a repository: use up to 63 small letters, digits and dashes`);
    if (!(await this.has(name))) await this.#options.driver.init(this.storeOf(name).directory);
    return undefined;
  }

  async remove(name: string): Promise<void> {
    if (isHostedName(name)) await removeFolder(this.storeOf(name).directory);
  }

  /** Makes a repository with one commit of these files on branch `main`; answers its commit, or undefined when the branch exists already. */
  async seed(name: string, files: ReadonlyMap<string, Uint8Array>, message: string): Promise<string | undefined> {
    const fault = await this.create(name);
    if (fault !== undefined) throw new Error(fault.message);
    const { driver, world } = this.#options;
    const store = this.storeOf(name);
    const tree = await writeFiles(driver, { store, files }, this.#life.signal);
    const commit = await driver.writeCommit(store, { tree, parents: [], author: revertAuthor, message: `${message}\n`, atMs: world.clock.nowMs() }, this.#life.signal);
    const isNew = await driver.updateRef(store, { ref: "refs/heads/main", commit, expected: undefined }, this.#life.signal);
    return isNew ? commit : undefined;
  }

  /** The refs of a hosted repository, from its files. */
  async listRefs(name: string, signal: AbortSignal): Promise<RefList> {
    const store = this.storeOf(name);
    const refs = new Map<string, string>();
    for (const [ref, { id, peeled }] of await readRefs(store.directory)) refs.set(ref, peeled ?? (await this.#peel(store, ref, id, signal)));
    const head = await readHead(store.directory);
    return head === undefined ? { refs } : { refs, head };
  }

  /** The branch HEAD names, as a full ref name. */
  headOf(name: string): Promise<string | undefined> {
    return readHead(this.storeOf(name).directory);
  }

  /** Finds what a revision means; only what is not there costs a look at all refs, for a hint. */
  async pick(name: string, request: { readonly targetRevision: string; readonly repoURL: string }, signal: AbortSignal): Promise<PickedRevision | RepositoryProblem> {
    const store = this.storeOf(name);
    for (const ref of isObjectId(request.targetRevision) ? [] : refsMeant(request.targetRevision, await this.headOf(name))) {
      const id = await readRef(store.directory, ref);
      if (id !== undefined) return { kind: "ref", ref, commit: await this.#peel(store, ref, id, signal) };
    }
    return pickRevision(await this.listRefs(name, signal), request.targetRevision, request.repoURL);
  }

  /** Says that refs were moved by the daemon itself (a revert commit). */
  notifyUpdated(name: string, updates: readonly PushUpdate[]): void {
    this.#options.onUpdated(name, updates);
  }

  /** Answers one HTTP request below `/git/`; a plain node:http handler that reads the body itself. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      this.#options.world.log.error("a git request failed", { error });
      if (!response.headersSent) response.statusCode = 500;
      response.end();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = parseGitRequest(request.method ?? "", request.url ?? "");
    if (asked === undefined) { refuse(request, response, { status: 404, text: "There is no such page here. Clone /git/NAME.git with git.\n" }); return; }
    const access = { repository: asked.repository, action: asked.service === "git-receive-pack" ? "write" : "read" } as const;
    const token = parseBasicPassword(request.headers.authorization);
    const user = token === undefined ? undefined : await this.#options.checkToken(token, access);
    if (user === undefined) {
      refuse(request, response, { status: 401, text: "Give any user name and a token as password.\n", headers: { "WWW-Authenticate": 'Basic realm="Capstan", charset="UTF-8"' } });
      return;
    }
    if (!(await this.has(asked.repository))) { refuse(request, response, { status: 404, text: `There is no hosted repository "${asked.repository}".\n` }); return; }
    if (this.#servingCount >= gitServingMax) { refuse(request, response, { status: 503, text: "Too many git requests at once; try again.\n", headers: { "Retry-After": "1" } }); return; }
    if (asked.action === "advertise" && asked.service === "git-receive-pack") this.#options.onPushBegins?.();
    this.#servingCount += 1;
    try {
      await (asked.action === "push" ? this.#servePush(asked, user.name, { request, response }) : this.#serve(asked, user.name, { request, response }));
    } finally {
      this.#servingCount -= 1;
    }
  }

  get #hooks(): string {
    return join(this.#options.directory, "hooks");
  }

  /** What an annotated tag leads to; a branch is a commit already. */
  async #peel(store: GitStore, ref: string, id: string, signal: AbortSignal): Promise<string> {
    return ref.startsWith("refs/heads/") ? id : (await this.#options.driver.resolve(store, id, signal)) ?? id;
  }

  /** Git takes a repository whose HEAD cannot be read for none at all. */
  async #mendHead(name: string): Promise<void> {
    const { directory } = this.storeOf(name);
    if ((await readHead(directory)) !== undefined || (await readRef(directory, "HEAD")) !== undefined) return;
    const branches = [...(await readRefs(directory)).keys()].filter((ref) => ref.startsWith("refs/heads/"));
    const head = branches.includes(mainBranch) ? mainBranch : branches[0] ?? mainBranch;
    await writeText(join(directory, "HEAD"), `ref: ${head}\n`);
    this.#options.world.log.warn("the HEAD of a hosted repository was damaged and was written anew", { repository: name, head });
  }

  async #serve(asked: GitRequest, user: string, exchange: Exchange, onLine?: (line: PipeLine) => void): Promise<void> {
    const settings = servingSettings(this.#hooks, this.#limits);
    await runHttpBackend(this.#options.git, { asked, root: this.#root, user, settings, packBytesMax: this.#limits.packBytesMax, ...(onLine === undefined ? {} : { onLine }) }, exchange);
  }

  async #servePush(asked: GitRequest, user: string, exchange: Exchange): Promise<void> {
    const { world, verdictTimeoutMs } = this.#options;
    const { pushRefsMax } = this.#limits;
    if (await hasTooManyCommands(exchange.request, pushRefsMax)) { refuseCommands(exchange, pushRefsMax); return; }
    let accepted: readonly PushUpdate[] = [];
    const judge = async (question: PushQuestion) => {
      if (question.updates.length > pushRefsMax) return { accepted: false, lines: [tooManyRefs(pushRefsMax)] };
      const store: GitStore = { ...this.storeOf(asked.repository), quarantine: question.quarantine };
      try {
        const verdict = await this.#options.onPush(this.#pushOf(asked.repository, user, question.updates, store));
        if (verdict.accepted) accepted = question.updates;
        return verdict;
      } finally {
        this.#options.driver.forget?.(store);
      }
    };
    await this.#serve(asked, user, exchange, (line) => { void answerHook(line, { world, refsMax: pushRefsMax, judge, ...(verdictTimeoutMs === undefined ? {} : { timeoutMs: verdictTimeoutMs }) }); });
    if (accepted.length > 0) await this.#reportTaken(asked.repository, accepted);
  }

  /** Reports the updates that really happened: git may still refuse a ref after the verdict. */
  async #reportTaken(repository: string, updates: readonly PushUpdate[]): Promise<void> {
    const { directory } = this.storeOf(repository);
    const taken: PushUpdate[] = [];
    for (const update of updates) if (!update.ref.startsWith("refs/heads/") || (await readRef(directory, update.ref)) === update.newCommit) taken.push(update);
    if (taken.length > 0) this.#options.onUpdated(repository, taken);
  }

  #pushOf(repository: string, user: string, updates: readonly PushUpdate[], store: GitStore): Push {
    const { driver, trees } = this.#options;
    return {
      repository, user, updates,
      readTree: async (commit, path) => {
        const tree = await readTree(driver, { store, commit, path, limits: this.#limits, known: (id) => trees?.get(id) }, this.#life.signal);
        if (tree.kind === "tree") trees?.put(tree.digest, tree);
        return tree;
      },
      readRevision: async (commit) => {
        const [revision] = await driver.log(store, { commit, limit: 1 }, this.#life.signal);
        return revision ?? problem("NoSuchRevision", `commit ${commit.slice(0, 12)} is not in this push`);
      },
    };
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The branch of a new repository. */
const mainBranch = "refs/heads/main";

function tooManyRefs(allowed: number): string {
  return `This push changes more than ${allowed} branches and tags at once; nothing was taken. Push them in parts.`;
}

/** Refuses a push as git's own server does, so that the pusher's git shows the line. What is still on its way is read and dropped. */
function refuseCommands({ request, response }: Exchange, allowed: number): void {
  request.resume();
  response.writeHead(200, { "Content-Type": "application/x-git-receive-pack-result", "Cache-Control": "no-cache" });
  response.end(printRefusal(tooManyRefs(allowed), `too many refs in one push (${allowed} are allowed)`));
}

/** Settings under which pushes are taken: force-push and deletion are the pusher's right; what is pushed is checked and never runs. */
function servingSettings(hooks: string, limits: SourceLimits): GitSettings {
  return [
    ["core.hooksPath", hooks],
    ["http.receivepack", "true"],
    ["http.uploadpack", "true"],
    ["http.maxRequestBuffer", String(fetchBufferBytes)],
    ["receive.fsckObjects", "true"],
    ["receive.maxInputSize", String(limits.packBytesMax)],
    ["receive.denyNonFastForwards", "false"],
    ["receive.denyDeletes", "false"],
    ["receive.denyDeleteCurrent", "ignore"],
    ["receive.advertisePushOptions", "false"],
    ["core.logAllRefUpdates", "true"],
  ];
}

/** Git's own default, said so that it does not change under us. */
const fetchBufferBytes = 10_485_760;

function refuse(request: IncomingMessage, response: ServerResponse, answer: { readonly status: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> }): void {
  request.resume();
  response.writeHead(answer.status, { "Content-Type": "text/plain; charset=utf-8", ...answer.headers });
  response.end(answer.text);
}

