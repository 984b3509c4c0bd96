import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../world/clock.ts";
import { cachedRenderer } from "./render-cache.ts";
import type { Renderer, RenderRequest, RenderResult } from "./render.ts";
import { warmUpRequest } from "./warm-up.ts";

const signal = new AbortController().signal;

function counting(resultOf: (request: RenderRequest) => RenderResult): { readonly renderer: Renderer; readonly passTime: () => void; count: number } {
  const timers: (() => void)[] = [];
  const clock: Clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: () => Promise.resolve(), after: (_ms, run) => { timers.push(run); return () => undefined; } };
  const seen = { count: 0 };
  const inner: Renderer = { render: (request) => { seen.count++; return Promise.resolve(resultOf(request)); }, close: () => Promise.resolve() };
  return Object.assign(seen, { renderer: cachedRenderer(inner, clock), passTime: () => { for (const run of timers.splice(0)) run(); } });
}

const rendered = (manifests: number): RenderResult => ({
  kind: "rendered", sourceType: "Directory", notes: "", values: {},
  manifests: Array.from({ length: manifests }, (_, index) => ({ object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `c${index}` } }, place: { file: "a.yaml" } })),
});
const request = warmUpRequest();

test("an equal request is rendered once, until it is forgotten after a while", async () => {
  const seen = counting(() => rendered(1));
  const first = await seen.renderer.render(request, signal);
  assert.equal(await seen.renderer.render({ ...request }, signal), first);
  assert.equal(seen.count, 1);
  seen.passTime();
  await seen.renderer.render(request, signal);
  assert.equal(seen.count, 2);
});

test("another tree, value or release is another render", async () => {
  const seen = counting(() => rendered(1));
  for (const other of [request, { ...request, tree: { ...request.tree, digest: "other" } }, { ...request, values: { a: 1 } }, { ...request, release: { ...request.release, name: "other" } }]) await seen.renderer.render(other, signal);
  assert.equal(seen.count, 4);
});

test("a failed render is tried again", async () => {
  const seen = counting(() => ({ kind: "failed", problems: [] }));
  await seen.renderer.render(request, signal);
  await seen.renderer.render(request, signal);
  assert.equal(seen.count, 2);
});

test("large renders make room for each other, and one that is too large is not kept", async () => {
  const seen = counting(({ values }) => rendered(Number(values["count"])));
  for (const count of [1_500, 1_501, 1_500, 2_001, 2_001]) await seen.renderer.render({ ...request, values: { count } }, signal);
  assert.equal(seen.count, 5);
});
