import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { RepositoryKind } from "../../../src/model/kinds/repository.ts";
import { SecretKind } from "../../../src/model/kinds/secret.ts";
import { ChartSource } from "../../../src/sources/charts/chart-source.ts";
import { readKeyring } from "../../../src/sources/charts/keyring.ts";
import { checkSigned, readStatus, verifyProvenance } from "../../../src/sources/charts/provenance.ts";
import { isProblem } from "../../../src/sources/problem.ts";
import { sha256 } from "../../../src/value/digest.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import { realWorld } from "../../../src/world/real/world.ts";
import { testApi } from "../../api/api.ts";
import { startChartServer } from "./chart-server.ts";
import { keyring, provenance, provenanceOfAnother, signedPackage } from "./signed-chart.ts";

const processes = startProcesses();
after(() => processes.close());
const path = process.env["PATH"] ?? "";
const tools = { world: realWorld(), processes, path };
const signal = new AbortController().signal;
const skip = path.split(delimiter).some((folder) => existsSync(join(folder, "gpgv"))) ? false : "gpgv is not installed";
const digest = sha256(signedPackage);
const asked = { what: "shop-1.0.0.tgz", keyring: Buffer.from(keyring), provenance: Buffer.from(provenance), fileName: "shop-1.0.0.tgz", digest };

/** The signer's key, or the problem's message. */
async function verify(change: Partial<typeof asked>): Promise<string> {
  const answer = await verifyProvenance({ ...asked, ...change }, tools, signal);
  return isProblem(answer) ? answer.message : `${answer.name} ${answer.fingerprint}`;
}

test("a package whose digest a trusted key signed is taken, whether the keyring is armoured or not", { skip }, async () => {
  const good = "Charts <charts@example.com> 5CD00417365616D1BEFFDF3AC4ECAB263C0649FD";
  assert.equal(await verify({}), good);
  assert.equal(await verify({ keyring: Buffer.from(readKeyring(Buffer.from(keyring)) ?? []) }), good);
  assert.equal(await verify({ keyring: Buffer.from(`${keyring}\n${keyring}`) }), good);
});

const refused: readonly (readonly [string, Partial<typeof asked>, RegExp])[] = [
  ["another package", { digest: sha256("another") }, /its digest is sha256:[0-9a-f]{64}, and sha256:c0cd5c[0-9a-f]+ was signed; it is not used/],
  ["another version", { fileName: "shop-1.0.1.tgz" }, /its provenance file is that of shop 1\.0\.0/],
  ["another key", { provenance: Buffer.from(provenanceOfAnother) }, /not signed by a key of the keyring \(the key is not in the keyring\)/],
  ["a changed text", { provenance: Buffer.from(provenance.replace("version: 1.0.0", "version: 1.0.1")) }, /\(the text was changed after it was signed\)/],
  ["no signature", { provenance: Buffer.from("files: {}\n") }, /not signed by a key of the keyring/],
  ["two messages", { provenance: Buffer.from(`${provenance}\n${provenance}`) }, /not signed by a key of the keyring/],
  ["a keyring that is none", { keyring: Buffer.from("keys") }, /the keyring holds no OpenPGP public keys; give it what `gpg --export` writes/],
];

for (const [name, change, message] of refused) test(`${name}: the package is refused, and the reason told`, { skip }, async () => { assert.match(await verify(change), message); });

test("text before a signed message is not read", { skip }, async () => {
  const forged = `apiVersion: v2\nname: shop\nversion: 1.0.0\n\n...\nfiles:\n  shop-1.0.0.tgz: sha256:${sha256("another")}\n`;
  assert.match(await verify({ provenance: Buffer.from(forged + provenance), digest: sha256("another") }), /was signed|not signed/);
});

test("without gpgv the remedy is named", async () => {
  const answer = await verifyProvenance(asked, { ...tools, path: "/nowhere" }, signal);
  assert.match(isProblem(answer) ? answer.message : "taken", /the program gpgv is not installed; install it/);
});

test("only a wholly good answer of gpgv counts", () => {
  const good = "[GNUPG:] PLAINTEXT 74 0 \n[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG C4ECAB263C0649FD Ann\n[GNUPG:] VALIDSIG 5CD00417365616D1BEFFDF3AC4ECAB263C0649FD 2024-01-01 1704067200 0 4 0 22 10 01 5CD00417365616D1BEFFDF3AC4ECAB263C0649FD\n";
  assert.deepEqual(readStatus({ exitCode: 0, text: good }), { fingerprint: "5CD00417365616D1BEFFDF3AC4ECAB263C0649FD", name: "Ann" });
  for (const text of ["", good.replace(/.*VALIDSIG.*\n/, ""), good.replace(/.*GOODSIG.*\n/, ""), `${good}[GNUPG:] NEWSIG\n`, `${good}[GNUPG:] EXPKEYSIG C4ECAB263C0649FD Ann\n`, `${good}[GNUPG:] REVKEYSIG C4ECAB263C0649FD Ann\n`, `${good}something else\n`, `${good}[GNUPG:] PLAINTEXT 74 0\n`]) {
    assert.equal(readStatus({ exitCode: 0, text }), undefined, text);
  }
  assert.equal(readStatus({ exitCode: 1, text: good }), undefined);
});

test("a signed text that says too little is refused in words", () => {
  const about = { fileName: "a-1.0.0.tgz", digest: "0" };
  assert.match(checkSigned("name: a\n", about) ?? "", /names no digests/);
  assert.match(checkSigned("name: a\nversion: 1.0.0\n...\nfiles:\n  b.tgz: sha256:0\n", about) ?? "", /says nothing of a-1\.0\.0\.tgz/);
  assert.match(checkSigned("name: [", about) ?? "", /cannot be read/);
  assert.equal(checkSigned("name: a\nversion: 1.0.0\n...\nfiles:\n  a-1.0.0.tgz: sha256:0\n", about), undefined);
});

async function open(context: TestContext) {
  const server = await startChartServer(context);
  const { client } = await testApi();
  const directory = await mkdtemp(join(tmpdir(), "capstan-signed-"));
  context.after(() => rm(directory, { recursive: true }));
  server.packages.set("1.0.0", signedPackage);
  return { server, client, charts: new ChartSource({ client, directory, verify: tools }) };
}

for (const [kind, scheme] of [["repository", "http"], ["registry", "oci"]] as const) {
  test(`a ${kind} whose Repository names a keyring gives signed charts only`, { skip }, async (context) => {
    const { server, client, charts } = await open(context);
    const repoURL = `${scheme}://127.0.0.1:${server.port}/charts`;
    const resolve = async (): Promise<string> => {
      const answer = await charts.resolve({ repoURL, chart: "shop", targetRevision: "1.0.0", namespace: "default" }, signal);
      return isProblem(answer) ? answer.message : answer.commit;
    };
    assert.equal(await resolve(), digest);
    await client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { name: "charts", namespace: "default" }, spec: { url: repoURL, type: "helm", insecure: true, keyringSecretRef: { name: "keys" } }, status: {} });
    assert.match(await resolve(), /Secret default\/keys \(keyringSecretRef of Repository charts\) does not exist; create it with the key keyring/);
    await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name: "keys", namespace: "default" }, data: { keyring: Buffer.from(keyring).toString("base64") } });
    assert.match(await resolve(), /it has no provenance file, and keyringSecretRef of its Repository asks for one/);
    server.provenances.set("1.0.0", provenanceOfAnother);
    assert.match(await resolve(), /not signed by a key of the keyring/);
    server.provenances.set("1.0.0", provenance);
    assert.equal(await resolve(), digest);
    const asking = server.requests.length;
    assert.equal(await resolve(), digest);
    assert.equal(server.requests.slice(asking).some((url) => url.endsWith(".prov")), false, "what was found good is not asked for again");
  });
}
