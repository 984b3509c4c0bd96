import assert from "node:assert/strict";
import { test } from "node:test";
import { explainStart, isLoopback, parseSettings } from "./settings.ts";
import { SettingsError } from "./settings-error.ts";

const environment = { HOME: "/home/ada" };

test("without flags everything stays on loopback below the home folder", () => {
  const settings = parseSettings([], environment, "Ada's Box");
  assert.equal(settings.dataDirectory, "/home/ada/.capstan");
  assert.deepEqual([settings.listen, settings.web], [{ host: "127.0.0.1", port: 7443 }, { host: "127.0.0.1", port: 7080 }]);
  assert.deepEqual([settings.redis, settings.runtime, settings.demo, settings.nodeName], ["private", "auto", undefined, "ada-s-box"]);
});

test("a flag wins over its variable", () => {
  const settings = parseSettings(["--listen", "127.0.0.1:1"], { ...environment, CAPSTAN_LISTEN: "127.0.0.1:2", CAPSTAN_WEB: "[::1]:3", CAPSTAN_DEMO: "true" }, "n");
  assert.deepEqual([settings.listen.port, settings.web, settings.demo], [1, { host: "::1", port: 3 }, true]);
});

test("users of a provider stand behind its URL, but for addresses, and variables do as well", () => {
  const rulesOf = (words: readonly string[]) => parseSettings(words, { ...environment, CAPSTAN_OIDC_ISSUER_URL: "https://id.example.com", CAPSTAN_OIDC_CLIENT_ID: "c" }, "n").oidc?.rules;
  assert.equal(parseSettings([], environment, "n").oidc, undefined);
  assert.deepEqual([rulesOf([])?.usernamePrefix, rulesOf([])?.usernameClaim, rulesOf([])?.algorithms], ["https://id.example.com#", "sub", ["RS256"]]);
  assert.equal(rulesOf(["--oidc-username-claim", "email"])?.usernamePrefix, "");
  assert.equal(rulesOf(["--oidc-username-prefix", "-"])?.usernamePrefix, "");
  assert.deepEqual(rulesOf(["--oidc-required-claim", "hd=example.com,x=a=b"])?.requiredClaims, { hd: "example.com", x: "a=b" });
});

test("renders may be given other bounds, by flag or variable", () => {
  assert.deepEqual(parseSettings(["--render-memory", "1024"], { ...environment, CAPSTAN_RENDER_SECONDS: "20" }, "n").renderBounds, { deadlineMs: 20_000, wallMs: 240_000, memoryMib: 1_024 });
});

const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["plain HTTP beyond loopback", ["--web", "0.0.0.0:80"], /--web-cert and --web-key, or say --web-insecure/],
  ["an address without a port", ["--listen", "localhost"], /--listen localhost: write HOST:PORT/],
  ["a port that cannot be", ["--listen", "localhost:99999"], /write HOST:PORT/],
  ["an unknown runtime", ["--runtime", "docker"], /choose one of auto, process, simulated/],
  ["a Redis that is no address", ["--redis", "maybe"], /redis:\/\/ URL/],
  ["an unknown flag", ["--verbose"], /--verbose/],
  ["a render without time", ["--render-seconds", "0"], /--render-seconds 0: give a number from 0.1 to 600/],
  ["a provider without a client", ["--oidc-issuer-url", "https://id.example.com"], /--oidc-issuer-url needs both --oidc-issuer-url and --oidc-client-id/],
  ["rules without a provider", ["--oidc-groups-claim", "groups"], /--oidc-groups-claim needs both/],
  ["a provider at a plain address", ["--oidc-issuer-url", "http://id.example.com", "--oidc-client-id", "c"], /give an https:\/\/ URL/],
  ["a required claim without a value", ["--oidc-issuer-url", "https://id.example.com", "--oidc-client-id", "c", "--oidc-required-claim", "hd"], /write NAME=VALUE/],
  ["a signature nobody can check in public", ["--oidc-issuer-url", "https://id.example.com", "--oidc-client-id", "c", "--oidc-signing-algs", "HS256"], /choose of ES256/],
  ["a provider that is the cluster itself", ["--oidc-issuer-url", "https://id.example.com", "--oidc-client-id", "c", "--service-account-issuer", "https://id.example.com"], /give them another with --service-account-issuer/],
];

for (const [what, words, message] of refused) {
  test(`${what} is refused with the remedy`, () => {
    assert.throws(() => parseSettings(words, environment, "n"), (error) => error instanceof SettingsError && message.test(error.message));
  });
}

test("plain HTTP beyond loopback can be asked for by name", () => {
  assert.equal(parseSettings(["--web", "0.0.0.0:80", "--web-insecure"], environment, "n").web.host, "0.0.0.0");
});

test("loopback is recognised in all its forms", () => {
  assert.deepEqual(["127.0.0.1", "127.9.9.9", "localhost", "::1", "0.0.0.0", "10.0.0.1", "127.example.org"].map(isLoopback), [true, true, true, true, false, false, false]);
});

test("a failure to start names the flag that helps, and others stay as they are", () => {
  const settings = parseSettings(["--data", "/x", "--web", "127.0.0.1:81"], environment, "n");
  const explain = (fields: object) => String(explainStart(Object.assign(new Error("raw"), fields), settings));
  assert.match(explain({ code: "EADDRINUSE", port: 7443 }), /--listen 127.0.0.1:7443 is taken by another program; give another with --listen HOST:PORT/);
  assert.match(explain({ code: "EACCES", port: 81 }), /--web 127.0.0.1:81 may not be taken by this user/);
  assert.match(explain({ code: "EROFS", path: "/x" }), /--data \/x is on a read-only file system; give another with --data DIR/);
  assert.equal(explain({ code: "EIO" }), "Error: raw");
});
