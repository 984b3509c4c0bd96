import type { Client, UserInfo } from "../api/client.ts";
import type { Controller, ControllerContext, Outcome, Reader } from "../control/controller.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { FindKind, ServedKinds } from "../model/kind-table.ts";
import { storedKinds } from "../model/kinds.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { CustomResourceDefinitionKind } from "../model/kinds/api-extensions.ts";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import { keyOf, parseKey } from "../model/object.ts";
import type { ObjectRef } from "../model/object.ts";
import type { Renderer } from "../render/render.ts";
import { cachedRenderer } from "../render/render-cache.ts";
import type { Repositories } from "../world/repositories.ts";
import type { World } from "../world/world.ts";
import { wakesOfApplication } from "./application-of.ts";
import { reconcileApplication } from "./reconcile-application.ts";
import type { Loop } from "./loop.ts";
import { writerOf } from "./account.ts";
import { newMemory } from "./memory.ts";
import type { Memory } from "./memory.ts";
import { pinsInSecrets } from "./pin-store.ts";
import type { PrepareTools } from "./prepare.ts";
import { runRollback } from "./rollback.ts";
import { runSync } from "./run-sync.ts";
import { refreshAnnotation } from "./tracking.ts";

/** Applications worked on at once: a slow repository holds one place, not the queue. */
const applicationsAtOnce = 8;

/** Syncs carried out at once. */
const syncsAtOnce = 4;

/** The user whose requests write what applications contain. */
export const reconcilerUser = "system:capstan:reconciler";

export interface ReconcilerOptions {
  /** May write what applications contain. */
  readonly client: Client;
  /** A client with the rights of an application's ServiceAccount. */
  readonly clientAs: (user: UserInfo) => Client;
  readonly repositories: Repositories;
  readonly renderer: Renderer;
  readonly jobs: Jobs;
  readonly world: World;
  readonly kinds: ServedKinds;
  readonly capabilities: PrepareTools["capabilities"];
}

/** The GitOps loop: one controller of Applications, and the workers that carry out its plans. */
export class Reconciler implements Loop {
  readonly controller: Controller<Application>;
  readonly tools: PrepareTools;
  readonly client: Client;
  readonly clientAs: (user: UserInfo) => Client;
  readonly jobs: Jobs;
  readonly repositories: Repositories;
  readonly world: World;
  readonly kinds: ServedKinds;
  readonly enqueued = new Map<string, number>();
  readonly #memories = new Map<string, Memory>();
  #reader: Reader | undefined;

  constructor(options: ReconcilerOptions) {
    this.client = options.client;
    this.clientAs = options.clientAs;
    this.jobs = options.jobs;
    this.repositories = options.repositories;
    this.world = options.world;
    this.kinds = options.kinds;
    const find: FindKind = (apiVersion, kind) => this.kinds.find(apiVersion, kind);
    this.tools = { repositories: options.repositories, renderer: cachedRenderer(options.renderer, options.world.clock), clock: options.world.clock, capabilities: options.capabilities, pins: pinsInSecrets(options.client, { world: options.world, kinds: options.kinds, clientOf: (application) => writerOf(this, application) }) };
    this.controller = {
      name: "application", user: reconcilerUser, kind: ApplicationKind, reads: storedKinds,
      writes: [{ kind: ApplicationKind, part: "status" }, { kind: ApplicationKind, part: "metadata" }, { kind: SyncKind, part: "whole" }, { kind: SyncKind, part: "status" }, { kind: ArtifactKind, part: "whole" }],
      wakes: [...wakesOfApplication(storedKinds, find), { kind: CustomResourceDefinitionKind, keys: () => this.#waitingForKinds() }],
      customKinds: { reads: "whole", writes: [], wakes: (kind) => wakesOfApplication([kind], find) },
      concurrency: applicationsAtOnce,
      reconcile: (ref, application, context) => this.#reconcile(ref, application, context),
    };
  }

  /** Applications whose commit has objects of kinds that were not served when it was looked at: they look again. */
  #waitingForKinds(): readonly ObjectRef[] {
    return [...this.#memories].filter(([, memory]) => memory.problems.some(({ reason }) => reason === "UnknownKind")).map(([key, memory]) => {
      delete memory.nextAskMs;
      return parseKey(key);
    });
  }

  /** Starts carrying out plans. */
  start(): void {
    this.jobs.work("sync", (job, signal) => runSync(this, job, signal), { concurrency: syncsAtOnce });
    this.jobs.work("rollback", (job, signal) => runRollback(this, job, signal), { concurrency: syncsAtOnce });
    this.jobs.onRestored(() => { void this.#requeue(); });
  }

  get reader(): Reader | undefined {
    return this.#reader;
  }

  memoryOf(key: string): Memory {
    let memory = this.#memories.get(key);
    if (memory === undefined) this.#memories.set(key, memory = newMemory());
    return memory;
  }

  get memories(): ReadonlyMap<string, Memory> {
    return this.#memories;
  }

  async refresh(isMeant: (repoURL: string) => boolean, seenBy: Memory["seenBy"]): Promise<void> {
    const { items } = await this.client.list(ApplicationKind);
    await Promise.all(items.filter((application) => isMeant(application.spec.source.repoURL)).map((application) =>
      this.client.patch(ApplicationKind, { namespace: application.metadata.namespace ?? "", name: application.metadata.name },
        { type: "merge", body: { metadata: { annotations: { [refreshAnnotation]: seenBy } } } })));
  }

  async #reconcile(ref: ObjectRef, application: Application | undefined, context: ControllerContext): Promise<Outcome> {
    this.#reader = context.reader;
    if (application === undefined) {
      this.#memories.delete(keyOf(ref));
      return { kind: "done" };
    }
    return reconcileApplication(this, application, context);
  }

  /** The queue lost what it held: whatever is not finished is handed over again. */
  async #requeue(): Promise<void> {
    this.enqueued.clear();
    try {
      const { items } = await this.client.list(SyncKind);
      for (const sync of items) {
        if (sync.status.phase !== "Pending" && sync.status.phase !== "Running") continue;
        await this.jobs.enqueue("sync", `${sync.metadata.namespace ?? ""}/${sync.spec.application}`, sync.spec.planDigest);
        this.enqueued.set(sync.spec.planDigest, this.world.clock.monotonicMs());
      }
    } catch (error) {
      this.world.log.warn("handing unfinished syncs to the queue failed; the next reconcile does it", { error });
    }
  }
}
