import assert from "node:assert/strict";
import { test } from "node:test";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import type { CustomResourceDefinition } from "../../model/kinds/api-extensions.ts";
import { kinds } from "../../model/kinds.ts";
import { decideRegistration, managedLabel, namesOfDefinition, registeredVersions, wantedApiService } from "./decide.ts";

const builtIn = registeredVersions(kinds);
const definition: CustomResourceDefinition = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "trees.example.com" }, status: {},
  spec: { group: "example.com", scope: "Namespaced", names: { plural: "trees", kind: "Tree" }, versions: [{ name: "v1", served: true, storage: true }, { name: "v1alpha1", served: false, storage: false }] },
};

/** The APIService that is wanted of a name. */
function wanted(name: string): APIService {
  const found = wantedApiService(name, builtIn, [definition]);
  assert.ok(found !== undefined, name);
  return found;
}

test("every group and version that is built in has one but that of APIServices themselves", () => {
  assert.ok(builtIn.some(({ group, version }) => group === "" && version === "v1"));
  assert.ok(!builtIn.some(({ group }) => group === "apiregistration.k8s.io"));
});

const cases: readonly (readonly [name: string, label: string, group: string | undefined, groupPriority: number, versionPriority: number])[] = [
  ["v1.", "onstart", undefined, 18_000, 1],
  ["v1.apps", "onstart", "apps", 17_800, 15],
  ["v2.autoscaling", "onstart", "autoscaling", 17_500, 30],
  ["v1.autoscaling", "onstart", "autoscaling", 17_500, 15],
  ["v1.example.com", "true", "example.com", 1_000, 100],
];
for (const [name, label, group, groupPriority, versionPriority] of cases) {
  test(`${name} stands in discovery where upstream has it`, () => {
    const { metadata, spec } = wanted(name);
    assert.deepEqual([metadata.labels?.[managedLabel], spec.group, spec.groupPriorityMinimum, spec.versionPriority, spec.service], [label, group, groupPriority, versionPriority, undefined]);
  });
}

test("what is not served has none", () => {
  assert.equal(wantedApiService("v1alpha1.example.com", builtIn, [definition]), undefined);
  assert.equal(wantedApiService("v1.example.com", builtIn, []), undefined);
});

test("one is made, set right and removed, and left alone where it is somebody's own or goes already", () => {
  const good = wanted("v1.apps");
  const wrong: APIService = { ...good, metadata: { ...good.metadata, uid: "u" }, spec: { ...good.spec, service: { namespace: "default", name: "x" } } };
  const own: APIService = { ...wrong, metadata: { name: "v1.apps" } };
  assert.deepEqual(decideRegistration(undefined, good), { kind: "create", object: good });
  assert.deepEqual(decideRegistration(undefined, undefined), { kind: "keep" });
  assert.deepEqual(decideRegistration(good, good), { kind: "keep" });
  assert.deepEqual(decideRegistration(wrong, good), { kind: "update", object: { ...wrong, spec: good.spec } });
  assert.deepEqual(decideRegistration(wrong, undefined), { kind: "remove", uid: "u" });
  assert.deepEqual(decideRegistration(own, good), { kind: "keep" });
  assert.deepEqual(decideRegistration(own, undefined), { kind: "keep" });
  assert.deepEqual(decideRegistration({ ...wrong, metadata: { ...wrong.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }, good), { kind: "keep" });
});

test("a definition is about the versions it serves and those it served", () => {
  const before = { ...definition, spec: { ...definition.spec, versions: definition.spec.versions.map((version) => ({ ...version, served: true })) } };
  assert.deepEqual(namesOfDefinition(definition, before).map(({ name }) => name), ["v1.example.com", "v1alpha1.example.com"]);
});
