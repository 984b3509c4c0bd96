import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { fieldCases } from "./cases-fields.ts";
import { objectCases } from "./cases-objects.ts";
import { partCases } from "./cases-parts.ts";
import { Stage, apply, create, hasMembers, ownersOf, update } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

const groups: Readonly<Record<string, Readonly<Record<string, Scenario>>>> = { "owners and conflicts": objectCases, "forms of fields": fieldCases, "parts, versions and kinds": partCases };

for (const [subject, cases] of Object.entries(groups)) {
  describe(`server-side apply: ${subject}`, () => {
    let stage: Stage;
    before(async () => { stage = await Stage.open(); });

    for (const [title, scenario] of Object.entries(cases)) {
      test(title, async () => {
        const { object, refusal } = await stage.run(scenario);
        const { refused, has, owners } = scenario;
        if (refused instanceof RegExp) assert.match(refusal ?? "", refused);
        else assert.equal(refusal, refused);
        if (has !== undefined) assert.ok(hasMembers(object ?? {}, has), `wanted ${JSON.stringify(has)} in ${JSON.stringify(object)}`);
        if (owners !== undefined) checkOwners(ownersOf(object), owners);
      });
    }
  });
}

function checkOwners(found: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): void {
  assert.deepEqual(found, Object.fromEntries(Object.entries(wanted).map(([manager, fields]) => [manager, fields === "…" ? found[manager] ?? "missing" : fields])));
}

describe("server-side apply: times", () => {
  const data = (x: string) => ({ data: { x } });
  const times = async (stage: Stage, scenario: Scenario) => {
    const { object } = await stage.run(scenario);
    const metadata = object?.["metadata"] as { readonly managedFields: readonly { readonly manager: string; readonly time: string }[] } | undefined;
    return Object.fromEntries((metadata?.managedFields ?? []).map(({ manager, time }) => [manager, Date.parse(time)]));
  };

  test("an entry has the time of its last change, and one that changes nothing keeps it", async () => {
    const stage = await Stage.open();
    const startedMs = stage.api.world.clock.nowMs();
    const after = (seconds: number) => startedMs + seconds * 1_000;
    assert.deepEqual(await times(stage, { kind: "ConfigMap", steps: [apply("a", data("1")), apply("a", data("1")), apply("a", data("1"))] }), { a: after(1) });
    assert.deepEqual(await times(stage, { kind: "ConfigMap", steps: [apply("a", data("1")), apply("b", { data: { y: "1" } }), apply("a", data("2"))] }), { a: after(6), b: after(5) });
    assert.deepEqual(await times(stage, { kind: "ConfigMap", steps: [create("u", data("1")), update("v", { data: { y: "1" } }), update("v", { data: { y: "1" } })] }), { u: after(7), v: after(8) });
  });

  test("an apply that changes nothing writes nothing", async () => {
    const stage = await Stage.open();
    await stage.run({ kind: "ConfigMap", steps: [apply("a", data("1")), create("z", data("1"))] });
    const { revision } = stage.api.store;
    await stage.run({ kind: "ConfigMap", steps: [apply("a", data("1")), apply("a", data("1")), apply("a", data("1"))] });
    assert.equal(stage.api.store.revision, revision + 1);
  });

  test("ten updaters are told apart, those before them are one", async () => {
    const stage = await Stage.open();
    const steps = Array.from({ length: 13 }, (_none, index) => update(`u${index}`, { data: { [`k${index}`]: "1" } }));
    const { object } = await stage.run({ kind: "ConfigMap", steps: [apply("a", data("1")), ...steps] });
    const names = Object.keys(ownersOf(object));
    assert.equal(names.filter((name) => name.endsWith("*")).length, 10);
    assert.ok(names.includes("ancient-changes*") && names.includes("a"), names.join(" "));
  });
});
