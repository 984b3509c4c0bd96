import assert from "node:assert/strict";
import { test } from "node:test";
import { ipFamilyOf, isInCidr, isLoopback, isWithinCidr } from "./ip.ts";
import { compareVersions, satisfiesRange } from "./semver.ts";

for (const host of ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "0.0.0.0", "[::1]", "::1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"]) {
  test(`${host} is this machine`, () => assert.equal(isLoopback(host), true));
}
for (const host of ["example.com", "10.0.0.1", "127.example.com", "[2001:db8::1]"]) {
  test(`${host} is elsewhere`, () => assert.equal(isLoopback(host), false));
}

test("families are told apart", () => assert.deepEqual(["1.2.3.4", "::1", "x", "1.2.3"].map(ipFamilyOf), ["IPv4", "IPv6", undefined, undefined]));

test("versions compare and lie in ranges as in Helm", () => {
  assert.equal(compareVersions("v1.2.0", "1.10.0"), -1);
  assert.equal(compareVersions("x", "1.0.0"), undefined);
  assert.equal(satisfiesRange("v1.33.0", ">=1.25.0, <2"), true);
  assert.equal(satisfiesRange("2.0.0", "~1.3"), false);
});

for (const [inner, outer, isInside] of [
  ["10.1.0.0/16", "10.0.0.0/8", true], ["11.0.0.0/16", "10.0.0.0/8", false], ["10.0.0.0/8", "10.0.0.0/8", false],
  ["2001:db8:1::/48", "2001:db8::/32", true], ["2001:db9::/48", "2001:db8::/32", false], ["::ffff:10.0.0.0/104", "::ffff:0:0/96", true], ["10.0.0.0/16", "::/0", false], ["a", "b", false],
] as const) {
  test(`${inner} is ${isInside ? "" : "not "}within ${outer}`, () => assert.equal(isWithinCidr(inner, outer), isInside));
}

for (const [inner, outer, isInside] of [
  ["10.1.2.3", "10.1.2.3/32", true], ["10.1.2.3", "10.0.0.0/8", true], ["11.1.2.3", "10.0.0.0/8", false], ["10.0.0.0/8", "10.0.0.0/8", true], ["10.0.0.0/7", "10.0.0.0/8", false],
  ["2001:db8::7", "2001:db8::/32", true], ["10.1.2.3", "2001:db8::/32", false], ["a", "10.0.0.0/8", false], ["10.1.2.3", "b", false],
] as const) {
  test(`${inner} is ${isInside ? "" : "not "}in ${outer}`, () => assert.equal(isInCidr(inner, outer), isInside));
}
