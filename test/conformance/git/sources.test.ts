import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ApplicationKind } from "../../../src/model/kinds/application.ts";
import type { SourceChange } from "../../../src/sources/poller.ts";
import { startSources } from "../../../src/sources/sources.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import { testApi } from "../../api/api.ts";
import { filesOf, forever, token, world } from "./fixture.ts";

test("one start serves hosted repositories, webhooks and polling; a push is told at once", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "capstan-sources-"));
  const { client } = await testApi();
  await client.create(ApplicationKind, {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { namespace: "default", name: "demo" }, spec: { source: { repoURL: "capstan://demo", targetRevision: "main", path: "app" }, destination: { namespace: "default" } }, status: {},
  });
  const changes: SourceChange[] = [];
  const arrivals = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const processes = startProcesses();
  const sources = await startSources({
    client, world, directory, processes, path: process.env["PATH"] ?? "",
    checkToken: async (given) => given === token ? { name: "t" } : undefined,
    onPush: async () => ({ accepted: true, lines: [] }),
    onUpdated: () => undefined,
    onRevision: (change) => { changes.push(change); arrivals[changes.length - 1]?.resolve(); },
  });
  const server = createServer((request, response) => { if (!sources.handle(request, response)) response.writeHead(404).end(); });
  await new Promise<void>((done) => { server.listen(0, "127.0.0.1", done); });
  context.after(async () => {
    await sources.stop();
    await processes.close();
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  sources.hosted?.setOrigins([origin]);
  const first = await sources.hosted?.seed("demo", filesOf({ "app/a.yaml": "a: 1\n" }), "First");
  sources.poller.start();
  await arrivals[0]?.promise;
  assert.equal((await fetch(`${origin}/git/demo.git/info/refs?service=git-upload-pack`)).status, 401);
  assert.equal((await fetch(`${origin}/hooks/x`, { method: "POST" })).status, 401);
  assert.equal((await fetch(`${origin}/else`)).status, 404);
  const git = (parameters: readonly string[], cwd: string) => promisify(execFile)("git", ["-c", "user.name=A", "-c", "user.email=a@x", ...parameters], { cwd });
  await git(["clone", "--quiet", `http://x:${token}@127.0.0.1:${port}/git/demo.git`, "work"], directory);
  await git(["commit", "--quiet", "--allow-empty", "-m", "Second"], join(directory, "work"));
  await git(["push", "--quiet"], join(directory, "work"));
  await arrivals[1]?.promise;
  assert.deepEqual(changes.map(({ trigger, revision }) => [trigger, revision.message]), [["Poll", "First"], ["Push", "Second"]]);
  const reverted = await sources.repositories.resolve({ repoURL: `${origin}/git/demo.git`, targetRevision: "HEAD", namespace: "default" }, forever);
  assert.deepEqual("parents" in reverted ? reverted.parents : [], [first]);
});
