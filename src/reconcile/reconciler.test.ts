import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { EventKind } from "../model/kinds/event.ts";
import { explain } from "./explain.ts";
import { rotate, sitesOf } from "./pins.ts";
import { previewTree, printPreview } from "./preview.ts";
import { treeOf } from "../../test/world/fake-repositories.ts";
import { endLoops, testLoop } from "../../test/world/test-loop.ts";

const repoURL = "https://git.example.com/shop.git";
afterEach(endLoops);

function applicationOf(name = "shop", detail: Partial<Application["spec"]> = {}): Application {
  return {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name, namespace: "default" }, status: {},
    spec: { source: { repoURL, targetRevision: "main", path: "deploy" }, destination: { namespace: "default" }, syncPolicy: { automated: { prune: true, selfHeal: true } }, ...detail },
  };
}

function configMapText(name: string, data: Readonly<Record<string, string>>): string {
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
}

test("a pushed commit runs, and its sync is recorded for good", async () => {
  const loop = await testLoop();
  const commit = loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) }, "Add a");
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  assert.deepEqual((await loop.configMap("a"))?.data, { colour: "blue" });
  const { status } = await loop.application();
  assert.deepEqual([status.sync?.status, status.sync?.revision, status.health?.status, status.history?.length], ["Synced", commit, "Healthy", 1]);
  const [sync] = await loop.syncs();
  assert.deepEqual([sync?.status.phase, sync?.spec.revision, sync?.spec.message, sync?.status.steps?.map((step) => `${step.action} ${step.kind} ${step.phase}`)], ["Succeeded", commit, "Add a", ["Create ConfigMap Done"]]);
  assert.deepEqual(sync?.status.timings?.map((timing) => timing.stretch), ["resolve", "read", "render", "plan", "queue", "commit", "ready"]);
});

test("a new commit changes what changed and prunes what is gone, last", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }), "deploy/b.yaml": configMapText("b", {}) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "red" }) });
  await loop.reconciler.refresh((url) => url === repoURL, "Push");
  await loop.rest();
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "red");
  assert.equal(await loop.configMap("b"), undefined);
  assert.deepEqual((await loop.syncs()).at(-1)?.status.steps?.map((step) => `${step.action} ${step.name}`), ["Update a", "Delete b"]);
  assert.equal((await loop.syncs()).at(-1)?.spec.trigger, "Push");
});

test("an unchanged commit is asked for seldom, as the poller tells of changes, and writes nothing", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", {}) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  const before = await loop.application();
  const asked = loop.repositories.resolves;
  await loop.rest(3_600_000);
  assert.equal((await loop.application()).metadata.resourceVersion, before.metadata.resourceVersion);
  assert.ok(loop.repositories.resolves - asked >= 4 && loop.repositories.resolves - asked <= 6, `${loop.repositories.resolves - asked} questions in an hour`);
});

test("an object deleted or edited by hand is healed, and the drift is told", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  await loop.client.patch(ConfigMapKind, { namespace: "default", name: "a" }, { type: "merge", body: { data: { colour: "green", other: "1" } } });
  await loop.rest();
  assert.deepEqual((await loop.configMap("a"))?.data, { colour: "blue", other: "1" });
  const healed = (await loop.syncs()).at(-1);
  assert.deepEqual([healed?.spec.trigger, healed?.status.steps?.[0]?.diff], ["SelfHeal", ["data.colour: green → blue"]]);
  await loop.client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await loop.rest();
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "blue");
});

test("a broken commit changes nothing, says where, and does not block the commit that fixes it", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  loop.repositories.push(repoURL, { "deploy/a.yaml": "apiVersion: v1\nkind: ConfigMap\n  metadata: {" });
  await loop.reconciler.refresh((url) => url === repoURL, "Push");
  await loop.rest();
  const broken = await loop.application();
  const condition = broken.status.conditions?.find((one) => one.type === "ComparisonError");
  assert.match(condition?.message ?? "", /^deploy\/a\.yaml:\d/);
  assert.equal(broken.status.sync?.status, "Unknown");
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "blue");
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "red" }) });
  await loop.reconciler.refresh((url) => url === repoURL, "Push");
  await loop.rest();
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "red");
  assert.deepEqual((await loop.application()).status.conditions, []);
});

const refused: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  ["an unknown kind", { "deploy/x.yaml": "apiVersion: v9\nkind: Gadget\nmetadata: { name: x }" }, /deploy\/x\.yaml:1.*no kind Gadget in v9/],
  ["a wrong type", { "deploy/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: [1]" }, /deploy\/x\.yaml:4:8: .*data/],
  ["a missing namespace", { "deploy/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x, namespace: nowhere }" }, /namespace nowhere does not exist.*CreateNamespace=true/],
  ["a render without any object", { "deploy/README.txt": "nothing" }, /renders no object at all/],
];

for (const [title, files, message] of refused) {
  test(`${title} is refused with its place, and nothing is pruned`, async () => {
    const loop = await testLoop();
    loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", {}) });
    await loop.client.create(ApplicationKind, applicationOf());
    await loop.rest();
    loop.repositories.push(repoURL, files);
    await loop.reconciler.refresh((url) => url === repoURL, "Push");
    await loop.rest();
    const { status } = await loop.application();
    assert.match(status.conditions?.[0]?.message ?? "no condition", message);
    assert.ok(await loop.configMap("a") !== undefined);
  });
}

test("an empty render is refused also where the namespace is made for the application", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", {}) });
  const application = applicationOf();
  await loop.client.create(ApplicationKind, { ...application, spec: { ...application.spec, syncPolicy: { ...application.spec.syncPolicy, syncOptions: ["CreateNamespace=true"] } } });
  await loop.rest();
  loop.repositories.push(repoURL, { "deploy/a.yaml": "# nothing" });
  await loop.reconciler.refresh((url) => url === repoURL, "Push");
  await loop.rest();
  assert.equal((await loop.application()).status.conditions?.[0]?.reason, "EmptyRender");
  assert.ok(await loop.configMap("a") !== undefined);
});

test("an application that was never compared is of unknown health", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": "a: [" });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  assert.equal((await loop.application()).status.health?.status, "Unknown");
});

test("Git being away changes nothing that runs", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", {}) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  loop.repositories.problem = { kind: "problem", reason: "Unreachable", message: "git.example.com does not answer" };
  await loop.reconciler.refresh(() => true, "Poll");
  await loop.rest();
  const { status } = await loop.application();
  assert.deepEqual([status.conditions?.[0]?.reason, (await loop.configMap("a")) !== undefined, status.inventory?.length], ["Unreachable", true, 1]);
});

test("drift is healed while Git is away, also by a loop that never saw Git", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  loop.repositories.problem = { kind: "problem", reason: "Unreachable", message: "away" };
  await loop.reconciler.refresh(() => true, "Poll");
  await loop.client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await loop.rest();
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "blue");
  await loop.restart();
  await loop.client.remove(ConfigMapKind, { namespace: "default", name: "a" });
  await loop.rest();
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "blue");
  assert.deepEqual([(await loop.syncs()).at(-1)?.spec.message, (await loop.application()).status.conditions?.[0]?.reason], ["change", "Unreachable"]);
});

test("after a start an object is not taken from the application that deployed it", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { by: "first" }), "other/b.yaml": configMapText("b", {}) });
  await loop.client.create(ApplicationKind, applicationOf("first"));
  await loop.client.create(ApplicationKind, applicationOf("second", { source: { repoURL, targetRevision: "main", path: "other" } }));
  await loop.rest();
  await loop.client.patch(ApplicationKind, { namespace: "default", name: "first" }, { type: "merge", body: { spec: { suspend: true } } });
  await loop.rest();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { by: "first" }), "other/a.yaml": configMapText("a", { by: "second" }) });
  await loop.restart();
  await loop.rest(15_000);
  assert.equal((await loop.configMap("a"))?.data?.["by"], "first");
  assert.match((await loop.application("second")).status.conditions?.[0]?.message ?? "", /belongs to application default\/first/);
});

test("two applications claiming one object: the second is refused, the first keeps it", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { by: "first" }), "other/a.yaml": configMapText("a", { by: "second" }) });
  await loop.client.create(ApplicationKind, applicationOf("first"));
  await loop.rest();
  await loop.client.create(ApplicationKind, applicationOf("second", { source: { repoURL, targetRevision: "main", path: "other" } }));
  await loop.rest();
  assert.equal((await loop.configMap("a"))?.data?.["by"], "first");
  assert.match((await loop.application("second")).status.conditions?.[0]?.message ?? "", /ConfigMap default\/a belongs to application default\/first/);
});

test("an object moved between applications in one commit is taken over, not recreated", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", {}), "deploy/keep.yaml": configMapText("k1", {}), "other/keep.yaml": configMapText("k2", {}) });
  await loop.client.create(ApplicationKind, applicationOf("first"));
  await loop.client.create(ApplicationKind, applicationOf("second", { source: { repoURL, targetRevision: "main", path: "other" } }));
  await loop.rest();
  const uid = (await loop.configMap("a"))?.metadata.uid;
  loop.repositories.push(repoURL, { "deploy/keep.yaml": configMapText("k1", {}), "other/keep.yaml": configMapText("k2", {}), "other/a.yaml": configMapText("a", {}) });
  await loop.reconciler.refresh((url) => url === repoURL, "Push");
  await loop.rest(15_000);
  const moved = await loop.configMap("a");
  assert.deepEqual([moved?.metadata.uid, moved?.metadata.annotations?.["capstan.dev/application"]], [uid, "default/second"]);
  assert.ok((await loop.syncs()).some((sync) => sync.status.steps?.some((step) => step.action === "Move") === true));
});

test("rolling back is at once, writes the revert commit, and stays there", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) }, "Blue");
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  const bad = loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "red" }) }, "Red");
  await loop.reconciler.refresh((url) => url === repoURL, "Push");
  await loop.rest();
  const [first] = await loop.syncs();
  loop.repositories.problem = { kind: "problem", reason: "Unreachable", message: "away" };
  await loop.client.patch(ApplicationKind, { namespace: "default", name: "shop" }, { type: "merge", body: { metadata: { annotations: { "capstan.dev/rollback-to": first?.metadata.name ?? "" } } } });
  await loop.rest();
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "blue", "the stored render is back while Git is away");
  assert.equal((await loop.application()).status.pinnedRevision, bad);
  loop.repositories.problem = undefined;
  await loop.rest(120_000);
  const head = loop.repositories.head(repoURL) ?? "";
  assert.notEqual(head, bad);
  assert.deepEqual(loop.repositories.filesOf(repoURL, head), { "deploy/a.yaml": configMapText("a", { colour: "blue" }) });
  const { status, metadata } = await loop.application();
  assert.deepEqual([status.pinnedRevision, status.sync?.revision, status.sync?.status, metadata.annotations?.["capstan.dev/rollback-to"]], [undefined, head, "Synced", undefined]);
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "blue");
});

test("a broken commit on top of a rolled back one is shown, and what was brought back stays", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "red" }) });
  await loop.reconciler.refresh(() => true, "Push");
  await loop.rest();
  loop.repositories.problem = { kind: "problem", reason: "Unreachable", message: "away" };
  const [first] = await loop.syncs();
  await loop.client.patch(ApplicationKind, { namespace: "default", name: "shop" }, { type: "merge", body: { metadata: { annotations: { "capstan.dev/rollback-to": first?.metadata.name ?? "" } } } });
  await loop.rest();
  loop.repositories.push(repoURL, { "deploy/a.yaml": "a: [" });
  loop.repositories.problem = undefined;
  await loop.restart();
  await loop.reconciler.refresh(() => true, "Push");
  await loop.rest();
  const { status } = await loop.application();
  assert.match(status.conditions?.[0]?.message ?? "no condition", /a\.yaml:1/);
  assert.equal((await loop.configMap("a"))?.data?.["colour"], "blue");
});

test("a wish that cannot be carried out is answered and over", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": "a: [" });
  await loop.client.create(ApplicationKind, applicationOf("shop", { syncPolicy: {} }));
  await loop.rest();
  for (const wish of ["capstan.dev/sync-requested", "capstan.dev/rollback-to"]) {
    await loop.client.patch(ApplicationKind, { namespace: "default", name: "shop" }, { type: "merge", body: { metadata: { annotations: { [wish]: "gone" } } } });
    await loop.rest();
    assert.deepEqual((await loop.application()).metadata.annotations ?? {}, {});
  }
  const events = (await loop.client.list(EventKind)).items.filter((event) => event.involvedObject.kind === "Application");
  assert.deepEqual(events.map((event) => event.reason).toSorted((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1)), ["RollbackRefused", "SyncRefused"]);
});

test("without automation a change waits, is shown, and a wish syncs it", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", {}) });
  await loop.client.create(ApplicationKind, applicationOf("shop", { syncPolicy: {} }));
  await loop.rest();
  assert.equal((await loop.application()).status.sync?.status, "OutOfSync");
  assert.equal(await loop.configMap("a"), undefined);
  await loop.client.patch(ApplicationKind, { namespace: "default", name: "shop" }, { type: "merge", body: { metadata: { annotations: { "capstan.dev/sync-requested": "ada" } } } });
  await loop.rest();
  assert.equal((await loop.application()).status.sync?.status, "Synced");
  assert.ok(await loop.configMap("a") !== undefined);
});

test("an ignored field may differ", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue", size: "1" }) });
  await loop.client.create(ApplicationKind, applicationOf("shop", { ignoreDifferences: [{ kind: "ConfigMap", jsonPointers: ["/data/colour"] }] }));
  await loop.rest();
  await loop.client.patch(ConfigMapKind, { namespace: "default", name: "a" }, { type: "merge", body: { data: { colour: "green", size: "2" } } });
  await loop.rest();
  assert.deepEqual((await loop.configMap("a"))?.data, { colour: "green", size: "1" });
});

test("a push is judged before it is taken, with what will change or what is wrong", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  const judge = async (files: Readonly<Record<string, string>>) => {
    const previews = await previewTree(loop.reconciler, { isFollowed: (url) => url === repoURL, branch: "main", isDefaultBranch: true, commit: "c" }, async (path) => treeOf(files, path), new AbortController().signal);
    return previews.flatMap((preview) => printPreview(preview, undefined));
  };
  assert.deepEqual(await judge({ "deploy/a.yaml": configMapText("a", { colour: "red" }) }), ["default/shop: 1 object will change", "  ~ ConfigMap default/a", "      data.colour: blue → red"]);
  assert.match((await judge({ "deploy/a.yaml": "a: [" })).join("\n"), /default\/shop: refused\n {2}deploy\/a\.yaml:/);
});

test("an application that was wrong before a push, in the same way, does not hold up the others", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", { colour: "blue" }) });
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  await loop.client.create(ApplicationKind, applicationOf("late"));
  await loop.rest();
  const judge = async (files: Readonly<Record<string, string>>) => {
    const previews = await previewTree(loop.reconciler, { isFollowed: (url) => url === repoURL, branch: "main", isDefaultBranch: true, commit: "c" }, async (path) => treeOf(files, path), new AbortController().signal);
    return previews.map((preview) => `${printPreview(preview, undefined)[0] ?? ""} ${String(preview.isKnownWrong)}`).toSorted();
  };
  assert.deepEqual(await judge({ "deploy/a.yaml": configMapText("a", { colour: "red" }) }), ["default/late: wrong before this push, and still true", "default/shop: 1 object will change false"]);
  assert.deepEqual(await judge({ "deploy/a.yaml": configMapText("a", {}), "deploy/b.yaml": "a: [" }), ["default/late: refused false", "default/shop: refused false"]);
});

test("an application with its finalizer takes what it deployed along", async () => {
  const loop = await testLoop();
  loop.repositories.push(repoURL, { "deploy/a.yaml": configMapText("a", {}) });
  const wanted = applicationOf();
  await loop.client.create(ApplicationKind, { ...wanted, metadata: { ...wanted.metadata, finalizers: ["capstan.dev/resources-finalizer"] } });
  await loop.rest();
  await loop.client.remove(ApplicationKind, { namespace: "default", name: "shop" });
  await loop.rest(5_000);
  assert.equal(await loop.configMap("a"), undefined);
  assert.equal(await loop.client.get(ApplicationKind, { namespace: "default", name: "shop" }), undefined);
});

test("a generated password outlives upgrades and restarts, is renewed when asked, and its origin tells no value", async () => {
  const loop = await testLoop();
  const chart = (extra: string): Readonly<Record<string, string>> => ({
    "deploy/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "deploy/templates/a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${extra}  p: {{ randAlphaNum 12 }}\n  seen: {{ ((lookup "v1" "ConfigMap" "default" "b").data | default dict).colour | default "none" }}\n`,
  });
  loop.repositories.push(repoURL, chart(""));
  await loop.client.create(ApplicationKind, applicationOf());
  await loop.rest();
  const password = (await loop.configMap("a"))?.data?.["p"] ?? "";
  assert.equal(password.length, 12);
  await loop.client.create(ConfigMapKind, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b", namespace: "default" }, data: { colour: "blue" } });
  await loop.restart();
  loop.repositories.push(repoURL, chart("  x: {{ randAlphaNum 4 }}\n"));
  await loop.reconciler.refresh((url) => url === repoURL, "Push");
  await loop.rest();
  const after = (await loop.configMap("a"))?.data;
  assert.deepEqual([after?.["p"], after?.["x"]?.length, after?.["seen"]], [password, 4, "none"]);
  const application = await loop.application();
  const told = await explain(loop.reconciler, application, { kind: "ConfigMap", name: "a", field: "data.p" }, new AbortController().signal);
  assert.deepEqual("lines" in told ? told.lines : told, ["data.p", "  computed at deploy/templates/a.yaml:6:9", "  computed from randAlphaNum at templates/a.yaml:6:9 (pinned)"]);
  const values = { ...application, spec: { ...application.spec, source: { ...application.spec.source, helm: { values: "not: [yaml" } } } };
  assert.deepEqual(await explain(loop.reconciler, values, { kind: "ConfigMap", name: "a", field: "data.p" }, new AbortController().signal), told, "it is told from what the render kept, and nothing is rendered again");
  const { pins } = loop.reconciler.tools;
  const known = await pins.load(application);
  assert.ok(known !== undefined);
  assert.deepEqual(sitesOf(known), ["lookup v1 ConfigMap default b", "templates/a.yaml: randAlphaNum 12", "templates/a.yaml: randAlphaNum 4"]);
  await pins.save(application, rotate(known, ["templates/a.yaml: randAlphaNum 12", "lookup v1 ConfigMap default b"], 0));
  await loop.reconciler.refresh((url) => url === repoURL, "Change");
  await loop.rest();
  const renewed = (await loop.configMap("a"))?.data;
  assert.notEqual(renewed?.["p"], password);
  assert.deepEqual([renewed?.["x"], renewed?.["seen"]], [after?.["x"], "blue"]);
});

const deployment = (replicas: string, more = ""): string => [
  "apiVersion: apps/v1", "kind: Deployment", "metadata: { name: web }", "spec:", `  replicas: ${replicas}`, "  selector: { matchLabels: { app: web } }", "  template:",
  "    metadata: { labels: { app: web } }", "    spec:", "      containers:", "        - name: web", `          image: none${more}`, "",
].join("\n");

const refusedFields: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  ["a value of a chart's values", { "deploy/Chart.yaml": "name: shop\n", "deploy/values.yaml": "# how many\nreplicas: -1\n", "deploy/templates/web.yaml": deployment("{{ .Values.replicas }}") },
    /^deploy\/templates\/web\.yaml:5:16: .*spec\.replicas: Invalid value: -1: must be greater than or equal to 0; it is Values\.replicas \(deploy\/values\.yaml:2:11\)$/],
  ["a value in a partial of Handlebars", { "deploy/Chart.yaml": "name: shop\n", "deploy/values.yaml": "port: 70000\n", "deploy/templates/_ports.hbs": "ports:\n  - containerPort: {{Values.port}}\n", "deploy/templates/web.hbs": deployment("1", "\n          {{> ports}}") },
    /^deploy\/templates\/_ports\.hbs:2:\d+: .*spec\.template\.spec\.containers\[0\]\.ports\[0\]\.containerPort: Invalid value: 70000: .*; it is Values\.port \(deploy\/values\.yaml:1:7\)$/],
  ["a text in a plain manifest", { "deploy/web.yaml": deployment("-2") }, /^deploy\/web\.yaml:5:13: .*spec\.replicas: Invalid value: -2: must be greater than or equal to 0$/],
  ["what is missing, beside what is there", { "deploy/web.yaml": deployment("1").replace("        - name: web\n          image: none", "        - image: none") }, /^deploy\/web\.yaml:11:18: .*spec\.template\.spec\.containers\[0\]\.name: Required value$/],
];

for (const [what, files, expected] of refusedFields) {
  test(`a field the API refuses is told at its own line: ${what}`, async () => {
    const loop = await testLoop();
    loop.repositories.push(repoURL, files);
    await loop.client.create(ApplicationKind, applicationOf());
    await loop.rest();
    const said = (await loop.application()).status.conditions?.[0]?.message ?? "";
    assert.match(said, expected);
    const previews = await previewTree(loop.reconciler, { isFollowed: (url) => url === repoURL, branch: "main", isDefaultBranch: true, commit: "next" }, async (path) => treeOf(files, path), new AbortController().signal);
    assert.deepEqual(previews.flatMap((preview) => printPreview(preview, undefined)), ["default/shop: wrong before this push, and still", `  ${said}`]);
  });
}
