import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { FileTree } from "../value/file-tree.ts";
import type { RepositoryProblem, Revision } from "../world/repositories.ts";
import type { World } from "../world/world.ts";
import type { RefList } from "./advertisement.ts";
import type { GitDriver, GitStore } from "./git-driver.ts";
import type { GitSettings } from "./git-environment.ts";
import { parseBasicPassword, parseGitRequest, runHttpBackend } from "./git-http.ts";
import type { GitRequest } from "./git-http.ts";
import type { GitProcess } from "./git-process.ts";
import { isHostedName, parseHostedUrl } from "./hosted-name.ts";
import { gitServingMax, sourceLimits } from "./limits.ts";
import type { SourceLimits } from "./limits.ts";
import { isRepository, listFolder, makePrivateFolder, readHead, removeFolder } from "./mirror-files.ts";
import { problem } from "./problem.ts";
import { PushGate } from "./push-gate.ts";
import type { PushQuestion, PushUpdate, PushVerdict } from "./push-gate.ts";
import { readTree } from "./read-tree.ts";
import { revertAuthor } from "./revert-tree.ts";
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
  /** The daemon's own Node, for the hook. */
  readonly nodePath: string;
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
  readonly #gate: PushGate;
  readonly #root: string;
  readonly #life = new AbortController();
  #origins: readonly string[] = [];
  #servingCount = 0;

  constructor(options: HostedOptions) {
    this.#options = options;
    this.#limits = { ...sourceLimits, ...options.limits };
    this.#root = join(options.directory, "hosted");
    this.#gate = new PushGate(options.world, options.verdictTimeoutMs === undefined ? {} : { timeoutMs: options.verdictTimeoutMs });
  }

  /** Begins to answer hooks. Call before the first request is handled. */
  async start(): Promise<void> {
    await makePrivateFolder(this.#root);
    await this.#gate.start({ directory: this.#hooks, nodePath: this.#options.nodePath });
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error("the daemon stops"));
    await this.#gate.stop();
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

  /** The refs of a hosted repository. */
  async listRefs(name: string, signal: AbortSignal): Promise<RefList> {
    const { directory } = this.storeOf(name);
    const result = await this.#options.git.run(["for-each-ref", "--format=%(objectname) %(*objectname) %(refname)"], { directory }, signal);
    const refs = new Map<string, string>();
    for (const line of result.stdout.toString("utf8").split("\n")) {
      const [id = "", peeled = "", ref = ""] = line.split(" ");
      if (ref !== "") refs.set(ref, peeled === "" ? id : peeled);
    }
    const head = await readHead(directory);
    return head === undefined ? { refs } : { refs, head };
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

  async #serve(asked: GitRequest, user: string, exchange: { readonly request: IncomingMessage; readonly response: ServerResponse }, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    await runHttpBackend(this.#options.git, { asked, root: this.#root, user, settings: servingSettings(this.#hooks, this.#limits), environment, packBytesMax: this.#limits.packBytesMax }, exchange);
  }

  async #servePush(asked: GitRequest, user: string, exchange: { readonly request: IncomingMessage; readonly response: ServerResponse }): Promise<void> {
    let accepted: readonly PushUpdate[] = [];
    const expected = this.#gate.expect(async (question) => {
      const verdict = await this.#options.onPush(this.#pushOf(asked.repository, user, question));
      if (verdict.accepted) accepted = question.updates;
      return verdict;
    });
    try {
      await this.#serve(asked, user, exchange, expected.environment);
    } finally {
      expected.close();
      if (accepted.length > 0) await this.#reportTaken(asked.repository, accepted);
    }
  }

  /** Reports the updates that really happened: git may still refuse a ref after the verdict. */
  async #reportTaken(repository: string, updates: readonly PushUpdate[]): Promise<void> {
    const { refs } = await this.listRefs(repository, this.#life.signal);
    const taken = updates.filter(({ ref, newCommit }) => !ref.startsWith("refs/heads/") || refs.get(ref) === newCommit);
    if (taken.length > 0) this.#options.onUpdated(repository, taken);
  }

  #pushOf(repository: string, user: string, question: PushQuestion): Push {
    const { driver } = this.#options;
    const store: GitStore = { ...this.storeOf(repository), quarantine: question.quarantine };
    return {
      repository, user, updates: question.updates,
      readTree: (commit, path) => readTree(driver, { store, commit, path, limits: this.#limits }, this.#life.signal),
      readRevision: async (commit) => {
        const [revision] = await driver.log(store, { commit, limit: 1 }, this.#life.signal);
        return revision ?? problem("NoSuchRevision", `commit ${commit.slice(0, 12)} is not in this push`);
      },
    };
  }
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

