import assert from "node:assert/strict";
import { test } from "node:test";
import { decideEvent, emptyCorrelation, eventBurst, eventRefillMs, similarMax } from "./event-correlation.ts";

const note = { type: "Warning", reason: "Failed", message: "m" };

function repeat(count: number, messageOf: (index: number) => string, stepMs = 0) {
  let correlation = emptyCorrelation(0);
  const messages: (string | undefined)[] = [];
  for (let index = 0; index < count; index++) {
    const decision = decideEvent(correlation, { ...note, message: messageOf(index) }, index * stepMs);
    correlation = decision.correlation;
    messages.push(decision.message);
  }
  return { correlation, messages };
}

test("the same message stays itself however often it comes", () => {
  assert.deepEqual(new Set(repeat(eventBurst, () => "m").messages), new Set(["m"]));
});

test("more than ten differing messages of one reason are combined", () => {
  const { messages } = repeat(similarMax + 2, (index) => `m${index}`);
  assert.equal(messages[similarMax - 2], `m${similarMax - 2}`);
  assert.equal(messages[similarMax + 1], `(combined from similar events): m${similarMax + 1}`);
});

test("a flood is cut after its burst, and one event comes free each five minutes", () => {
  const { messages, correlation } = repeat(eventBurst + 3, () => "m");
  assert.equal(messages.filter((message) => message !== undefined).length, eventBurst);
  const later = decideEvent(correlation, note, eventRefillMs);
  assert.equal(later.message, "m");
  assert.equal(decideEvent(later.correlation, note, eventRefillMs + 1).message, undefined);
});
