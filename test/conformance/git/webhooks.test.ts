import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { RepositoryKind } from "../../../src/model/kinds/repository.ts";
import { SecretKind } from "../../../src/model/kinds/secret.ts";
import { createWebhookHandler } from "../../../src/sources/webhook-handler.ts";
import type { RepositoryChange } from "../../../src/sources/webhook-handler.ts";
import { webhooksMax, webhookTimeoutMs } from "../../../src/sources/limits.ts";
import { webhookProviders } from "../../../src/sources/webhooks.ts";
import { testApi } from "../../api/api.ts";

const secret = "hook-secret";
const hmac = (body: string, key = secret) => createHmac("sha256", key).update(body).digest("hex");

interface Sample {
  readonly provider: string;
  readonly payload: object;
  readonly other: Readonly<Record<string, string>>;
  readonly branches: readonly string[];
  readonly headers: (body: string, key?: string) => Record<string, string>;
}

/** One push as each provider sends it. */
const samples: readonly Sample[] = [
  {
    provider: "github", payload: { ref: "refs/heads/main", repository: { clone_url: "https://github.com/a/b.git", html_url: "https://github.com/a/b" } }, branches: ["main"],
    headers: (body, key) => ({ "x-github-event": "push", "x-hub-signature-256": `sha256=${hmac(body, key)}` }), other: { "x-github-event": "issues" },
  },
  {
    provider: "gitlab", payload: { object_kind: "push", ref: "refs/heads/main", project: { git_http_url: "https://gitlab.com/a/b.git" } }, branches: ["main"],
    headers: (_body, key = secret) => ({ "x-gitlab-event": "Push Hook", "x-gitlab-token": key }), other: { "x-gitlab-event": "Issue Hook" },
  },
  {
    provider: "gitea", payload: { ref: "refs/heads/a/b", repository: { clone_url: "https://gitea.example/a/b.git" } }, branches: ["a/b"],
    headers: (body, key) => ({ "x-gitea-event": "push", "x-github-event": "push", "x-gitea-signature": hmac(body, key) }), other: { "x-gitea-event": "issues" },
  },
  {
    provider: "bitbucket", payload: { push: { changes: [{ new: { name: "main" } }, { new: null, old: { name: "gone" } }] }, repository: { links: { html: { href: "https://bitbucket.org/a/b" } } } }, branches: ["main", "gone"],
    headers: (body, key) => ({ "x-event-key": "repo:push", "x-hook-uuid": "1", "x-hub-signature": `sha256=${hmac(body, key)}` }), other: { "x-event-key": "issue:created" },
  },
  {
    provider: "bitbucket-server", payload: { changes: [{ ref: { id: "refs/heads/main" } }], repository: { links: { clone: [{ href: "https://bb.example/scm/a/b.git" }] } } }, branches: ["main"],
    headers: (body, key) => ({ "x-event-key": "repo:refs_changed", "x-hub-signature": `sha256=${hmac(body, key)}` }), other: { "x-event-key": "pr:opened" },
  },
];

async function startHooks(context: TestContext) {
  const { client, world } = await testApi();
  await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: "hook" }, data: { secret: Buffer.from(secret).toString("base64") } });
  const add = (name: string, spec: object) => client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name }, spec: { url: "https://example.org/a/b.git", ...spec }, status: {} });
  await add("demo", { webhookSecretRef: { name: "hook" } });
  await add("open", {});
  await add("lost", { webhookSecretRef: { name: "none" } });
  const changes: RepositoryChange[] = [];
  const handle = createWebhookHandler({ client, world, bytesMax: 5_000, onChanged: (change) => { changes.push(change); } });
  const arrived = { count: 0, listener: () => {} };
  const server = createServer((request, response) => {
    void handle(request, response);
    arrived.count += 1;
    arrived.listener();
  });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  context.after(() => { server.closeAllConnections(); server.close(); });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (path: string, body: string, headers: Record<string, string>) => {
    const response = await fetch(`${origin}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
    return response.status;
  };
  return { send, changes, origin, world, arrived };
}

test("every provider has a sample here", () => {
  assert.deepEqual(samples.map(({ provider }) => provider).toSorted(), webhookProviders.map(({ name }) => name).toSorted());
});

test("a signed push of each provider is accepted and told, under both names of the repository", async (context) => {
  const { send, changes } = await startHooks(context);
  for (const { provider, payload, branches, headers } of samples) {
    const body = JSON.stringify(payload);
    assert.equal(await send("/hooks/demo", body, headers(body)), 202, provider);
    assert.equal(await send("/hooks/default/demo", body, headers(body)), 202, provider);
    assert.deepEqual(changes.splice(0).map((change) => change.branches), [branches, branches], provider);
  }
});

test("what is not verified is 401 and tells nothing, whatever is in it", async (context) => {
  const { send, changes } = await startHooks(context);
  for (const { provider, payload, headers, other } of samples) {
    const body = JSON.stringify(payload);
    assert.equal(await send("/hooks/demo", body, headers(body, "other")), 401, provider);
    assert.equal(await send("/hooks/demo", body, other), 401, provider);
    assert.equal(await send("/hooks/none", body, headers(body)), 401, provider);
    assert.equal(await send("/hooks/open", body, headers(body, "")), 401, provider);
    assert.equal(await send("/hooks/lost", body, headers(body)), 401, provider);
    assert.equal(await send("/hooks/../demo/x/y", body, headers(body)), 401, provider);
    if (provider !== "gitlab") assert.equal(await send("/hooks/demo", `${body} `, headers(body)), 401, provider);
  }
  assert.equal(await send("/hooks/demo", "{}", {}), 401);
  assert.equal(await send("/hooks/demo", "not json", { "x-github-event": "push", "x-hub-signature-256": "sha256=zz" }), 401, "nothing is parsed before it is verified");
  assert.deepEqual(changes, []);
});

test("other events of a verified sender are 202 and ignored; bodies that are no JSON are 400, large ones 413, other methods 405", async (context) => {
  const { send, changes, origin } = await startHooks(context);
  for (const { provider, headers, other } of samples) {
    const body = "{}";
    assert.equal(await send("/hooks/demo", body, { ...headers(body), ...other }), 202, provider);
  }
  const [github] = samples;
  assert.equal(await send("/hooks/demo", "no", github?.headers("no") ?? {}), 400);
  const large = JSON.stringify({ text: "x".repeat(6_000) });
  assert.equal(await send("/hooks/demo", large, github?.headers(large) ?? {}), 413);
  assert.equal((await fetch(`${origin}/hooks/demo`)).status, 405);
  assert.deepEqual(changes, []);
});

test("strangers that send slowly hold a bounded number of places, each for a bounded time", async (context) => {
  const { send, origin, world, arrived } = await startHooks(context);
  const all = new Promise<void>((resolve) => { arrived.listener = () => { if (arrived.count === webhooksMax) resolve(); }; });
  const slow = Array.from({ length: webhooksMax }, () => {
    const sent = sendRequest(`${origin}/hooks/demo`, { method: "POST", headers: { "content-length": "100" }, agent: false });
    sent.flushHeaders();
    return new Promise<void>((resolve) => { sent.on("error", () => { resolve(); }); });
  });
  await all;
  assert.equal(await send("/hooks/demo", "{}", {}), 503);
  await world.clock.advance(webhookTimeoutMs);
  await Promise.all(slow);
  assert.equal(await send("/hooks/demo", "{}", {}), 401);
});
