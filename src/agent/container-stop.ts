import type { Container } from "../model/generated/core-v1.ts";
import type { World } from "../world/world.ts";
import { runHook } from "./hook.ts";
import type { RuntimeDriver } from "./runtimes/runtime.ts";

/** KILL is repeated this often while a container has not ended, so that a lost signal is no lost pod. */
const killAgainMs = 5_000;

export interface ContainerStopOptions {
  readonly container: Container;
  readonly id: string;
  readonly podIP: string;
  readonly driver: RuntimeDriver;
  readonly world: World;
  readonly killAtMs: number;
  readonly onHookFailed: (message: string) => void;
}

/** One stop under way: preStop, TERM, and KILL when the grace is over. `close` when the container has ended. */
export class ContainerStop {
  readonly #options: ContainerStopOptions;
  readonly #hook = new AbortController();
  #killAtMs: number;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  constructor(options: ContainerStopOptions) {
    this.#options = options;
    this.#killAtMs = options.killAtMs;
    this.#arm();
    void this.#begin();
  }

  get killAtMs(): number {
    return this.#killAtMs;
  }

  /** A shorter grace than before. */
  hasten(killAtMs: number): void {
    this.#killAtMs = Math.min(this.#killAtMs, killAtMs);
    this.#cancel();
    this.#arm();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#hook.abort(new Error("the container has ended"));
  }

  async #begin(): Promise<void> {
    const { container, id, podIP, driver, world, onHookFailed } = this.#options;
    const preStop = container.lifecycle?.preStop;
    if (preStop !== undefined) {
      const problem = await runHook(preStop, { container, id, podIP, driver, world, signal: this.#hook.signal });
      if (problem !== undefined && !this.#isClosed) onHookFailed(problem);
    }
    if (!this.#isClosed) await this.#send("TERM");
  }

  #arm(): void {
    const { clock } = this.#options.world;
    this.#cancel = clock.after(Math.max(0, this.#killAtMs - clock.nowMs()), () => { void this.#kill(); });
  }

  async #kill(): Promise<void> {
    if (this.#isClosed) return;
    this.#hook.abort(new Error("the grace period is over"));
    await this.#send("KILL");
    if (!this.#isClosed) this.#cancel = this.#options.world.clock.after(killAgainMs, () => { void this.#kill(); });
  }

  async #send(signal: "TERM" | "KILL"): Promise<void> {
    const { driver, id, world } = this.#options;
    await driver.signal(id, signal).catch((error: unknown) => { world.log.warn("a container could not be signalled", { error, object: id }); });
  }
}
