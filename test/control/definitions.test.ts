import assert from "node:assert/strict";
import { test } from "node:test";
import { customResourceDefinitionController } from "../../src/controllers/custom-resource-definition/controller.ts";
import { garbageCollector } from "../../src/controllers/garbage-collector/controller.ts";
import { CollectedNotes } from "../../src/api/notes.ts";
import type { Question, Reply } from "../../src/api/questions.ts";
import { jsonOf, objectOf, textOf } from "../../src/api/shape.ts";
import type { ListRequest, StoredEvent } from "../../src/api/verbs.ts";
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from "../../src/model/generated/apiextensions-v1.ts";
import { CustomResourceDefinitionKind } from "../../src/model/kinds/api-extensions.ts";
import type { CustomResourceDefinition } from "../../src/model/kinds/api-extensions.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { ApiObject } from "../../src/model/object.ts";
import { kinds } from "../../src/model/kinds.ts";
import type { Json, JsonObject } from "../../src/value/json.ts";
import { admin } from "../api/api.ts";
import { configMap } from "../api/objects.ts";
import { testCluster } from "./test-cluster.ts";
import type { TestCluster } from "./test-cluster.ts";

const caller = { user: admin };
const controller = customResourceDefinitionController(kinds);
const text: JSONSchemaProps = { type: "string" };
const number: JSONSchemaProps = { type: "integer" };

/** A schema whose spec has these properties. */
function specOf(properties: Readonly<Record<string, JSONSchemaProps>>, spec: Partial<JSONSchemaProps> = {}): JSONSchemaProps {
  return { type: "object", properties: { spec: { type: "object", properties, ...spec }, status: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } };
}

function version(name: string, schema: JSONSchemaProps, more: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinitionVersion {
  return { name, served: true, storage: name === "v1", schema: { openAPIV3Schema: schema }, ...more };
}

function definitionOf(versions: readonly CustomResourceDefinitionVersion[], spec: Partial<CustomResourceDefinition["spec"]> = {}): CustomResourceDefinition {
  const names = spec.names ?? { plural: "widgets", kind: "Widget" };
  return {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: `${names.plural}.${spec.group ?? "example.com"}` },
    spec: { group: "example.com", scope: "Namespaced", versions, ...spec, names }, status: {},
  };
}

/** A cluster with one definition that is served. */
async function defined(versions: readonly CustomResourceDefinitionVersion[], spec: Partial<CustomResourceDefinition["spec"]> = {}, outside?: (question: Question) => Reply): Promise<TestCluster> {
  const cluster = await testCluster([controller], outside === undefined ? {} : { outside: { ask: async (question) => outside(question) } });
  await cluster.client.create(CustomResourceDefinitionKind, definitionOf(versions, spec));
  await cluster.settle();
  return cluster;
}

function kindOf({ verbs }: TestCluster, name = "v1", kind = "Widget"): Kind {
  const found = verbs.kinds.find(`example.com/${name}`, kind);
  assert.ok(found !== undefined, `${kind} in ${name} is not served`);
  return found;
}

function widget(spec: JsonObject, { name = "w", apiVersion = "example.com/v1", ...metadata }: JsonObject = {}): ApiObject {
  return objectOf({ apiVersion, kind: "Widget", metadata: { namespace: "default", name, ...metadata }, spec });
}

const ref = { namespace: "default", name: "w" };

function specIn(object: ApiObject | undefined): Json | undefined {
  return object === undefined ? undefined : jsonOf(object)["spec"];
}

async function listed(cluster: TestCluster, kind: Kind, request: ListRequest = {}): Promise<readonly JsonObject[]> {
  const { items } = await cluster.verbs.list(caller, kind, request);
  return items.map((item) => {
    const sent = JSON.parse(Buffer.from(item.bytes()).toString()) as JsonObject;
    assert.deepEqual(sent, JSON.parse(JSON.stringify(item.object())), "what is sent is what is seen");
    return sent;
  });
}

const open: JSONSchemaProps = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

const embedded: JSONSchemaProps = { ...open, "x-kubernetes-embedded-resource": true };

/** What is sent, under a schema, and what is stored of it or why it is refused. */
const writes: Readonly<Record<string, { readonly properties: Readonly<Record<string, JSONSchemaProps>>; readonly spec?: Partial<JSONSchemaProps>; readonly sent: JsonObject; readonly kept?: JsonObject; readonly refused?: string }>> = {
  "a field nobody declared is pruned": { properties: { a: text }, sent: { a: "x", b: 1 }, kept: { a: "x" } },
  "what keeps unknown fields keeps them, and prunes below what it declares": { properties: { a: { ...open, properties: { known: { type: "object", properties: { x: text } } } } }, sent: { a: { any: { y: 1 }, known: { x: "1", y: 2 } } }, kept: { a: { any: { y: 1 }, known: { x: "1" } } } },
  "a default fills what is absent, and what is below it": { properties: { a: { type: "object", default: {}, properties: { b: { ...number, default: 3 } } } }, sent: {}, kept: { a: { b: 3 } } },
  "a null where none may be takes the default": { properties: { a: { ...text, default: "x" } }, sent: { a: null }, kept: { a: "x" } },
  "a null where one may be stays": { properties: { a: { ...text, nullable: true, default: "x" } }, sent: { a: null }, kept: { a: null } },
  "a null without a default goes": { properties: { a: text }, sent: { a: null }, kept: {} },
  "an int-or-string takes a number": { properties: { a: { "x-kubernetes-int-or-string": true } }, sent: { a: 5 }, kept: { a: 5 } },
  "an int-or-string takes a text": { properties: { a: { "x-kubernetes-int-or-string": true } }, sent: { a: "5%" }, kept: { a: "5%" } },
  "an int-or-string takes nothing else": { properties: { a: { "x-kubernetes-int-or-string": true } }, sent: { a: true }, refused: 'Widget.example.com "w" is invalid: spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"' },
  "an embedded resource keeps its identity and loses unknown metadata": { properties: { a: { ...open, "x-kubernetes-embedded-resource": true } }, sent: { a: { apiVersion: "v1", kind: "Pod", metadata: { name: "x", junk: 1 }, spec: { x: 1 } } }, kept: { a: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { x: 1 } } } },
  "an embedded resource needs its kind": { properties: { a: { ...open, "x-kubernetes-embedded-resource": true } }, sent: { a: { apiVersion: "v1", metadata: { name: "x" } } }, refused: 'Widget.example.com "w" is invalid: spec.a.kind: Required value' },
  "metadata of an embedded resource has no nulls": { properties: { a: embedded }, sent: { a: { apiVersion: "v1", kind: "Pod", metadata: { creationTimestamp: null, labels: null, name: "x" } } }, kept: { a: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" } } } },
  "an embedded resource needs neither name nor metadata": { properties: { a: { type: "array", items: embedded } }, sent: { a: [{ apiVersion: "v1", kind: "Pod" }, { apiVersion: "a/v1", kind: "B", metadata: {} }] }, kept: { a: [{ apiVersion: "v1", kind: "Pod" }, { apiVersion: "a/v1", kind: "B", metadata: {} }] } },
  "an embedded resource says what it is in words that can be": {
    properties: { a: { type: "object", additionalProperties: embedded } }, sent: { a: { x: { apiVersion: "a/b/c", kind: "_" } } },
    refused: 'Widget.example.com "w" is invalid: [spec.a[x].apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c, spec.a[x].kind: Invalid value: "_": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or \'-\', start with an alphabetic character, and end with an alphanumeric character (e.g. \'my-name\',  or \'abc-123\', regex used for validation is \'[a-z]([-a-z0-9]*[a-z0-9])?\')]',
  },
  "an embedded resource has the metadata objects have": {
    properties: { a: embedded }, sent: { a: { apiVersion: "", kind: "Pod", metadata: { name: "a/b", namespace: "N", labels: { "-": "x" }, finalizers: ["own"] } } },
    refused: 'Widget.example.com "w" is invalid: [spec.a.apiVersion: Invalid value: "": must not be empty, spec.a.metadata.name: Invalid value: "a/b": may not contain \'/\', spec.a.metadata.namespace: Invalid value: "N": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \'-\', and must start and end with an alphanumeric character (e.g. \'my-name\',  or \'123-abc\', regex used for validation is \'[a-z0-9]([-a-z0-9]*[a-z0-9])?\'), spec.a.metadata.labels: Invalid value: "-": name part must consist of alphanumeric characters, \'-\', \'_\' or \'.\', and must start and end with an alphanumeric character (e.g. \'MyName\',  or \'my.name\',  or \'123-abc\', regex used for validation is \'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\')]',
  },
  "an embedded resource says what it is in texts": { properties: { a: embedded }, sent: { a: { apiVersion: 1, kind: "Pod" } }, refused: 'Widget in version "v1" cannot be handled as a Widget: spec.a.apiVersion: Invalid value: 1: must be a string' },
  "metadata of an embedded resource is an object": { properties: { a: embedded }, sent: { a: { apiVersion: "v1", kind: "Pod", metadata: "x" } }, refused: 'Widget in version "v1" cannot be handled as a Widget: spec.a.metadata: Invalid value: "x": json: cannot unmarshal string into Go value of type v1.ObjectMeta' },
  "metadata of an embedded resource has its types": { properties: { a: embedded }, sent: { a: { apiVersion: "v1", kind: "Pod", metadata: { labels: "x" } } }, refused: 'Widget in version "v1" cannot be handled as a Widget: spec.a.metadata: Invalid value: {"labels":"x"}: json: cannot unmarshal string into Go struct field ObjectMeta.labels of type map[string]string' },
  "a list that is a map holds no key twice": { properties: { a: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"], items: { type: "object", required: ["n"], properties: { n: text } } } }, sent: { a: [{ n: "1" }, { n: "1" }] }, refused: 'Widget.example.com "w" is invalid: spec.a[1]: Duplicate value: {"n":"1"}' },
  "a wrong type is named": { properties: { a: number }, sent: { a: "x" }, refused: 'Widget.example.com "w" is invalid: spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"' },
  "what is required is": { properties: { a: number }, spec: { required: ["a"] }, sent: {}, refused: 'Widget.example.com "w" is invalid: spec.a: Required value' },
  "an enum names what it takes": { properties: { a: { ...text, enum: ["x", "y"] } }, sent: { a: "z" }, refused: 'Widget.example.com "w" is invalid: spec.a: Unsupported value: "z": supported values: "x", "y"' },
  "a rule is heeded": { properties: { a: number, b: number }, spec: { "x-kubernetes-validations": [{ rule: "self.a < self.b" }] }, sent: { a: 2, b: 1 }, refused: 'Widget.example.com "w" is invalid: spec: Invalid value: "object": failed rule: self.a < self.b' },
  "a rule makes its message": { properties: { a: number }, spec: { "x-kubernetes-validations": [{ rule: "self.a < 2", messageExpression: "'not ' + string(self.a)", fieldPath: ".a", reason: "FieldValueForbidden" }] }, sent: { a: 2 }, refused: 'Widget.example.com "w" is invalid: spec.a: Forbidden: not 2' },
};

for (const [title, { properties, spec, sent, kept, refused }] of Object.entries(writes)) {
  test(title, async () => {
    const cluster = await defined([version("v1", specOf(properties, spec))]);
    const kind = kindOf(cluster);
    if (refused !== undefined) await assert.rejects(cluster.client.create(kind, widget(sent)), { message: refused });
    else assert.deepEqual(specIn(await cluster.client.create(kind, widget(sent))), kept);
    await cluster.stop();
  });
}

test("a rule about a change sees what was there before, and nothing where nothing was", async () => {
  const cluster = await defined([version("v1", specOf({ a: { ...text, "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "may not change" }] }, n: { ...number, "x-kubernetes-validations": [{ rule: "!oldSelf.hasValue() || self > oldSelf.value()", optionalOldSelf: true }] } }))]);
  const kind = kindOf(cluster);
  const made = await cluster.client.create(kind, widget({ a: "x", n: 1 }));
  await assert.rejects(cluster.client.update(kind, objectOf({ ...jsonOf(made), spec: { a: "y", n: 2 } })), { message: 'Widget.example.com "w" is invalid: spec.a: Invalid value: "string": may not change' });
  await assert.rejects(cluster.client.update(kind, objectOf({ ...jsonOf(made), spec: { a: "x", n: 1 } , metadata: { ...jsonOf(made.metadata as unknown as ApiObject), labels: { x: "y" } } })), /failed rule/);
  await cluster.client.update(kind, objectOf({ ...jsonOf(made), spec: { a: "x", n: 2 } }));
  await cluster.stop();
});

test("a default that comes later fills what is read, and a field that goes is no longer shown", async () => {
  const cluster = await defined([version("v1", specOf({ a: text, gone: text }))]);
  await cluster.client.create(kindOf(cluster), widget({ a: "x", gone: "y" }));
  const definition = await cluster.client.get(CustomResourceDefinitionKind, { namespace: "", name: "widgets.example.com" });
  assert.ok(definition !== undefined);
  await cluster.client.update(CustomResourceDefinitionKind, { ...definition, spec: { ...definition.spec, versions: [version("v1", specOf({ a: text, b: { ...text, default: "new" } }))] } });
  assert.deepEqual(specIn(await cluster.client.get(kindOf(cluster), ref)), { a: "x", b: "new" });
  assert.deepEqual((await listed(cluster, kindOf(cluster))).map(({ spec }) => spec), [{ a: "x", b: "new" }]);
  await cluster.stop();
});

test("what a stricter definition has against an object holds up no write of anything else, however it is written", async () => {
  const cluster = await defined([version("v1", specOf({ a: text, b: text, n: number }), { subresources: { status: {}, scale: { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n" } } })]);
  const made = await cluster.client.create(kindOf(cluster), widget({ a: "x", b: "x", n: 1 }));
  const definition = await cluster.client.get(CustomResourceDefinitionKind, { namespace: "", name: "widgets.example.com" });
  assert.ok(definition !== undefined);
  const [served] = definition.spec.versions;
  const strict = specOf({ a: { ...text, maxLength: 0 }, b: { ...text, "x-kubernetes-validations": [{ rule: "self == ''", message: "has to be empty" }] }, n: number });
  await cluster.client.update(CustomResourceDefinitionKind, { ...definition, spec: { ...definition.spec, versions: [{ ...version("v1", strict), ...(served?.subresources === undefined ? {} : { subresources: served.subresources }) }] } });
  const kind = kindOf(cluster);
  const notes = new CollectedNotes();
  const labelled = (value: string): JsonObject => ({ metadata: { labels: { at: value } } });
  await cluster.verbs.update({ ...caller, notes }, kind, ref, { ...jsonOf(widget({ a: "x", b: "x", n: 1 })), metadata: { name: "w", resourceVersion: made.metadata.resourceVersion ?? "", labels: { at: "put" } } });
  assert.deepEqual(notes.warnings, ['spec.b: Invalid value: "string": has to be empty']);
  await cluster.client.patch(kind, ref, { type: "merge", body: labelled("merge") });
  await cluster.client.patch(kind, ref, { type: "json", body: [{ op: "replace", path: "/metadata/labels/at", value: "json" }] });
  await cluster.client.patch(kind, ref, { type: "apply", isForced: true, body: { apiVersion: "example.com/v1", kind: "Widget", ...labelled("apply") } }, { fieldManager: "f" });
  await cluster.client.patch(kind, ref, { type: "merge", body: { status: { n: 1 } } }, { subresource: "status" });
  await cluster.client.patch(kind, ref, { type: "merge", body: { spec: { replicas: 2 } } }, { subresource: "scale" });
  assert.deepEqual(specIn(await cluster.client.get(kind, ref)), { a: "x", b: "x", n: 2 });
  await assert.rejects(cluster.client.patch(kind, ref, { type: "merge", body: { spec: { a: "y" } } }), /spec.a: Too long/);
  await assert.rejects(cluster.client.patch(kind, ref, { type: "merge", body: { spec: { b: "y" } } }), /has to be empty/);
  await cluster.stop();
});

test("status and scale are written apart, and selectable fields select", async () => {
  const parts = { subresources: { status: {}, scale: { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n" } }, selectableFields: [{ jsonPath: ".spec.color" }] };
  const cluster = await defined([version("v1", specOf({ n: number, color: text }), parts)]);
  const kind = kindOf(cluster);
  const made = await cluster.client.create(kind, objectOf({ ...jsonOf(widget({ n: 1, color: "red" })), status: { n: 9 } }));
  assert.equal(jsonOf(made)["status"], undefined);
  const told = await cluster.client.updateStatus(kind, objectOf({ ...jsonOf(made), spec: { n: 5 }, status: { n: 2 } }));
  assert.deepEqual([jsonOf(told)["spec"], jsonOf(told)["status"], told.metadata.generation], [{ n: 1, color: "red" }, { n: 2 }, 1]);
  const scaled = await cluster.client.patch(kind, ref, { type: "merge", body: { spec: { replicas: 4 } } }, { subresource: "scale" });
  assert.deepEqual([jsonOf(scaled)["spec"], scaled.metadata.generation], [{ n: 4, color: "red" }, 2]);
  assert.equal((await listed(cluster, kind, { fieldSelector: "spec.color=red" })).length, 1);
  assert.equal((await listed(cluster, kind, { fieldSelector: "spec.color=green" })).length, 0);
  await assert.rejects(listed(cluster, kind, { fieldSelector: "spec.n=4" }), { reason: "BadRequest" });
  await cluster.stop();
});

test("of two definitions with one name, the later gets none until the first has gone", async () => {
  const cluster = await defined([version("v1", specOf({}))], { names: { plural: "widgets", kind: "Widget", shortNames: ["wd"] } });
  const second = definitionOf([version("v1", specOf({}))], { names: { plural: "gadgets", kind: "Widget", shortNames: ["wd"] } });
  await cluster.client.create(CustomResourceDefinitionKind, second);
  await cluster.settle();
  const conditions = async (name: string) => (await cluster.client.get(CustomResourceDefinitionKind, { namespace: "", name }))?.status.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason ?? ""}`).toSorted();
  assert.deepEqual(await conditions("gadgets.example.com"), ["Established=False NotAccepted", "NamesAccepted=False ShortNamesConflict"]);
  assert.equal(cluster.verbs.kinds.custom.length, 1);
  await cluster.client.remove(CustomResourceDefinitionKind, { namespace: "", name: "widgets.example.com" });
  await cluster.settle();
  assert.deepEqual(await conditions("gadgets.example.com"), ["Established=True InitialNamesAccepted", "NamesAccepted=True NoConflicts"]);
  assert.deepEqual(cluster.verbs.kinds.custom.map(({ plural }) => plural), ["gadgets"]);
  await cluster.stop();
});

test("a definition goes when its objects have gone, and takes none anew meanwhile", async () => {
  const cluster = await defined([version("v1", specOf({}))]);
  const { client, settle } = cluster;
  const crd = { namespace: "", name: "widgets.example.com" };
  await client.create(kindOf(cluster), widget({}, { finalizers: ["example.com/held"] }));
  await client.create(kindOf(cluster), widget({}, { name: "free" }));
  await client.remove(CustomResourceDefinitionKind, crd);
  await settle();
  assert.deepEqual((await listed(cluster, kindOf(cluster))).map(({ metadata }) => (metadata as JsonObject)["name"]), ["w"]);
  await assert.rejects(client.create(kindOf(cluster), widget({}, { name: "late" })), { reason: "MethodNotAllowed" });
  assert.equal((await client.get(CustomResourceDefinitionKind, crd))?.status.conditions?.find(({ type }) => type === "Terminating")?.reason, "InstanceDeletionInProgress");
  await client.patch(kindOf(cluster), ref, { type: "merge", body: { metadata: { finalizers: null } } });
  await cluster.world.clock.advance(2_000);
  await settle();
  assert.equal(await client.get(CustomResourceDefinitionKind, crd), undefined);
  assert.deepEqual(cluster.verbs.kinds.custom, []);
  await client.create(CustomResourceDefinitionKind, definitionOf([version("v1", specOf({}))]));
  await settle();
  assert.deepEqual(await listed(cluster, kindOf(cluster)), []);
  await cluster.stop();
});

test("server-side apply merges lists that are maps and sets, and replaces the others", async () => {
  const items: JSONSchemaProps = { type: "object", required: ["n"], properties: { n: text, v: number } };
  const cluster = await defined([version("v1", specOf({
    map: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"], items },
    set: { type: "array", "x-kubernetes-list-type": "set", items: text }, plain: { type: "array", items: text },
    atom: { type: "object", "x-kubernetes-map-type": "atomic", properties: { x: text, y: text } },
  }))]);
  const kind = kindOf(cluster);
  const apply = (fieldManager: string, spec: JsonObject, isForced = false) => cluster.client.patch(kind, ref, { type: "apply", isForced, body: jsonOf(widget(spec)) }, { fieldManager });
  await apply("a", { map: [{ n: "1", v: 1 }], set: ["x"], plain: ["x"], atom: { x: "1" } });
  const both = await apply("b", { map: [{ n: "2", v: 2 }], set: ["y"] });
  assert.deepEqual(specIn(both), { map: [{ n: "1", v: 1 }, { n: "2", v: 2 }], set: ["x", "y"], plain: ["x"], atom: { x: "1" } });
  await assert.rejects(apply("b", { plain: ["y"], atom: { y: "1" } }), { reason: "Conflict", message: /\.spec\.atom.*\.spec\.plain/s });
  assert.deepEqual(specIn(await apply("b", { plain: ["y"], atom: { y: "1" } }, true)), { map: [{ n: "1", v: 1 }], set: ["x"], plain: ["y"], atom: { y: "1" } });
  await cluster.stop();
});

test("custom objects own and are owned", async () => {
  const cluster = await testCluster([controller, garbageCollector(kinds.filter((kind) => kind === ConfigMapKind || kind === CustomResourceDefinitionKind))]);
  const { client, settle } = cluster;
  await client.create(CustomResourceDefinitionKind, definitionOf([version("v1", specOf({}))]));
  await settle();
  const owner = await client.create(kindOf(cluster), widget({}));
  const ownerReferences = (object: ApiObject) => [{ apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name, uid: object.metadata.uid ?? "" }];
  const middle = await client.create(ConfigMapKind, configMap("middle", {}, { ownerReferences: ownerReferences(owner) }));
  await client.create(kindOf(cluster), widget({}, { name: "leaf", ownerReferences: ownerReferences(middle) }));
  await settle();
  assert.equal((await listed(cluster, kindOf(cluster))).length, 2);
  await client.remove(kindOf(cluster), ref);
  await settle();
  assert.equal(await client.get(ConfigMapKind, { namespace: "default", name: "middle" }), undefined);
  assert.deepEqual(await listed(cluster, kindOf(cluster)), []);
  await cluster.stop();
});

test("versions without a conversion differ in their name only", async () => {
  const cluster = await defined([version("v1", specOf({ a: text })), version("v2", specOf({ a: text, b: { ...text, default: "x" } }))]);
  await cluster.client.create(kindOf(cluster, "v2"), widget({ a: "1", b: "2" }, { apiVersion: "example.com/v2" }));
  assert.deepEqual(specIn(await cluster.client.get(kindOf(cluster), ref)), { a: "1" });
  assert.deepEqual(specIn(await cluster.client.get(kindOf(cluster, "v2"), ref)), { a: "1", b: "x" });
  await cluster.stop();
});

const converting = { conversion: { strategy: "Webhook", webhook: { clientConfig: { url: "https://convert.example.com/" }, conversionReviewVersions: ["v1"] } } } as const;
const sizes = [version("v1", specOf({ widthByHeight: text }), { selectableFields: [{ jsonPath: ".spec.widthByHeight" }] }), version("v2", specOf({ width: number, height: number }), { selectableFields: [{ jsonPath: ".spec.width" }] })];

/** A webhook between "3x4" and { width: 3, height: 4 }, and what it was asked. */
function sizeWebhook(asked: JsonObject[], change: (response: JsonObject) => JsonObject = (response) => response): (question: Question) => Reply {
  return ({ body }) => {
    const request = body["request"] as { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly JsonObject[] };
    asked.push(body);
    const convertedObjects = request.objects.map((object) => {
      const spec = object["spec"] as JsonObject;
      const [width, height] = textOf(spec, "widthByHeight").split("x").map(Number);
      return { ...object, apiVersion: request.desiredAPIVersion, spec: request.desiredAPIVersion === "example.com/v1" ? { widthByHeight: `${Number(spec["width"])}x${Number(spec["height"])}` } : { width, height } };
    });
    return { kind: "answered", body: { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response: change({ uid: request.uid, result: { status: "Success" }, convertedObjects }) } };
  };
}

test("a webhook converts what is written and read, once for a whole list, and never what is stored as asked", async () => {
  const asked: JsonObject[] = [];
  const cluster = await defined(sizes, converting, sizeWebhook(asked));
  const [v1, v2] = [kindOf(cluster), kindOf(cluster, "v2")];
  for (const name of ["w", "x"]) await cluster.client.create(v1, widget({ widthByHeight: "3x4" }, { name }));
  assert.equal(asked.length, 0);
  const first = await cluster.client.get(v2, ref);
  assert.deepEqual([first?.apiVersion, specIn(first)], ["example.com/v2", { width: 3, height: 4 }]);
  asked.length = 0;
  assert.deepEqual((await listed(cluster, v2)).map(({ spec }) => spec), [{ width: 3, height: 4 }, { width: 3, height: 4 }]);
  assert.equal(asked.length, 1);
  assert.equal((await listed(cluster, v2, { fieldSelector: "spec.width=3" })).length, 2);
  assert.equal((await listed(cluster, v2, { fieldSelector: "metadata.name=w" })).length, 1);
  assert.ok(first !== undefined);
  const changed = await cluster.client.update(v2, objectOf({ ...jsonOf(first), spec: { width: 5, height: 6 } }));
  assert.deepEqual([changed.apiVersion, specIn(changed), changed.metadata.generation], ["example.com/v2", { width: 5, height: 6 }, 2]);
  assert.deepEqual(specIn(await cluster.client.get(v1, ref)), { widthByHeight: "5x6" });
  assert.deepEqual(specIn(await cluster.client.patch(v2, ref, { type: "merge", body: { spec: { width: 7 } } })), { width: 7, height: 6 });
  const applied = await cluster.client.patch(v2, { ...ref, name: "y" }, { type: "apply", body: jsonOf(widget({ width: 1, height: 2 }, { name: "y", apiVersion: "example.com/v2" })) }, { fieldManager: "a" });
  assert.deepEqual(specIn(applied), { width: 1, height: 2 });
  assert.deepEqual((await listed(cluster, v1)).map(({ spec }) => spec), [{ widthByHeight: "7x6" }, { widthByHeight: "3x4" }, { widthByHeight: "1x2" }]);
  const { objects } = await cluster.client.transact({ writes: ["p", "q"].map((name) => ({ verb: "create", object: widget({ width: 1, height: 1 }, { name, apiVersion: "example.com/v2" }) })) });
  assert.deepEqual(objects.map(specIn), [{ width: 1, height: 1 }, { width: 1, height: 1 }]);
  const removed = await cluster.client.remove(v2, ref);
  assert.equal(removed, undefined);
  await cluster.stop();
});

test("a watch of another version tells of changes in that version", async () => {
  const cluster = await defined(sizes, converting, sizeWebhook([]));
  const [v1, v2] = [kindOf(cluster), kindOf(cluster, "v2")];
  await cluster.client.create(v1, widget({ widthByHeight: "1x1" }));
  const ending = new AbortController();
  const events: StoredEvent[] = [];
  const watching = (async () => { for await (const batch of cluster.verbs.watch(caller, v2, { fieldSelector: "spec.width=1" }, ending.signal)) events.push(...batch); })();
  await cluster.settle();
  await cluster.client.patch(v1, ref, { type: "merge", body: { spec: { widthByHeight: "1x2" } } });
  await cluster.settle();
  await cluster.client.patch(v1, ref, { type: "merge", body: { spec: { widthByHeight: "2x2" } } });
  await cluster.settle();
  ending.abort();
  await watching;
  assert.deepEqual(events.map((event) => (event.type === "BOOKMARK" ? undefined : [event.type, specIn(event.stored.object())])), [
    ["ADDED", { width: 1, height: 1 }], ["MODIFIED", { width: 1, height: 2 }], ["DELETED", { width: 1, height: 2 }],
  ]);
  await cluster.stop();
});

const dishonest: Readonly<Record<string, readonly [(response: JsonObject) => JsonObject, RegExp]>> = {
  "a refusal": [(response) => ({ ...response, result: { status: "Failed", message: "no such size" } }), /failed: no such size$/],
  "another's uid": [(response) => ({ ...response, uid: "x" }), /expected response\.uid=/],
  "too few objects": [(response) => ({ ...response, convertedObjects: [] }), /Kind=Widget returned 0 objects, expected 1$/],
  "another version": [(response) => ({ ...response, convertedObjects: [widget({}) as unknown as JsonObject] }), /invalid groupVersion \(expected: example\.com\/v2, received: example\.com\/v1\)$/],
  "another name": [(response) => ({ ...response, convertedObjects: [widget({}, { name: "x", apiVersion: "example.com/v2" }) as unknown as JsonObject] }), /metadata\.name may not be changed$/],
};

for (const [title, [change, message]] of Object.entries(dishonest)) {
  test(`${title} of a converting webhook is an error of the request`, async () => {
    const cluster = await defined(sizes, converting, sizeWebhook([], change));
    await cluster.client.create(kindOf(cluster), widget({ widthByHeight: "3x4" }));
    await assert.rejects(cluster.client.get(kindOf(cluster, "v2"), ref), { reason: "InternalError", message });
    await assert.rejects(cluster.client.create(kindOf(cluster, "v2"), widget({ width: 1, height: 1 }, { name: "n", apiVersion: "example.com/v2" })), { reason: "InternalError" });
    await cluster.client.get(kindOf(cluster), ref);
    await cluster.stop();
  });
}

const refusedDefinitions: Readonly<Record<string, readonly [Partial<CustomResourceDefinition["spec"]>, RegExp]>> = {
  "a group without a dot": [{ group: "example" }, /spec\.group: Invalid value: "example": should be a domain with at least one dot/],
  "two storage versions": [{ versions: [version("v1", specOf({})), version("v2", specOf({}), { storage: true })] }, /must have exactly one version marked as storage version/],
  "a schema without a type": [{ versions: [version("v1", { properties: {} })] }, /openAPIV3Schema\.type: Required value: must not be empty at the root/],
  "a default that does not fit": [{ versions: [version("v1", specOf({ a: { ...number, default: "x" } }))] }, /properties\[a\]\.default: Invalid value/],
  "a rule that cannot be read": [{ versions: [version("v1", specOf({}, { "x-kubernetes-validations": [{ rule: "self.a <" }] }))] }, /x-kubernetes-validations\[0\]\.rule: Invalid value: "self\.a <": compilation failed/],
  "a rule that is no question": [{ versions: [version("v1", specOf({}, { "x-kubernetes-validations": [{ rule: "'x'" }] }))] }, /cel expression must evaluate to a bool/],
  "a rule that may cost too much": [{ versions: [version("v1", specOf({ list: { type: "array", items: text } }, { "x-kubernetes-validations": [{ rule: "self.list.all(x, self.list.exists(y, x == y))" }] }))] }, /spec\.versions\[0\]\.schema\.openAPIV3Schema\.properties\[spec\]\.x-kubernetes-validations\[0\]\.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x/],
  "a webhook without an address": [{ conversion: { strategy: "Webhook" } }, /spec\.conversion\.webhook\.clientConfig: Required value/],
};

for (const [title, [spec, message]] of Object.entries(refusedDefinitions)) {
  test(`a definition with ${title} is refused`, async () => {
    const cluster = await testCluster([controller]);
    await assert.rejects(cluster.client.create(CustomResourceDefinitionKind, definitionOf([version("v1", specOf({}))], spec)), { reason: "Invalid", message });
    await cluster.stop();
  });
}
