import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { untilRuns } from "./application.ts";
import { TestDaemon } from "./daemon.ts";
import { GitClone } from "./git-clone.ts";

/** Debian's browser. */
const browserPath = "/usr/bin/chromium";

/** Keeps the browser to itself: no sandbox for root, no network of its own. */
const browserFlags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A page of a busy machine may take this long to show what happened. */
const shownWithinMs = 60_000;

describe("the page of the real daemon", { skip: existsSync(browserPath) ? false : "chromium is not installed" }, () => {
  let daemon: TestDaemon;
  let browser: Browser;
  before(async () => {
    daemon = await TestDaemon.start();
    browser = await chromium.launch({ executablePath: browserPath, args: browserFlags });
  });
  after(async () => {
    await browser.close();
    await daemon.close();
  });

  test("the announced link logs in once, shows the demo well, and a pushed commit appears without a reload", async () => {
    const clone = await GitClone.clone(daemon.announced("git"), { home: daemon.home, name: "demo" });
    await untilRuns({ client: daemon.client, name: "demo" }, await clone.git(["rev-parse", "HEAD"]));
    const page = await browser.newPage();
    await page.goto(daemon.announced("dashboard"));
    for (const text of ["demo", "Healthy", "Synced", "Begin with an example application"]) await page.getByText(text, { exact: true }).first().waitFor({ timeout: shownWithinMs });
    await page.evaluate(() => { (globalThis as { isSamePage?: boolean }).isSamePage = true; });
    const values = (await clone.git(["show", "HEAD:app/values.yaml"])).replace(/^message:.*$/m, "message: Seen at once");
    const push = await clone.change({ "app/values.yaml": values }, "Words for the page");
    assert.ok(push.isTaken, push.stderr);
    await page.getByText("Words for the page").first().waitFor({ timeout: shownWithinMs });
    assert.equal(await page.evaluate(() => (globalThis as { isSamePage?: boolean }).isSamePage), true, "the page was not loaded again");
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(daemon.announced("dashboard"));
    assert.equal(await stranger.getByText("Words for the page").count(), 0, "the link was used up");
  });
});
