import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { TestContext } from "node:test";
import type { Client } from "../../../src/api/client.ts";
import { RepositoryKind } from "../../../src/model/kinds/repository.ts";
import type { Repository } from "../../../src/model/kinds/repository.ts";
import { SecretKind } from "../../../src/model/kinds/secret.ts";
import { IsomorphicDriver } from "../../../src/sources/drivers/isomorphic.ts";
import type { SourceLimits } from "../../../src/sources/limits.ts";
import { createRepositories } from "../../../src/sources/repositories.ts";
import type { SourceRepositories } from "../../../src/sources/repositories.ts";
import type { FileTree } from "../../../src/value/file-tree.ts";
import type { RepositoryProblem, Revision } from "../../../src/world/repositories.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { testApi } from "../../api/api.ts";
import { filesOf, forever, startFixture, textOf, token, world } from "./fixture.ts";
import type { Fixture } from "./fixture.ts";

interface Setting {
  readonly fixture: Fixture;
  readonly client: Client;
  readonly repositories: SourceRepositories;
  readonly url: string;
  readonly cwd: string;
  resolve(revision?: string): Promise<Revision | RepositoryProblem>;
  read(path: string): Promise<FileTree | RepositoryProblem>;
  /** Commits what lies in the clone and pushes it. */
  push(message: string): Promise<string>;
}

async function addCredentials(client: Client, url: string, data: Readonly<Record<string, string>>): Promise<void> {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
  await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: "git" }, data: encoded });
  const repository: Repository = { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name: "demo" }, spec: { url, insecure: true, secretRef: { name: "git" } }, status: {} };
  await client.create(RepositoryKind, repository);
}

type Where = "hosted" | "outside, by isomorphic-git" | "outside, with git for large ones";

async function setUp(context: TestContext, where: Where, options: { readonly limits?: Partial<SourceLimits>; readonly credentials?: Readonly<Record<string, string>> } = {}): Promise<Setting> {
  const fixture = await startFixture(context, options);
  const { client } = await testApi();
  await fixture.hosted.seed("demo", filesOf({ "app/values.yaml": "replicas: 1\n", "other/x.yaml": "x: 1\n" }), "First commit");
  await fixture.ok(["clone", "--quiet", fixture.url("demo"), "work"]);
  const cwd = join(fixture.directory, "work");
  const url = fixture.url("demo", false);
  const isomorphic = new IsomorphicDriver({ clock: realClock });
  context.after(() => isomorphic.stop());
  const repositories = createRepositories({
    client, world, directory: join(fixture.directory, "repositories"), limits: options.limits ?? {},
    drivers: where === "outside, by isomorphic-git" ? { isomorphic } : { isomorphic, command: fixture.driver },
    ...(where === "hosted" ? { hosted: fixture.hosted } : {}),
  });
  await repositories.start();
  if (where !== "hosted") await addCredentials(client, url, options.credentials ?? { username: "x", password: token });
  let head = "";
  return {
    fixture, client, repositories, url, cwd,
    async resolve(revision = "HEAD") {
      const found = await repositories.resolve({ repoURL: url, targetRevision: revision, namespace: "default" }, forever);
      if ("commit" in found) head = found.commit;
      return found;
    },
    read: (path) => repositories.readTree(url, head, path, forever),
    async push(message) {
      await fixture.ok(["add", "."], { cwd });
      await fixture.ok(["commit", "--quiet", "--allow-empty", "-m", message], { cwd });
      await fixture.ok(["push", "--quiet", "--force", "origin", "HEAD:main"], { cwd });
      return fixture.ok(["rev-parse", "HEAD"], { cwd });
    },
  };
}

function revisionOf(found: Revision | RepositoryProblem): Revision {
  assert.ok("commit" in found, "message" in found ? found.message : "");
  return found;
}

function problemOf(found: unknown): RepositoryProblem {
  assert.ok(typeof found === "object" && found !== null && "reason" in found, "a problem was expected");
  return found as RepositoryProblem;
}

for (const where of ["hosted", "outside, by isomorphic-git", "outside, with git for large ones"] as const) {
  describe(`repositories, ${where}`, () => {
    test("a branch, a tag, HEAD and a commit id are found; an unchanged folder keeps its digest", async (context) => {
      const setting = await setUp(context, where);
      const first = revisionOf(await setting.resolve());
      const before = await setting.read("app");
      await writeFile(join(setting.cwd, "other", "x.yaml"), "x: 2\n");
      await setting.fixture.ok(["tag", "v1"], { cwd: setting.cwd });
      await setting.fixture.ok(["push", "--quiet", "--tags"], { cwd: setting.cwd });
      const second = await setting.push("Change other");
      for (const name of ["main", "refs/heads/main", "HEAD", second]) assert.equal(revisionOf(await setting.resolve(name)).commit, second, name);
      const after = await setting.read("./app/");
      assert.ok(before.kind === "tree" && after.kind === "tree");
      assert.equal(before.digest, after.digest);
      assert.equal(textOf(after.files.get("values.yaml")), "replicas: 1\n");
      assert.equal(revisionOf(await setting.resolve("v1")).commit, first.commit);
      assert.equal(revisionOf(await setting.resolve(first.commit)).commit, first.commit);
      const history = await setting.repositories.history(setting.url, second, 10, forever);
      assert.ok(Array.isArray(history));
      assert.deepEqual(history.map(({ message }: Revision) => message), ["Change other", "First commit"]);
    });

    test("a force-push is followed; a deleted branch and an empty repository are named", async (context) => {
      const setting = await setUp(context, where);
      revisionOf(await setting.resolve());
      await setting.fixture.ok(["commit", "--quiet", "--amend", "-m", "rewritten"], { cwd: setting.cwd });
      const rewritten = await setting.push("after");
      assert.equal(revisionOf(await setting.resolve()).commit, rewritten);
      await setting.fixture.ok(["push", "--quiet", "origin", "HEAD:mian", ":main"], { cwd: setting.cwd });
      const gone = problemOf(await setting.resolve("main"));
      assert.equal(gone.reason, "NoSuchRevision");
      assert.match(gone.message, /no branch or tag "main"; there is mian/u);
      assert.equal((await setting.read("app")).kind, "tree", "what is here stays readable");
      await setting.fixture.ok(["push", "--quiet", "origin", ":mian"], { cwd: setting.cwd });
      assert.equal(problemOf(await setting.resolve()).reason, "Empty");
    });

    test("content that may not be followed is a problem that names the file", async (context) => {
      const setting = await setUp(context, where, { limits: { fileBytesMax: 1_000, treeFilesMax: 6 } });
      const { cwd } = setting;
      await mkdir(join(cwd, "bad"));
      const cases: readonly { readonly prepare: (folder: string) => Promise<unknown>; readonly reason: string; readonly message: RegExp }[] = [
        { prepare: (folder) => symlink("../../etc/passwd", join(folder, "link")), reason: "NotAllowed", message: /^bad\/link: is a symbolic link that leaves the folder/u },
        { prepare: (folder) => symlink("/etc/passwd", join(folder, "link")), reason: "NotAllowed", message: /^bad\/link: .* leaves the folder/u },
        { prepare: (folder) => symlink("link", join(folder, "link")), reason: "NotAllowed", message: /^bad\/link: .* circle/u },
        { prepare: (folder) => symlink("none", join(folder, "link")), reason: "NotAllowed", message: /^bad\/link: .* not there/u },
        { prepare: (folder) => writeFile(join(folder, "large.bin"), Buffer.alloc(2_048)), reason: "TooLarge", message: /^bad\/large\.bin: has 2 KiB, allowed are 1000 bytes/u },
        { prepare: (folder) => writeFile(join(folder, "image"), "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n"), reason: "NotAllowed", message: /^bad\/image: is stored in Git LFS/u },
        { prepare: (folder) => Promise.all(Array.from({ length: 7 }, (_, index) => writeFile(join(folder, `f${index}`), "x"))), reason: "TooLarge", message: /^folder bad has more than 6 files/u },
        {
          prepare: () => setting.fixture.ok(["update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},bad/module`], { cwd }),
          reason: "NotAllowed", message: /^bad\/module: is a submodule/u,
        },
      ];
      for (const { prepare, reason, message } of cases) {
        await rm(join(cwd, "bad"), { recursive: true });
        await mkdir(join(cwd, "bad"));
        await writeFile(join(cwd, "bad", "keep"), "x");
        await setting.fixture.ok(["add", "-A"], { cwd });
        await prepare(join(cwd, "bad"));
        if (!message.source.includes("submodule")) await setting.fixture.ok(["add", "-A"], { cwd });
        await setting.fixture.ok(["commit", "--quiet", "-m", "bad"], { cwd });
        await setting.fixture.ok(["push", "--quiet"], { cwd });
        revisionOf(await setting.resolve());
        const found = problemOf(await setting.read("bad"));
        assert.equal(found.reason, reason, found.message);
        assert.match(found.message, message);
        assert.equal((await setting.read("app")).kind, "tree", "other folders are not concerned");
      }
    });

    test("a link to a file in the folder is followed; paths that leave the repository are refused", async (context) => {
      const setting = await setUp(context, where);
      await mkdir(join(setting.cwd, "app", "env"));
      await symlink("../values.yaml", join(setting.cwd, "app", "env", "prod.yaml"));
      await setting.push("link");
      revisionOf(await setting.resolve());
      const tree = await setting.read("app");
      assert.equal(textOf(tree.kind === "tree" ? tree.files.get("env/prod.yaml") : undefined), "replicas: 1\n");
      for (const path of ["..", "../x", "/etc", "app/../..", ".git", "app/.GIT/x", "a\0b", "a\\..\\b"]) assert.equal(problemOf(await setting.read(path)).reason, "NotAllowed", path);
      assert.match(problemOf(await setting.read("nothing")).message, /no folder "nothing"/u);
      assert.match(problemOf(await setting.read("app/values.yaml")).message, /is a file/u);
    });

    test("a tree with `..` in it, made by hand, is refused", async (context) => {
      const setting = await setUp(context, where);
      const bare = setting.fixture.hosted.storeOf("demo").directory;
      const blob = await setting.fixture.ok(["hash-object", "-w", "--stdin"], { cwd: bare, input: "evil" });
      const inner = await setting.fixture.ok(["mktree"], { cwd: bare, input: `100644 blob ${blob}\tevil\n` });
      const tree = await setting.fixture.ok(["mktree"], { cwd: bare, input: `040000 tree ${inner}\t..\n` });
      await setting.fixture.ok(["update-ref", "refs/heads/main", await setting.fixture.ok(["commit-tree", tree, "-m", "evil"], { cwd: bare })], { cwd: bare });
      revisionOf(await setting.resolve());
      const found = problemOf(await setting.read("."));
      assert.equal(found.reason, "NotAllowed");
      assert.match(found.message, /^\.\.\/evil: the path has "\.\." in it/u);
    });

    test("a revert brings back the folder, and only it, with a commit on top of the branch", async (context) => {
      const setting = await setUp(context, where);
      const { cwd, fixture } = setting;
      const first = revisionOf(await setting.resolve());
      await writeFile(join(cwd, "app", "values.yaml"), "replicas: 2\n");
      await writeFile(join(cwd, "app", "new.yaml"), "new\n");
      await writeFile(join(cwd, "other", "x.yaml"), "x: 2\n");
      const second = await setting.push("Change both");
      const order = { repoURL: setting.url, targetRevision: "main", namespace: "default", toCommit: first.commit, path: "app", author: "ada", message: "Revert app" };
      const reverted = revisionOf(await setting.repositories.writeRevert(order, forever));
      assert.deepEqual(reverted.parents, [second]);
      assert.equal(revisionOf(await setting.resolve("main")).commit, reverted.commit);
      await fixture.ok(["pull", "--quiet"], { cwd });
      assert.equal(await fixture.ok(["diff", "--name-only", first.commit, "HEAD"], { cwd }), "other/x.yaml");
      assert.equal(await fixture.ok(["diff", first.commit, "HEAD", "--", "app"], { cwd }), "");
      const message = await fixture.ok(["log", "-1", "--format=%an%n%B"], { cwd });
      assert.match(message, /^Capstan\nRevert app\n\nThis reverts app to commit [0-9a-f]{40}\.\n\nRequested-by: ada$/u);
      assert.match(problemOf(await setting.repositories.writeRevert(order, forever)).message, /nothing to revert/u);
      assert.match(problemOf(await setting.repositories.writeRevert({ ...order, targetRevision: first.commit }, forever)).message, /no branch/u);
      const whole = revisionOf(await setting.repositories.writeRevert({ ...order, path: ".", message: "" }, forever));
      await fixture.ok(["pull", "--quiet"], { cwd });
      assert.equal(await fixture.ok(["rev-parse", "HEAD"], { cwd }), whole.commit);
      assert.equal(await fixture.ok(["diff", first.commit, "HEAD"], { cwd }), "");
      if (where === "hosted") assert.equal(fixture.updated.at(-1)?.updates[0]?.newCommit, whole.commit);
    });
  });
}

describe("outside repositories", () => {
  test("an unchanged ref costs one request", async (context) => {
    const setting = await setUp(context, "outside, by isomorphic-git");
    revisionOf(await setting.resolve());
    setting.fixture.requests.length = 0;
    revisionOf(await setting.resolve());
    assert.deepEqual(setting.fixture.requests, ["GET /git/demo.git/info/refs?service=git-upload-pack"]);
  });

  test("callers who ask at once share one fetch", async (context) => {
    const setting = await setUp(context, "outside, by isomorphic-git");
    setting.fixture.requests.length = 0;
    await Promise.all(Array.from({ length: 5 }, () => setting.resolve()));
    assert.equal(setting.fixture.requests.filter((line) => line.startsWith("POST")).length, 1);
    assert.equal(setting.fixture.requests.length, 3);
  });

  test("wrong, missing and misshapen credentials are told apart and never shown", async (context) => {
    for (const [credentials, expected] of [
      [{ username: "x", password: "secret-word" }, /refuses the credentials of its Secret/u],
      [{ token: "secret-word" }, /refuses the credentials of its Secret/u],
      [{ username: "x" }, /neither the key password nor token/u],
      [{ password: "secret-word" }, /no username/u],
    ] as const) {
      const setting = await setUp(context, "outside, by isomorphic-git", { credentials });
      const found = problemOf(await setting.resolve());
      assert.equal(found.reason, "Unauthorized");
      assert.match(found.message, expected);
      assert.doesNotMatch(found.message, /secret-word/u);
      const stranger = problemOf(await setting.repositories.resolve({ repoURL: setting.url, targetRevision: "main", namespace: "elsewhere" }, forever));
      assert.match(stranger.message, /asks for a user/u);
    }
  });

  test("a redirect to another host is refused and gets no credentials; one on the same host is followed", async (context) => {
    const setting = await setUp(context, "outside, by isomorphic-git");
    const seen: (string | undefined)[] = [];
    const thief = createServer((request, response) => { seen.push(request.headers.authorization); response.end(); });
    const thiefPort = await listen(context, thief);
    const target = new URL(setting.fixture.origin);
    let location = `http://localhost:${thiefPort}/x.git/info/refs?service=git-upload-pack`;
    const door = createServer((request, response) => {
      if (request.url?.startsWith("/old/") === true) { response.writeHead(302, { location }).end(); return; }
      response.writeHead(404).end();
    });
    const doorUrl = `http://127.0.0.1:${await listen(context, door)}/old/demo.git`;
    await setting.client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name: "door" }, spec: { url: doorUrl, insecure: true, secretRef: { name: "git" } }, status: {} });
    const ask = () => setting.repositories.resolve({ repoURL: doorUrl, targetRevision: "main", namespace: "default" }, forever);
    const refused = problemOf(await ask());
    assert.equal(refused.reason, "NotAllowed");
    assert.match(refused.message, /redirects to http:\/\/localhost:\d+, which is not followed/u);
    location = `http://127.0.0.1:${thiefPort}/x.git/info/refs?service=git-upload-pack`;
    assert.equal(problemOf(await ask()).reason, "NotAllowed", "another port is another server");
    location = "file:///etc/passwd";
    assert.equal(problemOf(await ask()).reason, "NotAllowed");
    assert.deepEqual(seen, []);
    location = "/gone/info/refs?service=git-upload-pack";
    assert.equal(problemOf(await ask()).reason, "NoSuchRepository", "followed on the same host");
    assert.equal(target.hostname, "127.0.0.1");
  });

  test("URLs that are none, have a password in them, or another scheme are refused without a request", async (context) => {
    const setting = await setUp(context, "outside, by isomorphic-git");
    for (const repoURL of ["not a url", "ssh://git@x/y.git", "file:///etc", "https://user:secret-word@x/y.git", "git@github.com:a/b.git"]) {
      const found = problemOf(await setting.repositories.resolve({ repoURL, targetRevision: "main", namespace: "default" }, forever));
      assert.equal(found.reason, "NotAllowed", repoURL);
      assert.doesNotMatch(found.message, /secret-word/u);
    }
  });

  test("a damaged mirror is written anew at the next resolve; while the remote is away it stays", async (context) => {
    for (const where of ["outside, by isomorphic-git", "outside, with git for large ones"] as const) {
      const setting = await setUp(context, where);
      revisionOf(await setting.resolve());
      const mirrors = join(setting.fixture.directory, "repositories", "mirrors");
      const [mirror = ""] = await readdir(mirrors);
      const packs = join(mirrors, mirror, "objects", "pack");
      for (const file of await readdir(packs)) await rm(join(packs, file));
      const broken = problemOf(await setting.read("app"));
      assert.equal(broken.reason, "Damaged", broken.message);
      revisionOf(await setting.resolve());
      assert.equal((await setting.read("app")).kind, "tree");
      const [pack = ""] = (await readdir(packs)).filter((file) => file.endsWith(".pack"));
      if (pack !== "") await truncate(join(packs, pack), 60);
      // A driver may still have the pack in memory; what it must not do is answer anything else than the truth.
      const cut = await setting.read("other");
      if (cut.kind === "problem") assert.equal(cut.reason, "Damaged", cut.message);
      revisionOf(await setting.resolve());
      assert.equal((await setting.read("other")).kind, "tree");
      await rm(join(mirrors, mirror), { recursive: true });
      problemOf(await setting.read("other"));
      revisionOf(await setting.resolve());
      assert.equal((await setting.read("other")).kind, "tree");
      assert.deepEqual(await readdir(mirrors), [mirror]);
      await setting.fixture.hosted.remove("demo");
      assert.equal(problemOf(await setting.resolve()).reason, "NoSuchRepository");
      assert.equal((await setting.read("app")).kind, "tree", "a remote that is gone takes nothing from here");
    }
  });

  test("a fetch over the limit is one clear problem and leaves what was there", async (context) => {
    const setting = await setUp(context, "outside, with git for large ones", { limits: { packBytesMax: 200_000 } });
    revisionOf(await setting.resolve());
    const bare = setting.fixture.hosted.storeOf("demo").directory;
    const blob = await setting.fixture.ok(["hash-object", "-w", "--stdin"], { cwd: bare, input: Array.from({ length: 90_000 }, () => Math.random().toString(36)).join("") });
    const tree = await setting.fixture.ok(["mktree"], { cwd: bare, input: `100644 blob ${blob}\tlarge\n` });
    await setting.fixture.ok(["update-ref", "refs/heads/main", await setting.fixture.ok(["commit-tree", tree, "-m", "large"], { cwd: bare })], { cwd: bare });
    const head = await setting.read("app");
    const found = problemOf(await setting.repositories.resolve({ repoURL: setting.url, targetRevision: "main", namespace: "default" }, forever));
    assert.equal(found.reason, "TooLarge", found.message);
    assert.equal(head.kind, "tree");
    assert.equal((await setting.read("other")).kind, "tree");
  });
});

async function listen(context: TestContext, server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, resolve); });
  context.after(() => { server.closeAllConnections(); server.close(); });
  return (server.address() as AddressInfo).port;
}
