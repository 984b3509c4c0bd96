import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { chromium } from "playwright-core";
import type { Page } from "playwright-core";
import type { Client } from "../../../src/api/client.ts";
import { ApplicationKind } from "../../../src/model/kinds/application.ts";
import type { Application } from "../../../src/model/kinds/application.ts";
import { DeploymentKind } from "../../../src/model/kinds/deployment.ts";
import { PodKind } from "../../../src/model/kinds/pod.ts";
import { ReplicaSetKind } from "../../../src/model/kinds/replica-set.ts";
import { SecretKind } from "../../../src/model/kinds/secret.ts";
import { SyncKind } from "../../../src/model/kinds/sync.ts";
import { controllerReference } from "../../../src/model/object.ts";
import { buildPage } from "../../../src/web/build.ts";
import { deployment, pod } from "../../api/objects.ts";
import { servePage } from "./served-page.ts";
import type { ServedPage } from "./served-page.ts";

/** Where Debian and Ubuntu put the browser. */
const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

const options = browserPath === undefined ? { skip: "chromium is not installed" } : { timeout: 120_000 };

const commit = "0123456789".repeat(4);

const older = "abcdef0123".repeat(4);

const preview = {
  lines: [], isEmpty: false, problems: [],
  steps: [{ action: "Update", group: "apps", kind: "Deployment", namespace: "default", name: "web", changes: [{ path: "spec.replicas", before: "2", after: "1" }] }],
};

/** An application with a deployment, its pods and two syncs. */
async function seed(client: Client): Promise<Application> {
  const made = await client.create(DeploymentKind, deployment("web", 2));
  const template = { metadata: { name: "", labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "demo:1", resources: {} }] } };
  const set = await client.create(ReplicaSetKind, { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web-1", namespace: "default", ownerReferences: [controllerReference(made)] }, spec: { replicas: 2, selector: { matchLabels: { app: "web" } }, template }, status: { replicas: 0 } });
  for (const name of ["web-1-a", "web-1-b"]) {
    const one = await client.create(PodKind, pod(name, { nodeName: "n" }, { ownerReferences: [controllerReference(set)] }));
    await client.updateStatus(PodKind, { ...one, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses: [{ name: "main", ready: true, restartCount: 0, image: "demo:1", imageID: "", state: { running: {} } }] } });
  }
  await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "default" }, type: "Opaque", data: { password: "aHVudGVyMg==" } });
  const application = await client.create(ApplicationKind, {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "shop", namespace: "default" },
    spec: { source: { repoURL: "https://git.example/shop", path: "deploy" }, destination: { namespace: "default" } }, status: {},
  });
  for (const [generation, revision, message] of [[1, older, "Begin"], [2, commit, "Sell more apples"]] as const) {
    const sync = await client.create(SyncKind, {
      apiVersion: "capstan.dev/v1", kind: "Sync", metadata: { name: `shop-${generation}`, namespace: "default" },
      spec: { application: "shop", trigger: "Push", revision, author: "Ada <ada@example.com>", message, planDigest: "d", planGeneration: generation }, status: {},
    });
    await client.updateStatus(SyncKind, { ...sync, status: { phase: "Succeeded", timings: [{ stretch: "render", durationMs: 40 }, { stretch: "commit", durationMs: 20 }], steps: [{ wave: 0, action: "Update", group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web", phase: "Done", diff: ["spec.replicas: 1 → 2"] }] } });
  }
  return client.updateStatus(ApplicationKind, {
    ...application,
    status: {
      sync: { status: "Synced", revision: commit, author: "Ada <ada@example.com>", message: "Sell more apples" }, health: { status: "Healthy" }, operationState: { phase: "Succeeded", sync: "shop-2" },
      history: [{ id: 1, revision: older, sync: "shop-1" }, { id: 2, revision: commit, sync: "shop-2" }],
      resources: [
        { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web", status: "Synced", health: { status: "Healthy" } },
        { version: "v1", kind: "Secret", namespace: "default", name: "key", status: "Synced" },
      ],
    },
  });
}

interface Opened extends ServedPage {
  readonly page: Page;
  readonly application: Application;
  /** What the browser's console called a warning or an error, and exceptions of the page. */
  readonly complaints: readonly string[];
  readonly goto: (path: string) => Promise<void>;
}

async function open(context: TestContext, viewport = { width: 1280, height: 800 }): Promise<Opened> {
  await buildPage();
  const served = await servePage(context, { preview, log: async function* (_options, signal) {
    yield Buffer.from("hello from the pod\nan error at noon\n");
    await new Promise<void>((resolve) => { signal.addEventListener("abort", () => { resolve(); }, { once: true }); });
  } });
  const application = await seed(served.client);
  const browser = await chromium.launch({ executablePath: browserPath ?? "", args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  context.after(async () => browser.close());
  const page = await browser.newPage({ viewport });
  const complaints: string[] = [];
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${served.web.address}${served.web.mintLogin()}`);
  await page.getByRole("link", { name: "shop" }).waitFor();
  return { ...served, page, application, complaints, goto: async (path) => { await page.goto(`${served.web.address}${path}`); } };
}

test("the list shows what changes without a reload", options, async (context) => {
  const { page, client, application, complaints } = await open(context);
  const row = page.getByRole("listitem").filter({ hasText: "shop" });
  await row.getByText("Healthy").waitFor();
  await row.getByText("Sell more apples").waitFor();
  await row.getByText("01234567").waitFor();
  await client.updateStatus(ApplicationKind, { ...application, status: { ...application.status, health: { status: "Degraded", message: "pod web-1-a: crashed 3 times" } } });
  await row.getByText("Degraded").waitFor();
  await row.getByText("pod web-1-a: crashed 3 times").waitFor();
  await client.remove(ApplicationKind, { namespace: "default", name: "shop" });
  await page.getByText("No application yet").waitFor();
  assert.deepEqual(complaints, []);
});

test("the tree goes down to pods, and a click shows an object without its secrets", options, async (context) => {
  const { page, goto, complaints } = await open(context);
  await goto("/applications/default/shop");
  await page.getByRole("button", { name: "Pod web-1-a" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByText("kind: Pod").waitFor();
  await panel.getByRole("button", { name: "Logs" }).click();
  await panel.getByText("hello from the pod").waitFor();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Secret key" }).click();
  await panel.getByText("(hidden)").waitFor();
  assert.doesNotMatch(await page.content(), /aHVudGVyMg/);
  assert.deepEqual(complaints, []);
});

test("a rollback shows its plan first and is asked for by an annotation", options, async (context) => {
  const { page, client, goto } = await open(context);
  await goto("/applications/default/shop/history");
  await page.getByRole("button", { name: "Roll back" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("spec.replicas").waitFor();
  assert.equal((await client.get(ApplicationKind, { namespace: "default", name: "shop" }))?.metadata.annotations, undefined);
  await dialog.getByRole("button", { name: "Roll back" }).click();
  await page.getByText("rollback requested").waitFor();
  assert.deepEqual((await client.get(ApplicationKind, { namespace: "default", name: "shop" }))?.metadata.annotations, { "capstan.dev/rollback-to": "shop-1", "capstan.dev/requested-by": "dashboard" });
});

test("the diff shows the fields the last sync changed", options, async (context) => {
  const { page, goto } = await open(context);
  await goto("/applications/default/shop/diff");
  await page.getByText("spec.replicas").waitFor();
  assert.deepEqual([await page.locator("del").innerText(), await page.locator("ins").innerText()].map((text) => text.trim().at(-1)), ["1", "2"]);
});

test("a field of the diff opens, by keyboard too, to where its value comes from", options, async (context) => {
  const { page, goto } = await open(context);
  await goto("/applications/default/shop/diff");
  await page.locator("summary", { hasText: "spec.replicas" }).last().press("Enter");
  await page.getByText("from Values.replicas (values.yaml:2:11)").waitFor();
});

test("a problem is shown with its places, line by line", options, async (context) => {
  const { page, client, application, goto } = await open(context);
  const message = "deploy/web.yaml:12:3: spec.replicas: must be a number\ndeploy/web.yaml:20:1: unknown kind Foo";
  await client.updateStatus(ApplicationKind, { ...application, status: { ...application.status, conditions: [{ type: "ComparisonError", status: "True", reason: "RenderFailed", message, lastTransitionTime: "2026-01-01T00:00:00Z" }] } });
  await goto("/applications/default/shop");
  assert.equal(await page.getByRole("alert").locator("pre").innerText(), message);
});

test("a log is searched", options, async (context) => {
  const { page, goto } = await open(context);
  await goto("/applications/default/shop/logs");
  const log = page.getByRole("log");
  await log.getByText("hello from the pod").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("ERROR");
  await page.getByText("1 of 2 lines").waitFor();
  assert.equal((await log.innerText()).trim(), "an error at noon");
});

test("a lost daemon is told, and the page comes back by itself", options, async (context) => {
  const { page, restart, client } = await open(context);
  let isDown = true;
  await page.route("**/stream*", (route) => (isDown ? route.abort() : route.continue()));
  await restart();
  await page.getByRole("alert").getByText("cannot be reached").waitFor();
  assert.equal(await page.getByRole("link", { name: "shop" }).isVisible(), true);
  await client.remove(ApplicationKind, { namespace: "default", name: "shop" });
  isDown = false;
  await page.getByText("No application yet").waitFor();
  assert.equal(await page.getByText("Live").isVisible(), true);
});

test("every page fits a phone without scrolling sideways, in light and dark", options, async (context) => {
  const { page, goto, complaints } = await open(context, { width: 360, height: 740 });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const path of ["/", "/applications/default/shop", "/applications/default/shop/diff", "/applications/default/shop/history", "/applications/default/shop/events", "/applications/default/shop/logs", "/queue", "/nodes", "/repositories"]) {
      await goto(path);
      await page.getByText("Live").waitFor();
      assert.ok(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), `${path} in ${colorScheme}`);
    }
  }
  assert.deepEqual(complaints, []);
});

test("the first load is small and comes from the daemon alone", options, async (context) => {
  const { page, web, goto } = await open(context);
  const sizes: number[] = [];
  const hosts = new Set<string>();
  page.on("response", (response) => {
    hosts.add(new URL(response.url()).host);
    if (!response.url().includes("/stream")) sizes.push(Number(response.headers()["content-length"] ?? 0));
  });
  await page.context().clearCookies();
  await goto("/login");
  await page.getByRole("button", { name: "Log in" }).waitFor();
  assert.deepEqual([...hosts], [new URL(web.address).host]);
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(totalBytes > 10_000 && totalBytes <= 150_000, `${totalBytes} bytes`);
});

test("somebody with a wrong token stays outside, with the right one gets in", options, async (context) => {
  const { page, goto } = await open(context);
  await page.getByRole("button", { name: "Log out" }).click();
  await goto("/applications/default/shop");
  await page.getByLabel("Token").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").getByText("unknown, revoked or expired").waitFor();
  await page.getByLabel("Token").fill("viewer-token");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "shop" }).waitFor();
});
