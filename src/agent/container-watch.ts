import type { Container, Probe } from "../model/generated/core-v1.ts";
import type { World } from "../world/world.ts";
import { resolveHandler } from "./handler-action.ts";
import type { ContainerHealth } from "./observation.ts";
import type { ProbeState } from "./probe-state.ts";
import { beginProbe, probeTimeoutMs, recordProbe } from "./probe-state.ts";
import { runHook } from "./hook.ts";
import type { HandlerOutcome, RuntimeDriver } from "./runtimes/runtime.ts";

/** An Event about the container. */
export interface ContainerNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface ContainerWatchOptions {
  readonly container: Container;
  readonly id: string;
  readonly podIP: string;
  readonly driver: RuntimeDriver;
  readonly world: World;
  /** What was known of this run before the agent was restarted; its postStart hook is not run again. */
  readonly known?: ContainerHealth;
  readonly onChange: () => void;
  readonly onNote: (note: ContainerNote) => void;
}

type ProbeName = "Startup" | "Liveness" | "Readiness";

/** Watches one running container: postStart first, then the startup probe, then liveness and readiness. */
export class ContainerWatch {
  readonly #options: ContainerWatchOptions;
  readonly #stop = new AbortController();
  readonly #timers = new Map<ProbeName, () => void>();
  #health: ContainerHealth;

  constructor(options: ContainerWatchOptions) {
    this.#options = options;
    const { container, known } = options;
    const hasNothingToWaitFor = container.startupProbe === undefined && container.lifecycle?.postStart === undefined;
    this.#health = known ?? { isStarted: hasNothingToWaitFor, isReady: hasNothingToWaitFor && container.readinessProbe === undefined };
    void this.#begin();
  }

  get health(): ContainerHealth {
    return this.#health;
  }

  close(): void {
    this.#stop.abort(new Error("the container has ended"));
    for (const cancel of this.#timers.values()) cancel();
  }

  async #begin(): Promise<void> {
    const { container, known, id, podIP, driver, world, onNote } = this.#options;
    const postStart = container.lifecycle?.postStart;
    if (postStart !== undefined && known?.isStarted !== true) {
      const problem = await runHook(postStart, { container, id, podIP, driver, world, signal: this.#stop.signal });
      if (this.#stop.signal.aborted) return;
      if (problem !== undefined) {
        onNote({ type: "Warning", reason: "FailedPostStartHook", message: `PostStartHook failed: ${problem}` });
        this.#set({ ...this.#health, failure: "FailedPostStartHook" });
        return;
      }
    }
    if (container.startupProbe !== undefined && known?.isStarted !== true) this.#schedule("Startup", container.startupProbe, beginProbe(container.startupProbe, world.clock.monotonicMs()));
    else this.#started();
  }

  #started(): void {
    const { container, world } = this.#options;
    const nowMs = world.clock.monotonicMs();
    this.#set({ ...this.#health, isStarted: true, isReady: container.readinessProbe === undefined || this.#health.isReady });
    if (container.readinessProbe !== undefined) {
      const begun = beginProbe(container.readinessProbe, nowMs);
      this.#schedule("Readiness", container.readinessProbe, this.#health.isReady ? { ...begun, result: true, hasSucceeded: true } : begun);
    }
    if (container.livenessProbe !== undefined) this.#schedule("Liveness", container.livenessProbe, beginProbe(container.livenessProbe, nowMs));
  }

  #schedule(name: ProbeName, probe: Probe, state: ProbeState): void {
    const { clock } = this.#options.world;
    this.#timers.set(name, clock.after(Math.max(0, state.nextAtMs - clock.monotonicMs()), () => { void this.#ask(name, probe, state); }));
  }

  async #ask(name: ProbeName, probe: Probe, state: ProbeState): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const outcome = await this.#outcome(probe);
    if (this.#stop.signal.aborted) return;
    const next = recordProbe(probe, state, { isSuccess: outcome.isSuccess, nowMs: this.#options.world.clock.monotonicMs() });
    // Quick questions before the first success are this agent's own: only answers that count are worth an Event.
    if (!outcome.isSuccess && next.failures > state.failures) this.#options.onNote({ type: "Warning", reason: "Unhealthy", message: `${name} probe failed: ${outcome.output}` });
    if (this.#take(name, next)) this.#schedule(name, probe, next);
  }

  async #outcome(probe: Probe): Promise<HandlerOutcome> {
    const { container, id, podIP, driver } = this.#options;
    const action = resolveHandler(probe, container, podIP);
    if (action.kind === "unsupported" || action.kind === "sleep") return { isSuccess: false, output: action.kind === "sleep" ? "sleep is no probe" : action.message };
    try {
      return await driver.handle(id, action, probeTimeoutMs(probe), this.#stop.signal);
    } catch (error) {
      return { isSuccess: false, output: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Takes a state in; false when this probe is done. */
  #take(name: ProbeName, { result }: ProbeState): boolean {
    const { container } = this.#options;
    if (name === "Readiness") {
      if (result !== undefined && result !== this.#health.isReady) this.#set({ ...this.#health, isReady: result });
      return true;
    }
    if (result === false) {
      this.#set({ ...this.#health, isReady: false, failure: `Container ${container.name} failed ${name.toLowerCase()} probe, will be restarted` });
      return false;
    }
    if (name === "Liveness" || result === undefined) return true;
    this.#started();
    return false;
  }

  #set(health: ContainerHealth): void {
    const isSame = health.isReady === this.#health.isReady && health.isStarted === this.#health.isStarted && health.failure === this.#health.failure;
    this.#health = health;
    if (!isSame) this.#options.onChange();
  }
}
