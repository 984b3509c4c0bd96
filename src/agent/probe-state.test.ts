import assert from "node:assert/strict";
import { test } from "node:test";
import { beginProbe, recordProbe } from "./probe-state.ts";

test("a program that becomes ready is noticed within 100 ms in its first seconds", () => {
  for (const readyAtMs of [0, 30, 170, 900, 2_500]) {
    let state = beginProbe({ periodSeconds: 10 }, 0);
    let atMs = state.nextAtMs;
    while (state.result !== true) {
      atMs = state.nextAtMs;
      state = recordProbe({ periodSeconds: 10 }, state, { isSuccess: atMs >= readyAtMs, nowMs: atMs });
    }
    assert.ok(atMs - readyAtMs <= 100, `ready at ${readyAtMs}, noticed at ${atMs}`);
  }
});

test("quick questions do not wear the failure threshold out", () => {
  const probe = { periodSeconds: 2, failureThreshold: 3 };
  let state = beginProbe(probe, 0);
  while (state.result === undefined) state = recordProbe(probe, state, { isSuccess: false, nowMs: state.nextAtMs });
  assert.equal(state.failures, 3);
  assert.ok(state.countsAtMs >= 8_000, "three failures a period apart, the first after one period");
});

test("once it has succeeded a probe is asked every period and fails after its threshold", () => {
  const probe = { periodSeconds: 5, failureThreshold: 2 };
  let state = recordProbe(probe, beginProbe(probe, 0), { isSuccess: true, nowMs: 0 });
  assert.deepEqual([state.result, state.nextAtMs], [true, 5_000]);
  state = recordProbe(probe, state, { isSuccess: false, nowMs: 5_000 });
  assert.deepEqual([state.result, state.nextAtMs], [true, 10_000]);
  state = recordProbe(probe, state, { isSuccess: false, nowMs: 10_000 });
  assert.equal(state.result, false);
  state = recordProbe(probe, state, { isSuccess: true, nowMs: 15_000 });
  assert.equal(state.result, true);
});

test("the success threshold counts successes in a row", () => {
  const probe = { successThreshold: 2 };
  const once = recordProbe(probe, beginProbe(probe, 0), { isSuccess: true, nowMs: 0 });
  assert.equal(once.result, undefined);
  assert.equal(recordProbe(probe, once, { isSuccess: true, nowMs: 10_000 }).result, true);
});

test("initialDelaySeconds is waited out", () => {
  assert.equal(beginProbe({ initialDelaySeconds: 3 }, 1_000).nextAtMs, 4_000);
});
