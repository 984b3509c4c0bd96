import assert from "node:assert/strict";
import { after, test } from "node:test";
import { silentLog } from "../world/log.ts";
import { realChance } from "../world/real/chance.ts";
import { realClock } from "../world/real/clock.ts";
import { chartTestRequest } from "./chart-test.ts";
import { renderHere } from "./render-here.ts";
import type { Renderer, RenderRequest } from "./render.ts";
import { createRenderer } from "./renderer.ts";
import { startProcesses } from "../world/real/processes.ts";

const world = { clock: realClock, chance: realChance, log: silentLog };
const processes = startProcesses();
after(() => processes.close());
const never = new AbortController().signal;
const good = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{Release.Name}}\n";

function chart(template: string, name = "demo"): RenderRequest {
  const encoder = new TextEncoder();
  const request = chartTestRequest({ kind: "tree", digest: "t", files: new Map([["Chart.yaml", encoder.encode("name: a\n")], ["templates/a.hbs", encoder.encode(template)]]) });
  return { ...request, release: { ...request.release, name } };
}

/** Runs long without many counted steps: each turn writes and throws away much text. */
const slow = "{{#each (until 2000)}}{{#each (until 1000)}}{{#if (contains \"x\" (repeat 1000000 \"a\"))}}{{/if}}{{/each}}{{/each}}";
/** Keeps what it makes: lists of lists of long lists. */
const greedy = `{{#with (until 9999) as |a|}}{{#with (list ${"(concat a a a a a a a a a a a a a a a a a a a a) ".repeat(200)}) as |b|}}{{len (concat ${"(concat (index b 1) (index b 2) (index b 3) (index b 4) (index b 5) (index b 6)) ".repeat(40)})}}{{/with}}{{/with}}`;

/** A renderer that the test's end closes. */

for (const [name, create] of [["here", () => renderHere()], ["in workers", () => createRenderer({ world, processes })]] as readonly (readonly [string, () => Renderer])[]) {
  test(`${name}: a chart renders, a mistake is a problem with its place`, async () => {
    const renderer = create();
    after(() => renderer.close());
    const result = await renderer.render(chart(good), never);
    assert.equal(result.kind === "rendered" && result.manifests[0]?.object.metadata.name, "demo");
    assert.deepEqual(await renderer.render(chart("a: {{Values.x}}"), never), {
      kind: "failed", problems: [{ message: "Values.x is missing; set it in values.yaml, or write (default …)", place: { file: "templates/a.hbs", line: 1, column: 4 }, valuePath: "Values.x" }],
    });
  });

  test(`${name}: what a render keeps tells where a field came from`, async () => {
    const renderer = create();
    after(() => renderer.close());
    const request = chart(good);
    const result = await renderer.render({ ...request, keepsOrigins: true }, never);
    assert.ok(result.kind === "rendered" && result.kept !== undefined);
    const told = await renderer.render({ ...request, origins: { kind: "configmap", name: "demo" }, kept: result.kept }, never);
    const [object] = told.kind === "rendered" ? told.origins ?? [] : [];
    assert.deepEqual(object?.origins.find(({ path }) => path.join(".") === "metadata.name")?.pieces, [{ place: { file: "templates/a.hbs", line: 4, column: 9 }, through: [] }]);
  });

  test(`${name}: an aborted render rejects with the reason`, async () => {
    const renderer = create();
    after(() => renderer.close());
    await assert.rejects(renderer.render(chart(good), AbortSignal.abort(new Error("superseded"))), /superseded/);
  });
}

test("a render past its deadline is one problem that names the application, and others go on", async () => {
  const renderer = createRenderer({ world, processes, workers: 2, bounds: { deadlineMs: 1_500, wallMs: 600_000 } });
  after(() => renderer.close());
  const stopped = renderer.render(chart(slow, "endless"), never);
  for (let i = 0; i < 5; i++) assert.equal((await renderer.render(chart(good, `app-${i}`), never)).kind, "rendered");
  assert.deepEqual(await stopped, {
    kind: "failed", isStopped: true, problems: [{ message: "the render of endless took longer than 1.5 s and was stopped here; look for loops, templates that include each other, or very large output", place: { file: "templates/a.hbs" } }],
  });
  assert.equal((await renderer.render(chart(good), never)).kind, "rendered");
});

test("a render that needs too much memory is one problem, and the next render works", async () => {
  const renderer = createRenderer({ world, processes, workers: 1, bounds: { memoryMib: 64, deadlineMs: 20_000, wallMs: 600_000 } });
  after(() => renderer.close());
  const result = await renderer.render(chart(greedy, "greedy"), never);
  assert.match(result.kind === "failed" ? (result.problems[0]?.message ?? "") : "rendered", /^the render of greedy needed more than 64 MiB of memory/);
  assert.equal((await renderer.render(chart(good), never)).kind, "rendered");
});

test("aborting a running render stops its worker and lets the next one in", async () => {
  const renderer = createRenderer({ world, processes, workers: 1 });
  after(() => renderer.close());
  await renderer.prewarm();
  const controller = new AbortController();
  const running = renderer.render(chart(slow), controller.signal);
  const next = renderer.render(chart(good), never);
  controller.abort(new Error("superseded"));
  await assert.rejects(running, /superseded/);
  assert.equal((await next).kind, "rendered");
});

test("closing ends what runs and what waits, and nothing renders afterwards", async () => {
  const renderer = createRenderer({ world, processes, workers: 1 });
  const running = renderer.render(chart(slow), never);
  const waiting = renderer.render(chart(good), never);
  await Promise.all([assert.rejects(running, /closed/), assert.rejects(waiting, /closed/), renderer.close()]);
  await assert.rejects(renderer.render(chart(good), never), /closed/);
});

test("warming up ends quietly when the renderer closes meanwhile", async () => {
  const renderer = createRenderer({ world, processes, workers: 1 });
  const warming = renderer.prewarm();
  await renderer.close();
  await warming;
});

test("files that are views into a large buffer are copied alone", async () => {
  const renderer = createRenderer({ world, processes });
  after(() => renderer.close());
  const large = Buffer.alloc(1_000_000);
  const chartFile = large.subarray(10, 10 + large.write("name: a\n", 10));
  const template = large.subarray(100, 100 + large.write(good, 100));
  const request = chartTestRequest({ kind: "tree", digest: "t", files: new Map([["Chart.yaml", chartFile], ["templates/a.hbs", template]]) });
  assert.equal((await renderer.render(request, never)).kind, "rendered");
  assert.equal(large.byteLength, 1_000_000);
});
