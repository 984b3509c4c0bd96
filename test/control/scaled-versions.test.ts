import assert from "node:assert/strict";
import { test } from "node:test";
import type { Question, Reply } from "../../src/api/questions.ts";
import { objectOf } from "../../src/api/shape.ts";
import { customResourceDefinitionController } from "../../src/controllers/custom-resource-definition/controller.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { ApiObject } from "../../src/model/object.ts";
import {
  MutatingAdmissionPolicyBindingKind, MutatingAdmissionPolicyKind, MutatingWebhookConfigurationKind, ValidatingAdmissionPolicyBindingKind, ValidatingAdmissionPolicyKind, ValidatingWebhookConfigurationKind,
} from "../../src/model/kinds/admissionregistration.ts";
import { CustomResourceDefinitionKind } from "../../src/model/kinds/api-extensions.ts";
import { kinds } from "../../src/model/kinds.ts";
import { isJsonObject } from "../../src/value/json.ts";
import type { Json, JsonObject } from "../../src/value/json.ts";
import { admin } from "../api/api.ts";
import { testCluster } from "./test-cluster.ts";
import type { TestCluster } from "./test-cluster.ts";

const ref = { namespace: "default", name: "w" };
const registered = "admissionregistration.k8s.io/v1";
/** What asks for the scale of version 1 alone. */
const rules = [{ operations: ["UPDATE"], apiGroups: ["example.com"], apiVersions: ["v1"], resources: ["widgets/scale"] }] as const;

/** A definition with two versions, which have their replicas at the same place; an object; and webhooks that are told in `asked` what they are asked. */
async function widgets(asked: JsonObject[]): Promise<{ readonly cluster: TestCluster; readonly scale: (version: string, replicas: number) => Promise<number> }> {
  const ask = async ({ body }: Question): Promise<Reply> => {
    const request = body["request"];
    assert.ok(isJsonObject(request));
    asked.push(request);
    const response = { uid: request["uid"] ?? null, allowed: true, patchType: "JSONPatch", patch: Buffer.from('[{"op":"replace","path":"/spec/replicas","value":4}]').toString("base64") };
    return { kind: "answered", body: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response } };
  };
  const cluster = await testCluster([customResourceDefinitionController(kinds)], { outside: { ask } });
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: { n: { type: "integer" } } }, status: { type: "object", properties: { n: { type: "integer" } } } } } } as const;
  const subresources = { scale: { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n" } };
  await cluster.client.create(CustomResourceDefinitionKind, {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.com" }, status: {},
    spec: { group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: ["v1", "v2"].map((name) => ({ name, served: true, storage: name === "v2", schema, subresources })) },
  });
  await cluster.settle();
  const kindOf = (version: string): Kind => {
    const kind = cluster.verbs.kinds.find(`example.com/${version}`, "Widget");
    assert.ok(kind !== undefined);
    return kind;
  };
  await cluster.client.create(kindOf("v2"), objectOf({ apiVersion: "example.com/v2", kind: "Widget", metadata: { ...ref }, spec: { n: 1 } }));
  const scale = async (version: string, replicas: number): Promise<number> => {
    const { stored } = await cluster.verbs.patch({ user: admin }, kindOf(version), ref, { type: "merge", body: { spec: { replicas } } }, { subresource: "scale" });
    const { spec } = stored.object() as ApiObject & { readonly spec: { readonly n: number } };
    return spec.n;
  };
  return { cluster, scale };
}

const hook = { name: "h.example.com", clientConfig: { url: "https://hooks.example.com/" }, admissionReviewVersions: ["v1"], sideEffects: "None", rules } as const;

function groupOf(version: string): JsonObject {
  return { group: "example.com", version, resource: "widgets" };
}

test("a webhook for the scale of one version is asked about that of another, as a Scale of its own", async () => {
  const asked: JsonObject[] = [];
  const { cluster, scale } = await widgets(asked);
  await cluster.client.create(MutatingWebhookConfigurationKind, { apiVersion: registered, kind: "MutatingWebhookConfiguration", metadata: { name: "h" }, webhooks: [hook] });
  assert.equal(await scale("v2", 9), 4);
  assert.equal(await scale("v1", 9), 4);
  const scaled = { group: "autoscaling", version: "v1", kind: "Scale" };
  assert.partialDeepStrictEqual(asked, ["v2", "v1"].map((version): Json => ({
    kind: scaled, resource: groupOf("v1"), subResource: "scale", requestKind: scaled, requestResource: groupOf(version), requestSubResource: "scale", object: { kind: "Scale", apiVersion: "autoscaling/v1", spec: { replicas: 9 } },
  })));
  await cluster.stop();
});

test("one that asks for its version exactly is not asked about another", async () => {
  const asked: JsonObject[] = [];
  const { cluster, scale } = await widgets(asked);
  await cluster.client.create(ValidatingWebhookConfigurationKind, { apiVersion: registered, kind: "ValidatingWebhookConfiguration", metadata: { name: "h" }, webhooks: [{ ...hook, matchPolicy: "Exact" }] });
  assert.equal(await scale("v2", 9), 9);
  assert.equal(asked.length, 0);
  await scale("v1", 8);
  assert.equal(asked.length, 1);
  await cluster.stop();
});

test("policies for the scale of one version see that of another", async () => {
  const { cluster, scale } = await widgets([]);
  const constraints = { resourceRules: rules };
  await cluster.client.create(MutatingAdmissionPolicyKind, {
    apiVersion: registered, kind: "MutatingAdmissionPolicy", metadata: { name: "p" },
    spec: { reinvocationPolicy: "Never", matchConstraints: constraints, mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{spec: Object.spec{replicas: object.spec.replicas + 1}}" } }] },
  });
  await cluster.client.create(MutatingAdmissionPolicyBindingKind, { apiVersion: registered, kind: "MutatingAdmissionPolicyBinding", metadata: { name: "p" }, spec: { policyName: "p" } });
  await cluster.client.create(ValidatingAdmissionPolicyKind, {
    apiVersion: registered, kind: "ValidatingAdmissionPolicy", metadata: { name: "p" }, status: {},
    spec: { matchConstraints: constraints, validations: [{ expression: "object.spec.replicas <= 5", messageExpression: "request.resource.version + request.requestResource.version + object.kind" }] },
  });
  await cluster.client.create(ValidatingAdmissionPolicyBindingKind, { apiVersion: registered, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "p" }, spec: { policyName: "p", validationActions: ["Deny"] } });
  assert.equal(await scale("v2", 3), 4);
  await assert.rejects(scale("v2", 5), { message: /denied request: v1v2Scale$/ });
  await cluster.client.patch(ValidatingAdmissionPolicyKind, { namespace: "", name: "p" }, { type: "merge", body: { spec: { matchConstraints: { matchPolicy: "Exact" } } } });
  assert.equal(await scale("v2", 6), 7);
  await assert.rejects(scale("v1", 6), { message: /denied request: v1v1Scale$/ });
  await cluster.stop();
});
