import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../model/kinds/event.ts";
import { printTime } from "../../world/clock.ts";
import { eventLifeMs, msUntilExpiry } from "./decide.ts";

const startMs = Date.parse("2026-01-01T00:00:00Z");

test("an event lives an hour from its last sign", () => {
  const event: Event = { apiVersion: "v1", kind: "Event", metadata: { name: "e", creationTimestamp: printTime(startMs) }, involvedObject: {}, source: {} };
  assert.equal(msUntilExpiry(event, startMs + 1000), eventLifeMs - 1000);
  assert.equal(msUntilExpiry({ ...event, lastTimestamp: printTime(startMs + 60_000) }, startMs + eventLifeMs), 60_000);
  assert.equal(msUntilExpiry(event, startMs + eventLifeMs + 1), 0);
});
