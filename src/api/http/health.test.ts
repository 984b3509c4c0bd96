import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthCheck } from "./edge.ts";
import { answerHealth, parseHealthPath } from "./health.ts";

const fine: HealthCheck = { name: "etcd", isReady: true, isVital: true };
const broken: HealthCheck = { name: "etcd", isReady: false, isVital: true, message: "the store takes no writes" };
const late: HealthCheck = { name: "daemon", isReady: false };

const cases: Readonly<Record<string, readonly [string, readonly HealthCheck[], number, string] | readonly [string, readonly HealthCheck[]]>> = {
  "all is well": ["/readyz", [fine], 200, "ok"],
  "the list of checks": ["/readyz?verbose", [fine, { ...late, isReady: true }], 200, "[+]ping ok\n[+]etcd ok\n[+]daemon ok\nreadyz check passed\n"],
  "alive, though not ready": ["/livez?verbose", [fine, late], 200, "[+]ping ok\n[+]etcd ok\nlivez check passed\n"],
  "not ready": ["/readyz", [fine, late], 500, "[+]ping ok\n[+]etcd ok\n[-]daemon failed: not ready yet\nreadyz check failed\n"],
  "not alive": ["/livez", [broken], 500, "[+]ping ok\n[-]etcd failed: the store takes no writes\nlivez check failed\n"],
  "a check left out": ["/readyz?exclude=daemon", [fine, late], 200, "ok"],
  "a check left out, shown": ["/readyz?verbose&exclude=daemon", [fine, late], 200, "[+]ping ok\n[+]etcd ok\n[+]daemon excluded: ok\nreadyz check passed\n"],
  "a check that is not there is left out": ["/healthz?verbose&exclude=x", [fine], 200, "[+]ping ok\n[+]etcd ok\nwarn: some health checks cannot be excluded: no matches for \"x\"\nhealthz check passed\n"],
  "one check": ["/readyz/etcd", [fine, late], 200, "ok"],
  "one check that fails": ["/readyz/daemon", [fine, late], 500, "internal server error: not ready yet\n"],
  "one check of another endpoint": ["/livez/daemon", [fine, late]],
};

for (const [title, [url, checks, code, text]] of Object.entries(cases)) {
  test(`health: ${title}`, () => {
    const { pathname, searchParams } = new URL(url, "https://host");
    const asked = parseHealthPath(pathname);
    assert.ok(asked !== undefined);
    const answer = answerHealth(asked, checks, searchParams);
    assert.deepEqual(answer?.kind === "body" ? [answer.code, Buffer.from(answer.body).toString()] : [undefined, undefined], [code, text]);
  });
}

test("other paths are none of health's", () => {
  for (const path of ["/", "/healthzz", "/readyz/a/b", "/api"]) assert.equal(parseHealthPath(path), undefined, path);
});
