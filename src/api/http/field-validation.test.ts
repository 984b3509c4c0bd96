import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openAsker } from "../../../test/api/asker.ts";
import type { Asker } from "../../../test/api/asker.ts";
import { configMap, deployment, pod } from "../../../test/api/objects.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { PodKind } from "../../model/kinds/pod.ts";

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const selector = '"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}]}}';
const json = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"new"},"spec":{"replicas":1,"replicas":2,"more":1,${selector}},"other":{}}`;
const yaml = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: new}\nspec:\n  replicas: 1\n  replicas: 2\n  more: 1\n  selector: {matchLabels: {app: x}}\n  template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}\n";
const handled = 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ';
const inJson = ['duplicate field "spec.replicas"', 'unknown field "spec.more"', 'unknown field "other"'];
const inYaml = ['yaml: unmarshal errors: line 6: key "replicas" already set in map', 'unknown field "spec.more"'];
const inPatch = ['duplicate field "spec.replicas"', 'unknown field "spec.more"'];
const patched = (texts: readonly string[]) => ` "" is invalid: patch: Invalid value: "{...}": strict decoding error: ${texts.join(", ")}`;

interface Case {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
  /** What is warned of. */
  readonly warns: readonly string[];
  /** The refusal under strict validation. */
  readonly refusal: readonly [code: number, message: string];
}

const patchBody = '{"spec":{"replicas":1,"replicas":2,"more":1}}';
const strayDirective = 'unknown field "spec.template.spec.containers[0].env[0].$patch"';
const cases: readonly Case[] = [
  { method: "POST", path: deployments, type: "application/json", body: json, warns: inJson, refusal: [400, handled + inJson.join(", ")] },
  { method: "POST", path: deployments, type: "application/json", body: json.replace('"replicas":1', '"much":1,"replicas":1'), warns: ['unknown field "spec.much"', ...inJson], refusal: [400, handled + ['unknown field "spec.much"', ...inJson].join(", ")] },
  { method: "POST", path: deployments, type: "application/yaml", body: yaml, warns: inYaml, refusal: [400, handled + inYaml.join(", ").replace("errors: ", "errors:\n  ")] },
  { method: "PUT", path: `${deployments}/old`, type: "application/json", body: json.replace("new", "old").replaceAll('"x"', '"old"'), warns: inJson, refusal: [400, handled + inJson.join(", ")] },
  { method: "PATCH", path: `${deployments}/old`, type: "application/merge-patch+json", body: patchBody, warns: inPatch, refusal: [422, patched(inPatch)] },
  { method: "PATCH", path: `${deployments}/old`, type: "application/strategic-merge-patch+json", body: patchBody, warns: inPatch, refusal: [422, patched(inPatch)] },
  {
    method: "PATCH", path: `${deployments}/old`, type: "application/strategic-merge-patch+json", warns: [strayDirective], refusal: [422, patched([strayDirective])],
    body: '{"spec":{"template":{"spec":{"containers":[{"name":"new","image":"i","env":[{"name":"a","$patch":"explode"}]}]}}}}',
  },
  { method: "PATCH", path: `${deployments}/old`, type: "application/json-patch+json", body: '[{"op":"add","path":"/spec/more","value":1}]', warns: ['unknown field "spec.more"'], refusal: [422, patched(['unknown field "spec.more"'])] },
];

describe("what a body has too much", () => {
  let edge: LoopbackEdge;
  let asker: Asker;
  before(async () => {
    edge = await startLoopbackEdge();
    asker = openAsker(edge);
    await edge.admin.create(DeploymentKind, deployment("old", 1));
    await edge.admin.create(ConfigMapKind, configMap("map"));
    await edge.admin.create(PodKind, pod("pod"));
    await edge.admin.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" }, spec: {}, status: {} });
  });
  after(async () => { asker.close(); await edge.close(); });

  for (const { method, path, type, body, warns, refusal } of cases) {
    const send = (validation: string) => asker.ask(`${path}?dryRun=All&fieldManager=m${validation}`, { method, body, headers: { "content-type": type } });
    test(`is warned of in a ${method} of ${type} (${warns[0] ?? ""} first), unless it is to be ignored or refused`, async () => {
      const header = warns.map((text) => `299 - "${text.replaceAll('"', '\\"')}"`).join(", ");
      for (const validation of ["", "&fieldValidation=Warn"]) {
        const { code, headers } = await send(validation);
        assert.deepEqual([code < 300, headers["warning"]], [true, header]);
      }
      const ignored = await send("&fieldValidation=Ignore");
      assert.deepEqual([ignored.code < 300, ignored.headers["warning"]], [true, undefined]);
      const refused = await send("&fieldValidation=Strict");
      assert.deepEqual([refused.code, refused.json()["message"]], refusal);
    });
  }

  test("a patch that leaves a value of the wrong type is refused as the patch it is, as a body that has one is", async () => {
    const why = "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32";
    const path = `${deployments}/old`;
    const patches: readonly (readonly [type: string, body: string])[] = [
      ["merge-patch", '{"spec":{"replicas":"x"}}'], ["strategic-merge-patch", '{"spec":{"replicas":"x"}}'], ["json-patch", '[{"op":"replace","path":"/spec/replicas","value":"x"}]'],
    ];
    for (const [type, body] of patches) {
      const refused = await asker.ask(path, { method: "PATCH", body, headers: { "content-type": `application/${type}+json` } });
      assert.deepEqual([refused.code, refused.json()["message"]], [422, ` "" is invalid: patch: Invalid value: "{...}": ${why}`]);
    }
    const put = await asker.ask(path, { method: "PUT", body: json.replaceAll('"new"', '"old"').replace('"replicas":1,"replicas":2', '"replicas":"x"'), headers: { "content-type": "application/json" } });
    assert.deepEqual([put.code, put.json()["message"]], [400, `Deployment in version "v1" cannot be handled as a Deployment: ${why}`]);
  });

  const core = "/api/v1/namespaces/default";
  const dryRuns: readonly (readonly [method: string, path: string, type?: string, body?: object])[] = [
    ["POST", `${core}/configmaps`, "application/json", { metadata: { name: "dry" } }],
    ["PUT", `${core}/configmaps/map`, "application/json", { metadata: { name: "map" }, data: { a: "b" } }],
    ["PATCH", `${core}/configmaps/map`, "application/merge-patch+json", { data: { a: "b" } }],
    ["PATCH", `${core}/configmaps/map`, "application/strategic-merge-patch+json", { data: { a: "b" } }],
    ["PATCH", `${core}/configmaps/map`, "application/json-patch+json", [{ op: "add", path: "/data", value: { a: "b" } }]],
    ["PATCH", `${core}/configmaps/dry`, "application/apply-patch+yaml", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "dry" } }],
    ["PATCH", `${deployments}/old/status`, "application/merge-patch+json", { status: { replicas: 3 } }],
    ["PUT", `${deployments}/old/scale`, "application/json", { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "old" }, spec: { replicas: 3 } }],
    ["PATCH", `${deployments}/old/scale`, "application/merge-patch+json", { spec: { replicas: 3 } }],
    ["POST", `${core}/pods/pod/eviction`, "application/json", { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "pod" } }],
    ["POST", `${core}/pods/pod/binding`, "application/json", { apiVersion: "v1", kind: "Binding", metadata: { name: "pod" }, target: { kind: "Node", name: "n" } }],
    ["PUT", "/api/v1/namespaces/other/finalize", "application/json", { metadata: { name: "other" }, spec: { finalizers: [] } }],
    ["DELETE", `${core}/configmaps/map`],
    ["DELETE", `${core}/configmaps`],
    ["DELETE", "/api/v1/namespaces/other"],
  ];

  for (const [method, path, type = "application/json", body] of dryRuns) {
    test(`a dry ${method} of ${path} (${type}) is answered and changes nothing`, async () => {
      const { revision } = edge.store;
      const answer = await asker.ask(`${path}?dryRun=All&fieldManager=m`, { method, ...(body === undefined ? {} : { headers: { "content-type": type }, body: JSON.stringify(body) }) });
      assert.ok(answer.code < 300, answer.text);
      assert.equal(edge.store.revision, revision);
      assert.equal((await asker.ask(`${path}?dryRun=Some`, { method, ...(body === undefined ? {} : { headers: { "content-type": type }, body: JSON.stringify(body) }) })).code >= 400, true);
    });
  }
});
