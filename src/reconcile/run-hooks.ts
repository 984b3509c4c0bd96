import type { Client } from "../api/client.ts";
import { isOfKind } from "../api/shape.ts";
import { isApiError } from "../model/api-error.ts";
import type { FindKind } from "../model/kind-table.ts";
import type { Kind } from "../model/kind.ts";
import { JobKind } from "../model/kinds/batch.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { Pod } from "../model/kinds/pod.ts";
import { controllerOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import type { Clock } from "../world/clock.ts";
import { hookKey, judgeHook } from "./hooks.ts";
import type { HookState, PlannedHook } from "./hooks.ts";
import { podTrouble } from "./pod-trouble.ts";
import { resourceText } from "./tracking.ts";

/** On a hook's object: the run it belongs to, so that a second try finds what the first one began. */
export const hookRunAnnotation = "capstan.dev/hook-run";

/** A hook that has not ended after this has failed: Helm's own default. */
export const hookTimeoutMs = 300_000;

/** How a look at running hooks ended. */
export type HookStep = { readonly kind: "waiting" } | { readonly kind: "done" } | { readonly kind: "failed"; readonly hook: PlannedHook; readonly message: string };

export interface HookRunOptions {
  readonly client: Client;
  /** Makes and removes: the rights of the application's account, where it has one. */
  readonly writer: Client;
  readonly find: FindKind;
  readonly clock: Clock;
  /** Names the run on the objects it makes. */
  readonly mark: string;
  /** No hook of an older plan is made. */
  readonly fence?: { readonly name: string; readonly generation: number };
  /** Keys of hooks that ended well in an earlier try. */
  readonly alreadyDone?: ReadonlySet<string>;
  readonly onDone?: (hook: PlannedHook) => Promise<void>;
  /** Told once of each hook that does not end at once. */
  readonly onWait?: (hook: PlannedHook) => Promise<void>;
}

/** The hooks of one event, one after another. Each `step` looks once and never waits; all else is found again from what is live. */
export class HookRun {
  readonly #hooks: readonly PlannedHook[];
  readonly #options: HookRunOptions;
  #index = 0;
  /** Since when the current hook runs, by the monotonic clock, and whether its object is of this run. */
  #sinceMs: number | undefined;
  #isMade = false;
  #isTold = false;

  constructor(hooks: readonly PlannedHook[], options: HookRunOptions) {
    this.#hooks = hooks;
    this.#options = options;
  }

  /** Goes as far as it can now. */
  async step(): Promise<HookStep> {
    for (;;) {
      const hook = this.#hooks[this.#index];
      if (hook === undefined) return this.#finish();
      if (this.#options.alreadyDone?.has(hookKey(hook)) !== true) {
        const state = await this.#look(hook);
        if (state.kind === "running") {
          if (!this.#isTold) await this.#options.onWait?.(hook);
          this.#isTold = true;
          return { kind: "waiting" };
        }
        if (state.kind === "failed") {
          // What was there before is somebody else's, or of an earlier run.
          if (this.#isMade && hook.deletePolicies.includes("hook-failed")) await this.#remove(hook);
          return { kind: "failed", hook, message: `the ${hook.event} hook ${resourceText(hook)} failed: ${state.message}` };
        }
        await this.#options.onDone?.(hook);
      }
      this.#index++;
      this.#sinceMs = undefined;
      this.#isMade = false;
      this.#isTold = false;
    }
  }

  async #look(hook: PlannedHook): Promise<HookState> {
    const kind = this.#options.find(hook.apiVersion, hook.kind);
    if (kind === undefined) return { kind: "failed", message: `no kind ${hook.kind} in ${hook.apiVersion} is served here` };
    this.#sinceMs ??= this.#options.clock.monotonicMs();
    const state = await this.#state(hook, kind);
    const isLate = state.kind === "running" && this.#options.clock.monotonicMs() - this.#sinceMs >= hookTimeoutMs;
    if (isLate) return { kind: "failed", message: `it has not ended after ${hookTimeoutMs / 60_000} minutes${await this.#trouble(hook, kind)}` };
    return state.kind === "failed" && hook.kind === JobKind.kind ? { kind: "failed", message: `${state.message}${await this.#trouble(hook, kind)}` } : state;
  }

  /** What is wrong with the hook's pod, or with the newest of its job's that something is wrong with; nothing when nobody can tell. */
  async #trouble(hook: PlannedHook, kind: Kind): Promise<string> {
    const { client } = this.#options;
    const live: ApiObject | undefined = await client.get(kind, hook);
    if (live === undefined) return "";
    if (isOfKind(PodKind, live)) return trouble([live]);
    if (!isOfKind(JobKind, live)) return "";
    const { items } = await client.list(PodKind, { namespace: hook.namespace, labelSelector: `batch.kubernetes.io/job-name=${hook.name}` });
    return trouble(items.filter((pod) => controllerOf(pod)?.uid === live.metadata.uid));
  }

  async #state(hook: PlannedHook, kind: Kind): Promise<HookState> {
    const live: ApiObject | undefined = await this.#options.client.get(kind, hook);
    if (live?.metadata.annotations?.[hookRunAnnotation] === this.#options.mark && live.metadata.deletionTimestamp === undefined) {
      this.#isMade = true;
      return judgeHook(live);
    }
    if (live === undefined) return this.#isMade ? { kind: "failed", message: "it was removed while it ran" } : this.#create(hook);
    if (live.metadata.deletionTimestamp !== undefined) return { kind: "running" };
    if (!hook.deletePolicies.includes("before-hook-creation")) return { kind: "failed", message: `it exists already; its annotation helm.sh/hook-delete-policy does not say before-hook-creation` };
    return await this.#remove(hook) ?? { kind: "running" };
  }

  async #create(hook: PlannedHook): Promise<HookState> {
    const { writer, mark, fence } = this.#options;
    const { metadata } = hook.object;
    const object = { ...hook.object, metadata: { ...metadata, annotations: { ...metadata.annotations, [hookRunAnnotation]: mark } } };
    try {
      await writer.transact({ writes: [{ verb: "create", object }], ...(fence === undefined ? {} : { fence }) });
    } catch (error) {
      if (isApiError(error, "AlreadyExists")) return { kind: "running" };
      if (isApiError(error, "Invalid", "Forbidden", "BadRequest", "NotFound", "RequestEntityTooLarge")) return { kind: "failed", message: error.message };
      throw error;
    }
    this.#isMade = true;
    return judgeHook(hook.object.kind === "Job" || hook.object.kind === "Pod" ? withStatus(object) : object);
  }

  /** All ended well: those that ask for it go, the last one first. */
  async #finish(): Promise<HookStep> {
    for (const hook of this.#hooks.toReversed()) if (hook.deletePolicies.includes("hook-succeeded")) await this.#remove(hook);
    return { kind: "done" };
  }

  /** Undefined when it goes, or is gone. */
  async #remove(hook: PlannedHook): Promise<HookState | undefined> {
    const kind = this.#options.find(hook.apiVersion, hook.kind);
    if (kind === undefined) return undefined;
    try {
      await this.#options.writer.remove(kind, hook, { propagation: "Background" });
    } catch (error) {
      if (isApiError(error, "Forbidden")) return { kind: "failed", message: error.message };
      if (!isApiError(error, "NotFound")) throw error;
    }
    return undefined;
  }
}

/** Of the newest pod in trouble. */
function trouble(pods: readonly Pod[]): string {
  const made = ({ metadata }: Pod): string => metadata.creationTimestamp ?? "";
  const pod = pods.filter((one) => podTrouble(one) !== undefined).toSorted((a, b) => (made(a) < made(b) ? 1 : made(a) > made(b) ? -1 : 0))[0];
  return pod === undefined ? "" : `; pod ${pod.metadata.name}: ${podTrouble(pod) ?? ""}`;
}

/** A rendered object has no status yet. */
function withStatus(object: ApiObject): ApiObject {
  return { ...object, ...("status" in object ? {} : { status: {} }) };
}
