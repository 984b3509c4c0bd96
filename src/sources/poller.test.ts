import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { settle } from "../../test/world/fake-world.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { RepositoryKind } from "../model/kinds/repository.ts";
import type { RepositoryProblem, Revision, RevisionRequest } from "../world/repositories.ts";
import { Poller } from "./poller.ts";
import type { SourceChange } from "./poller.ts";

const url = "https://example.org/a/b.git";

function revision(commit: string): Revision {
  return { commit: commit.repeat(40), author: "Ada", message: "m", committedAtMs: 0, parents: [] };
}

async function startPoller(context: TestContext, first: Revision | RepositoryProblem) {
  const api = await testApi();
  const { client, world } = api;
  const application = (name: string): Application => ({
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { namespace: "default", name }, spec: { source: { repoURL: url, targetRevision: "main", path: "." }, destination: { namespace: "default" } }, status: {},
  });
  await client.create(ApplicationKind, application("one"));
  await client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name: "r" }, spec: { url, pollIntervalSeconds: 60 }, status: {} });
  const state = { answer: first, asked: [] as RevisionRequest[], changes: [] as SourceChange[] };
  const hosted: string[] = [];
  const problems: string[] = [];
  const poller = new Poller({
    client, world, isHosted: () => false, ensureHosted: async (name) => { hosted.push(name); },
    repositories: { resolve: async (request) => { state.asked.push(request); return state.answer; }, refsOf: async () => new Map([["refs/heads/main", "a".repeat(40)]]) },
    onRevision: (change) => { state.changes.push(change); }, onProblem: (_, { message }) => { problems.push(message); },
  });
  poller.start();
  context.after(() => poller.stop());
  await settle();
  await settle();
  return { ...api, poller, state, hosted, problems, status: async () => (await client.get(RepositoryKind, { namespace: "default", name: "r" }))?.status, add: (name: string) => client.create(ApplicationKind, application(name)) };
}

test("a source is asked once in its interval, and told only when it names another commit", async (context) => {
  const { world, state } = await startPoller(context, revision("a"));
  assert.equal(state.asked.length, 1);
  assert.deepEqual(state.changes.map(({ trigger, revision: { commit } }) => [trigger, commit[0]]), [["Poll", "a"]]);
  await world.clock.advance(50_000);
  assert.equal(state.asked.length, 1);
  await world.clock.advance(20_000);
  assert.equal(state.asked.length, 2);
  assert.equal(state.changes.length, 1);
  state.answer = revision("b");
  await world.clock.advance(70_000);
  assert.deepEqual(state.changes.map(({ revision: { commit } }) => commit[0]), ["a", "b"]);
});

test("the status says ready with refs, then why not, and is not written when nothing changed", async (context) => {
  const { world, state, status, store } = await startPoller(context, revision("a"));
  const ready = await status();
  assert.deepEqual(ready?.refs, [{ name: "refs/heads/main", commit: "a".repeat(40) }]);
  assert.equal(ready?.conditions?.[0]?.status, "True");
  const before = store.revision;
  await world.clock.advance(70_000);
  assert.equal(store.revision, before);
  state.answer = { kind: "problem", reason: "Unreachable", message: "gone away" };
  await world.clock.advance(70_000);
  const failed = await status();
  assert.equal(failed?.conditions?.[0]?.reason, "Unreachable");
  assert.equal(failed?.conditions?.[0]?.message, "gone away");
  assert.deepEqual(failed?.refs, ready?.refs, "what was known stays");
});

test("a repository that fails is asked less often, and as before once it answers", async (context) => {
  const { world, state, problems } = await startPoller(context, { kind: "problem", reason: "Unreachable", message: "x" });
  await world.clock.advance(600_000);
  assert.ok(state.asked.length <= 5, String(state.asked.length));
  assert.equal(problems.length, state.asked.length, "each failure is told");
  state.answer = revision("a");
  await world.clock.advance(400_000);
  assert.deepEqual(state.changes.map(({ revision: { commit } }) => commit[0]), ["a"], "that it answers again is told once");
  const { length } = state.asked;
  await world.clock.advance(132_000);
  assert.ok(state.asked.length >= length + 2);
});

test("a repository to be hosted here is made as soon as it is named, not at the next look around", async (context) => {
  const { client, hosted } = await startPoller(context, revision("a"));
  await client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name: "here" }, spec: { hosted: true }, status: {} });
  await settle();
  await settle();
  assert.deepEqual([...new Set(hosted)], ["here"]);
});

test("a webhook asks at once; a new application is found soon", async (context) => {
  const { world, poller, state, add } = await startPoller(context, revision("a"));
  state.answer = revision("b");
  poller.pollNow("https://EXAMPLE.org/a/b/", "Webhook");
  await settle();
  await settle();
  assert.deepEqual(state.changes.map(({ trigger }) => trigger), ["Poll", "Webhook"]);
  await add("two");
  await world.clock.advance(11_000);
  assert.equal(state.asked.length, 2, "the same source is one question");
});
