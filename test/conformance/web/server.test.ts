import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { ApplicationKind } from "../../../src/model/kinds/application.ts";
import type { Application } from "../../../src/model/kinds/application.ts";
import { ConfigMapKind } from "../../../src/model/kinds/config-map.ts";
import { PodKind } from "../../../src/model/kinds/pod.ts";
import { SecretKind } from "../../../src/model/kinds/secret.ts";
import { configMap, pod } from "../../api/objects.ts";
import { readStream, servePage } from "./served-page.ts";
import type { StreamMessage } from "./served-page.ts";

const application: Application = {
  apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "shop", namespace: "default" },
  spec: { source: { repoURL: "https://git.example/shop" }, destination: { namespace: "default" } }, status: {},
};

const applicationPath = "/apis/capstan.dev/v1/namespaces/default/applications/shop";

/** Reads a stream until a message is the one that is waited for. */
async function until(stream: AsyncGenerator<StreamMessage>, isIt: (message: StreamMessage) => boolean): Promise<StreamMessage> {
  for (let next = await stream.next(); next.done !== true; next = await stream.next()) if (isIt(next.value)) return next.value;
  throw new Error("the stream ended");
}

async function openStream(context: TestContext, ask: (path: string, cookie?: string, init?: RequestInit) => Promise<Response>, path: string, cookie: string): Promise<AsyncGenerator<StreamMessage>> {
  const ending = new AbortController();
  context.after(() => { ending.abort(); });
  const answer = await ask(path, cookie, { signal: ending.signal });
  assert.equal(answer.status, 200);
  return readStream(answer);
}

test("readiness, Git and webhooks need no login and get their requests unread", async (context) => {
  let isReady = false;
  const { ask } = await servePage(context, { isReady: () => isReady });
  assert.equal((await ask("/readyz")).status, 503);
  isReady = true;
  assert.equal(await (await ask("/readyz")).text(), "ok");
  const push = await ask("/git/demo.git/git-receive-pack?x=1", undefined, { method: "POST", body: "x".repeat(5_000_000), headers: { "content-type": "application/x-git-receive-pack-request" } });
  assert.equal(await push.text(), "git /git/demo.git/git-receive-pack?x=1 5000000");
  assert.equal((await ask("/hooks/demo", undefined, { method: "POST", body: "{", headers: { "content-type": "application/json" } })).status, 202);
});

test("a login link logs in once, with a cookie scripts cannot read", async (context) => {
  const { ask, web } = await servePage(context);
  const link = web.mintLogin();
  const first = await ask(link);
  assert.equal(first.status, 303);
  assert.match(first.headers.get("set-cookie") ?? "", /^capstan-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const second = await ask(link);
  assert.deepEqual([second.status, second.headers.get("location"), second.headers.get("set-cookie")], [303, "/login?problem=link", null]);
});

test("nothing of the cluster is told without a session", async (context) => {
  const { ask } = await servePage(context);
  for (const path of ["/session", "/stream", "/api/v1/pods", applicationPath, "/previews/sync/default/shop"]) assert.equal((await ask(path, "capstan-1=x")).status, 401, path);
});

test("a logout ends the session", async (context) => {
  const { ask, cookie } = await servePage(context);
  const own = await cookie();
  assert.deepEqual(await (await ask("/session", own)).json(), { user: "dashboard", groups: ["system:authenticated", "capstan:admin"] });
  assert.equal((await ask("/session", own, { method: "DELETE" })).status, 204);
  assert.equal((await ask("/session", own)).status, 401);
});

test("a session of a login link outlives the daemon, unless it was ended", async (context) => {
  const { ask, cookie, restart } = await servePage(context);
  const [kept, ended] = [await cookie(), await cookie()];
  await ask("/session", ended, { method: "DELETE" });
  await restart();
  assert.deepEqual([(await ask("/session", kept)).status, (await ask("/session", ended)).status], [200, 401]);
});

test("a token that is wrong ten times makes its address wait", async (context) => {
  const { ask } = await servePage(context);
  const statuses: number[] = [];
  for (let count = 0; count < 11; count++) statuses.push((await ask("/session", undefined, { method: "POST", body: '{"token":"wrong"}', headers: { "content-type": "application/json" } })).status);
  assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 401), 429]);
});

test("a write without the page's header changes nothing", async (context) => {
  const { ask, cookie, client } = await servePage(context);
  await client.create(ApplicationKind, application);
  const own = await cookie();
  const write = { method: "PATCH", body: '{"metadata":{"annotations":{"capstan.dev/sync-requested":"now"}}}', headers: { "content-type": "application/merge-patch+json" } };
  assert.equal((await ask(applicationPath, own, { ...write, headers: { ...write.headers, "x-capstan-request": "" } })).status, 403);
  assert.equal((await client.get(ApplicationKind, { namespace: "default", name: "shop" }))?.metadata.annotations, undefined);
  assert.equal((await ask(applicationPath, own, write)).status, 200);
  assert.deepEqual((await client.get(ApplicationKind, { namespace: "default", name: "shop" }))?.metadata.annotations, { "capstan.dev/sync-requested": "now" });
});

test("a user does through the page what the user may do, and no more", async (context) => {
  const { ask, cookieOf, client } = await servePage(context);
  await client.create(ApplicationKind, application);
  const viewer = await cookieOf("viewer-token");
  assert.equal((await ask(applicationPath, viewer)).status, 200);
  assert.equal((await ask(applicationPath, viewer, { method: "PATCH", body: "{}", headers: { "content-type": "application/merge-patch+json" } })).status, 403);
  const git = await cookieOf("git-token");
  assert.equal((await ask(applicationPath, git)).status, 403);
  assert.equal((await ask("/previews/sync/default/shop", git)).status, 403);
});

test("a foreign host name is refused, whatever it resolves to", async (context) => {
  const { web } = await servePage(context);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest(`${web.address}/`, { headers: { host: "rebound.example" } }, (answer) => { answer.resume(); resolve(answer.statusCode); }).on("error", reject).end();
  });
  assert.equal(status, 421);
});

test("the page allows no script and no frame but its own", async (context) => {
  const { ask } = await servePage(context);
  const { headers } = await ask("/");
  assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
  assert.deepEqual([headers.get("x-content-type-options"), headers.get("referrer-policy")], ["nosniff", "no-referrer"]);
});

test("the stream tells what is there, then what changes", async (context) => {
  const { ask, cookie, client } = await servePage(context);
  await client.create(PodKind, pod("first"));
  const stream = await openStream(context, ask, "/stream?kinds=pods", await cookie());
  assert.equal((await stream.next()).value?.event, "hello");
  const state = await until(stream, ({ event }) => event === "state");
  assert.deepEqual((state.data as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name), ["first"]);
  await client.create(PodKind, pod("second"));
  const added = await until(stream, ({ event }) => event === "changes");
  assert.deepEqual((added.data as { kind: string; object: { metadata: { name: string } } }[]).map(({ kind, object }) => [kind, object.metadata.name]), [["pods", "second"]]);
  await client.remove(PodKind, { namespace: "default", name: "first" }, { gracePeriodSeconds: 0 });
  const removed = await until(stream, ({ event, data }) => event === "changes" && JSON.stringify(data).includes("gone"));
  assert.deepEqual(removed.data, [{ kind: "pods", gone: "default/first" }]);
});

test("a page that comes back is told only what it missed", async (context) => {
  const { ask, cookie, client } = await servePage(context);
  const own = await cookie();
  await client.create(PodKind, pod("first"));
  const before = await openStream(context, ask, "/stream?kinds=pods", own);
  const { id } = await until(before, ({ event }) => event === "state");
  await before.return(undefined);
  await client.create(PodKind, pod("second"));
  const after = await openStream(context, ask, `/stream?kinds=pods&after=${encodeURIComponent(id)}`, own);
  const first = await until(after, ({ event }) => event === "state" || event === "changes");
  assert.equal(first.event, "changes");
  assert.match(JSON.stringify(first.data), /"second"/);
  assert.doesNotMatch(JSON.stringify(first.data), /"first"/);
});

test("a position of another life of the daemon means nothing", async (context) => {
  const { ask, cookie } = await servePage(context);
  const stream = await openStream(context, ask, "/stream?kinds=pods&after=000000000000:1", await cookie());
  assert.equal((await until(stream, ({ event }) => event === "state" || event === "changes")).event, "state");
});

test("no value of a secret and no content of a config map is in the stream", async (context) => {
  const { ask, cookie, client } = await servePage(context);
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "default", annotations: { "kubectl.kubernetes.io/last-applied-configuration": "aHVudGVyMg==" } }, type: "Opaque", data: { password: "aHVudGVyMg==" } };
  await client.create(SecretKind, secret);
  await client.create(ConfigMapKind, configMap("c", { text: "aHVudGVyMg==" }));
  const stream = await openStream(context, ask, "/stream?kinds=secrets,configmaps", await cookie());
  const states = [await until(stream, ({ event }) => event === "state"), await until(stream, ({ event }) => event === "state")];
  await client.update(SecretKind, { ...secret, data: { password: "aHVudGVyMg==", more: "aHVudGVyMg==" } });
  const changes = await until(stream, ({ event }) => event === "changes");
  assert.doesNotMatch(JSON.stringify([states, changes]), /aHVudGVyMg/);
  assert.match(JSON.stringify(changes), /"name":"s"/);
});

test("a secret is shown one at a time, without values, and never listed or written", async (context) => {
  const { ask, cookie, client } = await servePage(context);
  const own = await cookie();
  await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "default" }, type: "Opaque", data: { password: "aHVudGVyMg==" } });
  const path = "/api/v1/namespaces/default/secrets";
  const shown = await (await ask(`${path}/s`, own)).json() as { data: unknown };
  assert.deepEqual(shown.data, { password: "(hidden)" });
  assert.equal((await ask(path, own)).status, 403);
  assert.equal((await ask(`${path}/s`, own, { method: "PATCH", body: "{}", headers: { "content-type": "application/merge-patch+json" } })).status, 403);
});

test("a kind the user may not see is denied, the others are told", async (context) => {
  const { ask, cookieOf } = await servePage(context);
  const stream = await openStream(context, ask, "/stream?kinds=pods,secrets", await cookieOf("viewer-token"));
  const seen = [await until(stream, ({ event }) => event === "state" || event === "denied"), await until(stream, ({ event }) => event === "state" || event === "denied")];
  assert.deepEqual(seen.map(({ event, data }) => `${event} ${(data as { kind: string }).kind}`).toSorted(), ["denied secrets", "state pods"]);
});

test("the stream tells the state of the queue", async (context) => {
  const { ask, cookie } = await servePage(context);
  const stream = await openStream(context, ask, "/stream?kinds=pods", await cookie());
  const { data } = await until(stream, ({ event }) => event === "queue");
  assert.deepEqual([(data as { driver: string }).driver, (data as { message: string }).message], ["memory", "no Redis was asked for"]);
});

test("a log is streamed from the pod's node", async (context) => {
  const { ask, cookie, client } = await servePage(context, { log: async function* () { yield Buffer.from("one\n"); yield Buffer.from("two\n"); } });
  const made = await client.create(PodKind, pod("web", { nodeName: "n" }));
  await client.updateStatus(PodKind, { ...made, status: { phase: "Running", containerStatuses: [{ name: "main", ready: true, restartCount: 0, image: "", imageID: "", state: { running: {} } }] } });
  assert.equal(await (await ask("/api/v1/namespaces/default/pods/web/log?follow=true", await cookie())).text(), "one\ntwo\n");
});
