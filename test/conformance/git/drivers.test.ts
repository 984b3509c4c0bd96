import assert from "node:assert/strict";
import { readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { TestContext } from "node:test";
import { IsomorphicDriver } from "../../../src/sources/drivers/isomorphic.ts";
import { DamagedError } from "../../../src/sources/git-driver.ts";
import type { GitDriver, GitRemote } from "../../../src/sources/git-driver.ts";
import { isProblem } from "../../../src/sources/problem.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { filesOf, forever, startFixture, textOf, token } from "./fixture.ts";
import type { Fixture } from "./fixture.ts";

const packBytesMax = 50_000_000;
const main = "refs/heads/main";

/** Every way to work on a mirror. */
const drivers: readonly { readonly name: string; readonly make: (fixture: Fixture, context: TestContext) => GitDriver }[] = [
  { name: "command", make: (fixture) => fixture.driver },
  {
    name: "isomorphic",
    make(_fixture, context) {
      const driver = new IsomorphicDriver({ clock: realClock });
      context.after(() => driver.stop());
      return driver;
    },
  },
];

for (const { name, make } of drivers) {
  describe(`git driver ${name}`, () => {
    const start = async (context: TestContext, files: Readonly<Record<string, string>> = { "app/a.yaml": "a: 1\n", "app/deep/b.yaml": "b: 1\n", "README.md": "x\n" }) => {
      const fixture = await startFixture(context);
      const driver = make(fixture, context);
      const first = await fixture.hosted.seed("demo", filesOf(files), "First commit\n\nwith a body");
      assert.ok(first !== undefined);
      const store = { directory: join(fixture.directory, "mirror.git") };
      await driver.init(store.directory);
      const remote: GitRemote = { url: fixture.url("demo", false), credentials: { username: "x", password: token } };
      return { fixture, driver, first, store, remote };
    };

    test("a fetched branch can be resolved, read and logged", async (context) => {
      const { driver, first, store, remote } = await start(context);
      const fetched = await driver.fetch(store, { remote, refs: [main], packBytesMax }, forever);
      assert.ok(!isProblem(fetched), isProblem(fetched) ? fetched.message : "");
      assert.ok(fetched.fetchedBytes > 0);
      assert.equal(await driver.resolve(store, main, forever), first);
      assert.equal(await driver.resolve(store, first, forever), first);
      assert.equal(await driver.resolve(store, "refs/heads/none", forever), undefined);
      assert.equal(await driver.resolve(store, "1".repeat(40), forever), undefined);
      const [revision] = await driver.log(store, { commit: first, limit: 5 }, forever);
      assert.equal(revision?.message, "First commit\n\nwith a body");
      assert.equal(revision?.author, "Capstan <capstan@localhost>");
      assert.deepEqual(revision?.parents, []);
      assert.deepEqual(await driver.log(store, { commit: "1".repeat(40), limit: 5 }, forever), []);
      const app = await driver.findEntry(store, { commit: first, path: "app" }, forever);
      assert.equal(app?.mode, "040000");
      assert.equal((await driver.findEntry(store, { commit: first, path: "app/deep/b.yaml" }, forever))?.mode, "100644");
      assert.equal(await driver.findEntry(store, { commit: first, path: "nothing" }, forever), undefined);
      assert.equal(await driver.findEntry(store, { commit: "1".repeat(40), path: "" }, forever), undefined);
      const listing = await driver.listTree(store, { tree: app?.id ?? "", entriesMax: 10 }, forever);
      assert.ok(listing.kind === "entries");
      assert.deepEqual(listing.entries.map(({ path, mode }) => `${mode} ${path}`), ["100644 a.yaml", "100644 deep/b.yaml"]);
      assert.equal((await driver.listTree(store, { tree: app?.id ?? "", entriesMax: 1 }, forever)).kind, "tooMany");
      const ids = listing.entries.map(({ id }) => id);
      const read = await driver.readBlobs(store, { ids, fileBytesMax: 100, totalBytesMax: 100 }, forever);
      assert.ok(read.kind === "blobs");
      assert.deepEqual(ids.map((id) => textOf(read.blobs.get(id))), ["a: 1\n", "b: 1\n"]);
      assert.equal((await driver.readBlobs(store, { ids, fileBytesMax: 4, totalBytesMax: 100 }, forever)).kind, "tooLarge");
      assert.equal((await driver.readBlobs(store, { ids, fileBytesMax: 100, totalBytesMax: 8 }, forever)).kind, "tooLarge");
    });

    test("a second fetch brings the new commit only, a force-push included, and all refs on demand", async (context) => {
      const { fixture, driver, first, store, remote } = await start(context, { large: Array.from({ length: 20_000 }, () => Math.random().toString(36)).join(""), "app/a.yaml": "a: 1\n" });
      const whole = await driver.fetch(store, { remote, refs: [main], packBytesMax }, forever);
      await fixture.ok(["clone", "--quiet", fixture.url("demo"), "work"]);
      const cwd = join(fixture.directory, "work");
      await fixture.ok(["commit", "--quiet", "--allow-empty", "-m", "second"], { cwd });
      await fixture.ok(["push", "--quiet"], { cwd });
      const more = await driver.fetch(store, { remote, refs: [main], packBytesMax }, forever);
      assert.ok(!isProblem(whole) && !isProblem(more));
      assert.ok(more.fetchedBytes < whole.fetchedBytes / 10, `${more.fetchedBytes} of ${whole.fetchedBytes}`);
      const second = await driver.resolve(store, main, forever);
      assert.deepEqual((await driver.log(store, { commit: second ?? "", limit: 5 }, forever)).map(({ commit }) => commit), [second, first]);
      await fixture.ok(["commit", "--quiet", "--amend", "--allow-empty", "-m", "rewritten"], { cwd });
      await fixture.ok(["tag", "-a", "v1", "-m", "one"], { cwd });
      await fixture.ok(["push", "--quiet", "--force", "--follow-tags"], { cwd });
      const all = await driver.fetch(store, { remote, refs: "all", packBytesMax }, forever);
      assert.ok(!isProblem(all), isProblem(all) ? all.message : "");
      const head = await fixture.ok(["rev-parse", "HEAD"], { cwd });
      assert.equal(await driver.resolve(store, main, forever), head);
      assert.equal(await driver.resolve(store, "refs/tags/v1", forever), head);
    });

    test("links, submodules and hostile names are listed as they are", async (context) => {
      const { fixture, driver, store, remote } = await start(context);
      const bare = fixture.hosted.storeOf("demo").directory;
      const blob = await fixture.ok(["hash-object", "-w", "--stdin"], { cwd: bare, input: "../outside" });
      const inner = await fixture.ok(["mktree"], { cwd: bare, input: `100644 blob ${blob}\tevil\n` });
      const tree = await fixture.ok(["mktree", "--missing"], { cwd: bare, input: `120000 blob ${blob}\tlink\n160000 commit ${"1".repeat(40)}\tmodule\n040000 tree ${inner}\t..\n` });
      const commit = await fixture.ok(["commit-tree", tree, "-m", "hostile"], { cwd: bare });
      await fixture.ok(["update-ref", main, commit], { cwd: bare });
      assert.ok(!isProblem(await driver.fetch(store, { remote, refs: [main], packBytesMax }, forever)));
      const listing = await driver.listTree(store, { tree, entriesMax: 10 }, forever);
      assert.ok(listing.kind === "entries");
      assert.deepEqual(listing.entries.map(({ path, mode }) => `${mode} ${path}`), ["100644 ../evil", "120000 link", "160000 module"]);
    });

    test("problems of the remote are values: wrong credentials, no repository, no branch, nothing listens, too large", async (context) => {
      const { fixture, driver, store, remote } = await start(context);
      const { credentials: _, ...anonymous } = remote;
      const reasonOf = async (given: GitRemote, refs: readonly string[] = [main], bytesMax = packBytesMax) => {
        const result = await driver.fetch(store, { remote: given, refs, packBytesMax: bytesMax }, forever);
        assert.ok(isProblem(result));
        assert.doesNotMatch(result.message, /secret-word|token-of/u);
        return result.reason;
      };
      assert.equal(await reasonOf({ ...remote, credentials: { username: "x", password: "secret-word" } }), "Unauthorized");
      assert.equal(await reasonOf(anonymous), "Unauthorized");
      assert.equal(await reasonOf({ ...remote, url: fixture.url("none", false) }), "NoSuchRepository");
      assert.equal(await reasonOf(remote, ["refs/heads/none"]), "NoSuchRevision");
      assert.equal(await reasonOf({ ...remote, url: "http://127.0.0.1:9/x.git" }), "Unreachable");
      await fixture.ok(["clone", "--quiet", fixture.url("demo"), "work"]);
      const cwd = join(fixture.directory, "work");
      const text = Array.from({ length: 60_000 }, () => Math.random().toString(36)).join("");
      const blob = await fixture.ok(["hash-object", "-w", "--stdin"], { cwd, input: text });
      await fixture.ok(["update-index", "--add", "--cacheinfo", `100644,${blob},large`], { cwd });
      await fixture.ok(["commit", "--quiet", "-m", "large"], { cwd });
      await fixture.ok(["push", "--quiet"], { cwd });
      assert.equal(await reasonOf(remote, [main], 100_000), "TooLarge");
    });

    test("what is written can be read by the other tools, and a ref moves only from where it was expected", async (context) => {
      const { fixture, driver, first, store, remote } = await start(context);
      await driver.fetch(store, { remote, refs: [main], packBytesMax }, forever);
      const blob = await driver.writeBlob(store, new TextEncoder().encode("new\n"), forever);
      const top = await driver.findEntry(store, { commit: first, path: "" }, forever);
      const entries = await driver.readFolder(store, top?.id ?? "", forever);
      const tree = await driver.writeTree(store, [...entries, { path: "app.txt", mode: "100755", id: blob }], forever);
      const commit = await driver.writeCommit(store, { tree, parents: [first], author: { name: "Capstan", email: "c@x" }, message: "Say\n\nmore\n", atMs: 1_700_000_000_000 }, forever);
      assert.equal(await driver.updateRef(store, { ref: main, commit, expected: undefined }, forever), false);
      assert.equal(await driver.updateRef(store, { ref: main, commit, expected: commit }, forever), false);
      assert.equal(await driver.updateRef(store, { ref: main, commit, expected: first }, forever), true);
      assert.equal(await driver.updateRef(store, { ref: "refs/heads/new", commit, expected: undefined }, forever), true);
      assert.equal(await fixture.ok(["fsck", "--strict"], { cwd: store.directory }), "");
      assert.equal(await fixture.ok(["show", `${main}:app.txt`], { cwd: store.directory }), "new");
      assert.equal(await fixture.ok(["log", "-1", "--format=%an %at %s", main], { cwd: store.directory }), "Capstan 1700000000 Say");
    });

    test("a push that follows the branch is taken; one that does not, and one that is refused, say so", async (context) => {
      const { fixture, driver, first, store, remote } = await start(context);
      await driver.fetch(store, { remote, refs: [main], packBytesMax }, forever);
      const top = await driver.findEntry(store, { commit: first, path: "app" }, forever);
      const commitOn = (parent: string, message: string) => driver.writeCommit(store, { tree: top?.id ?? "", parents: [parent], author: { name: "C", email: "c@x" }, message, atMs: 1_700_000_000_000 }, forever);
      const good = await commitOn(first, "good\n");
      assert.equal(await driver.push(store, { remote, ref: main, commit: good }, forever), undefined);
      assert.equal((await fixture.hosted.listRefs("demo", forever)).refs.get(main), good);
      const late = await driver.push(store, { remote, ref: main, commit: await commitOn(first, "late\n") }, forever);
      assert.equal(late?.reason, "NotAllowed");
      assert.match(late?.message ?? "", /moved/u);
      fixture.judge = async () => ({ accepted: false, lines: ["no"] });
      const refused = await driver.push(store, { remote, ref: main, commit: await commitOn(good, "refused\n") }, forever);
      assert.equal(refused?.reason, "NotAllowed");
      assert.match(refused?.message ?? "", /hook declined/u);
      const stranger = await driver.push(store, { remote: { ...remote, credentials: { username: "x", password: "wrong" } }, ref: main, commit: await commitOn(good, "stranger\n") }, forever);
      assert.equal(stranger?.reason, "Unauthorized");
    });

    test("a mirror whose pack is cut or gone is damaged, never half read", async (context) => {
      const { driver, first, store, remote } = await start(context, { "app/a.yaml": Math.random().toString(36).repeat(100) });
      await driver.fetch(store, { remote, refs: [main], packBytesMax }, forever);
      const folder = join(store.directory, "objects", "pack");
      for (const file of await readdir(folder)) {
        if (file.endsWith(".pack")) await truncate(join(folder, file), 40);
        if (file.endsWith(".rev")) await rm(join(folder, file));
      }
      const found = driver.findEntry(store, { commit: first, path: "app" }, forever);
      await found.then((entry) => { assert.equal(entry, undefined); }, (error: unknown) => { assert.ok(error instanceof DamagedError, String(error)); });
    });

    test("an aborted call ends at once with the caller's reason", async (context) => {
      const { driver, store, remote } = await start(context);
      const reason = new Error("enough");
      await assert.rejects(driver.fetch(store, { remote, refs: [main], packBytesMax }, AbortSignal.abort(reason)), reason);
    });
  });
}
