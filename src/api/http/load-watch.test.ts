import assert from "node:assert/strict";
import { test } from "node:test";
import { busyRequests, LoadWatch, quietAfterMs } from "./load-watch.ts";

/** A clock moved by hand, and what the watch told. */
function watched() {
  const state = { nowMs: 0, told: [] as boolean[], timers: [] as { readonly atMs: number; readonly run: () => void }[] };
  const load = new LoadWatch({ monotonicMs: () => state.nowMs, after: (ms, run) => { state.timers.push({ atMs: state.nowMs + ms, run }); return () => {}; } }, (isBusy) => { state.told.push(isBusy); });
  const pass = (ms: number) => {
    state.nowMs += ms;
    for (const timer of state.timers.splice(0)) if (timer.atMs <= state.nowMs) timer.run(); else state.timers.push(timer);
  };
  return { told: state.told, pass, ask: (count: number) => { for (let i = 0; i < count; i++) load.note(); } };
}

test("many requests within a second are told once", () => {
  const { told, ask, pass } = watched();
  ask(busyRequests - 1);
  assert.deepEqual(told, []);
  ask(busyRequests);
  pass(1_000);
  ask(busyRequests);
  assert.deepEqual(told, [true]);
});

test("few requests in each of many seconds are told never", () => {
  const { told, ask, pass } = watched();
  for (let second = 0; second < 10; second++) { ask(busyRequests - 1); pass(1_000); }
  assert.deepEqual(told, []);
});

test("quiet is told some seconds after the last busy one, and load again after it", () => {
  const { told, ask, pass } = watched();
  ask(busyRequests);
  pass(quietAfterMs / 2);
  ask(busyRequests);
  pass(quietAfterMs / 2);
  assert.deepEqual(told, [true]);
  pass(quietAfterMs / 2);
  assert.deepEqual(told, [true, false]);
  ask(busyRequests);
  assert.deepEqual(told, [true, false, true]);
});
