import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../value/json.ts";
import { structOfResource } from "../custom/struct.ts";
import { compareObjects } from "./compare.ts";
import { pathsOf, printFieldPath } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";
import { specifiedFields } from "./specified.ts";

const pod = "core/v1.Pod";
const deployment = "apps/v1.Deployment";
const service = "core/v1.Service";
const configMap = "core/v1.ConfigMap";

function textsOf(set: FieldSet): readonly string[] {
  return pathsOf(set).map(printFieldPath);
}

/** A pod with one container. */
function withContainer(container: JsonObject): JsonObject {
  return { spec: { containers: [{ name: "a", ...container }] } };
}

const item = '.spec.containers[name="a"]';

const specified: readonly (readonly [title: string, message: string, manifest: JsonObject, fields: readonly string[]])[] = [
  ["a scalar is a field", deployment, { spec: { replicas: 3 } }, [".spec.replicas"]],
  ["zero and false are fields", deployment, { spec: { replicas: 0, paused: false } }, [".spec.replicas", ".spec.paused"]],
  ["a null is a field", deployment, { spec: { replicas: null } }, [".spec.replicas"]],
  ["an empty struct is a field", pod, { spec: { securityContext: {} } }, [".spec.securityContext"]],
  ["a struct with fields is none", pod, { spec: { securityContext: { runAsUser: 1 } } }, [".spec.securityContext.runAsUser"]],
  ["an empty list with keys is none", pod, { spec: { containers: [] } }, []],
  ["an empty atomic list is a field", pod, withContainer({ args: [] }), [item, `${item}.name`, `${item}.args`]],
  ["an empty map is a field", pod, { metadata: { labels: {} } }, [".metadata.labels"]],
  ["entries of a map are fields, the map is none", pod, { metadata: { labels: { a: "1", b: "2" } } }, [".metadata.labels.a", ".metadata.labels.b"]],
  ["an item with a key is a field with its own below", pod, withContainer({ image: "x" }), [item, `${item}.name`, `${item}.image`]],
  ["a key is completed by its default", pod, withContainer({ ports: [{ containerPort: 80 }] }), [item, `${item}.name`, `${item}.ports[containerPort=80,protocol="TCP"]`, `${item}.ports[containerPort=80,protocol="TCP"].containerPort`]],
  ["an atomic list is one field", pod, withContainer({ command: ["a", "b"] }), [item, `${item}.name`, `${item}.command`]],
  ["an atomic map is one field", service, { spec: { selector: { a: "1" } } }, [".spec.selector"]],
  ["an atomic struct is one field", deployment, { spec: { selector: { matchLabels: { a: "1" } } } }, [".spec.selector"]],
  ["a set is owned by value", pod, { metadata: { finalizers: ["x/a", "x/b"] } }, ['.metadata.finalizers[="x/a"]', '.metadata.finalizers[="x/b"]']],
  ["an item of atomic structs is one of its list", pod, { spec: { imagePullSecrets: [{ name: "s" }] } }, ['.spec.imagePullSecrets[name="s"]']],
  ["a key of a selector is atomic", pod, withContainer({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "m", key: "k" } } }] }), [item, `${item}.name`, `${item}.env[name="A"]`, `${item}.env[name="A"].name`, `${item}.env[name="A"].valueFrom.configMapKeyRef`]],
  ["entries of resources are fields", pod, withContainer({ resources: { limits: { cpu: "1" } } }), [item, `${item}.name`, `${item}.resources.limits.cpu`]],
  ["tolerations are one field", pod, { spec: { tolerations: [{ key: "a" }] } }, [".spec.tolerations"]],
  ["data of a config map are fields", configMap, { data: { a: "1" }, immutable: true }, [".data.a", ".immutable"]],
  ["ports of a service are found by two keys", service, { spec: { ports: [{ port: 80, name: "http" }, { port: 80, protocol: "UDP" }] } }, [
    '.spec.ports[port=80,protocol="TCP"]', '.spec.ports[port=80,protocol="UDP"]', '.spec.ports[port=80,protocol="TCP"].name', '.spec.ports[port=80,protocol="TCP"].port',
    '.spec.ports[port=80,protocol="UDP"].port', '.spec.ports[port=80,protocol="UDP"].protocol',
  ]],
  ["owner references are found by uid and owned whole", pod, { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid: "u" }] } }, ['.metadata.ownerReferences[uid="u"]']],
];

for (const [title, message, manifest, fields] of specified) {
  test(`specified: ${title}`, () => {
    const result = specifiedFields(message, manifest);
    assert.deepEqual([result.errors, textsOf(result.fields).toSorted()], [[], fields.toSorted()]);
  });
}

const refused: readonly (readonly [title: string, message: string, manifest: JsonObject, error: string])[] = [
  ["an unknown field", deployment, { spec: { replicaz: 3 } }, ".spec.replicaz: field not declared in schema"],
  ["an unknown field of an item", pod, withContainer({ imaje: "x" }), `${item}.imaje: field not declared in schema`],
  ["an item without its key", pod, { spec: { containers: [{ image: "x" }] } }, '.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)'],
  ["an item without the key that has no default", pod, withContainer({ ports: [{ protocol: "TCP" }] }), `${item}.ports: element 0: associative list with keys has an element that omits key field "containerPort" (and doesn't have default value)`],
  ["an item that is no object", pod, { spec: { containers: ["x"] } }, ".spec.containers: element 0: associative list with keys may not have non-map elements"],
  ["an item that stands twice", pod, { spec: { containers: [{ name: "a" }, { name: "a" }] } }, '.spec.containers: duplicate entries for key [name="a"]'],
  ["a value that stands twice", pod, { metadata: { finalizers: ["a", "a"] } }, '.metadata.finalizers: duplicate entries for key [="a"]'],
  ["a port that stands twice by its default", pod, withContainer({ ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }] }), `${item}.ports: duplicate entries for key [containerPort=80,protocol="TCP"]`],
];

for (const [title, message, manifest, error] of refused) {
  test(`refused: ${title}`, () => { assert.deepEqual(specifiedFields(message, manifest).errors, [error]); });
}

type Difference = { readonly changed?: readonly string[]; readonly removed?: readonly string[] };

const compared: readonly (readonly [title: string, message: string, before: JsonObject, after: JsonObject, expected: Difference])[] = [
  ["equal states do not differ", pod, withContainer({ image: "x" }), withContainer({ image: "x" }), {}],
  ["a changed scalar", deployment, { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, { changed: [".spec.replicas"] }],
  ["a new scalar", deployment, { spec: {} }, { spec: { replicas: 2 } }, { changed: [".spec.replicas"] }],
  ["a scalar that is gone", deployment, { spec: { replicas: 2 } }, { spec: {} }, { removed: [".spec.replicas"] }],
  ["a new map is changed itself", pod, { metadata: {} }, { metadata: { labels: { a: "1" } } }, { changed: [".metadata.labels", ".metadata.labels.a"] }],
  ["a new entry leaves the map alone", pod, { metadata: { labels: { a: "1" } } }, { metadata: { labels: { a: "1", b: "2" } } }, { changed: [".metadata.labels.b"] }],
  ["a map that loses all its entries stays", pod, { metadata: { labels: { a: "1" } } }, { metadata: { labels: {} } }, { removed: [".metadata.labels.a"] }],
  ["a map that is gone", pod, { metadata: { labels: { a: "1" } } }, { metadata: {} }, { removed: [".metadata.labels", ".metadata.labels.a"] }],
  ["a struct upstream always prints is not news", deployment, {}, { spec: { strategy: { type: "Recreate" } } }, { changed: [".spec.strategy.type"] }],
  ["a struct behind a pointer is news", pod, { spec: {} }, { spec: { securityContext: { runAsUser: 1 } } }, { changed: [".spec.securityContext", ".spec.securityContext.runAsUser"] }],
  ["a new item brings what upstream prints with it", pod, { spec: { containers: [] } }, withContainer({ image: "x" }), { changed: [item, `${item}.name`, `${item}.image`, `${item}.resources`] }],
  ["an item that is gone", pod, { spec: { imagePullSecrets: [{ name: "s" }] } }, { spec: { imagePullSecrets: [] } }, { removed: ['.spec.imagePullSecrets[name="s"]'] }],
  ["a changed item", pod, withContainer({ image: "x" }), withContainer({ image: "y" }), { changed: [`${item}.image`] }],
  ["another order of items is no change", pod, { spec: { containers: [{ name: "a" }, { name: "b" }] } }, { spec: { containers: [{ name: "b" }, { name: "a" }] } }, {}],
  ["an atomic list changes as one", pod, withContainer({ args: ["a"] }), withContainer({ args: ["a", "b"] }), { changed: [`${item}.args`] }],
  ["an atomic list in another order is changed", pod, withContainer({ args: ["a", "b"] }), withContainer({ args: ["b", "a"] }), { changed: [`${item}.args`] }],
  ["an atomic map changes as one", service, { spec: { selector: { a: "1" } } }, { spec: { selector: { a: "2" } } }, { changed: [".spec.selector"] }],
  ["values of a set come and go", pod, { metadata: { finalizers: ["a", "b"] } }, { metadata: { finalizers: ["b", "c"] } }, { changed: ['.metadata.finalizers[="c"]'], removed: ['.metadata.finalizers[="a"]'] }],
  ["null and absent are one", deployment, { spec: { replicas: null } }, { spec: {} }, {}],
  ["an item that stands twice is compared whole", pod, { spec: { containers: [{ name: "a", image: "x" }, { name: "a", image: "y" }] } }, { spec: { containers: [{ name: "a", image: "x" }] } }, { changed: [item] }],
  ["an item that comes to stand twice is compared whole", pod, { spec: { containers: [{ name: "a" }] } }, { spec: { containers: [{ name: "a" }, { name: "a" }] } }, { changed: [item] }],
  ["zero is what upstream prints for what is absent", "apps/v1.ReplicaSet", { status: {} }, { status: { replicas: 0 } }, {}],
  ["a changed type is a changed field", pod, { metadata: { labels: { a: "1" } } }, { metadata: { labels: "x" } }, { changed: [".metadata.labels"] }],
];

for (const [title, message, before, after, { changed = [], removed = [] }] of compared) {
  test(`compared: ${title}`, () => {
    const result = compareObjects(message, before, after);
    assert.deepEqual([textsOf(result.changed).toSorted(), textsOf(result.removed).toSorted()], [changed.toSorted(), removed.toSorted()]);
  });
}

test("compared: only the parts asked for are looked at", () => {
  const result = compareObjects(deployment, {}, { spec: { replicas: 1 }, status: { replicas: 1 } }, (field) => field === "status");
  assert.deepEqual(textsOf(result.changed), [".status.replicas"]);
});

test("specified: where no schema says what a value is, lists are fields, and members of objects", () => {
  const struct = structOfResource({ type: "object", "x-kubernetes-preserve-unknown-fields": true });
  assert.deepEqual(textsOf(specifiedFields(struct, { a: ["x"], b: [], c: { d: ["x"], e: {} } }).fields).toSorted(), [".a", ".b", ".c.d", ".c.e"]);
});
