import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { signToken, describeSigningKey } from "../../../src/api/access/signed-tokens.ts";
import type { SigningKey } from "../../../src/api/access/signed-tokens.ts";
import { TokenOwners } from "../../../src/api/access/token-owners.ts";
import { openPki } from "../../../src/api/http/pki.ts";
import { openOidc } from "../../../src/daemon/oidc.ts";
import { parseOidc } from "../../../src/daemon/oidc-settings.ts";
import { SettingsError } from "../../../src/daemon/settings-error.ts";
import type { JsonObject } from "../../../src/value/json.ts";
import { silentLog } from "../../../src/world/log.ts";
import { realChance } from "../../../src/world/real/chance.ts";
import { realClock } from "../../../src/world/real/clock.ts";

/** A provider on loopback, with a certificate of its own authority. */
interface Provider {
  readonly issuer: string;
  readonly caFile: string;
  readonly server: Server;
  /** What it answers, by path; a text is sent as it is. */
  readonly pages: Map<string, JsonObject | string>;
  readonly asked: string[];
  readonly directory: string;
}

const discoveryPath = "/.well-known/openid-configuration";

async function startProvider(): Promise<Provider> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-oidc-"));
  const pki = await openPki({ directory, hosts: ["127.0.0.1"], world: { clock: realClock, chance: realChance } });
  const pages = new Map<string, JsonObject | string>();
  const asked: string[] = [];
  const server = createServer({ key: pki.serving.key, cert: pki.serving.cert }, (request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const page = pages.get(path);
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "application/json" }).end(typeof page === "string" ? page : JSON.stringify(page ?? {}));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const issuer = `https://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return { issuer, caFile: join(directory, "ca.crt"), server, pages, asked, directory };
}

async function rsaKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return describeSigningKey(privateKey, publicKey);
}

describe("users of an OpenID Connect provider", { concurrency: false }, () => {
  let provider: Provider;
  let first: SigningKey;
  let second: SigningKey;
  let nowMs = Date.parse("2026-01-01T00:00:00Z");
  const world = { clock: { ...realClock, nowMs: () => nowMs }, log: silentLog };

  before(async () => {
    provider = await startProvider();
    [first, second] = await Promise.all([rsaKey(), rsaKey()]);
  });
  after(async () => {
    provider.server.closeAllConnections();
    provider.server.close();
    await rm(provider.directory, { recursive: true });
  });

  const publish = (...keys: readonly SigningKey[]) => {
    provider.pages.set(discoveryPath, { issuer: provider.issuer, jwks_uri: `${provider.issuer}/keys` });
    provider.pages.set("/keys", { keys: keys.map((key) => key.publicKey as JsonObject) });
    provider.asked.length = 0;
  };
  const token = (key: SigningKey, claims: JsonObject = {}) => signToken({ iss: provider.issuer, aud: "capstan", sub: "ada", groups: ["dev"], exp: nowMs / 1000 + 600, ...claims }, key);
  const owners = async (flags: Readonly<Record<string, string>> = {}) => {
    const given: Readonly<Record<string, string>> = { "oidc-issuer-url": provider.issuer, "oidc-client-id": "capstan", "oidc-groups-claim": "groups", "oidc-username-prefix": "oidc:", "oidc-groups-prefix": "oidc:", "oidc-ca-file": provider.caFile, ...flags };
    const settings = parseOidc((name) => given[name]);
    assert.ok(settings !== undefined);
    const known = new TokenOwners("https://kubernetes.default.svc.cluster.local");
    known.add(await openOidc(settings, world));
    return known;
  };

  test("a token names its user and groups, and its issuer is asked once", async () => {
    publish(first);
    const known = await owners();
    assert.deepEqual(provider.asked, []);
    for (let round = 0; round < 3; round++) assert.deepEqual(await known.userOf(await token(first)), { name: "oidc:ada", groups: ["oidc:dev", "system:authenticated"] });
    assert.deepEqual(provider.asked, [discoveryPath, "/keys"]);
  });

  test("many first tokens at once ask once", async () => {
    publish(first);
    const known = await owners();
    const texts = await Promise.all(Array.from({ length: 8 }, () => token(first)));
    assert.equal((await Promise.all(texts.map((text) => known.userOf(text)))).filter((user) => user?.name === "oidc:ada").length, 8);
    assert.deepEqual(provider.asked, [discoveryPath, "/keys"]);
  });

  test("a new key is found when a token names it, and unknown keys do not make the daemon ask on and on", async () => {
    publish(first);
    const known = await owners();
    assert.equal((await known.userOf(await token(first)))?.name, "oidc:ada");
    publish(second, first);
    nowMs += 11_000;
    assert.equal((await known.userOf(await token(second)))?.name, "oidc:ada");
    assert.equal((await known.userOf(await token(first)))?.name, "oidc:ada");
    const stranger = await rsaKey();
    provider.asked.length = 0;
    for (let round = 0; round < 5; round++) assert.equal(await known.userOf(await token(stranger)), undefined);
    assert.deepEqual(provider.asked, []);
  });

  test("a key that is taken back is believed an hour at most", async () => {
    publish(first);
    const known = await owners();
    assert.equal((await known.userOf(await token(first)))?.name, "oidc:ada");
    publish(second);
    nowMs += 3_500_000;
    assert.equal((await known.userOf(await token(first)))?.name, "oidc:ada");
    nowMs += 200_000;
    assert.equal(await known.userOf(await token(first)), undefined);
  });

  test("known keys go on while the provider is away", async () => {
    publish(first);
    const known = await owners();
    assert.equal((await known.userOf(await token(first)))?.name, "oidc:ada");
    provider.pages.clear();
    nowMs += 4_000_000;
    assert.equal((await known.userOf(await token(first)))?.name, "oidc:ada");
  });

  const nobody: readonly (readonly [title: string, page: readonly [string, JsonObject | string] | undefined, claims: JsonObject, reason: RegExp])[] = [
    ["an expired token", undefined, { exp: 1 }, /token is expired/],
    ["a token for another client", undefined, { aud: "other" }, /expected audience/],
    ["a token of a provider nobody knows", undefined, { iss: "https://other.example.com" }, /invalid bearer token/],
    ["a discovery document of another issuer", [discoveryPath, { issuer: "https://other.example.com", jwks_uri: "https://other.example.com/keys" }], {}, /the keys of the issuer cannot be read/],
    ["keys at a plain address", [discoveryPath, { issuer: "", jwks_uri: "http://127.0.0.1/keys" }], {}, /the keys of the issuer cannot be read/],
    ["an answer that is no JSON", ["/keys", "<html>"], {}, /the keys of the issuer cannot be read/],
    ["an answer without keys", ["/keys", {}], {}, /the keys of the issuer cannot be read/],
    ["an answer of 2 MiB", ["/keys", " ".repeat(2 * 1024 * 1024)], {}, /the keys of the issuer cannot be read/],
  ];
  for (const [title, page, claims, reason] of nobody) {
    test(`nobody is known by ${title}`, async () => {
      publish(first);
      if (page !== undefined) provider.pages.set(...page);
      const found = await (await owners()).find(await token(first, claims));
      assert.match(found.kind === "unknown" ? found.reason : found.user.name, reason);
    });
  }

  test("a token nobody signed, or the public key signed, names nobody", async () => {
    publish(first);
    const known = await owners();
    const [, payload = ""] = (await token(first)).split(".");
    const header = (algorithm: string) => Buffer.from(JSON.stringify({ alg: algorithm, kid: first.publicKey.kid })).toString("base64url");
    assert.equal(await known.userOf(`${header("none")}.${payload}.`), undefined);
    const forged = `${header("HS256")}.${payload}`;
    assert.equal(await known.userOf(`${forged}.${createHmac("sha256", JSON.stringify(first.publicKey)).update(forged).digest("base64url")}`), undefined);
    assert.equal(await (await owners({ "oidc-signing-algs": "ES256" })).userOf(await token(first)), undefined);
  });

  test("without its CA the provider is not believed", async () => {
    publish(first);
    const settings = parseOidc((name) => ({ "oidc-issuer-url": provider.issuer, "oidc-client-id": "capstan" } as Readonly<Record<string, string>>)[name]);
    assert.ok(settings !== undefined);
    const found = await (await openOidc(settings, world)).authenticate(await token(first), []);
    assert.deepEqual(found, { reason: "oidc: the keys of the issuer cannot be read" });
  });

  test("a CA that cannot be used is named at the start", async () => {
    await assert.rejects(owners({ "oidc-ca-file": join(provider.directory, "none.crt") }), (error) => error instanceof SettingsError && /--oidc-ca-file .*none\.crt cannot be read/.test(error.message));
    const empty = join(provider.directory, "empty.crt");
    await writeFile(empty, "");
    await assert.rejects(owners({ "oidc-ca-file": empty }), /holds no certificate: give a PEM file/);
  });
});
