import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { realChance } from "../../world/real/chance.ts";
import { realClock } from "../../world/real/clock.ts";
import { printKubeconfig, writeKubeconfig } from "./kubeconfig.ts";
import { openPki } from "./pki.ts";

const dayMs = 86_400_000;
const startMs = Date.parse("2026-01-01T00:00:00Z");

async function inFolder(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-pki-"));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function open(directory: string, options: { readonly days?: number; readonly hosts?: readonly string[] } = {}) {
  const clock = { ...realClock, nowMs: () => startMs + (options.days ?? 0) * dayMs };
  return openPki({ directory, hosts: options.hosts ?? [], world: { clock, chance: realChance } });
}

test("certificates are made once, private, and good for the names asked for", async () => {
  await inFolder(async (directory) => {
    const first = await open(directory, { hosts: ["10.0.0.5", "box.example"] });
    assert.deepEqual(await open(directory, { hosts: ["10.0.0.5", "box.example"] }), first);
    for (const file of ["ca.key", "ca.crt", "serving.key", "admin.key", "service-accounts.key"]) assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600);
    const serving = new X509Certificate(first.serving.cert);
    for (const host of ["localhost", "box.example", "kubernetes.default.svc"]) assert.equal(serving.checkHost(host), host);
    for (const address of ["127.0.0.1", "::1", "10.0.0.5"]) assert.ok(serving.checkIP(address) !== undefined, address);
    const ca = new X509Certificate(first.ca);
    assert.ok(serving.verify(ca.publicKey) && ca.ca && !serving.ca);
    assert.match(new X509Certificate(first.admin.cert).subject, /O=system:masters\nCN=kubernetes-admin/);
  });
});

test("a new host or a third of the life left makes a new serving certificate, never a new CA", async () => {
  await inFolder(async (directory) => {
    const first = await open(directory);
    const other = await open(directory, { hosts: ["new.example"] });
    assert.notEqual(other.serving.cert, first.serving.cert);
    assert.equal(other.admin.cert, first.admin.cert);
    const kept = await open(directory, { hosts: ["new.example"], days: 200 });
    assert.equal(kept.serving.cert, other.serving.cert);
    assert.ok(kept.renewAtMs > startMs + 200 * dayMs);
    const renewed = await open(directory, { hosts: ["new.example"], days: 300 });
    assert.notEqual(renewed.serving.cert, other.serving.cert);
    assert.notEqual(renewed.admin.cert, other.admin.cert);
    assert.equal(renewed.ca, first.ca);
  });
});

test("a key that does not belong to its certificate is replaced, a broken CA is named", async () => {
  await inFolder(async (directory) => {
    const first = await open(directory);
    await writeFile(join(directory, "serving.key"), await readFile(join(directory, "admin.key")));
    assert.notEqual((await open(directory)).serving.cert, first.serving.cert);
    await writeFile(join(directory, "ca.key"), "broken");
    await assert.rejects(open(directory), /ca\.key and .*ca\.crt are no pair/);
  });
});

test("servers of aggregated APIs know the API server by a CA of its own, which is made anew when it is lost", async () => {
  await inFolder(async (directory) => {
    const { ca, frontProxy } = await open(directory);
    const client = new X509Certificate(frontProxy.client.cert);
    assert.equal(client.subject, "CN=front-proxy-client");
    assert.ok(client.verify(new X509Certificate(frontProxy.ca).publicKey) && !client.verify(new X509Certificate(ca).publicKey));
    const renewed = (await open(directory, { days: 300 })).frontProxy;
    assert.equal(renewed.ca, frontProxy.ca);
    assert.notEqual(renewed.client.cert, frontProxy.client.cert);
    await rm(join(directory, "front-proxy-ca.key"));
    const made = (await open(directory, { days: 300 })).frontProxy;
    assert.ok(new X509Certificate(made.client.cert).verify(new X509Certificate(made.ca).publicKey));
    assert.notEqual(made.ca, frontProxy.ca);
  });
});

test("a kubeconfig embeds what it needs and is private", async () => {
  await inFolder(async (directory) => {
    const options = { server: "https://127.0.0.1:7443", ca: "CA", user: "jane", credentials: { kind: "token" as const, token: "t" } };
    const path = join(directory, "kubeconfig");
    await writeKubeconfig(path, options);
    assert.equal(await readFile(path, "utf8"), printKubeconfig(options));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });
});
