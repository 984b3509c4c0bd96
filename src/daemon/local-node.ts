import { join } from "node:path";
import { startAgent } from "../agent/agent.ts";
import type { Agent } from "../agent/agent.ts";
import { readMachine } from "../agent/machine.ts";
import { startNetwork } from "../agent/network/network.ts";
import { createRuntime } from "../agent/runtimes.ts";
import type { Client } from "../api/client.ts";
import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import type { Closing } from "./closing.ts";
import type { Settings } from "./settings.ts";

/** Starts the node this machine is: its services, then its agent. */
export async function startLocalNode(parts: { readonly settings: Settings; readonly world: World; readonly processes: Processes; readonly client: Client; readonly closing: Closing }): Promise<Agent> {
  const { settings, world, processes, client, closing } = parts;
  const directory = join(settings.dataDirectory, "node");
  const machine = readMachine(settings.dataDirectory);
  const runtime = createRuntime(settings.runtime, { directory, world, processes });
  if (runtime === undefined) throw new Error(`no runtime ${settings.runtime}`);
  const network = await startNetwork({ client, world, nodeName: settings.nodeName, nameservers: machine.nameservers });
  closing.add("services", () => network.close());
  const agent = await startAgent({ client, world, nodeName: settings.nodeName, runtime, machine, ...(network.resolvConf === undefined ? {} : { resolvConf: network.resolvConf }) });
  closing.add("node agent", () => agent.close());
  return agent;
}
