import { apply, create, put, update } from "./scenario.ts";
import type { Scenario } from "./scenario.ts";

const kind = "ConfigMap";
const data = (values: Readonly<Record<string, string | null>>) => ({ data: values });
const x1 = data({ x: "1" });
const x2 = data({ x: "2" });
const labels = (values: Readonly<Record<string, string | null>>) => ({ metadata: { labels: values } });

/** Who owns what, conflicts, force, dry runs and the list of managers itself: the same for every form of field. */
export const objectCases: Readonly<Record<string, Scenario>> = {
  "an apply creates": { kind, steps: [apply("a", x1)], has: x1, owners: { a: ".data.x" } },
  "an apply of nothing creates and owns nothing": { kind, steps: [apply("a", {})], has: { data: null }, owners: {} },
  "a second manager adds": { kind, steps: [apply("a", x1), apply("b", data({ y: "2" }))], has: data({ x: "1", y: "2" }), owners: { a: ".data.x", b: ".data.y" } },
  "two may agree": { kind, steps: [apply("a", x1), apply("b", x1)], owners: { a: ".data.x", b: ".data.x" } },
  "three may agree": { kind, steps: [apply("a", x1), apply("b", x1), apply("c", x1)], owners: { a: ".data.x", b: ".data.x", c: ".data.x" } },
  "one of two who agree may not change alone": { kind, steps: [apply("a", x1), apply("b", x1), apply("a", x2)], has: x1, refused: 'Apply failed with 1 conflict: conflict with "b": .data.x' },
  "a conflict names every other owner": { kind, steps: [apply("a", x1), apply("b", x1), apply("c", x2)], has: x1, refused: 'Apply failed with 2 conflicts: conflicts with "a":\n- .data.x\nconflicts with "b":\n- .data.x' },
  "a conflict names fields in their order": { kind, steps: [apply("a", data({ x: "1", b: "1", a: "1" })), apply("c", data({ a: "2", x: "2", b: "2" }))], refused: 'Apply failed with 3 conflicts: conflicts with "a":\n- .data.a\n- .data.b\n- .data.x' },
  "a conflict with an updater names its version": { kind, steps: [create("u", x1), apply("a", x2)], refused: 'Apply failed with 1 conflict: conflict with "u" using v1: .data.x' },
  "a refused apply changes nothing, not even what is no conflict": { kind, steps: [apply("a", x1), apply("b", data({ x: "2", y: "2" }))], has: data({ x: "1", y: null }), owners: { a: ".data.x" }, refused: /conflict/ },
  "the value another has is no conflict": { kind, steps: [create("u", x1), apply("a", x1)], owners: { "u*": ".data .data.x", a: ".data.x" } },
  "force takes from an applier": { kind, steps: [apply("a", x1), apply("b", x2, { isForced: true })], has: x2, owners: { b: ".data.x" } },
  "force takes from an updater": { kind, steps: [create("u", x1), apply("b", x2, { isForced: true })], has: x2, owners: { "u*": ".data", b: ".data.x" } },
  "force takes from all who agreed": { kind, steps: [apply("a", x1), apply("b", x1), apply("c", x2, { isForced: true })], owners: { c: ".data.x" } },
  "force leaves what it does not change": { kind, steps: [apply("a", data({ x: "1", y: "1" })), apply("b", data({ x: "2", y: "1" }), { isForced: true })], owners: { a: ".data.y", b: ".data.x .data.y" } },
  "force without a conflict is an apply": { kind, steps: [apply("a", x1), apply("b", data({ y: "1" }), { isForced: true })], owners: { a: ".data.x", b: ".data.y" } },
  "force does not take what others own and it does not name": { kind, steps: [apply("a", data({ x: "1", y: "1" })), apply("b", x2, { isForced: true }), apply("b", {}, { isForced: true })], has: data({ x: null, y: "1" }), owners: { a: ".data.y" } },
  "who lost a field may go on without it": { kind, steps: [apply("a", data({ x: "1", y: "1" })), apply("b", x2, { isForced: true }), apply("a", data({ y: "3" }))], has: data({ x: "2", y: "3" }), owners: { a: ".data.y", b: ".data.x" } },
  "who lost a field meets a conflict": { kind, steps: [apply("a", x1), apply("b", x2, { isForced: true }), apply("a", x1)], refused: 'Apply failed with 1 conflict: conflict with "b": .data.x' },
  "who lost a field may agree": { kind, steps: [apply("a", x1), apply("b", x2, { isForced: true }), apply("a", x2)], owners: { a: ".data.x", b: ".data.x" } },
  "what is left out goes": { kind, steps: [apply("a", data({ x: "1", y: "1" })), apply("a", x1)], has: data({ x: "1", y: null }), owners: { a: ".data.x" } },
  "the last that is left out goes with its map": { kind, steps: [apply("a", x1), apply("a", {})], has: { data: null }, owners: {} },
  "what another owns too stays": { kind, steps: [apply("a", x1), apply("b", x1), apply("a", {})], has: x1, owners: { b: ".data.x" } },
  "what an updater owns too stays": { kind, steps: [create("u", x1), apply("a", x1), apply("a", {})], has: x1, owners: { "u*": ".data .data.x" } },
  "what an updater changed stays": { kind, steps: [apply("a", x1), update("u", x2), apply("a", {})], has: x2, owners: { "u*": ".data.x" } },
  "what nobody owns is left alone": { kind, steps: [apply("a", x1), update("u", data({ y: "1" })), apply("a", data({ x: "3" }))], has: data({ x: "3", y: "1" }) },
  "an update takes what it changes": { kind, steps: [apply("a", data({ x: "1", y: "1" })), update("u", x2)], owners: { a: ".data.y", "u*": ".data.x" } },
  "an update of the same value takes nothing": { kind, steps: [apply("a", x1), update("u", x1)], owners: { a: ".data.x" } },
  "an update that removes leaves no owner": { kind, steps: [apply("a", data({ x: "1", y: "1" })), update("u", data({ x: null }))], owners: { a: ".data.y" } },
  "an update that removes what two own leaves no owner": { kind, steps: [apply("a", x1), apply("b", x1), update("u", data({ x: null }))], owners: {} },
  "what an update makes anew is its own": { kind, steps: [apply("a", data({ x: "1", y: "1" })), update("u", data({ x: null })), update("u", x1)], owners: { a: ".data.y", "u*": ".data.x" } },
  "an object that lost its last owner is not tracked by updates": { kind, steps: [apply("a", x1), update("u", data({ x: null })), update("u", x1)], owners: {} },
  "one name that applies and updates is two managers": { kind, steps: [apply("a", x1), update("a", data({ y: "1" }))], owners: { a: ".data.x", "a*": ".data.y" } },
  "an apply meets a conflict with an update of its own name": { kind, steps: [apply("a", x1), update("a", x2), apply("a", x1)], refused: 'Apply failed with 1 conflict: conflict with "a" using v1: .data.x' },
  "an update of another way is the same manager": { kind, steps: [create("u", x1), { ...update("u", x2), verb: "strategic" }, put("u", { data: { y: "1" } })], owners: { "u*": ".data .data.x .data.y" } },
  "a create owns its labels": { kind, steps: [create("u", labels({ l: "1" }))], owners: { "u*": ".metadata.labels .metadata.labels.l" } },
  "labels are owned one by one": { kind, steps: [apply("a", labels({ l: "1" })), apply("b", labels({ m: "1" })), apply("a", {})], has: labels({ l: null, m: "1" }), owners: { b: ".metadata.labels.m" } },
  "another's label is a conflict": { kind, steps: [apply("a", labels({ "x.io/l": "1" })), apply("b", labels({ "x.io/l": "2" }))], refused: 'Apply failed with 1 conflict: conflict with "a": .metadata.labels.x.io/l' },
  "finalizers are a set": { kind, steps: [apply("a", { metadata: { finalizers: ["x/a"] } }), apply("b", { metadata: { finalizers: ["x/b"] } })], has: { metadata: { finalizers: ["x/a", "x/b"] } }, owners: { a: '.metadata.finalizers[="x/a"]', b: '.metadata.finalizers[="x/b"]' } },
  "a finalizer goes with its owner": { kind, steps: [apply("a", { metadata: { finalizers: ["x/a"] } }), apply("b", { metadata: { finalizers: ["x/b"] } }), apply("a", {})], has: { metadata: { finalizers: ["x/b"] } } },
  "owner references merge by uid": {
    kind, steps: [apply("a", { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "1" }] } }), apply("b", { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "q", uid: "2" }] } })],
    has: { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "1" }, { apiVersion: "v1", kind: "Pod", name: "q", uid: "2" }] } },
  },
  "names and bookkeeping have no owner": { kind, steps: [apply("a", { metadata: { creationTimestamp: null, labels: { l: "1" } } })], owners: { a: ".metadata.labels.l" } },
  "a top-level scalar is owned": { kind, steps: [apply("a", { immutable: false, ...x1 })], owners: { a: ".data.x .immutable" } },
  "a dry run creates nothing": { kind, steps: [apply("a", x1, { isDryRun: true })], has: { data: null } },
  "a dry run changes nothing and no owner": { kind, steps: [apply("a", x1), apply("a", data({ x: "2", y: "1" }), { isDryRun: true })], has: data({ x: "1", y: null }), owners: { a: ".data.x" } },
  "a dry run meets conflicts": { kind, steps: [apply("a", x1), apply("b", x2, { isDryRun: true })], refused: 'Apply failed with 1 conflict: conflict with "a": .data.x' },
  "a dry run may force": { kind, steps: [apply("a", x1), apply("b", x2, { isDryRun: true, isForced: true })], has: x1, owners: { a: ".data.x" } },
  "an empty entry forgets all": { kind, steps: [apply("a", x1), update("u", { metadata: { managedFields: [{}] } })], has: x1, owners: {} },
  "an empty list is no way to forget": { kind, steps: [apply("a", x1), update("u", { metadata: { managedFields: [] } })], owners: { a: ".data.x" } },
  "null is no way to forget": { kind, steps: [apply("a", x1), update("u", { metadata: { managedFields: null } })], owners: { a: ".data.x" } },
  "what is forgotten is not tracked by updates": { kind, steps: [apply("a", x1), update("u", { metadata: { managedFields: [{}] } }), update("u", x2)], owners: {} },
  "an apply to what is forgotten names who was before": { kind, steps: [create("u", data({ x: "1", y: "1" })), update("u", { metadata: { managedFields: [{}] } }), apply("a", x1)], owners: { "before-first-apply*": ".data .data.x .data.y", a: ".data.x" } },
  "an apply to what is forgotten meets it": { kind, steps: [create("u", x1), update("u", { metadata: { managedFields: [{}] } }), apply("a", x2)], refused: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x' },
  "a client may rewrite who owns what": {
    kind, steps: [create("u", x1), update("u", { metadata: { managedFields: [{ manager: "z", operation: "Apply", apiVersion: "v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:x": {} } } }] } })],
    owners: { z: ".data.x" },
  },
  "a rewrite that makes no sense is passed over": { kind, steps: [create("u", x1), update("u", { metadata: { managedFields: [{ manager: "z", operation: "Explode" }] } })], owners: { "u*": ".data .data.x" } },
  "a manifest says nothing of managers": { kind, steps: [apply("a", { ...x1, metadata: { managedFields: [] } })], refused: /metadata\.managedFields must be nil/ },
  "an unknown field": { kind, steps: [apply("a", { nope: 1 })], refused: /failed to create typed patch object \(default\/x-\d+; v1, Kind=ConfigMap\): \.nope: field not declared in schema/ },
  "two unknown fields": { kind, steps: [apply("a", { nope: 1, nor: 2 })], refused: /: errors:\n {2}\.nope: field not declared in schema\n {2}\.nor: field not declared in schema/ },
  "a revision that has passed": { kind, steps: [apply("a", x1), apply("a", { ...x2, metadata: { resourceVersion: "1" } })], has: x1, refused: /the object has been modified; please apply your changes to the latest version and try again/ },
  "another name than the address has": { kind, steps: [apply("a", { ...x1, metadata: { name: "other" } })], refused: /does not match the name on the URL/ },
  "what kubectl applied on its side is kubectl's": {
    kind, steps: [create("kubectl-client-side-apply", { ...x1, metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(x1) } } }), apply("kubectl", x2)],
    has: x2, owners: { "kubectl-client-side-apply*": "…", kubectl: ".data.x" },
  },
  "what kubectl applied on its side is nobody else's": {
    kind, steps: [create("kubectl-client-side-apply", { ...x1, metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(x1) } } }), apply("a", x2)],
    refused: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.x',
  },
  "what was changed since is not kubectl's": {
    kind, steps: [create("kubectl-client-side-apply", { ...x1, metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(x1) } } }), update("u", data({ x: "3" })), apply("kubectl", x2)],
    refused: 'Apply failed with 1 conflict: conflict with "u" using v1: .data.x',
  },
  "kubectl's note follows its apply": {
    kind, steps: [create("kubectl-client-side-apply", { ...x1, metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(x1) } } }), apply("kubectl", x2)],
    has: { data: { x: "2" } }, owners: { "kubectl-client-side-apply*": ".data .metadata.annotations .metadata.annotations.kubectl.kubernetes.io/last-applied-configuration", kubectl: ".data.x" },
  },
};
