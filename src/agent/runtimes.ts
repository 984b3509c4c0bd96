import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { ProcessDriver } from "./runtimes/process/process-driver.ts";
import type { RuntimeDriver } from "./runtimes/runtime.ts";
import { SimulatedDriver } from "./runtimes/simulated/simulated-driver.ts";

/** What a runtime is made with. */
export interface RuntimeOptions {
  readonly directory: string;
  readonly world: World;
  readonly processes: Processes;
  /** IPv4 block of pod addresses inside 127.0.0.0/8. */
  readonly podBlock?: string;
}

/** Every runtime, best first: `auto` takes the first whose `open` reports no failure. */
export const runtimes: readonly { readonly name: string; readonly create: (options: RuntimeOptions) => RuntimeDriver }[] = [
  { name: "process", create: (options) => new ProcessDriver(options) },
  { name: "simulated", create: ({ world }) => new SimulatedDriver({ world }) },
];

/** The runtime of that name; `auto` is the first of the list. Undefined for a name nobody has. */
export function createRuntime(name: string, options: RuntimeOptions): RuntimeDriver | undefined {
  return (name === "auto" ? runtimes[0] : runtimes.find((runtime) => runtime.name === name))?.create(options);
}
