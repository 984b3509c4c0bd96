import assert from "node:assert/strict";
import { runControllers } from "../../src/control/runner.ts";
import { openMemoryJobs } from "../../src/jobs/drivers/memory.ts";
import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import type { ConfigMap } from "../../src/model/kinds/config-map.ts";
import { SyncKind } from "../../src/model/kinds/sync.ts";
import type { Sync } from "../../src/model/kinds/sync.ts";
import { Reconciler, reconcilerUser } from "../../src/reconcile/reconciler.ts";
import { renderHere } from "../../src/render/render-here.ts";
import { testApi } from "../api/api.ts";
import { fakeRepositories } from "./fake-repositories.ts";
import { settle } from "./fake-world.ts";

const stops: (() => Promise<void>)[] = [];

/** Ends every loop that was begun. */
export async function endLoops(): Promise<void> {
  for (const stop of stops.splice(0)) await stop();
}

/** The loop on a whole API in memory, with Git in memory. */
export async function testLoop() {
  const { verbs, client, world, store } = await testApi({ rules: [
    { subject: { user: reconcilerUser }, rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] },
    { subject: { group: "system:authenticated" }, rules: [{ verbs: ["get", "list", "watch"], apiGroups: ["*"], resources: ["*"] }] },
  ] });
  const repositories = fakeRepositories(world.clock);
  const begin = async () => {
    const jobs = openMemoryJobs({ world });
    const reconciler = new Reconciler({
      client: verbs.client({ name: reconcilerUser, groups: [] }), clientAs: (user) => verbs.client(user), repositories, renderer: renderHere(), jobs, world, kinds: verbs.kinds, capabilities: { kubeVersion: "v1.33.0", apiVersions: [] },
    });
    const abort = new AbortController();
    const run = runControllers({ controllers: [reconciler.controller], clientFor: (name) => verbs.client({ name, groups: ["system:authenticated"] }), world, signal: abort.signal });
    await run.ready;
    reconciler.start();
    return { reconciler, end: async () => { abort.abort(); await jobs.close(); await run.stopped; } };
  };
  let running = await begin();
  stops.push(async () => { await running.end(); await store.close(); });
  return {
    client, repositories, world,
    get reconciler() { return running.reconciler; },
    /** Ends the loop and starts another on the same store: everything in memory is lost. */
    async restart() { await running.end(); running = await begin(); },
    /** Lets half a second pass, which is more than any sync here needs. */
    async rest(ms = 500) { for (let i = 0; i < 5; i++) { await world.clock.advance(ms / 5); for (let turn = 0; turn < 20; turn++) await settle(); } },
    async application(name = "shop") {
      const found = await client.get(ApplicationKind, { namespace: "default", name });
      assert.ok(found !== undefined);
      return found;
    },
    async configMap(name: string): Promise<ConfigMap | undefined> { return client.get(ConfigMapKind, { namespace: "default", name }); },
    async syncs(): Promise<readonly Sync[]> { return (await client.list(SyncKind)).items.toSorted((a, b) => a.spec.planGeneration - b.spec.planGeneration); },
  };
}
