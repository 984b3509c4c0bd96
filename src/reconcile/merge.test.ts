import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../value/json.ts";
import { mergeApplied } from "./merge.ts";

const podSpec = "core/v1.PodSpec";

interface Case {
  readonly title: string;
  readonly message?: string;
  readonly desired: JsonObject;
  readonly live: JsonObject;
  readonly priors?: readonly JsonObject[];
  readonly merged: JsonObject;
}

const cases: readonly Case[] = [
  { title: "what only live has stays", desired: { a: 1 }, live: { a: 1, b: 2 }, merged: { a: 1, b: 2 } },
  { title: "what desired says wins", desired: { a: 2 }, live: { a: 1 }, merged: { a: 2 } },
  { title: "what was applied before and is no longer wanted goes", desired: { a: 1 }, live: { a: 1, b: 2 }, priors: [{ a: 1, b: 2 }], merged: { a: 1 } },
  { title: "any of several earlier versions counts", desired: {}, live: { a: 1, b: 2, c: 3 }, priors: [{ a: 1 }, { b: 2 }], merged: { c: 3 } },
  { title: "a null where the schema knows the field is not written", message: "meta/v1.ObjectMeta", desired: { name: "x", labels: null }, live: { name: "x" }, merged: { name: "x" } },
  { title: "a null in free-form JSON is a value", desired: { a: null }, live: { b: 1 }, merged: { b: 1, a: null } },
  { title: "lists without a merge key are replaced whole", desired: { list: [1] }, live: { list: [1, 2, 3] }, merged: { list: [1] } },
  {
    title: "containers are merged by name and one somebody injected stays", message: podSpec,
    desired: { containers: [{ name: "web", image: "web:2" }] },
    live: { containers: [{ name: "proxy", image: "p" }, { name: "web", image: "web:1", terminationMessagePath: "/x" }] },
    priors: [{ containers: [{ name: "web", image: "web:1" }] }],
    merged: { containers: [{ name: "web", image: "web:2", terminationMessagePath: "/x" }, { name: "proxy", image: "p" }] },
  },
  {
    title: "a container that is no longer wanted goes", message: podSpec,
    desired: { containers: [{ name: "web" }] }, live: { containers: [{ name: "web" }, { name: "old" }] }, priors: [{ containers: [{ name: "web" }, { name: "old" }] }],
    merged: { containers: [{ name: "web" }] },
  },
  {
    title: "ports of one number and two protocols are two ports, TCP when none is said", message: "core/v1.Container",
    desired: { name: "c", ports: [{ containerPort: 53, name: "tcp" }] },
    live: { name: "c", ports: [{ containerPort: 53, protocol: "TCP" }, { containerPort: 53, protocol: "UDP" }] },
    merged: { name: "c", ports: [{ containerPort: 53, protocol: "TCP", name: "tcp" }, { containerPort: 53, protocol: "UDP" }] },
  },
  {
    title: "labels another one set stay when all of ours go", message: "meta/v1.ObjectMeta",
    desired: { name: "x" }, live: { name: "x", labels: { ours: "1", theirs: "2" } }, priors: [{ name: "x", labels: { ours: "1" } }],
    merged: { name: "x", labels: { theirs: "2" } },
  },
  { title: "finalizers are a set", message: "meta/v1.ObjectMeta", desired: { finalizers: ["b"] }, live: { finalizers: ["a"] }, merged: { finalizers: ["b", "a"] } },
];

for (const { title, message, desired, live, priors, merged } of cases) {
  test(title, () => { assert.deepEqual(mergeApplied(message, desired, live, priors ?? []), merged); });
}

test("members that are called as what every object inherits are members like any other", () => {
  const odd = JSON.parse('{"": {"__proto__": null}, "toString": {"constructor": 1}, "__proto__": {"a": 1}}') as JsonObject;
  assert.equal(mergeApplied(undefined, odd, odd, [odd]), odd);
  assert.equal(JSON.stringify(mergeApplied(undefined, {}, odd, [{}])), JSON.stringify(odd));
  assert.equal(JSON.stringify(mergeApplied(undefined, odd, {}, [])), JSON.stringify(odd));
  assert.equal(JSON.stringify(mergeApplied(undefined, {}, odd, [odd])), "{}");
});

const anyObject = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<JsonObject>;
const plainObject = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof(fc.integer(), fc.string(), fc.dictionary(fc.constantFrom("x", "y"), fc.integer()))) as fc.Arbitrary<JsonObject>;

test("applying twice is applying once", () => {
  fc.assert(fc.property(plainObject, plainObject, plainObject, (desired, live, prior) => {
    const once = mergeApplied(undefined, desired, live, [prior]);
    assert.deepEqual(mergeApplied(undefined, desired, once, [desired]), once);
  }));
});

test("a live object that already is as wanted is answered as it is", () => {
  fc.assert(fc.property(anyObject, (live) => { assert.equal(mergeApplied(undefined, live, live, [live]), live); }));
});
