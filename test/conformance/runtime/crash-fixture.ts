import { ProcessDriver } from "../../../src/agent/runtimes/process/process-driver.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import { silentLog } from "../../../src/world/log.ts";
import { realChance } from "../../../src/world/real/chance.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { sandbox, start } from "./suite.ts";

// Nothing of the driver keeps a program alive.
setInterval(() => undefined, 1_000);

/** Starts one container in the given folder, says so, and waits to be killed. */
const driver = new ProcessDriver({ directory: process.argv[2] ?? "", world: { clock: realClock, chance: realChance, log: silentLog }, processes: startProcesses() });
await driver.open();
await driver.createSandbox(sandbox());
const { id } = await driver.startContainer(start({ command: ["/bin/sh", "-c", "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done"] }));
for await (const chunk of driver.logs(id, { follow: true }, AbortSignal.timeout(10_000))) if (chunk.length > 0) break;
process.stdout.write(`${id}\n`);
