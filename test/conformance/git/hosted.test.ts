import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { FileTree } from "../../../src/value/file-tree.ts";
import type { RepositoryProblem } from "../../../src/world/repositories.ts";
import { filesOf, startFixture, textOf, token } from "./fixture.ts";
import type { Fixture } from "./fixture.ts";

async function cloneDemo(fixture: Fixture): Promise<string> {
  await fixture.hosted.seed("demo", filesOf({ "app/values.yaml": "replicas: 1\n", "README.md": "hello\n" }), "First commit");
  await fixture.ok(["clone", "--quiet", fixture.url("demo"), "work"]);
  return join(fixture.directory, "work");
}

async function commitFile(fixture: Fixture, cwd: string, file: string, text: string): Promise<string> {
  await writeFile(join(cwd, file), text);
  await fixture.ok(["add", "."], { cwd });
  await fixture.ok(["commit", "--quiet", "-m", `change ${file}`], { cwd });
  return fixture.ok(["rev-parse", "HEAD"], { cwd });
}

test("an accepted push is taken, its lines reach the pusher, and its tree was readable before it was taken", async (context) => {
  const fixture = await startFixture(context);
  const cwd = await cloneDemo(fixture);
  const commit = await commitFile(fixture, cwd, "app/values.yaml", "replicas: 2\n");
  let seen: FileTree | RepositoryProblem | undefined;
  let message: string | undefined;
  fixture.judge = async (push) => {
    const revision = await push.readRevision(commit);
    message = "commit" in revision ? revision.message : revision.message;
    seen = await push.readTree(commit, "app");
    return { accepted: true, lines: [`${push.user} changes ${push.repository}`, "Deployment demo: replicas 1 → 2"] };
  };
  const pushed = await fixture.client(["push"], { cwd });
  assert.equal(pushed.exitCode, 0, pushed.stderr);
  assert.match(pushed.stderr, /remote: tester changes demo/u);
  assert.match(pushed.stderr, /remote: Deployment demo: replicas 1 → 2/u);
  assert.equal(message, "change app/values.yaml");
  assert.equal(seen?.kind, "tree");
  assert.equal(textOf(seen?.kind === "tree" ? seen.files.get("values.yaml") : undefined), "replicas: 2\n");
  await fixture.whenUpdated(1);
  assert.equal(fixture.updated[0]?.repository, "demo");
  assert.equal(fixture.updated[0]?.updates[0]?.newCommit, commit);
});

test("a refused push changes no ref and shows why", async (context) => {
  const fixture = await startFixture(context);
  const cwd = await cloneDemo(fixture);
  await commitFile(fixture, cwd, "app/values.yaml", "replicas: [\n");
  fixture.judge = async () => ({ accepted: false, lines: ["app/values.yaml:1: not YAML"] });
  const pushed = await fixture.client(["push"], { cwd });
  assert.notEqual(pushed.exitCode, 0);
  assert.match(pushed.stderr, /remote: app\/values\.yaml:1: not YAML/u);
  assert.match(pushed.stderr, /pre-receive hook declined/u);
  assert.equal(fixture.updated.length, 0);
  const { refs } = await fixture.hosted.listRefs("demo", new AbortController().signal);
  assert.notEqual(refs.get("refs/heads/main"), await fixture.ok(["rev-parse", "HEAD"], { cwd }));
});

test("a verdict that throws, or comes too late, refuses the push with a clear line", async (context) => {
  const fixture = await startFixture(context, { verdictTimeoutMs: 200 });
  const cwd = await cloneDemo(fixture);
  await commitFile(fixture, cwd, "a", "a");
  fixture.judge = () => Promise.reject(new Error("boom"));
  const thrown = await fixture.client(["push"], { cwd });
  assert.notEqual(thrown.exitCode, 0);
  assert.match(thrown.stderr, /could not judge this push/u);
  assert.doesNotMatch(thrown.stderr, /boom/u);
  fixture.judge = () => Promise.withResolvers<never>().promise;
  const late = await fixture.client(["push"], { cwd });
  assert.notEqual(late.exitCode, 0);
  assert.match(late.stderr, /no verdict within 0\.2 s/u);
});

test("force-push and deletion of a branch are taken and told", async (context) => {
  const fixture = await startFixture(context);
  const cwd = await cloneDemo(fixture);
  await fixture.ok(["commit", "--quiet", "--amend", "-m", "rewritten"], { cwd });
  assert.notEqual((await fixture.client(["push"], { cwd })).exitCode, 0);
  await fixture.ok(["push", "--force"], { cwd });
  await fixture.ok(["push", "origin", ":main"], { cwd });
  await fixture.whenUpdated(2);
  assert.equal(fixture.updated[1]?.updates[0]?.newCommit, undefined);
});

test("nobody gets in without a token: fetch and push answer 401", async (context) => {
  const fixture = await startFixture(context);
  await fixture.hosted.seed("demo", filesOf({ a: "a" }), "First");
  for (const service of ["git-upload-pack", "git-receive-pack"]) {
    for (const headers of [{}, { authorization: `Basic ${Buffer.from("x:wrong").toString("base64")}` }, { authorization: `Bearer ${token}` }]) {
      const response = await fetch(`${fixture.origin}/git/demo.git/info/refs?service=${service}`, { headers });
      assert.equal(response.status, 401);
      assert.match(response.headers.get("www-authenticate") ?? "", /^Basic /u);
    }
  }
});

test("paths that are not the smart protocol's answer 404", async (context) => {
  const fixture = await startFixture(context);
  await fixture.hosted.seed("demo", filesOf({ a: "a" }), "First");
  const authorization = `Basic ${Buffer.from(`x:${token}`).toString("base64")}`;
  for (const path of ["/git/demo.git/HEAD", "/git/demo.git/config", "/git/demo.git/objects/info/packs", "/git/../hosted/demo.git/info/refs?service=git-upload-pack", "/git/%2e%2e.git/info/refs?service=git-upload-pack", "/git/none.git/info/refs?service=git-upload-pack"]) {
    const response = await fetch(`${fixture.origin}${path}`, { headers: { authorization } });
    assert.equal(response.status, 404, path);
  }
});

test("a pack over the limit is refused with a line that says so", async (context) => {
  const fixture = await startFixture(context, { limits: { packBytesMax: 100_000 } });
  const cwd = await cloneDemo(fixture);
  await commitFile(fixture, cwd, "large", Array.from({ length: 40_000 }, () => Math.random().toString(36)).join(""));
  const pushed = await fixture.client(["push"], { cwd });
  assert.notEqual(pushed.exitCode, 0);
  assert.match(pushed.stderr, /maximum allowed size/u);
  assert.equal(fixture.updated.length, 0);
});

test("a tree with `..` in it is refused before the verdict", async (context) => {
  const fixture = await startFixture(context);
  const cwd = await cloneDemo(fixture);
  const blob = await fixture.ok(["hash-object", "-w", "--stdin"], { cwd, input: "evil" });
  const inner = await fixture.ok(["mktree"], { cwd, input: `100644 blob ${blob}\tevil\n` });
  const tree = await fixture.ok(["mktree"], { cwd, input: `040000 tree ${inner}\t..\n` });
  const commit = await fixture.ok(["commit-tree", tree, "-m", "evil"], { cwd });
  const pushed = await fixture.client(["push", "--force", "origin", `${commit}:refs/heads/main`], { cwd });
  assert.notEqual(pushed.exitCode, 0);
  assert.match(pushed.stderr, /hasDotdot/u);
});

test("names of repositories are checked, listed and removed", async (context) => {
  const fixture = await startFixture(context);
  for (const name of ["", "..", "a/b", "A", "-a", "a.git", "x".repeat(64)]) assert.equal((await fixture.hosted.create(name))?.reason, "NotAllowed", name);
  await fixture.hosted.create("one");
  await fixture.hosted.create("two");
  assert.deepEqual(await fixture.hosted.list(), ["one", "two"]);
  await fixture.hosted.remove("one");
  assert.deepEqual(await fixture.hosted.list(), ["two"]);
  assert.equal(fixture.hosted.nameOf(`${fixture.origin}/git/two.git`), "two");
  assert.equal(fixture.hosted.nameOf("/git/two"), "two");
  assert.equal(fixture.hosted.nameOf("capstan://two"), "two");
  assert.equal(fixture.hosted.nameOf("capstan://../two"), undefined);
  assert.equal(fixture.hosted.nameOf("https://example.org/git/two.git"), undefined);
});

test("while the daemon is down the hook refuses with a clear line", async (context) => {
  const fixture = await startFixture(context);
  const hook = join(fixture.directory, "repositories", "hooks", "pre-receive");
  const child = spawn(hook, { env: {}, stdio: ["pipe", "ignore", "pipe"] });
  // It may be over before it has read anything.
  child.stdin.on("error", () => undefined);
  child.stdin.end("");
  let stderr = "";
  child.stderr.on("data", (chunk) => { stderr += String(chunk); });
  const [exitCode] = await once(child, "close");
  assert.equal(exitCode, 1);
  assert.equal(stderr, "Capstan is not running; nothing was taken. Start it and push again.\n");
});

test("a push of more refs than are taken is refused at once with one line, and changes nothing", async (context) => {
  const pushRefsMax = 20;
  const fixture = await startFixture(context, { limits: { pushRefsMax } });
  const cwd = await cloneDemo(fixture);
  const commit = await fixture.ok(["rev-parse", "HEAD"], { cwd });
  const create = (from: number, to: number) => fixture.ok(["update-ref", "--stdin"], { cwd, input: Array.from({ length: to - from }, (_, index) => `create refs/tags/t${from + index} ${commit}\n`).join("") });
  await create(0, pushRefsMax);
  assert.equal((await fixture.client(["push", "--quiet", "--tags"], { cwd })).exitCode, 0);
  await fixture.whenUpdated(1);
  assert.equal(fixture.updated[0]?.updates.length, pushRefsMax);
  await fixture.ok(["update-ref", "--stdin"], { cwd, input: Array.from({ length: pushRefsMax + 1 }, (_, index) => `create refs/heads/b${index} ${commit}\n`).join("") });
  const judged = fixture.judge;
  fixture.judge = () => Promise.reject(new Error("nobody is asked"));
  const pushed = await fixture.client(["push", "--quiet", "--all"], { cwd });
  assert.notEqual(pushed.exitCode, 0);
  assert.equal([...pushed.stderr.matchAll(/remote: This push changes more than 20 branches and tags at once; nothing was taken\. Push them in parts\./gu)].length, 1, pushed.stderr.slice(0, 2_000));
  fixture.judge = judged;
  const { refs } = await fixture.hosted.listRefs("demo", new AbortController().signal);
  assert.equal(refs.size, pushRefsMax + 1);
});

test("a damaged HEAD is written anew at the next start, to the branch that is there", async (context) => {
  const fixture = await startFixture(context);
  await cloneDemo(fixture);
  const { directory } = fixture.hosted.storeOf("demo");
  for (const text of ["", "\0\0\0garbage", "ref: "]) {
    await writeFile(join(directory, "HEAD"), text);
    await fixture.hosted.start();
    assert.equal(await fixture.hosted.headOf("demo"), "refs/heads/main");
    await fixture.ok(["ls-remote", fixture.url("demo")]);
  }
});
