import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { runControllers } from "../../../src/control/runner.ts";
import { customResourceDefinitionController } from "../../../src/controllers/custom-resource-definition/controller.ts";
import { kinds } from "../../../src/model/kinds.ts";
import { findKubectl } from "./kubectl.ts";
import { useProgram } from "../program.ts";
import type { Program } from "../program.ts";
import { startLoopbackEdge } from "./loopback-edge.ts";
import type { LoopbackEdge } from "./loopback-edge.ts";

const path = findKubectl();

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [gadgets]}
  versions:
  - name: v1beta1
    served: true
    storage: false
    deprecated: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Color, type: string, jsonPath: .spec.color}, {name: Replicas, type: integer, jsonPath: .spec.replicas, priority: 1}]
    selectableFields: [{jsonPath: .spec.color}]
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    schema:
      openAPIV3Schema:
        type: object
        description: A thing to turn.
        properties:
          spec:
            type: object
            x-kubernetes-validations: [{rule: "self.replicas <= 5", messageExpression: "'at most 5, not ' + string(self.replicas)"}]
            properties:
              color: {type: string, enum: [red, green], description: How it looks.}
              replicas: {type: integer, default: 1}
              parts: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {type: object, required: [name], properties: {name: {type: string}, size: {type: integer}}}}
          status: {type: object, properties: {replicas: {type: integer}, phase: {type: string}}}
`;

const widget = (spec: string, name = "a") => `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"${name}"},"spec":${spec}}`;

describe("kubectl with a definition", { skip: path === undefined ? "no kubectl on this machine" : false }, () => {
  let edge: LoopbackEdge;
  let kubectl: Program;
  const ending = new AbortController();
  let stopped: Promise<void>;
  before(async () => {
    edge = await startLoopbackEdge();
    const run = runControllers({ controllers: [customResourceDefinitionController(kinds)], clientFor: () => edge.admin, world: edge.world, served: edge.verbs.kinds, signal: ending.signal });
    stopped = run.stopped;
    kubectl = useProgram(path ?? "kubectl", edge.directory);
    await kubectl.ok(["apply", "-f", "-"], definition);
    await kubectl.ok(["wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=10s"]);
  });
  after(async () => { ending.abort(); await stopped; await edge.close(); });

  test("objects are made, shown, selected, scaled, patched and explained by every name of their kind", async () => {
    assert.equal(await kubectl.ok(["apply", "-f", "-"], widget('{"color":"red","parts":[{"name":"p"}]}')), "widget.example.com/a created\n");
    assert.equal(await kubectl.ok(["apply", "-f", "-"], widget('{"color":"red","parts":[{"name":"p"}]}')), "widget.example.com/a unchanged\n");
    assert.equal(await kubectl.ok(["get", "wd"]), "NAME   COLOR\na      red\n");
    assert.equal(await kubectl.ok(["get", "gadgets", "-o", "wide"]), "NAME   COLOR   REPLICAS\na      red     1\n");
    assert.equal(await kubectl.ok(["get", "widgets", "--field-selector", "spec.color=red", "-o", "name"]), "widget.example.com/a\n");
    assert.equal(await kubectl.ok(["get", "widgets", "--field-selector", "spec.color=green", "-o", "name"]), "");
    assert.equal(await kubectl.ok(["scale", "wd/a", "--replicas=3"]), "widget.example.com/a scaled\n");
    const refused = await kubectl.run(["scale", "wd/a", "--replicas=6"]);
    assert.match(refused.stderr, /spec: Invalid value: "object": at most 5, not 6/);
    await kubectl.ok(["patch", "wd", "a", "--subresource=status", "--type=merge", "-p", '{"status":{"phase":"on"},"spec":{"color":"green"}}']);
    assert.equal(await kubectl.ok(["get", "wd", "a", "-o", "jsonpath={.status.phase} {.spec.color} {.spec.replicas}"]), "on red 3");
    assert.match((await kubectl.run(["patch", "wd", "a", "-p", "{}"])).stderr, /application\/strategic-merge-patch\+json is not supported/);
    assert.match((await kubectl.run(["create", "-f", "-"], widget('{"colour":"red"}', "b"))).stderr, /strict decoding error: unknown field "spec\.colour"/);
    assert.match(await kubectl.ok(["explain", "wd.spec.color"]), /FIELD: color <string>[\s\S]*How it looks\./);
    assert.match(await kubectl.ok(["api-resources", "--api-group=example.com"]), /widgets +wd +example\.com\/v1 +true +Widget/);
    await kubectl.ok(["label", "wd", "a", "x=y"]);
    assert.equal((await kubectl.run(["diff", "-f", "-"], widget('{"color":"red","parts":[{"name":"p"}]}'))).code, 0);
  });

  test("server-side apply merges list-maps, and takes its last annotation away without harm", async () => {
    const apply = (manager: string, manifest: string) => kubectl.ok(["apply", "--server-side", `--field-manager=${manager}`, "-f", "-"], manifest);
    await apply("one", widget('{"parts":[{"name":"x","size":1}]}', "s"));
    await apply("two", widget('{"parts":[{"name":"y","size":2}]}', "s").replace('"name":"s"', '"name":"s","annotations":{"k":"v"}'));
    assert.equal(await kubectl.ok(["get", "wd", "s", "-o", "jsonpath={.spec.parts[*].name} {.metadata.annotations.k}"]), "x y v");
    await apply("two", widget('{"parts":[{"name":"y","size":2}]}', "s"));
    assert.equal(await kubectl.ok(["get", "wd", "s", "-o", "jsonpath={.spec.parts[*].name}{.metadata.annotations}"]), "x y");
  });

  test("whoever asks for a deprecated version is warned, and gets it", async () => {
    const { stdout, stderr } = await kubectl.run(["get", "widgets.v1beta1.example.com", "-o", "jsonpath={.items[0].apiVersion}"]);
    assert.deepEqual([stdout, stderr], ["example.com/v1beta1", "Warning: example.com/v1beta1 Widget is deprecated\n"]);
  });

  test("a definition goes with its objects, and its kind from discovery", async () => {
    const other = definition.replaceAll("widgets", "cogs").replaceAll("widget", "cog").replaceAll("Widget", "Cog").replace("[wd]", "[cg]");
    await kubectl.ok(["apply", "-f", "-"], other);
    await kubectl.ok(["wait", "--for=condition=Established", "crd/cogs.example.com", "--timeout=10s"]);
    await kubectl.ok(["create", "-f", "-"], widget('{"color":"red"}', "c").replace("Widget", "Cog"));
    await kubectl.ok(["delete", "crd", "cogs.example.com", "--timeout=20s"]);
    assert.match((await kubectl.run(["get", "cogs"])).stderr, /the server doesn't have a resource type "cogs"|could not find the requested resource/);
    await kubectl.ok(["apply", "-f", "-"], other);
    await kubectl.ok(["wait", "--for=condition=Established", "crd/cogs.example.com", "--timeout=10s"]);
    assert.equal(await kubectl.ok(["get", "cogs", "-o", "name"]), "");
  });
});
