import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { startAgent } from "../../src/agent/agent.ts";
import { SimulatedDriver, SimulatedMachine } from "../../src/agent/runtimes/simulated/simulated-driver.ts";
import { followAccess } from "../../src/api/access/follow-access.ts";
import { nodeLeaseNamespace } from "../../src/api/access/node-rules.ts";
import { createAuthorizer } from "../../src/api/authorizer.ts";
import { createVerbs } from "../../src/api/pipeline.ts";
import { itemsPerTurn } from "../../src/api/in-turns.ts";
import type { Controller } from "../../src/control/controller.ts";
import { worksPerTurn } from "../../src/control/turn-budget.ts";
import { runControllers } from "../../src/control/runner.ts";
import { grantsOfControllers } from "../../src/control/rules-of-controller.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { admin, testApi } from "../api/api.ts";
import { namespace, pod } from "../api/objects.ts";
import { settle } from "../world/fake-world.ts";

const machine = {
  hostname: "m", cpuCount: 2, memoryBytes: 2 ** 31, diskBytes: 2 ** 34, kernelVersion: "6", osImage: "Test", architecture: "amd64", machineId: "id", bootId: "boot", nameservers: [],
};

/** More than the API keeps parsed: what was parsed once is not there by luck. */
const podsElsewhere = 1_200;
const podsHere = 3;

const looker: Controller<Pod> = { name: "looker", kind: PodKind, reads: [], writes: [], reconcile: async () => ({ kind: "done" }) };

/** Counts parsed pods, all of them and in each turn of the event loop. */
function countParses(context: TestContext): { readonly turns: readonly number[]; stop(): number } {
  const { parse } = JSON;
  const turns = [0];
  const spy = context.mock.method(JSON, "parse", (text: string, ...rest: readonly []): unknown => {
    if (text.startsWith('{"kind":"Pod"')) turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1;
    return parse(text, ...rest);
  });
  let isCounting = true;
  const nextTurn = (): void => { turns.push(0); if (isCounting) setImmediate(nextTurn); };
  setImmediate(nextTurn);
  context.after(() => { isCounting = false; });
  return { turns, stop() { isCounting = false; spy.mock.restore(); return turns.reduce((sum, count) => sum + count, 0); } };
}

test("at a start each pod of other nodes is parsed once, a few in each turn, and requests are answered meanwhile", async (context) => {
  const controllers = [looker];
  const { client, world, store } = await testApi();
  await client.create(NamespaceKind, namespace(nodeLeaseNamespace));
  const made = Array.from({ length: podsElsewhere + podsHere }, (_, index) => pod(`p-${index}`, { nodeName: index < podsHere ? "here" : `n-${index % 7}` }));
  await Promise.all(made.map((object) => client.create(PodKind, object)));
  await settle();
  // As after a restart: nothing is parsed yet.
  const authorizer = createAuthorizer({ rules: grantsOfControllers(controllers), store });
  const verbs = createVerbs({ store, world, authorizer });

  const parses = countParses(context);
  const ending = new AbortController();
  context.after(() => { ending.abort(); });
  const run = runControllers({ controllers, clientFor: (name) => verbs.client({ name, groups: ["system:authenticated"] }), world, served: verbs.kinds, signal: ending.signal });
  const access = followAccess(authorizer, store, { world, signal: ending.signal });
  await verbs.client(admin).get(PodKind, { namespace: "default", name: "p-7" });
  const turnsToAnswer = parses.turns.length;
  await run.ready;
  const turnsToReady = parses.turns.length;
  const agent = await startAgent({
    client: verbs.client({ name: "system:node:here", groups: ["system:nodes", "system:authenticated"] }), world, nodeName: "here", machine, runtime: new SimulatedDriver({ world, machine: new SimulatedMachine() }),
  });
  const secret = { verb: "get", group: "", resource: "secrets", namespace: "default", name: "none" };
  assert.equal(authorizer.isAllowed({ name: "system:node:here", groups: ["system:nodes"] }, secret), false);
  const count = parses.stop();
  await agent.close();
  ending.abort();
  await Promise.all([run.stopped, access]);

  // Its own pods a node looks at itself, its rights are told from them, and it writes their status.
  const ownParses = 6 * podsHere;
  assert.ok(count >= podsElsewhere && count <= podsElsewhere + 1 + ownParses, `${count} pods parsed`);
  assert.ok(Math.max(...parses.turns) <= itemsPerTurn + ownParses, `${Math.max(...parses.turns)} pods parsed in one turn`);
  assert.ok(turnsToAnswer <= 2 && turnsToReady >= podsElsewhere / itemsPerTurn, `answered after ${turnsToAnswer}, ready after ${turnsToReady} turns`);
});

test("keys that wait in great number are worked on over many turns", async () => {
  const worked: string[] = [];
  const busy: Controller<Pod> = { ...looker, reconcile: async ({ name }) => { worked.push(name); return { kind: "done" }; } };
  const { client, verbs, world } = await testApi({ rules: grantsOfControllers([busy]) });
  await Promise.all(Array.from({ length: 500 }, (_, index) => client.create(PodKind, pod(`p-${index}`))));
  const ending = new AbortController();
  const run = runControllers({ controllers: [busy], clientFor: (name) => verbs.client({ name, groups: ["system:authenticated"] }), world, served: verbs.kinds, signal: ending.signal });
  await run.ready;
  const inTurns: number[] = [];
  for (let before = worked.length; worked.length < 500;) {
    await new Promise((resolve) => { setImmediate(resolve); });
    inTurns.push(worked.length - before);
    before = worked.length;
  }
  ending.abort();
  await run.stopped;
  assert.ok(Math.max(...inTurns) <= 2 * worksPerTurn, String(inTurns));
});
