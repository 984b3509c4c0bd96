import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeConnection } from "../../../src/agent/node-connection.ts";
import { ProcessDriver } from "../../../src/agent/runtimes/process/process-driver.ts";
import { PodKind } from "../../../src/model/kinds/pod.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import { startLoopbackEdge } from "../kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../kubectl/loopback-edge.ts";
import { sandbox, start } from "../runtime/suite.ts";

/** An API with a pod `web` in `default` whose program really runs. */
export interface RunningPod {
  readonly edge: LoopbackEdge;
  close(): Promise<void>;
}

/** Says `up`, serves port 8080 of its address, and says `tick` now and then. */
const program = `
const server = require("node:http").createServer((q, a) => { let n = 0; q.on("data", (c) => { n += c.length; }); q.on("end", () => a.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify("heard " + n))); });
server.listen(8080, process.env.POD_IP, () => console.log("up"));
setInterval(() => console.log("tick"), 50);
`;

/** Resolves when the program is up. */
export async function startRunningPod(): Promise<RunningPod> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-clients-"));
  const edge = await startLoopbackEdge({ of: (name) => (name === "n1" ? nodeConnection(driver) : undefined) });
  const driver = new ProcessDriver({ directory, world: edge.world, processes: startProcesses() });
  await driver.open();
  const made = await edge.admin.create(PodKind, {
    apiVersion: "v1", kind: "Pod", metadata: { namespace: "default", name: "web", labels: { app: "web" } },
    spec: { nodeName: "n1", containers: [{ name: "main", image: "demo:1", resources: {} }] }, status: {},
  });
  const running = { name: "main", ready: true, restartCount: 0, image: "demo:1", imageID: "demo:1", state: { running: { startedAt: "2026-01-01T00:00:00Z" } } };
  const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses: [running] };
  await edge.admin.patch(PodKind, { namespace: "default", name: "web" }, { type: "merge", body: { status: ready } }, { subresource: "status" });
  const uid = made.metadata.uid ?? "";
  const { ip } = await driver.createSandbox(sandbox({ uid }));
  const run = await driver.startContainer(start({ uid, name: "main", command: ["node", "-e", program], env: [{ name: "POD_IP", value: ip }] }));
  for await (const chunk of driver.logs(run.id, { follow: true }, AbortSignal.timeout(10_000))) if (Buffer.from(chunk).toString().includes("up\n")) break;
  return {
    edge,
    async close() {
      await driver.signal(run.id, "KILL");
      await driver.close();
      await edge.close();
      await rm(directory, { recursive: true });
    },
  };
}
