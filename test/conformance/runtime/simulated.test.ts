import { calmBehavior } from "../../../src/agent/runtimes/simulated/behavior.ts";
import { SimulatedDriver, SimulatedMachine } from "../../../src/agent/runtimes/simulated/simulated-driver.ts";
import { fakeWorld } from "../../world/fake-world.ts";
import type { OpenRuntime, Program } from "./suite.ts";
import { runtimeSuite } from "./suite.ts";

const images = new Map([
  ["prints and exits with 3", { ...calmBehavior, exitAfterMs: 10, exitCode: 3, logLines: ["one", "two"] }],
  ["runs until it is asked to end", calmBehavior],
  ["ignores TERM", { readyAfterMs: 0, exitCode: 0, logLines: ["ready"] }],
  ["cannot be made", { ...calmBehavior, startError: "CreateContainerError" }],
] satisfies readonly (readonly [Program, unknown])[]);

async function open(world = fakeWorld(), machine = new SimulatedMachine()): Promise<OpenRuntime> {
  const driver = new SimulatedDriver({ world, machine, images });
  await driver.open();
  return { driver, passTime: () => world.clock.advance(1_000), reopen: () => open(world, machine), dispose: () => driver.close() };
}

runtimeSuite({ name: "simulated", open: () => open(), requestFor: (image) => ({ image, command: [] }) });
