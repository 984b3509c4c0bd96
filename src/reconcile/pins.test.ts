import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chartTestRequest } from "../render/chart-test.ts";
import type { RenderRequest } from "../render/render.ts";
import { renderTree } from "../render/render-tree.ts";
import { newPins, parsePins, rotate, sitesOf, withoutUnused, withSites } from "./pins.ts";
import type { Pins } from "./pins.ts";

const encoder = new TextEncoder();
const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n";

/** What a chart writes with pins, and the pins it leaves. */
function render(template: string, pins: Pins, file = "templates/a.yaml"): { readonly data: Readonly<Record<string, unknown>>; readonly pins: Pins; readonly pinned: readonly string[] } {
  const { lookups, ...rest } = pins;
  const request: RenderRequest = { ...chartTestRequest({ kind: "tree", digest: "t", files: new Map([["Chart.yaml", encoder.encode("apiVersion: v2\nname: a\nversion: 1.0.0\n")], [file, encoder.encode(head + template)]]) }), pins: rest, lookups };
  const result = renderTree(request);
  if (result.kind === "failed") throw new Error(result.problems[0]?.message);
  return { data: result.manifests[0]?.object["data"] as Readonly<Record<string, unknown>>, pins: withSites(pins, result.pinned ?? []), pinned: result.pinned ?? [] };
}

const begun = newPins("seed", Date.UTC(2026, 0, 1));

for (const [language, file, first, second, now] of [
  ["Helm", "templates/a.yaml", "  p: {{ randAlphaNum 16 }}\n", "  q: {{ randAlpha 8 | quote }}\n", "  told: {{ now | date \"2006-01-02\" | quote }}\n"],
  ["Handlebars", "templates/a.hbs", "  p: {{randAlphaNum 16}}\n", "  q: {{randAlpha 8}}\n", "  told: {{date \"2006-01-02\" (now)}}\n"],
] as const) {
  test(`${language}: an upgrade keeps what was generated, wherever its line moves and whatever is generated before it`, () => {
    const before = render(first, begun, file);
    assert.equal(String(before.data["p"]).length, 16);
    const after = render(`  x: y\n${second}${first}`, before.pins, file);
    assert.equal(after.data["p"], before.data["p"]);
    assert.notEqual(render(first, newPins("other", 0), file).data["p"], before.data["p"]);
  });

  test(`${language}: one call site is renewed, the others stay, and the clock goes on only where it is renewed`, () => {
    const before = render(first + second + now, begun, file);
    assert.equal(before.data["told"], "2026-01-01");
    const [password = ""] = sitesOf(before.pins).filter((site) => site.includes("randAlphaNum"));
    const renewed = rotate(before.pins, [password], Date.UTC(2026, 5, 1));
    const after = render(first + second + now, renewed, file);
    assert.notEqual(after.data["p"], before.data["p"]);
    assert.deepEqual([after.data["q"], after.data["told"]], [before.data["q"], before.data["told"]]);
    assert.equal(render(first + second + now, rotate(renewed, sitesOf(renewed), Date.UTC(2026, 5, 1)), file).data["told"], "2026-06-01");
  });

  test(`${language}: a call site that went and came back is a new one`, () => {
    const before = render(first + second, begun, file);
    const gone = render(second, before.pins, file);
    const kept = withoutUnused(gone.pins, gone.pinned);
    assert.deepEqual(sitesOf(kept), gone.pinned);
    const back = render(first + second, kept, file);
    assert.notEqual(back.data["p"], before.data["p"]);
    assert.equal(back.data["q"], before.data["q"]);
  });
}

test("a lookup that is pinned answers the same, until it is renewed", () => {
  const template = "  v: {{ (lookup \"v1\" \"Secret\" \"default\" \"s\").kind | quote }}\n";
  const pins: Pins = { ...begun, lookups: { "v1 Secret default s": { kind: "Secret" } } };
  const { data, pinned } = render(template, pins);
  assert.deepEqual([data, pinned], [{ v: "Secret" }, ["lookup v1 Secret default s"]]);
  assert.deepEqual(rotate(pins, pinned, 1).lookups, {});
  assert.equal(withoutUnused(pins, pinned), pins);
  assert.deepEqual(withoutUnused(pins, []).lookups, {});
});

test("pins are read as they were written, and what is none is none", () => {
  fc.assert(fc.property(fc.string(), fc.nat(), fc.dictionary(fc.string(), fc.record({ epoch: fc.nat(), nowMs: fc.nat() })), (seed, epoch, sites) => {
    const pins: Pins = { seed, nowMs: 5, epoch, sites, lookups: { a: null, b: { kind: "X" } } };
    assert.deepEqual(parsePins(JSON.stringify(pins)), JSON.parse(JSON.stringify(pins)));
  }));
  for (const text of ["", "{", "[]", "{\"seed\":1}"]) assert.equal(parsePins(text), undefined);
});
