import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { fakeRepositories } from "../../test/world/fake-repositories.ts";
import { settle } from "../../test/world/fake-world.ts";
import { runControllers } from "../control/runner.ts";
import { openMemoryJobs } from "../jobs/drivers/memory.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { EventKind } from "../model/kinds/event.ts";
import { RoleBindingKind, RoleKind } from "../model/kinds/rbac.ts";
import { ServiceAccountKind } from "../model/kinds/service-account.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import { renderHere } from "../render/render-here.ts";
import { previewSync } from "./preview.ts";
import { Reconciler, reconcilerUser } from "./reconciler.ts";
import { pruneFinalizer } from "./tracking.ts";

const repoURL = "https://git.example.com/shop.git";
const ref = { namespace: "default", name: "shop" };
const rbac = "rbac.authorization.k8s.io";
const everyVerb = ["get", "create", "update", "delete"];
const stops: (() => Promise<void>)[] = [];
afterEach(async () => { for (const stop of stops.splice(0)) await stop(); });

/** The loop with an application synced as `deployer`, which may do nothing yet. */
async function testLoop({ metadata = {} }: { readonly metadata?: Partial<Application["metadata"]> } = {}) {
  const { verbs, client, world, store } = await testApi({ rules: [
    { subject: { user: reconcilerUser }, rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] },
    { subject: { user: "system:capstan:informers" }, rules: [{ verbs: ["get", "list", "watch"], apiGroups: ["*"], resources: ["*"] }] },
  ] });
  const repositories = fakeRepositories(world.clock);
  const jobs = openMemoryJobs({ world });
  const reconciler = new Reconciler({
    client: verbs.client({ name: reconcilerUser, groups: [] }), clientAs: (user) => verbs.client(user, "capstan-reconciler"), repositories, renderer: renderHere(), jobs, world, kinds: verbs.kinds, capabilities: { kubeVersion: "v1.33.0", apiVersions: [] },
  });
  const abort = new AbortController();
  const run = runControllers({ controllers: [reconciler.controller], clientFor: (name) => verbs.client({ name, groups: [] }), world, signal: abort.signal });
  stops.push(async () => { abort.abort(); await jobs.close(); await run.stopped; await store.close(); });
  await run.ready;
  reconciler.start();
  const push = async (...names: readonly string[]) => {
    repositories.push(repoURL, Object.fromEntries(names.map((name) => [`deploy/${name}.yaml`, JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { colour: "blue" } })])));
    await reconciler.refresh((url) => url === repoURL, "Push");
  };
  await push("a", "b");
  await client.create(ApplicationKind, {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { ...ref, ...metadata }, status: {},
    spec: { source: { repoURL, targetRevision: "main", path: "deploy" }, destination: { namespace: "default" }, syncPolicy: { automated: { prune: true, selfHeal: true } }, serviceAccountName: "deployer" },
  });
  return {
    client, reconciler, push,
    /** Lets some seconds pass: more than any sync, and than the next look at rights. */
    async rest() { for (let i = 0; i < 12; i++) { await world.clock.advance(1_000); for (let turn = 0; turn < 20; turn++) await settle(); } },
    async allow(verbsAllowed: readonly string[]) {
      const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: verbsAllowed }];
      const role = { apiVersion: `${rbac}/v1`, kind: "Role" as const, metadata: { namespace: "default", name: "deployer" }, rules };
      if (await client.get(RoleKind, { namespace: "default", name: "deployer" }) !== undefined) { await client.update(RoleKind, role); return; }
      await client.create(ServiceAccountKind, { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: "default", name: "deployer" } });
      await client.create(RoleKind, role);
      await client.create(RoleBindingKind, {
        apiVersion: `${rbac}/v1`, kind: "RoleBinding", metadata: { namespace: "default", name: "deployer" },
        roleRef: { apiGroup: rbac, kind: "Role", name: "deployer" }, subjects: [{ kind: "ServiceAccount", namespace: "default", name: "deployer" }],
      });
    },
    names: async () => (await client.list(ConfigMapKind)).items.map(({ metadata: { name } }) => name).toSorted(),
    /** What the application says is wrong. */
    async trouble() {
      const application = await client.get(ApplicationKind, ref);
      return (application?.status.conditions ?? []).filter(({ status }) => status === "True").map(({ message }) => message ?? "").join("\n");
    },
  };
}

test("an application is synced with the rights of its account, and with no others", async () => {
  const loop = await testLoop();
  await loop.allow(everyVerb);
  await loop.rest();
  assert.deepEqual(await loop.names(), ["a", "b"]);
  const made = await loop.client.get(ConfigMapKind, { namespace: "default", name: "a" });
  assert.deepEqual(made?.metadata.managedFields?.map(({ manager }) => manager), ["capstan-reconciler"]);
});

test("an account that is not there is named with the remedy, and nothing is written", async () => {
  const loop = await testLoop();
  await loop.rest();
  assert.deepEqual(await loop.names(), []);
  assert.match(await loop.trouble(), /ServiceAccount default\/deployer does not exist: create it, or name another in spec\.serviceAccountName/);
  assert.deepEqual((await loop.client.list(SyncKind)).items, []);
});

test("an account that lacks a right is told so once, with verb, resource, place and remedy, and goes on when it is given", async () => {
  const loop = await testLoop();
  await loop.allow(["get"]);
  await loop.rest();
  assert.deepEqual(await loop.names(), []);
  const trouble = await loop.trouble();
  assert.match(trouble, /deploy\/a\.yaml.*ServiceAccount default\/deployer \(spec\.serviceAccountName\) may not create configmaps in namespace default: give it these rights with a Role and a RoleBinding, or name another account/);
  assert.equal(trouble.match(/may not/g)?.length, 1, trouble);
  await loop.allow(everyVerb);
  await loop.rest();
  assert.deepEqual(await loop.names(), ["a", "b"]);
  assert.equal(await loop.trouble(), "");
});

test("pruning needs the right to delete", async () => {
  const loop = await testLoop();
  await loop.allow(["get", "create", "update"]);
  await loop.rest();
  await loop.push("a");
  await loop.rest();
  assert.deepEqual(await loop.names(), ["a", "b"]);
  assert.match(await loop.trouble(), /may not delete configmaps in namespace default/);
  await loop.allow(everyVerb);
  await loop.rest();
  assert.deepEqual(await loop.names(), ["a"]);
});

test("self-healing needs the right to update, and nobody who may not read is shown what has drifted", async () => {
  const loop = await testLoop();
  await loop.allow(everyVerb);
  await loop.rest();
  await loop.allow(["create"]);
  await loop.client.patch(ConfigMapKind, { namespace: "default", name: "a" }, { type: "merge", body: { data: { colour: "secret green" } } });
  await loop.rest();
  const colour = async () => (await loop.client.get(ConfigMapKind, { namespace: "default", name: "a" }))?.data?.["colour"];
  assert.equal(await colour(), "secret green");
  assert.match(await loop.trouble(), /may not get configmaps in namespace default, update configmaps in namespace default/);
  const application = await loop.client.get(ApplicationKind, ref);
  assert.ok(application !== undefined);
  assert.doesNotMatch(JSON.stringify([application.status, await previewSync(loop.reconciler, application)]), /secret green/);
  await loop.allow(everyVerb);
  await loop.rest();
  assert.equal(await colour(), "blue");
});

test("a right for one name is a right for that name", async () => {
  const loop = await testLoop();
  await loop.allow(everyVerb);
  await loop.rest();
  const role = await loop.client.get(RoleKind, { namespace: "default", name: "deployer" });
  assert.ok(role !== undefined);
  await loop.client.update(RoleKind, { ...role, rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["b"], verbs: everyVerb }] });
  for (const name of ["a", "b"]) await loop.client.patch(ConfigMapKind, { namespace: "default", name }, { type: "merge", body: { data: { colour: "green" } } });
  await loop.rest();
  assert.match(await loop.trouble(), /may not get configmaps/);
});

test("an application that is deleted is cleaned up as its account, and let go where that is gone", async () => {
  const loop = await testLoop({ metadata: { finalizers: [pruneFinalizer] } });
  await loop.allow(["get", "create", "update"]);
  await loop.rest();
  await loop.client.remove(ApplicationKind, ref);
  await loop.rest();
  assert.ok(await loop.client.get(ApplicationKind, ref) !== undefined);
  assert.deepEqual(await loop.names(), ["a", "b"]);
  const { items } = await loop.client.list(EventKind);
  assert.match(items.find(({ reason }) => reason === "RemovalRefused")?.message ?? "", /may not delete configmaps in namespace default/);
  await loop.client.remove(ServiceAccountKind, { namespace: "default", name: "deployer" });
  await loop.rest();
  assert.equal(await loop.client.get(ApplicationKind, ref), undefined);
  assert.deepEqual(await loop.names(), ["a", "b"]);
});

test("an application that is deleted takes its objects along, with the right to delete", async () => {
  const loop = await testLoop({ metadata: { finalizers: [pruneFinalizer] } });
  await loop.allow(everyVerb);
  await loop.rest();
  await loop.client.remove(ApplicationKind, ref);
  await loop.rest();
  assert.deepEqual(await loop.names(), []);
  assert.equal(await loop.client.get(ApplicationKind, ref), undefined);
});
