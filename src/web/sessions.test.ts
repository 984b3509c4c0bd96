import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeWorld } from "../../test/world/fake-world.ts";
import { failuresMax, failureWindowMs, linkLifetimeMs, linkUser, sessionIdleMs, sessionLifetimeMs, Sessions, sessionsMax } from "./sessions.ts";

function begin(tokens: Readonly<Record<string, string>> = {}) {
  const world = fakeWorld();
  const known = new Map(Object.entries(tokens));
  const sessions = new Sessions(world, async (token) => { const name = known.get(token); return name === undefined ? undefined : { name, groups: [] }; });
  return { world, sessions, known };
}

test("a login link works once and for a while", async () => {
  const { world, sessions } = begin();
  const link = sessions.mintLink();
  const late = sessions.mintLink();
  const id = sessions.beginWithLink(link, "a");
  assert.equal(sessions.beginWithLink(link, "a"), undefined);
  assert.deepEqual((await sessions.find(id ?? ""))?.user, linkUser);
  await world.clock.advance(linkLifetimeMs);
  assert.equal(sessions.beginWithLink(late, "a"), undefined);
});

test("a session ends when it is not used, and at last in any case", async () => {
  const { world, sessions } = begin({ t: "ada" });
  const id = await sessions.beginWithToken("t", "a") ?? "";
  for (let waitedMs = 0; waitedMs < sessionLifetimeMs - sessionIdleMs; waitedMs += sessionIdleMs - 1) {
    assert.equal((await sessions.find(id))?.user.name, "ada");
    await world.clock.advance(sessionIdleMs - 1);
  }
  assert.notEqual(await sessions.find(id), undefined);
  await world.clock.advance(sessionIdleMs);
  assert.equal(await sessions.find(id), undefined);
});

test("a session of a revoked token ends at once, and a closed session stays closed", async () => {
  const { sessions, known } = begin({ t: "ada", u: "bob" });
  const ada = await sessions.beginWithToken("t", "a") ?? "";
  const bob = await sessions.beginWithToken("u", "a") ?? "";
  known.delete("t");
  assert.equal(await sessions.find(ada), undefined);
  sessions.end(bob);
  assert.equal(await sessions.find(bob), undefined);
});

test("an address that fails too often waits, others do not", async () => {
  const { world, sessions } = begin();
  for (let count = 0; count < failuresMax; count++) await sessions.beginWithToken("wrong", "a");
  assert.deepEqual([sessions.isBlocked("a"), sessions.isBlocked("b")], [true, false]);
  await world.clock.advance(failureWindowMs);
  assert.equal(sessions.isBlocked("a"), false);
});

test("the session table is bounded: the one used longest ago goes first", async () => {
  const { sessions } = begin({ t: "ada" });
  const first = await sessions.beginWithToken("t", "a") ?? "";
  const second = await sessions.beginWithToken("t", "a") ?? "";
  for (let count = 2; count < sessionsMax; count++) await sessions.beginWithToken("t", "a");
  await sessions.find(first);
  await sessions.beginWithToken("t", "a");
  assert.equal(await sessions.find(second), undefined);
  assert.notEqual(await sessions.find(first), undefined);
});
