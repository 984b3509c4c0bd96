import type { Client } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { RepositoryKind } from "../model/kinds/repository.ts";
import type { Repository } from "../model/kinds/repository.ts";
import { keyOf, refOf } from "../model/object.ts";
import type { Repositories, RepositoryProblem, Revision, RevisionRequest } from "../world/repositories.ts";
import type { World } from "../world/world.ts";
import { normalizeUrl } from "./credentials.ts";
import { printHostedUrl } from "./hosted-name.ts";
import { nextPollMs } from "./poll-schedule.ts";
import { isProblem } from "./problem.ts";
import { decideStatus } from "./repository-status.ts";

/** Used where no Repository object says otherwise; the schema's default. */
const intervalDefaultMs = 30_000;
/** A pushed change of a hosted repository is told at once; asking is only the net below. */
const hostedIntervalFactor = 10;
/** Applications and Repository objects are watched; this look around is only the net below. */
const refreshMs = 10_000;
/** Pause before a watch that broke is begun again. */
const watchAgainMs = 1_000;
/** Remotes asked at once: each may hold a socket, and a fetch a worker. */
const pollsAtOnceMax = 4;

/** Why a revision was looked for. */
export type PollTrigger = "Poll" | "Webhook" | "Push";

/** A source that names another commit than before. */
export interface SourceChange extends RevisionRequest {
  readonly revision: Revision;
  readonly trigger: PollTrigger;
}

/** What the poller needs of the Git world; the simulation's has no refs to show. */
export interface PolledRepositories extends Pick<Repositories, "resolve"> {
  /** The refs last seen, for the status. */
  refsOf?(repoURL: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}

export interface PollerOptions {
  readonly client: Client;
  readonly world: World;
  readonly repositories: PolledRepositories;
  /** True for URLs of hosted repositories. */
  isHosted(repoURL: string): boolean;
  /** Makes the repository of a Repository object that says `hosted`, where there is none yet. */
  ensureHosted?(name: string): Promise<void>;
  /** A source names another commit than when it was last asked; every source at the first time, and one that answers again after it could not be asked. */
  onRevision(change: SourceChange): void;
  /** A source could not be asked. */
  onProblem?(request: RevisionRequest, found: RepositoryProblem): void;
}

interface Source {
  readonly request: RevisionRequest;
  readonly repository: Repository | undefined;
  readonly intervalMs: number;
}

interface Schedule {
  dueMs: number;
  failureCount: number;
  commit: string | undefined;
  trigger: PollTrigger;
  isRunning: boolean;
}

/** Without an application there is no chart to ask for. */
function isChartRepository({ spec }: Repository): boolean {
  return spec.type === "helm" || spec.url?.startsWith("oci://") === true;
}

/** Asks every source that applications and Repository objects name, each in its interval, and writes the Repositories' status. */
export class Poller {
  readonly #options: PollerOptions;
  readonly #schedules = new Map<string, Schedule>();
  readonly #life = new AbortController();
  #sources: ReadonlyMap<string, Source> = new Map();
  #refreshDueMs = 0;
  #wake = new AbortController();
  #running = 0;
  #loop: Promise<unknown> | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= Promise.all([this.#run(), this.#watch(ApplicationKind), this.#watch(RepositoryKind)]);
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error("the daemon stops"));
    await this.#loop;
  }

  /** Asks at once for every source of a repository: a webhook or push told of it. */
  pollNow(repoURL: string, trigger: PollTrigger): void {
    const wanted = normalizeUrl(repoURL);
    this.pollWhere((candidate) => normalizeUrl(candidate) === wanted, trigger);
  }

  /** As `pollNow`, for repositories that several URLs name (hosted ones). */
  pollWhere(isMeant: (repoURL: string) => boolean, trigger: PollTrigger): void {
    for (const [key, { request }] of this.#sources) {
      if (!isMeant(request.repoURL)) continue;
      const schedule = this.#scheduleOf(key);
      schedule.dueMs = 0;
      schedule.trigger = trigger;
    }
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options.world;
    const { signal } = this.#life;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      try {
        if (clock.monotonicMs() >= this.#refreshDueMs) await this.#refresh();
      } catch (error) {
        log.warn("the sources to poll could not be listed", { error });
        this.#refreshDueMs = clock.monotonicMs() + refreshMs;
      }
      this.#startDue();
      await this.#sleep();
    }
  }

  /** Looks around whenever an object that names a source comes, goes or is given another spec. */
  async #watch(kind: typeof ApplicationKind | typeof RepositoryKind): Promise<void> {
    const { client, world } = this.#options;
    const { signal } = this.#life;
    while (!signal.aborted) {
      try {
        const { items, resourceVersion } = await client.list<Application | Repository>(kind);
        const generations = new Map(items.map(({ metadata }) => [metadata.uid, metadata.generation]));
        for await (const event of client.watch<Application | Repository>(kind, { resourceVersion }, signal)) {
          if (event.type === "BOOKMARK") continue;
          const { uid, generation } = event.object.metadata;
          const isStatusOnly = event.type === "MODIFIED" && generations.get(uid) === generation;
          if (event.type === "DELETED") generations.delete(uid);
          else generations.set(uid, generation);
          if (!isStatusOnly) this.#refreshSoon();
        }
        this.#refreshSoon();
      } catch (error) {
        if (!signal.aborted) world.log.warn("the sources to poll could not be watched", { error });
      }
      await world.clock.sleep(watchAgainMs, signal).catch(() => undefined);
    }
  }

  #refreshSoon(): void {
    this.#refreshDueMs = 0;
    this.#wake.abort();
  }

  async #sleep(): Promise<void> {
    const { clock } = this.#options.world;
    const dues = [...this.#sources.keys()].map((key) => this.#scheduleOf(key)).filter(({ isRunning }) => !isRunning).map(({ dueMs }) => dueMs);
    const isFull = this.#running >= pollsAtOnceMax;
    const untilMs = Math.min(this.#refreshDueMs, ...(isFull ? [] : dues));
    const signal = AbortSignal.any([this.#life.signal, this.#wake.signal]);
    try {
      await clock.sleep(Math.max(1, untilMs - clock.monotonicMs()), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #refresh(): Promise<void> {
    const { client, world } = this.#options;
    // Set before the lists are read: what changes meanwhile asks for the next look.
    this.#refreshDueMs = world.clock.monotonicMs() + refreshMs;
    const [applications, repositories] = await Promise.all([client.list(ApplicationKind), client.list(RepositoryKind)]);
    const byUrl = new Map(repositories.items.map((item) => [`${item.metadata.namespace ?? ""} ${normalizeUrl(this.#urlOf(item))}`, item]));
    for (const { metadata, spec } of repositories.items) if (spec.hosted === true) await this.#options.ensureHosted?.(metadata.name);
    const sources = new Map<string, Source>();
    const add = (request: RevisionRequest) => {
      const repository = byUrl.get(`${request.namespace} ${normalizeUrl(request.repoURL)}`);
      const seconds = repository?.spec.pollIntervalSeconds;
      const plainMs = seconds === undefined || seconds < 1 ? intervalDefaultMs : seconds * 1000;
      const intervalMs = this.#options.isHosted(request.repoURL) ? plainMs * hostedIntervalFactor : plainMs;
      sources.set(`${request.namespace} ${request.repoURL} ${request.chart ?? ""} ${request.targetRevision}`, { request, repository, intervalMs });
    };
    const covered = new Set<string>();
    for (const { metadata, spec } of applications.items) {
      if (spec.suspend === true) continue;
      const request = { namespace: metadata.namespace ?? "", repoURL: spec.source.repoURL, targetRevision: spec.source.targetRevision ?? "HEAD", ...(spec.source.chart === undefined || spec.source.chart === "" ? {} : { chart: spec.source.chart }) };
      covered.add(`${request.namespace} ${normalizeUrl(request.repoURL)}`);
      add(request);
    }
    for (const [key, repository] of byUrl) {
      if (!covered.has(key) && !isChartRepository(repository)) add({ namespace: repository.metadata.namespace ?? "", repoURL: this.#urlOf(repository), targetRevision: "HEAD" });
    }
    this.#sources = sources;
    for (const key of this.#schedules.keys()) if (!sources.has(key)) this.#schedules.delete(key);
  }

  /** A hosted repository's object need not name its URL. */
  #urlOf(repository: Repository): string {
    return repository.spec.url ?? printHostedUrl(repository.metadata.name);
  }

  #startDue(): void {
    const nowMs = this.#options.world.clock.monotonicMs();
    for (const [key, source] of this.#sources) {
      const schedule = this.#scheduleOf(key);
      if (this.#running >= pollsAtOnceMax) return;
      if (schedule.isRunning || schedule.dueMs > nowMs) continue;
      schedule.isRunning = true;
      this.#running += 1;
      void this.#poll(source, schedule).finally(() => {
        schedule.isRunning = false;
        this.#running -= 1;
        this.#wake.abort();
      });
    }
  }

  async #poll(source: Source, schedule: Schedule): Promise<void> {
    const { world, repositories } = this.#options;
    const { request } = source;
    const { trigger } = schedule;
    schedule.trigger = "Poll";
    schedule.dueMs = Number.POSITIVE_INFINITY;
    try {
      const found = await repositories.resolve(request, this.#life.signal);
      const isBack = schedule.failureCount > 0;
      schedule.failureCount = isProblem(found) ? schedule.failureCount + 1 : 0;
      if (isProblem(found)) this.#options.onProblem?.(request, found);
      else if (found.commit !== schedule.commit || isBack) {
        schedule.commit = found.commit;
        this.#options.onRevision({ ...request, revision: found, trigger });
      }
      await this.#writeStatus(source, isProblem(found) ? found : undefined);
    } catch (error) {
      if (this.#life.signal.aborted) return;
      schedule.failureCount += 1;
      world.log.error("a repository could not be polled", { repository: request.repoURL, error });
    } finally {
      // A wake-up that came in the meantime (due at 0) stands.
      const nextMs = nextPollMs({ intervalMs: source.intervalMs, failureCount: schedule.failureCount, nowMs: world.clock.monotonicMs(), fraction: world.chance.fraction() });
      schedule.dueMs = Math.min(schedule.dueMs, nextMs);
    }
  }

  async #writeStatus(source: Source, found: RepositoryProblem | undefined): Promise<void> {
    if (source.repository === undefined) return;
    const { client, world, repositories } = this.#options;
    const current = await client.get(RepositoryKind, refOf(source.repository));
    if (current === undefined) return;
    const refs = await repositories.refsOf?.(source.request.repoURL, this.#life.signal) ?? new Map<string, string>();
    const status = decideStatus(current, found === undefined ? { refs } : { refs, problem: found }, world.clock.nowMs());
    if (status === undefined) return;
    try {
      await client.updateStatus(RepositoryKind, { ...current, status });
    } catch (error) {
      // Another write came first, or the object went away; the next poll looks again.
      if (!isApiError(error, "Conflict", "NotFound")) throw error;
      world.log.debug("a repository's status was written by another", { object: keyOf(refOf(current)) });
    }
  }

  #scheduleOf(key: string): Schedule {
    let schedule = this.#schedules.get(key);
    if (schedule === undefined) {
      schedule = { dueMs: 0, failureCount: 0, commit: undefined, trigger: "Poll", isRunning: false };
      this.#schedules.set(key, schedule);
    }
    return schedule;
  }
}
