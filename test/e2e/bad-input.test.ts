import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isApiError } from "../../src/model/api-error.ts";
import { ApplicationKind } from "../../src/model/kinds/application.ts";
import type { Application } from "../../src/model/kinds/application.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import { RepositoryKind } from "../../src/model/kinds/repository.ts";
import { applicationOf, deploymentText, livePods, plainFiles, readApplication, readDeployment, startApplication, untilRuns } from "./application.ts";
import type { TestApplication } from "./application.ts";
import { TestDaemon } from "./daemon.ts";
import { until } from "./until.ts";

/** A push of somebody else is done within this while bad input is judged; the template loop alone takes five seconds of a worker. */
const neighbourMs = 45_000;

const map = (name: string, rest: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n${rest}\n`;

interface BadPush {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly says: RegExp;
  /** More than files of text can do. */
  prepare?(folder: string): Promise<void>;
}

/** Ten levels of nine aliases each: three and a half billion values. */
const bomb = ["a: &a [x, x]", ..."bcdefghijk".split("").map((letter, index) => `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${"abcdefghijk"[index]}`).join(", ")}]`)].join("\n");

const badPushes: readonly BadPush[] = [
  { title: "invalid YAML", files: { "app/bad.yaml": map("bad", "data: { a: [") }, says: /app\/bad\.yaml:[45]:/ },
  {
    title: "a value of the wrong type", says: /app\/values\.yaml:2: Values\.replicas must be integer, and is a text/,
    files: {
      "app/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "app/values.yaml": "# Pods.\nreplicas: two\n", "app/values.schema.json": '{"properties":{"replicas":{"type":"integer"}}}',
      "app/templates/x.hbs": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: {{quote Values.replicas}} }\n",
    },
  },
  { title: "a template error", files: { "app/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "app/templates/x.hbs": "a: 1\nb: {{Values.nothing.there}}\n" }, says: /app\/templates\/x\.hbs:2:\d+: .*Values\.nothing/ },
  { title: "an unknown kind", files: { "app/bad.yaml": "apiVersion: example.org/v1\nkind: Gadget\nmetadata: { name: x }\n" }, says: /app\/bad\.yaml:1.*no kind Gadget in example\.org\/v1/ },
  { title: "a wrong type", files: { "app/bad.yaml": deploymentText("bad").replace("replicas: 1", "replicas: many") }, says: /app\/bad\.yaml:\d+.*spec\.replicas/ },
  { title: "an immutable field", files: { "app/deployment.yaml": deploymentText("NAME", 1, "another") }, says: /app\/deployment\.yaml:\d+.*spec\.selector.*immutable/ },
  { title: "an object of another application", files: { "app/bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: neighbour, namespace: neighbour }\n" }, says: /app\/bad\.yaml:1.*ConfigMap neighbour\/neighbour belongs to application default\/neighbour/ },
  { title: "a missing namespace", files: { "app/bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x, namespace: nowhere }\n" }, says: /app\/bad\.yaml:1.*namespace nowhere does not exist/ },
  { title: "a folder with nothing in it", files: { "app/map.yaml": "# nothing\n", "app/deployment.yaml": "# nothing\n" }, says: /renders no object at all/ },
  { title: "a file of 200 MB", files: {}, prepare: async (folder) => { await writeFile(join(folder, "app", "huge.yaml"), ""); await truncate(join(folder, "app", "huge.yaml"), 200 * 1024 * 1024); }, says: /app\/huge\.yaml.*(200 MiB|5 MiB)/ },
  { title: "a symlink out of the tree", files: {}, prepare: (folder) => symlink("../../../../etc/passwd", join(folder, "app", "passwd.yaml")), says: /app\/passwd\.yaml.*(outside|symlink|link)/i },
  { title: "a YAML bomb", files: { "app/bomb.yaml": `${map("bomb", "data: {}")}---\n${bomb}\n` }, says: /app\/bomb\.yaml:\d+.*alias/i },
  { title: "an endless template loop", files: { "app/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "app/templates/_again.hbs": "{{include \"again\"}}", "app/templates/x.hbs": "a: {{include \"again\"}}\n" }, says: /app\/templates\/\S+\.hbs:\d+.*(again|deep|nest|itself)/ },
];

describe("bad input", { concurrency: 2 }, () => {
  let daemon: TestDaemon;
  let neighbour: TestApplication;
  before(async () => {
    daemon = await TestDaemon.start();
    neighbour = await startApplication(daemon, "neighbour", plainFiles("neighbour"));
  });
  after(async () => { await daemon.close(); });

  /** Everything that runs for an application, as the API says it. */
  async function running(one: TestApplication) {
    const [deployment, map, pods] = [await readDeployment(one), await daemon.client.get(ConfigMapKind, { namespace: one.name, name: one.name }), await livePods(one)];
    return [deployment.metadata.uid, deployment.metadata.resourceVersion, map?.metadata.uid, map?.metadata.resourceVersion, ...pods.map(({ metadata }) => metadata.uid)];
  }

  let count = 0;
  let turn: Promise<unknown> = Promise.resolve();
  /** A push of the neighbour, one after the other, that must not be held up. */
  async function neighbourIsServed(): Promise<void> {
    const mine = turn.then(async () => {
      const startedMs = performance.now();
      const push = await neighbour.clone.change(plainFiles("neighbour", { text: `change ${count++}` }));
      assert.ok(push.isTaken, push.stderr);
      await untilRuns(neighbour, push.commit);
      assert.ok(performance.now() - startedMs < neighbourMs, `${performance.now() - startedMs} ms`);
    });
    turn = mine.catch(() => undefined);
    await mine;
  }

  for (const [index, bad] of badPushes.entries()) {
    test(`${bad.title} is refused with its place, changes nothing and holds nobody up`, async () => {
      const name = `bad-${index}`;
      const one = await startApplication(daemon, name, plainFiles(name));
      const before = await running(one);
      await one.clone.write(Object.fromEntries(Object.entries(bad.files).map(([path, text]) => [path, text.replaceAll("NAME", name)])));
      await bad.prepare?.(one.clone.directory);
      const head = await one.clone.commit("Break it");
      const [push] = await Promise.all([one.clone.push(), neighbourIsServed()]);
      assert.equal(push.isTaken, false, push.stderr);
      assert.equal(push.remote[0], `default/${name}: refused`, push.stderr);
      assert.match(push.remote.slice(1).join("\n"), bad.says);
      assert.equal(push.remote.at(-1), "nothing was changed; mend this and push again");
      assert.ok(push.remote.length <= 5, `one clear message: ${push.stderr}`);
      assert.notEqual((await one.clone.git(["ls-remote", "origin", "refs/heads/main"])).split(/\s/)[0], head);
      assert.deepEqual(await running(one), before);
    });
  }

  const badApplications: readonly { readonly title: string; readonly source: Partial<Application["spec"]["source"]>; readonly says: RegExp }[] = [
    { title: "a path with ../", source: { path: "../other" }, says: /spec\.source\.path: .*must not contain '\.\.'/ },
    { title: "an absolute path", source: { path: "/etc" }, says: /spec\.source\.path: .*must be a relative path/ },
    { title: "a value file with ../", source: { helm: { valueFiles: ["../../etc/passwd"] } }, says: /spec\.source\.helm\.valueFiles\[0\]: .*must not contain '\.\.'/ },
    { title: "an absolute value file", source: { helm: { valueFiles: ["/etc/passwd"] } }, says: /spec\.source\.helm\.valueFiles\[0\]: .*must be a relative path/ },
    { title: "credentials in the URL", source: { repoURL: "https://me:secret-word@example.org/x.git" }, says: /spec\.source\.repoURL: .*must not contain credentials/ },
  ];
  for (const { title, source, says } of badApplications) {
    test(`an application with ${title} is refused with its field`, async () => {
      const application = applicationOf("refused");
      const wrong = { ...application, spec: { ...application.spec, source: { ...application.spec.source, ...source } } };
      await assert.rejects(daemon.client.create(ApplicationKind, wrong), (error) => isApiError(error, "Invalid") && says.test(error.message) && !error.message.includes("secret-word"));
    });
  }

  /** What an application that is made by hand says is wrong. */
  const problemOf = (name: string, pattern: RegExp) => until(async () => {
    const found = (await readApplication({ client: daemon.client, name })).status.conditions?.find(({ type }) => type === "ComparisonError");
    if (found !== undefined && pattern.test(found.message)) return found;
    throw new Error(found?.message ?? "no condition");
  }, `${name} says ${pattern.source}`);

  test("what comes by another way than a push is named on the application: a claimed object, an empty repository, no such folder, no such branch", async () => {
    const source = (repo: string, more: Partial<Application["spec"]["source"]> = {}) => ({ source: { repoURL: `capstan://${repo}`, targetRevision: "main", path: "app", ...more } });
    const owner = await startApplication(daemon, "owner", plainFiles("owner"));
    const before = await running(owner);
    await daemon.client.create(ApplicationKind, applicationOf("claims", { ...source("owner"), destination: { namespace: "owner" } }));
    assert.equal((await problemOf("claims", /app\/\S+\.yaml:1.*belongs to application default\/owner/)).reason, "AlreadyOwned");
    const push = await owner.clone.change(plainFiles("owner", { text: "two" }));
    assert.ok(push.isTaken, push.stderr);
    assert.ok(push.remote.includes("default/claims: wrong before this push, and still"), push.stderr);
    await untilRuns(owner, push.commit);
    await daemon.client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name: "empty" }, spec: { hosted: true }, status: {} });
    await daemon.client.create(ApplicationKind, applicationOf("empty"));
    assert.equal((await problemOf("empty", /has no commits yet|is empty/)).reason, "Empty");
    await daemon.client.create(ApplicationKind, applicationOf("folder", source("owner", { path: "ap" })));
    await problemOf("folder", /"ap".*app/);
    await daemon.client.create(ApplicationKind, applicationOf("branch", source("owner", { targetRevision: "mian" })));
    assert.equal((await problemOf("branch", /no branch or tag "mian".*main/)).reason, "NoSuchRevision");
    assert.equal((await running(owner))[0], before[0]);
    for (const name of ["claims", "empty", "folder", "branch"]) await daemon.client.remove(ApplicationKind, { namespace: "default", name });
    assert.equal((await readDeployment(owner)).metadata.uid, before[0], "removing an application that owns nothing removes nothing");
  });

  test("a force-push and a deleted branch of a hosted repository change what they say and nothing by mistake", async () => {
    const forced = await startApplication(daemon, "forced", plainFiles("forced"));
    await forced.clone.git(["checkout", "--quiet", "--orphan", "again"]);
    await forced.clone.write(plainFiles("forced", { text: "again" }));
    await forced.clone.commit("Begin again");
    const push = await forced.clone.push(["--force", "origin", "HEAD:main"]);
    assert.ok(push.isTaken, push.stderr);
    assert.ok(push.remote.includes("      data.text: one → again"), push.stderr);
    await untilRuns(forced, push.commit);
    const before = await running(forced);
    await forced.clone.push(["origin", "HEAD:other"]);
    const gone = await forced.clone.push(["origin", ":main"]);
    if (gone.isTaken) await problemOf("forced", /no branch or tag "main"; there is other/);
    else assert.match(gone.remote.join("\n"), /main/);
    assert.deepEqual(await running(forced), before);
  });
});
