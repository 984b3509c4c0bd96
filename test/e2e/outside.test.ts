import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { RepositoryKind } from "../../src/model/kinds/repository.ts";
import { SecretKind } from "../../src/model/kinds/secret.ts";
import { SyncKind } from "../../src/model/kinds/sync.ts";
import { applicationOf, livePods, plainFiles, readApplication, readDeployment, untilRuns } from "./application.ts";
import type { TestApplication } from "./application.ts";
import { TestDaemon } from "./daemon.ts";
import { GitClone } from "./git-clone.ts";
import { OutsideGit } from "./git-server.ts";
import { until } from "./until.ts";

const webhookSecret = "a-secret-of-the-webhook";

describe("an outside repository", () => {
  let daemon: TestDaemon;
  let git: OutsideGit;
  before(async () => {
    daemon = await TestDaemon.start();
    git = await OutsideGit.start(join(daemon.home, "outside"));
  });
  after(async () => {
    await git.down();
    await daemon.close();
  });

  /** A repository on the outside server that an application follows with the credentials of a Secret. */
  async function follow(name: string, options: { readonly pollSeconds: number; readonly password?: string }): Promise<TestApplication & { readonly commit: string }> {
    const { client } = daemon;
    git.create(name);
    const clone = await GitClone.clone(git.ownUrl(name), { home: daemon.home, name });
    const { commit } = await clone.change(plainFiles(name));
    const encode = (text: string) => Buffer.from(text).toString("base64");
    const secret = (secretName: string, data: Readonly<Record<string, string>>) => client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: secretName }, type: "Opaque", data });
    await secret(`${name}-login`, { username: encode(git.user), password: encode(options.password ?? git.password) });
    await secret(`${name}-hook`, { secret: encode(webhookSecret) });
    await client.create(RepositoryKind, {
      apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name }, status: {},
      spec: { url: git.url(name), insecure: true, secretRef: { name: `${name}-login` }, webhookSecretRef: { name: `${name}-hook` }, pollIntervalSeconds: options.pollSeconds },
    });
    await client.create(ApplicationKind, applicationOf(name, { source: { repoURL: git.url(name), targetRevision: "main", path: "app" } }));
    return { name, clone, client, commit };
  }

  const requestsFor = (name: string) => git.requests.filter((line) => line.includes(`/${name}.git/`));

  /** The message of the condition that says what keeps it from being compared. */
  const problemOf = (one: TestApplication, pattern: RegExp) => until(async () => {
    const found = (await readApplication(one)).status.conditions?.find(({ type }) => type === "ComparisonError");
    if (found !== undefined && pattern.test(found.message)) return found;
    throw new Error(found?.message ?? "no condition");
  }, `${one.name} says ${pattern.source}`);

  test("is polled with the Secret's credentials; an unchanged ref costs one request, a changed one is rolled out", async () => {
    const polled = await follow("polled", { pollSeconds: 1 });
    await untilRuns(polled, polled.commit);
    const seen = requestsFor("polled").length;
    await until(async () => requestsFor("polled").length >= seen + 3, "it was asked three times more");
    const asked = requestsFor("polled").slice(seen);
    assert.deepEqual([...new Set(asked)], ["GET /polled.git/info/refs?service=git-upload-pack"], "nothing is fetched while nothing changes");
    const push = await polled.clone.change(plainFiles("polled", { text: "two", replicas: 2 }));
    await untilRuns(polled, push.commit);
    const { items } = await daemon.client.list(SyncKind, { namespace: "default", labelSelector: "capstan.dev/application=polled" });
    assert.equal(items.find(({ spec }) => spec.revision === push.commit)?.spec.trigger, "Poll");
    assert.equal((await livePods(polled)).length, 2);
  });

  test("is asked at once when a webhook with the right signature comes, and a wrong one is 401", async () => {
    const hooked = await follow("hooked", { pollSeconds: 3_600 });
    await untilRuns(hooked, hooked.commit);
    const push = await hooked.clone.change(plainFiles("hooked", { text: "two" }));
    const body = JSON.stringify({ ref: "refs/heads/main", after: push.commit, repository: { clone_url: git.url("hooked") } });
    const send = (secret: string) => fetch(`${daemon.web}/hooks/hooked`, {
      method: "POST", body,
      headers: { "Content-Type": "application/json", "X-GitHub-Event": "push", "X-Hub-Signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` },
    });
    const seen = requestsFor("hooked").length;
    assert.equal((await send("another secret")).status, 401);
    assert.equal(requestsFor("hooked").length, seen);
    const answer = await send(webhookSecret);
    assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
    await untilRuns(hooked, push.commit);
    const { items } = await daemon.client.list(SyncKind, { namespace: "default", labelSelector: "capstan.dev/application=hooked" });
    assert.equal(items.find(({ spec }) => spec.revision === push.commit)?.spec.trigger, "Webhook");
  });

  test("with wrong credentials is named on the application, without the password", async () => {
    const locked = await follow("locked", { pollSeconds: 1, password: "not-the-password" });
    const condition = await problemOf(locked, /./);
    assert.equal(condition.reason, "Unauthorized");
    assert.match(condition.message, /locked\.git.*Secret/);
    assert.ok(!condition.message.includes("not-the-password"));
    assert.ok(!JSON.stringify(await daemon.log()).includes("not-the-password"));
    await daemon.client.patch(SecretKind, { namespace: "default", name: "locked-login" }, { type: "merge", body: { data: { password: Buffer.from(git.password).toString("base64") } } });
    await untilRuns(locked, locked.commit);
  });

  test("a force-push is followed; a deleted branch and a server that is away are named and change nothing", async () => {
    const moved = await follow("moved", { pollSeconds: 1 });
    await untilRuns(moved, moved.commit);
    await moved.clone.write(plainFiles("moved", { text: "rewritten" }));
    await moved.clone.git(["commit", "--quiet", "--all", "--amend", "-m", "Rewritten"]);
    const forced = await moved.clone.push(["--force", "origin", "HEAD:main"]);
    await untilRuns(moved, forced.commit);
    const before = { deployment: await readDeployment(moved), pods: (await livePods(moved)).map(({ metadata }) => metadata.uid) };
    const unchanged = async () => {
      const now = await readDeployment(moved);
      assert.deepEqual([now.metadata.uid, now.metadata.resourceVersion], [before.deployment.metadata.uid, before.deployment.metadata.resourceVersion]);
      assert.deepEqual((await livePods(moved)).map(({ metadata }) => metadata.uid), before.pods);
    };
    await moved.clone.git(["push", "--quiet", "origin", "HEAD:other"]);
    await moved.clone.git(["--git-dir", join(git.root, "moved.git"), "update-ref", "-d", "refs/heads/main"]);
    assert.equal((await problemOf(moved, /no branch or tag "main"; there is other/)).reason, "NoSuchRevision");
    await unchanged();
    await moved.clone.git(["push", "--quiet", "origin", "HEAD:main"]);
    await until(async () => (await readApplication(moved)).status.conditions?.length === 0, "all is well again");
    await git.down();
    try {
      assert.equal((await problemOf(moved, /does not answer|refused|cannot be reached|ECONNREFUSED/)).reason, "Unreachable");
      await unchanged();
    } finally {
      await git.up();
    }
    await until(async () => (await readApplication(moved)).status.conditions?.length === 0, "all is well again");
    await unchanged();
  });
});
