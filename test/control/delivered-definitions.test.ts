import assert from "node:assert/strict";
import { test } from "node:test";
import { runControllers } from "../../src/control/runner.ts";
import { customResourceDefinitionController } from "../../src/controllers/custom-resource-definition/controller.ts";
import { openMemoryJobs } from "../../src/jobs/drivers/memory.ts";
import { CustomResourceDefinitionKind } from "../../src/model/kinds/api-extensions.ts";
import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { SyncKind } from "../../src/model/kinds/sync.ts";
import { kinds } from "../../src/model/kinds.ts";
import { Reconciler, reconcilerUser } from "../../src/reconcile/reconciler.ts";
import { renderHere } from "../../src/render/render-here.ts";
import { admin, testApi } from "../api/api.ts";
import { fakeRepositories } from "../world/fake-repositories.ts";
import { settle } from "../world/fake-world.ts";

const repoURL = "https://git.example.com/shop.git";

/** The loop and the controller of definitions on a whole API in memory, with Git in memory. */
async function testLoop() {
  const everything = [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }];
  const { verbs, client, world, store } = await testApi({ rules: [{ subject: { user: reconcilerUser }, rules: everything }, { subject: { group: "system:authenticated" }, rules: everything }] });
  const repositories = fakeRepositories(world.clock);
  const jobs = openMemoryJobs({ world });
  const reconciler = new Reconciler({ client: verbs.client({ name: reconcilerUser, groups: [] }), clientAs: (user) => verbs.client(user), repositories, renderer: renderHere(), jobs, world, kinds: verbs.kinds, capabilities: { kubeVersion: "v1.33.0", apiVersions: [] } });
  const abort = new AbortController();
  const run = runControllers({ controllers: [reconciler.controller, customResourceDefinitionController(kinds)], clientFor: (name) => verbs.client({ name, groups: ["system:authenticated"] }), world, served: verbs.kinds, signal: abort.signal });
  await run.ready;
  reconciler.start();
  return {
    client, verbs, repositories,
    async push(files: Readonly<Record<string, unknown>>): Promise<void> {
      repositories.push(repoURL, Object.fromEntries(Object.entries(files).map(([path, object]) => [`deploy/${path}`, JSON.stringify(object)])));
      await reconciler.refresh((url) => url === repoURL, "Push");
      await this.rest();
    },
    async rest() { for (let i = 0; i < 10; i++) { await world.clock.advance(300); for (let turn = 0; turn < 20; turn++) await settle(); } },
    async application() { return client.get(ApplicationKind, { namespace: "default", name: "shop" }); },
    async steps(): Promise<readonly (readonly string[])[]> {
      const syncs = (await client.list(SyncKind)).items.toSorted((a, b) => a.spec.planGeneration - b.spec.planGeneration);
      return syncs.map(({ status }) => (status.steps ?? []).map(({ action, kind, name, phase }) => `${action} ${kind} ${name} ${phase}`));
    },
    async widgets(version = "v1"): Promise<readonly unknown[]> {
      const kind = verbs.kinds.find(`example.com/${version}`, "Widget");
      return kind === undefined ? [] : (await verbs.list({ user: admin }, kind, {})).items.map((item) => item.object());
    },
    async stop() { abort.abort(); await jobs.close(); await run.stopped; await store.close(); },
  };
}

const application = {
  apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "shop", namespace: "default" }, status: {},
  spec: { source: { repoURL, targetRevision: "main", path: "deploy" }, destination: { namespace: "default" }, syncPolicy: { automated: { prune: true, selfHeal: true } } },
} as const;

function definition(properties: object, more: readonly object[] = []) {
  const versionOf = (name: string, shown: object) => ({ name, served: true, storage: name === "v1", schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: shown } } } } });
  return {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.com" },
    spec: { group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [versionOf("v1", properties), ...more] },
  };
}

const widget = (spec: object, name = "w") => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec });

test("one commit brings a definition and its objects: the definition first, and all of it once", async () => {
  const loop = await testLoop();
  await loop.push({ "a-object.yaml": widget({ size: 1 }), "z-definition.yaml": definition({ size: { type: "integer" } }) });
  await loop.client.create(ApplicationKind, application);
  await loop.rest();
  assert.deepEqual(await loop.steps(), [["Create CustomResourceDefinition widgets.example.com Done", "Create Widget w Done"]]);
  assert.deepEqual((await loop.application())?.status.sync?.status, "Synced");
  assert.equal((await loop.widgets()).length, 1);
  await loop.push({ "a-object.yaml": widget({ size: 2, color: "red" }), "z-definition.yaml": definition({ size: { type: "integer" }, color: { type: "string" } }) });
  assert.deepEqual((await loop.steps()).at(-1), ["Update CustomResourceDefinition widgets.example.com Done", "Update Widget w Done"]);
  assert.deepEqual((await loop.widgets()).map((one) => (one as { readonly spec: unknown }).spec), [{ size: 2, color: "red" }]);
  await loop.stop();
});

test("an object its definition does not take keeps the whole commit out", async () => {
  const loop = await testLoop();
  await loop.push({ "definition.yaml": definition({ size: { type: "integer" } }), "object.yaml": widget({ size: "large" }) });
  await loop.client.create(ApplicationKind, application);
  await loop.rest();
  assert.equal(await loop.client.get(CustomResourceDefinitionKind, { namespace: "", name: "widgets.example.com" }), undefined);
  const conditions = (await loop.application())?.status.conditions ?? [];
  assert.match(conditions.map(({ message }) => message ?? "").join("\n"), /deploy\/object\.yaml.*spec\.size/s);
  await loop.stop();
});

test("a definition that goes takes its objects along", async () => {
  const loop = await testLoop();
  await loop.push({ "definition.yaml": definition({}), "object.yaml": widget({}), "keep.yaml": { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "keep" } } });
  await loop.client.create(ApplicationKind, application);
  await loop.rest();
  await loop.push({ "keep.yaml": { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "keep" } } });
  await loop.rest();
  assert.equal(await loop.client.get(CustomResourceDefinitionKind, { namespace: "", name: "widgets.example.com" }), undefined);
  assert.deepEqual(loop.verbs.kinds.custom, []);
  assert.equal((await loop.application())?.status.sync?.status, "Synced");
  await loop.stop();
});

test("an object in a version that only a webhook converts is refused with the version to write it in", async () => {
  const loop = await testLoop();
  const second = { name: "v2", served: true, storage: false, schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } };
  const base = definition({}, [second]);
  const converting = { ...base, spec: { ...base.spec, conversion: { strategy: "Webhook", webhook: { clientConfig: { url: "https://convert.example.com/" }, conversionReviewVersions: ["v1"] } } } };
  await loop.push({ "definition.yaml": converting, "object.yaml": { ...widget({}), apiVersion: "example.com/v2" } });
  await loop.client.create(ApplicationKind, application);
  await loop.rest();
  assert.match(((await loop.application())?.status.conditions ?? []).map(({ message }) => message ?? "").join("\n"), /becomes example\.com\/v1 by a webhook, which an application does not ask; write it in example\.com\/v1/);
  await loop.push({ "definition.yaml": converting, "object.yaml": widget({}) });
  assert.equal((await loop.application())?.status.sync?.status, "Synced");
  await loop.stop();
});
