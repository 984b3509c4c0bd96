import assert from "node:assert/strict";
import { test } from "node:test";
import { printFamily } from "./families.ts";
import { RequestMetrics, seriesMax } from "./request-metrics.ts";
import type { RequestLabels } from "./request-metrics.ts";

const list: RequestLabels = { verb: "LIST", group: "apps", version: "v1", resource: "deployments", subresource: "", scope: "namespace", isDryRun: false };
const text = 'component="apiserver",dry_run="",group="apps",resource="deployments",scope="namespace",subresource="",verb="LIST",version="v1"';

function linesOf(metrics: RequestMetrics, name: string): readonly string[] {
  return metrics.print().split("\n").filter((line) => line.startsWith(name));
}

test("requests are counted by what they did, how they ended and how long they took", () => {
  const metrics = new RequestMetrics();
  let nowMs = 0;
  const options = { isStream: false, nowMs: () => nowMs };
  for (const [code, tookMs] of [[200, 3], [200, 30], [500, 90_000]] as const) {
    const end = metrics.begin(list, options);
    nowMs += tookMs;
    end(code);
  }
  assert.deepEqual(linesOf(metrics, "apiserver_request_total"), [`apiserver_request_total{code="200",${text}} 2`, `apiserver_request_total{code="500",${text}} 1`]);
  const buckets = linesOf(metrics, "apiserver_request_duration_seconds_bucket");
  assert.deepEqual([buckets[0], buckets[2], buckets.at(-2), buckets.at(-1)], [
    `apiserver_request_duration_seconds_bucket{${text},le="0.005"} 1`, `apiserver_request_duration_seconds_bucket{${text},le="0.05"} 2`,
    `apiserver_request_duration_seconds_bucket{${text},le="60"} 2`, `apiserver_request_duration_seconds_bucket{${text},le="+Inf"} 3`,
  ]);
  assert.deepEqual(linesOf(metrics, "apiserver_request_duration_seconds_sum"), [`apiserver_request_duration_seconds_sum{${text}} 90.033`]);
});

test("what is at work is counted while it is, streams apart", () => {
  const metrics = new RequestMetrics();
  const nowMs = () => 0;
  const ends = [metrics.begin(list, { isStream: false, nowMs }), metrics.begin({ ...list, verb: "POST" }, { isStream: false, nowMs }), metrics.begin({ ...list, verb: "WATCH" }, { isStream: true, nowMs })];
  assert.deepEqual(linesOf(metrics, "apiserver_current_inflight_requests"), ['apiserver_current_inflight_requests{request_kind="mutating"} 1', 'apiserver_current_inflight_requests{request_kind="readOnly"} 1']);
  assert.deepEqual(linesOf(metrics, "apiserver_longrunning_requests"), [`apiserver_longrunning_requests{${text.replace("LIST", "WATCH")}} 1`]);
  for (const end of ends) end(200);
  assert.deepEqual(linesOf(metrics, "apiserver_current_inflight_requests"), ['apiserver_current_inflight_requests{request_kind="mutating"} 0', 'apiserver_current_inflight_requests{request_kind="readOnly"} 0']);
  assert.deepEqual(linesOf(metrics, "apiserver_longrunning_requests"), [`apiserver_longrunning_requests{${text.replace("LIST", "WATCH")}} 0`]);
});

test("made-up requests fill no memory", () => {
  const metrics = new RequestMetrics();
  for (let i = 0; i < seriesMax + 100; i++) metrics.begin({ ...list, resource: `r${i}` }, { isStream: false, nowMs: () => 0 })(200);
  assert.equal(linesOf(metrics, "apiserver_request_total").length, seriesMax);
});

test("a family is printed with its labels, which may hold anything", () => {
  assert.equal(printFamily({ name: "a", help: "A.", type: "gauge", read: () => 3 }), "# HELP a A.\n# TYPE a gauge\na 3\n");
  assert.equal(printFamily({ name: "a", help: "A.", type: "counter", read: () => [{ labels: { x: 'q"\\\n' }, value: 1 }] }), '# HELP a A.\n# TYPE a counter\na{x="q\\"\\\\\\n"} 1\n');
  assert.equal(printFamily({ name: "a", help: "A.", type: "gauge", read: () => [] }), "");
});
