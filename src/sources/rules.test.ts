import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAdvertisement, pickRevision } from "./advertisement.ts";
import { parseCgiHead } from "./cgi.ts";
import { normalizeUrl } from "./credentials.ts";
import { parseComplaint, parsePushRefusal, withoutCredentials } from "./git-complaint.ts";
import { gitEnvironment, remoteSettings } from "./git-environment.ts";
import { parseBasicPassword, parseGitRequest } from "./git-http.ts";
import { parseRawTree, sortEntries } from "./git-objects.ts";
import { sourceLimits } from "./limits.ts";
import { nearNames } from "./near-names.ts";
import { nextPollMs } from "./poll-schedule.ts";
import { isProblem, printBytes } from "./problem.ts";
import { parseUpdates } from "./push-gate.ts";
import { isRedirectAllowed } from "./remote-http.ts";
import { TreeCache } from "./tree-cache.ts";
import { checkFilePath, parseFolderPath, resolveLink } from "./tree-path.ts";

const idA = "a".repeat(40);
const idB = "b".repeat(40);

function packets(...lines: readonly (string | null)[]): Uint8Array {
  return Buffer.from(lines.map((line) => line === null ? "0000" : `${(Buffer.byteLength(line) + 4).toString(16).padStart(4, "0")}${line}`).join(""));
}

test("a list of refs is read with HEAD's name and peeled tags", () => {
  const list = parseAdvertisement(packets("# service=git-upload-pack\n", null, `${idA} HEAD\0multi_ack symref=HEAD:refs/heads/trunk agent=x\n`, `${idA} refs/heads/trunk\n`, `${idA} refs/tags/v1\n`, `${idB} refs/tags/v1^{}\n`, null), sourceLimits);
  assert.ok(!("kind" in list));
  assert.equal(list.head, "refs/heads/trunk");
  assert.equal(list.refs.get("refs/tags/v1"), idB);
  assert.deepEqual(pickRevision(list, "HEAD", "u"), { kind: "ref", ref: "refs/heads/trunk", commit: idA });
  assert.deepEqual(pickRevision(list, "v1", "u"), { kind: "ref", ref: "refs/tags/v1", commit: idB });
});

test("what is no list of refs is told as such, and never throws", () => {
  assert.deepEqual(parseAdvertisement(Buffer.from("<html>"), sourceLimits), { kind: "notGit" });
  assert.deepEqual(parseAdvertisement(packets("# service=git-upload-pack\n", null, `${idA} refs/heads/a\0\n`, `${idA} refs/heads/b\n`), { refsMax: 1 }), { kind: "tooMany" });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => { parseAdvertisement(bytes, sourceLimits); }));
});

test("an empty repository and a wrong name are told apart; near names are offered", () => {
  const empty = pickRevision({ refs: new Map() }, "main", "u");
  assert.ok(isProblem(empty) && empty.reason === "Empty");
  const refs = new Map([["refs/heads/main", idA], ["refs/heads/develop", idA]]);
  const wrong = pickRevision({ refs }, "mian", "u");
  assert.ok(isProblem(wrong));
  assert.equal(wrong.message, 'u: no branch or tag "mian"; there is main');
  const short = pickRevision({ refs }, "abcdef1", "u");
  assert.match(isProblem(short) ? short.message : "", /full id/u);
  assert.deepEqual(nearNames("dev", ["main", "develop"]), ["develop"]);
});

test("paths that leave a tree or hide in it are refused", () => {
  for (const path of ["..", "a/../b", ".", "a/./b", ".git", "a/.GIT/config", "a//b", "", "/a", "a\\b", "a\nb", "a\0b", "a/\ufffd"]) assert.equal(checkFilePath(path, sourceLimits)?.reason, "NotAllowed", JSON.stringify(path));
  assert.equal(checkFilePath("a".repeat(2_000), sourceLimits)?.reason, "TooLarge");
  assert.equal(checkFilePath(Array.from({ length: 40 }, () => "a").join("/"), sourceLimits)?.reason, "TooLarge");
  for (const path of ["a", "a/b.yaml", ".github/x", "..a/b", "a b/ü"]) assert.equal(checkFilePath(path, sourceLimits), undefined, path);
});

test("an application's path is brought to one form", () => {
  for (const [path, folder] of [["", ""], [".", ""], ["./", ""], ["app", "app"], ["./app//x/", "app/x"]] as const) assert.deepEqual(parseFolderPath(path, sourceLimits), { folder });
  for (const path of ["/app", "..", "app/..", ".git"]) assert.ok(isProblem(parseFolderPath(path, sourceLimits)), path);
});

test("a link never resolves to a place outside the tree", () => {
  assert.equal(resolveLink("a/b/link", "../c"), "a/c");
  assert.equal(resolveLink("link", "a/./b"), "a/b");
  for (const [path, target] of [["link", "../x"], ["a/link", "../../x"], ["a/link", "/etc/passwd"], ["a/link", "b/../../../x"]] as const) assert.equal(resolveLink(path, target), undefined);
  fc.assert(fc.property(fc.array(fc.constantFrom("..", ".", "a", "b")), fc.array(fc.constantFrom("a", "b"), { minLength: 1 }), (target, path) => {
    const resolved = resolveLink(path.join("/"), target.join("/"));
    assert.ok(resolved === undefined || !resolved.split("/").includes(".."));
  }));
});

test("a redirect is followed on the same host only, and never from https to http", () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ["https://h/a", "https://h/b", true], ["https://h/a", "/b", true], ["http://h/a", "https://h/a", true], ["http://h:80/a", "https://h:443/a", true],
    ["https://h/a", "http://h/a", false], ["https://h/a", "https://evil/a", false], ["https://h/a", "https://h.evil/a", false], ["http://h:8080/a", "http://h:9090/a", false],
    ["http://h:8080/a", "https://h/a", false], ["https://h/a", "file:///etc/passwd", false], ["https://h/a", "//evil/a", false], ["https://h/a", "https://user:x@h/a", false], ["https://h/a", "http://[", false],
  ];
  for (const [from, to, isAllowed] of table) assert.equal(isRedirectAllowed(from, to), isAllowed, `${from} → ${to}`);
});

test("requests of the smart protocol are recognised, all else is not", () => {
  assert.deepEqual(parseGitRequest("GET", "/git/demo.git/info/refs?service=git-upload-pack"), { repository: "demo", action: "advertise", service: "git-upload-pack" });
  assert.deepEqual(parseGitRequest("POST", "/git/demo/git-receive-pack"), { repository: "demo", action: "push", service: "git-receive-pack" });
  for (const [method, url] of [
    ["GET", "/git/demo.git/info/refs"], ["GET", "/git/demo.git/info/refs?service=git-evil"], ["GET", "/git/demo.git/git-upload-pack"], ["POST", "/git/../x.git/git-upload-pack"],
    ["POST", "/git/a/b.git/git-upload-pack"], ["POST", "/git/Demo.git/git-upload-pack"], ["PUT", "/git/demo.git/git-upload-pack"], ["GET", "/git/demo.git/objects/aa/bb"], ["POST", "/git/demo.git/git-upload-pack/x"],
  ] as const) assert.equal(parseGitRequest(method, url), undefined, `${method} ${url}`);
  assert.equal(parseBasicPassword(`Basic ${Buffer.from("a:b:c").toString("base64")}`), "b:c");
  for (const header of [undefined, "", "Basic", "Basic !", "Bearer x", `Basic ${Buffer.from("nocolon").toString("base64")}`]) assert.equal(parseBasicPassword(header), undefined);
});

test("the head of a CGI answer is read once it is whole", () => {
  assert.equal(parseCgiHead(Buffer.from("Status: 404 Not")), undefined);
  assert.deepEqual(parseCgiHead(Buffer.from("Status: 404 Not Found\r\nA: b\r\n\r\nbody")), { status: 404, headers: [["A", "b"]], bodyStart: 31 });
  assert.deepEqual(parseCgiHead(Buffer.from("A: b\n\nbody")), { status: 200, headers: [["A", "b"]], bodyStart: 6 });
});

test("credentials are bound to their origin and appear in no complaint", () => {
  const settings = remoteSettings({ url: "https://h:8443/a/b.git", credentials: { username: "u", password: "secret-word" } });
  assert.deepEqual(settings.map(([key]) => key), ["http.https://h:8443/.extraHeader"]);
  const environment = gitEnvironment({ path: "/bin", home: "/h" }, settings);
  assert.equal(environment["GIT_CONFIG_NOSYSTEM"], "1");
  assert.equal(environment["GIT_TERMINAL_PROMPT"], "0");
  assert.equal(withoutCredentials("fatal: https://u:secret-word@h/x failed\nAuthorization: Basic abc"), "fatal: https://h/x failed\nAuthorization: …");
  const context = { url: "https://h/x", packBytesMax: 1_048_576, hasCredentials: true };
  for (const [stderr, reason] of [
    ["fatal: Authentication failed for 'https://h/x/'", "Unauthorized"], ["fatal: repository 'https://h/x/' not found", "NoSuchRepository"], ["fatal: couldn't find remote ref refs/heads/x", "NoSuchRevision"],
    ["error: index-pack died of signal 25", "TooLarge"], ["fatal: fetch-pack: invalid index-pack output\n", "TooLarge"], ["error: early EOF\nfatal: fetch-pack: invalid index-pack output", "Unreachable"], ["", "Unreachable"],
  ] as const) assert.equal(parseComplaint(stderr, context).reason, reason, stderr);
  const refusal = parsePushRefusal({ stdout: "To u\n!\ta:refs/heads/main\t[remote rejected] (protected branch hook declined)\nDone\n", stderr: "" }, { ...context, ref: "refs/heads/main" });
  assert.match(refusal.message, /refuses a push to main \(protected branch hook declined\)/u);
});

test("a failing repository is asked at growing intervals, never sooner than its own, spread by a tenth", () => {
  fc.assert(fc.property(fc.integer({ min: 1_000, max: 3_600_000 }), fc.nat(40), fc.double({ min: 0, max: 0.999, noNaN: true }), (intervalMs, failureCount, fraction) => {
    const waitMs = nextPollMs({ intervalMs, failureCount, nowMs: 0, fraction });
    assert.ok(waitMs >= Math.floor(intervalMs * 0.9) && waitMs <= Math.ceil(Math.max(intervalMs, 300_000) * 1.1));
  }));
});

test("updates of a push are read; made and deleted refs have one side only", () => {
  const zero = "0".repeat(40);
  assert.deepEqual(parseUpdates(`${idA} ${idB} refs/heads/main\n${zero} ${idA} refs/heads/new\n${idA} ${zero} refs/heads/old\n`), [
    { ref: "refs/heads/main", oldCommit: idA, newCommit: idB }, { ref: "refs/heads/new", newCommit: idA }, { ref: "refs/heads/old", oldCommit: idA },
  ]);
});

test("a raw tree is read, a cut one throws, and names sort as Git sorts them", () => {
  const raw = Buffer.concat([Buffer.from("40000 dir\0"), Buffer.from(idA, "hex"), Buffer.from("100664 f\0"), Buffer.from(idB, "hex")]);
  assert.deepEqual(parseRawTree(raw, 20), [{ path: "dir", mode: "040000", id: idA }, { path: "f", mode: "100644", id: idB }]);
  assert.throws(() => parseRawTree(raw.subarray(0, -1), 20));
  const file = { path: "a.b", mode: "100644", id: idA } as const;
  assert.deepEqual(sortEntries([{ path: "a", mode: "040000", id: idA }, file]).map(({ path }) => path), ["a.b", "a"]);
});

test("the tree cache forgets what was used longest ago and never holds more than its limit", () => {
  const cache = new TreeCache(25);
  const tree = (digest: string) => ({ kind: "tree", digest, files: new Map([["p", new Uint8Array(9)]]) }) as const;
  cache.put("1", tree("1"));
  cache.put("2", tree("2"));
  assert.equal(cache.get("1")?.digest, "1");
  cache.put("3", tree("3"));
  assert.deepEqual(["1", "2", "3"].map((id) => cache.get(id)?.digest), ["1", undefined, "3"]);
});

test("URLs that name the same repository are equal, sizes are readable", () => {
  assert.equal(normalizeUrl("https://H.example/a/b.git/"), normalizeUrl("https://h.example/a/b"));
  assert.equal(printBytes(200 * 1_048_576), "200 MiB");
  assert.equal(printBytes(1_536), "1.5 KiB");
});
