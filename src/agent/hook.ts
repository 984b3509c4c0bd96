import type { Container, LifecycleHandler } from "../model/generated/core-v1.ts";
import type { World } from "../world/world.ts";
import { resolveHandler } from "./handler-action.ts";
import type { RuntimeDriver } from "./runtimes/runtime.ts";

/** A hook that never ends holds its container no longer than this; a stop has its grace period as well. */
const hookMaxMs = 600_000;

/** Runs a lifecycle hook to its end. Undefined when it succeeded, else what went wrong. */
export async function runHook(handler: LifecycleHandler, { container, id, podIP, driver, world, signal }: { readonly container: Container; readonly id: string; readonly podIP: string; readonly driver: RuntimeDriver; readonly world: World; readonly signal: AbortSignal }): Promise<string | undefined> {
  const action = resolveHandler(handler, container, podIP);
  try {
    if (action.kind === "unsupported") return action.message;
    if (action.kind === "sleep") {
      await world.clock.sleep(action.ms, signal);
      return undefined;
    }
    const outcome = await driver.handle(id, action, hookMaxMs, signal);
    return outcome.isSuccess ? undefined : outcome.output;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
