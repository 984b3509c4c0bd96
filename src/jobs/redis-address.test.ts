import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedisAddress, printRedisAddress } from "./redis-address.ts";

for (const { address, connection, shown } of [
  { address: "/run/redis.sock", connection: { path: "/run/redis.sock" }, shown: "/run/redis.sock" },
  { address: "redis://host", connection: { host: "host", port: 6_379 }, shown: "host:6379" },
  { address: "redis://user:p%40ss@host:7000/2", connection: { host: "host", port: 7_000, username: "user", password: "p@ss", db: 2 }, shown: "host:7000" },
  { address: "rediss://host:7000", connection: { host: "host", port: 7_000, tls: {} }, shown: "host:7000" },
]) {
  test(`${shown} is understood and shown without credentials`, () => {
    assert.deepEqual(parseRedisAddress(address), connection);
    assert.equal(printRedisAddress(address), shown);
  });
}

for (const address of ["", "http://host", "redis://host/x", "host:6379", "redis://:secret@"]) {
  test(`${JSON.stringify(address)} is refused without repeating a password`, () => {
    assert.throws(() => parseRedisAddress(address), (error) => error instanceof TypeError && !error.message.includes("secret"));
  });
}
