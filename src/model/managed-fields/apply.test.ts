import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deepFreeze } from "../../value/freeze.ts";
import { isEqual } from "../../value/equal.ts";
import type { JsonObject } from "../../value/json.ts";
import { applyConfiguration } from "./apply.ts";
import type { ApplyResult } from "./apply.ts";
import { printConflicts } from "./conflicts.ts";
import { intersectionOf, isEmptySet, pathsOf, printFieldPath } from "./field-set.ts";
import { lastAppliedAnnotation } from "./last-applied.ts";
import { isSameOwnership } from "./managers.ts";
import type { ManagedEntry, Manager } from "./managers.ts";
import { trackWrite } from "./track.ts";

const kinds = {
  deployment: { kind: "Deployment", message: "apps/v1.Deployment", hasStatus: true }, pod: { kind: "Pod", message: "core/v1.Pod", hasStatus: true },
  configMap: { kind: "ConfigMap", message: "core/v1.ConfigMap", hasStatus: false }, service: { kind: "Service", message: "core/v1.Service", hasStatus: true },
};
type KindName = keyof typeof kinds;

/** An object and who owns what of it. */
interface State {
  readonly object: JsonObject;
  readonly entries: readonly ManagedEntry[];
  readonly conflict?: string;
}

/** One write: an apply of a manager, or an update to a whole new state. */
type Step =
  | { readonly apply: string; readonly manifest: JsonObject; readonly isForced?: boolean; readonly part?: string }
  | { readonly update: string; readonly to: JsonObject; readonly part?: string };

const empty: State = { object: {}, entries: [] };

function take(kind: KindName, state: State, step: Step, time: string): State {
  const { message } = kinds[kind];
  const subresource = step.part ?? "";
  if ("update" in step) {
    const manager: Manager = { name: step.update, operation: "Update", apiVersion: "v1", subresource };
    return { object: step.to, entries: trackWrite({ message, before: state.object, after: step.to, entries: state.entries, manager, time }) };
  }
  const result = applyStep(kind, state, { ...step, time });
  if (result.kind === "conflict") return { ...state, conflict: printConflicts(result.conflicts).message };
  if (result.kind === "invalid") return { ...state, conflict: result.errors.join("; ") };
  return { object: withoutNulls(result.object), entries: result.entries };
}

function applyStep(kind: KindName, state: State, step: Extract<Step, { readonly apply: string }> & { readonly time: string }): ApplyResult {
  return applyConfiguration(deepFreeze({
    kind: kinds[kind], live: state.object, manifest: step.manifest, entries: state.entries, isForced: step.isForced === true, time: step.time,
    manager: { name: step.apply, operation: "Apply", apiVersion: "v1", subresource: step.part ?? "" },
  }));
}

function run(kind: KindName, steps: readonly Step[]): State {
  return steps.reduce((state, step, index) => take(kind, state, step, `2026-01-01T00:00:0${index}Z`), empty);
}

/** As the server stores it. */
function withoutNulls(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value, (_key, member: unknown) => (member === null ? undefined : member))) as JsonObject;
}

/** `a`: what manager a owns; `b*` for an update, `c/status` for a part. */
function ownersOf({ entries }: State): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(entries.map((entry) => [`${entry.name}${entry.operation === "Update" ? "*" : ""}${entry.subresource === "" ? "" : `/${entry.subresource}`}`, pathsOf(entry.fields).map(printFieldPath).toSorted()]));
}

const data = (values: JsonObject): JsonObject => ({ data: values });
const a = (manifest: JsonObject, isForced = false): Step => ({ apply: "a", manifest, isForced });
const b = (manifest: JsonObject, isForced = false): Step => ({ apply: "b", manifest, isForced });
const u = (to: JsonObject): Step => ({ update: "u", to });
const containers = (...list: readonly JsonObject[]): JsonObject => ({ spec: { containers: list } });
const c = '.spec.containers[name="x"]';

interface Case {
  readonly kind: KindName;
  readonly steps: readonly Step[];
  readonly object?: JsonObject;
  readonly owners?: Readonly<Record<string, readonly string[]>>;
  readonly conflict?: string;
}

const cases: Readonly<Record<string, Case>> = {
  "an apply creates and owns": { kind: "configMap", steps: [a(data({ x: "1" }))], object: data({ x: "1" }), owners: { a: [".data.x"] } },
  "an apply changes its own field": { kind: "configMap", steps: [a(data({ x: "1" })), a(data({ x: "2" }))], object: data({ x: "2" }), owners: { a: [".data.x"] } },
  "a field no longer specified goes": { kind: "configMap", steps: [a(data({ x: "1", y: "2" })), a(data({ x: "1" }))], object: data({ x: "1" }), owners: { a: [".data.x"] } },
  "the last field goes and leaves no owner": { kind: "configMap", steps: [a(data({ x: "1" })), a({})], object: {}, owners: {} },
  "two appliers own apart": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ y: "2" }))], object: data({ x: "1", y: "2" }), owners: { a: [".data.x"], b: [".data.y"] } },
  "two appliers share what they agree on": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ x: "1" }))], object: data({ x: "1" }), owners: { a: [".data.x"], b: [".data.x"] } },
  "a shared field stays when one lets go": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ x: "1" })), a({})], object: data({ x: "1" }), owners: { b: [".data.x"] } },
  "a shared field goes when the last lets go": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ x: "1" })), a({}), b({})], object: {}, owners: {} },
  "another's field is a conflict": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ x: "2" }))], object: data({ x: "1" }), owners: { a: [".data.x"] }, conflict: 'Apply failed with 1 conflict: conflict with "a": .data.x' },
  "several conflicts are listed by manager": { kind: "configMap", steps: [a(data({ x: "1", y: "1" })), u(data({ x: "1", y: "1", z: "1" })), b(data({ x: "2", y: "2", z: "2" }))], conflict: 'Apply failed with 3 conflicts: conflicts with "a":\n- .data.x\n- .data.y\nconflicts with "u" using v1:\n- .data.z' },
  "force takes the field": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ x: "2" }), true)], object: data({ x: "2" }), owners: { b: [".data.x"] } },
  "force takes only what it changes": { kind: "configMap", steps: [a(data({ x: "1", y: "1" })), b(data({ x: "2", y: "1" }), true)], object: data({ x: "2", y: "1" }), owners: { a: [".data.y"], b: [".data.x", ".data.y"] } },
  "who lost a field may leave it out": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ x: "2" }), true), a({})], object: data({ x: "2" }), owners: { b: [".data.x"] } },
  "who lost a field meets a conflict": { kind: "configMap", steps: [a(data({ x: "1" })), b(data({ x: "2" }), true), a(data({ x: "1" }))], conflict: 'Apply failed with 1 conflict: conflict with "b": .data.x' },
  "an update owns what it makes": { kind: "configMap", steps: [u(data({ x: "1" }))], owners: { "u*": [".data", ".data.x"] } },
  "an update takes what it changes": { kind: "configMap", steps: [a(data({ x: "1" })), u(data({ x: "2" }))], owners: { "u*": [".data.x"] } },
  "an update leaves what it does not change": { kind: "configMap", steps: [a(data({ x: "1" })), u(data({ x: "1", y: "2" }))], owners: { a: [".data.x"], "u*": [".data.y"] } },
  "what an update removes has no owner": { kind: "configMap", steps: [a(data({ x: "1", y: "2" })), u(data({ x: "1" }))], owners: { a: [".data.x"] } },
  "an update of one's own field stays one's own": { kind: "configMap", steps: [u(data({ x: "1" })), u(data({ x: "2" }))], owners: { "u*": [".data", ".data.x"] } },
  "an apply meets a conflict with an update": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), u({ spec: { replicas: 5 } }), a({ spec: { replicas: 1 } })], conflict: 'Apply failed with 1 conflict: conflict with "u" using v1: .spec.replicas' },
  "an apply agrees with an update": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), u({ spec: { replicas: 5 } }), a({ spec: { replicas: 5 } })], owners: { a: [".spec.replicas"], "u*": [".spec.replicas"] } },
  "an apply lets an autoscaler have the field": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), u({ spec: { replicas: 5 } }), a({})], object: { spec: { replicas: 5 } }, owners: { "u*": [".spec.replicas"] } },
  "a subresource's manager is another one": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), { update: "kubectl", to: { spec: { replicas: 5 } }, part: "scale" }, a({ spec: { replicas: 1 } })], conflict: 'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using v1: .spec.replicas' },
  "the status has owners of its own": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), { update: "m", to: { spec: { replicas: 1 }, status: { replicas: 1 } }, part: "status" }], owners: { a: [".spec.replicas"], "m*/status": [".status.replicas"] } },
  "a write of the status owns nothing else": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), { update: "m", to: { spec: { replicas: 2 }, status: { replicas: 1 } }, part: "status" }], owners: { a: [".spec.replicas"], "m*/status": [".status.replicas"] } },
  "a status in a manifest is left out": { kind: "deployment", steps: [a({ spec: { replicas: 1 }, status: { replicas: 9 } })], object: { spec: { replicas: 1 } }, owners: { a: [".spec.replicas"] } },
  "an apply of the status leaves the rest alone": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), { apply: "m", manifest: { metadata: { labels: { x: "y" } }, spec: { replicas: 7 }, status: { replicas: 9 } }, part: "status" }], owners: { a: [".spec.replicas"], "m/status": [".status.replicas"] } },
  "names and bookkeeping are nobody's": { kind: "configMap", steps: [a({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace: "n", uid: "u", creationTimestamp: null, resourceVersion: "1", labels: { l: "1" } } })], owners: { a: [".metadata.labels.l"] } },
  "containers merge by name": { kind: "pod", steps: [a(containers({ name: "x", image: "1" })), b(containers({ name: "y", image: "2" }))], object: containers({ name: "x", image: "1" }, { name: "y", image: "2" }) },
  "a container of two managers has the fields of both": { kind: "pod", steps: [a(containers({ name: "x", image: "1" })), b(containers({ name: "x", tty: true }))], object: containers({ name: "x", image: "1", tty: true }), owners: { a: [c, `${c}.image`, `${c}.name`], b: [c, `${c}.name`, `${c}.tty`] } },
  "one manager's fields of a shared container go": { kind: "pod", steps: [a(containers({ name: "x", image: "1" })), b(containers({ name: "x", tty: true })), b(containers())], object: containers({ name: "x", image: "1" }), owners: { a: [c, `${c}.image`, `${c}.name`] } },
  "a container nobody wants goes": { kind: "pod", steps: [a(containers({ name: "x" }, { name: "y" })), a(containers({ name: "y" }))], object: containers({ name: "y" }) },
  "who lets go of a container owns the others": { kind: "pod", steps: [a(containers({ name: "x" }, { name: "y" })), a(containers({ name: "y" }))], owners: { a: ['.spec.containers[name="y"]', '.spec.containers[name="y"].name'] } },
  "a container goes with the fields others put into it, unless they own it": { kind: "pod", steps: [a(containers({ name: "x", image: "1" }, { name: "y" })), u(containers({ name: "x", image: "1", tty: true }, { name: "y" })), a(containers({ name: "y" }))], object: containers({ name: "y" }), owners: { a: ['.spec.containers[name="y"]', '.spec.containers[name="y"].name'] } },
  "defaults nobody owns go with their item": { kind: "pod", steps: [a(containers({ name: "x", image: "1" }, { name: "y" })), { update: "u", to: containers({ name: "x", image: "1" }, { name: "y", tty: true }) }, a(containers({ name: "y" }))], object: containers({ name: "y", tty: true }) },
  "new items stand behind those before them": { kind: "pod", steps: [a(containers({ name: "x" }, { name: "z" })), a(containers({ name: "x" }, { name: "y" }, { name: "z" }))], object: containers({ name: "x" }, { name: "y" }, { name: "z" }) },
  "items take the order of the manifest": { kind: "pod", steps: [a(containers({ name: "x" }, { name: "y" })), a(containers({ name: "y" }, { name: "x" }))], object: containers({ name: "y" }, { name: "x" }) },
  "others' items keep their place": { kind: "pod", steps: [a(containers({ name: "x" }, { name: "z" })), u(containers({ name: "x" }, { name: "i" }, { name: "z" })), a(containers({ name: "x" }, { name: "z" }, { name: "w" }))], object: containers({ name: "x" }, { name: "i" }, { name: "z" }, { name: "w" }) },
  "ports merge by number and protocol": { kind: "service", steps: [a({ spec: { ports: [{ port: 80 }] } }), b({ spec: { ports: [{ port: 80, protocol: "UDP" }] } })], object: { spec: { ports: [{ port: 80 }, { port: 80, protocol: "UDP" }] } } },
  "a port is found by its default protocol": { kind: "service", steps: [u({ spec: { ports: [{ port: 80, protocol: "TCP" }] } }), b({ spec: { ports: [{ port: 80, name: "http" }] } })], object: { spec: { ports: [{ port: 80, protocol: "TCP", name: "http" }] } } },
  "an atomic list is replaced": { kind: "pod", steps: [a(containers({ name: "x", args: ["1", "2"] })), a(containers({ name: "x", args: ["3"] }))], object: containers({ name: "x", args: ["3"] }) },
  "an atomic list is owned whole": { kind: "pod", steps: [a(containers({ name: "x", args: ["1"] })), b(containers({ name: "x", args: ["2"] }))], conflict: `Apply failed with 1 conflict: conflict with "a": ${c}.args` },
  "an atomic map is replaced": { kind: "service", steps: [a({ spec: { selector: { x: "1", y: "1" } } }), a({ spec: { selector: { x: "2" } } })], object: { spec: { selector: { x: "2" } } }, owners: { a: [".spec.selector"] } },
  "an atomic map of another is a conflict": { kind: "service", steps: [a({ spec: { selector: { x: "1" } } }), b({ spec: { selector: { x: "1", y: "1" } } })], conflict: 'Apply failed with 1 conflict: conflict with "a": .spec.selector' },
  "an atomic struct is owned whole": { kind: "deployment", steps: [a({ spec: { selector: { matchLabels: { x: "1" } } } })], owners: { a: [".spec.selector"] } },
  "a set is the union": { kind: "pod", steps: [a({ metadata: { finalizers: ["x/a"] } }), b({ metadata: { finalizers: ["x/b"] } })], object: { metadata: { finalizers: ["x/a", "x/b"] } }, owners: { a: ['.metadata.finalizers[="x/a"]'], b: ['.metadata.finalizers[="x/b"]'] } },
  "a value of a set goes with its owner": { kind: "pod", steps: [a({ metadata: { finalizers: ["x/a"] } }), b({ metadata: { finalizers: ["x/b"] } }), a({})], object: { metadata: { finalizers: ["x/b"] } } },
  "a map of two managers stays while one has an entry": { kind: "pod", steps: [a({ metadata: { labels: { x: "1" } } }), b({ metadata: { labels: { y: "1" } } }), a({})], object: { metadata: { labels: { y: "1" } } }, owners: { b: [".metadata.labels.y"] } },
  "the last annotation goes, the name stays": {
    kind: "configMap", steps: [u({ metadata: { name: "n", uid: "1" } }), a({ metadata: { name: "n", annotations: { x: "1" } } }), a({ metadata: { name: "n" } })], object: { metadata: { name: "n", uid: "1" } }, owners: {},
  },
  "a label an update put there stays": { kind: "pod", steps: [a({ metadata: { labels: { x: "1" } } }), u({ metadata: { labels: { x: "1", y: "1" } } }), a({})], object: { metadata: { labels: { y: "1" } } } },
  "a null for a map says nothing": { kind: "pod", steps: [u({ metadata: { labels: { y: "1" } } }), a({ metadata: { labels: null } })], object: { metadata: { labels: { y: "1" } } } },
  "a null for a scalar takes it away": { kind: "deployment", steps: [a({ spec: { replicas: 1 } }), a({ spec: { replicas: null } })], object: { spec: {} }, owners: { a: [".spec.replicas"] } },
  "untracked objects belong to whoever was before": { kind: "configMap", steps: [{ update: "old", to: data({ x: "1" }) }, { update: "old", to: data({ x: "1" }) }, b(data({ x: "2" }))], conflict: 'Apply failed with 1 conflict: conflict with "old" using v1: .data.x' },
  "an unknown field is refused": { kind: "deployment", steps: [a({ spec: { nope: 1 } })], conflict: ".spec.nope: field not declared in schema" },
};

for (const [title, { kind, steps, object, owners, conflict }] of Object.entries(cases)) {
  test(title, () => {
    const state = run(kind, steps);
    assert.equal(state.conflict, conflict);
    if (object !== undefined) assert.deepEqual(state.object, object);
    if (owners !== undefined) assert.deepEqual(ownersOf(state), owners);
  });
}

test("an object without owners gets one before its first apply", () => {
  const state = take("configMap", { object: data({ x: "1", y: "1" }), entries: [] }, a(data({ y: "1" })), "2026-01-01T00:00:00Z");
  assert.deepEqual(ownersOf(state), { "before-first-apply*": [".data", ".data.x", ".data.y"], a: [".data.y"] });
});

test("an apply that changes nothing keeps its time, one that changes owners does not", () => {
  const first = run("configMap", [a(data({ x: "1" })), b(data({ y: "1" }))]);
  const again = take("configMap", first, a(data({ x: "1" })), "2027-01-01T00:00:00Z");
  assert.deepEqual(again, { object: first.object, entries: again.entries });
  assert.equal(again.entries.find((entry) => entry.name === "a")?.time, "2026-01-01T00:00:00Z");
  const shared = take("configMap", first, a(data({ x: "1", y: "1" })), "2027-01-01T00:00:00Z");
  assert.equal(shared.entries.find((entry) => entry.name === "a")?.time, "2027-01-01T00:00:00Z");
});

const noted = (values: JsonObject, note: JsonObject): JsonObject => ({ metadata: { annotations: { [lastAppliedAnnotation]: JSON.stringify(note) } }, ...data(values) });

test("kubectl takes over from client-side apply what nobody has changed since", () => {
  const before = run("configMap", [{ update: "kubectl-client-side-apply", to: noted({ x: "1", y: "1" }, data({ x: "1", y: "1" })) }]);
  const taken = take("configMap", before, { apply: "kubectl", manifest: data({ x: "2", y: "1" }) }, "2027-01-01T00:00:00Z");
  assert.equal(taken.conflict, undefined);
  assert.equal((taken.object["data"] as JsonObject)["x"], "2");
  assert.equal(take("configMap", before, { apply: "other", manifest: data({ x: "2" }) }, "2027-01-01T00:00:00Z").conflict, 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.x');
  const edited = take("configMap", before, { update: "edit", to: noted({ x: "9", y: "1" }, data({ x: "1", y: "1" })) }, "2026-06-01T00:00:00Z");
  assert.equal(take("configMap", edited, { apply: "kubectl", manifest: data({ x: "2", y: "2" }) }, "2027-01-01T00:00:00Z").conflict, 'Apply failed with 1 conflict: conflict with "edit" using v1: .data.x');
});

test("kubectl keeps the note of its last apply up to date", () => {
  const before = run("configMap", [{ update: "kubectl-client-side-apply", to: noted({ x: "1" }, data({ x: "1" })) }]);
  const taken = take("configMap", before, { apply: "kubectl", manifest: data({ x: "2" }) }, "2027-01-01T00:00:00Z");
  assert.deepEqual((taken.object["metadata"] as JsonObject)["annotations"], { [lastAppliedAnnotation]: `${JSON.stringify(data({ x: "2" }))}\n` });
});

const names = fc.constantFrom("x", "y", "z", "w");
const values = fc.dictionary(names, fc.constantFrom("1", "2"), { maxKeys: 4, noNullPrototype: true });
const anyContainers = fc.uniqueArray(fc.record({ name: names, image: fc.constantFrom("1", "2"), args: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }) }, { requiredKeys: ["name"], noNullPrototype: true }), { selector: (one) => one.name, maxLength: 4 });
const manifest = fc.record({ labels: values, containers: anyContainers, finalizers: fc.uniqueArray(names, { maxLength: 3 }) }, { noNullPrototype: true }).map(({ labels, containers: list, finalizers }): JsonObject => ({ metadata: { labels, finalizers }, spec: { containers: list } }));

/** What is empty is as good as absent. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withoutEmpty(member)] as const).filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

function forced(state: State, name: string, wanted: JsonObject): State {
  return take("pod", state, { apply: name, manifest: wanted, isForced: true }, "2026-01-01T00:00:00Z");
}

test("applying twice is applying once", () => {
  fc.assert(fc.property(manifest, manifest, (first, second) => {
    const once = forced(forced(empty, "a", first), "b", second);
    const twice = forced(once, "b", second);
    assert.deepEqual(twice.object, once.object);
    assert.ok(isSameOwnership(twice.entries, once.entries));
  }));
});

test("a forced apply wins: all it specifies is there and its own", () => {
  fc.assert(fc.property(manifest, manifest, manifest, (first, second, third) => {
    const state = forced(forced(forced(empty, "a", first), "b", second), "a", third);
    const again = take("pod", state, { apply: "a", manifest: third }, "2026-01-01T00:00:00Z");
    assert.equal(again.conflict, undefined);
    assert.deepEqual(withoutEmpty(again.object), withoutEmpty(state.object));
  }));
});

test("appliers of different fields commute", () => {
  fc.assert(fc.property(values, values, (one, other) => {
    const left: JsonObject = { metadata: { labels: Object.fromEntries(Object.entries(one).map(([name, value]) => [`l-${name}`, value])) } };
    const right: JsonObject = { metadata: { labels: Object.fromEntries(Object.entries(other).map(([name, value]) => [`r-${name}`, value])), annotations: other } };
    const ab = take("pod", take("pod", empty, a(left), "t"), b(right), "t");
    const ba = take("pod", take("pod", empty, b(right), "t"), a(left), "t");
    assert.deepEqual([ab.conflict, ba.conflict], [undefined, undefined]);
    assert.ok(isEqual(ab.object, ba.object));
    assert.ok(isSameOwnership(ab.entries, ba.entries));
  }));
});

test("after a write, no other manager owns what it changed, and who lets go of all leaves nothing of its own", () => {
  fc.assert(fc.property(manifest, manifest, (first, second) => {
    const applied = forced(empty, "a", first);
    const updated = take("pod", applied, u(second), "2026-01-01T00:00:01Z");
    const own = updated.entries.find((entry) => entry.name === "u");
    for (const entry of updated.entries) if (entry !== own) assert.ok(isEmptySet(intersectionOf(entry.fields, own?.fields ?? {})));
    assert.deepEqual(forced(applied, "a", {}).entries, []);
  }));
});
