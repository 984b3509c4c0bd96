import assert from "node:assert/strict";
import { test } from "node:test";
import { checkValues } from "./chart-schema.ts";
import { RenderFault } from "./fault.ts";
import { deriveSchema, editorLine, withEditorLine } from "./values-schema.ts";

const values = `# How many pods.
# @schema minimum: 0; maximum: 10
replicas: 2
# -- The image,
# by name.
image:
  repository: node   # not this
  tag: "24"
  # ------
  pull: true

ratio: 0.5
env: {}
list: [a, b]
mixed: [a, 1]
anything:
# @schema type: [string, integer]
port: 80
`;

test("each value has the type of its default, and what its comments say", () => {
  assert.deepEqual(deriveSchema(values), {
    $schema: "http://json-schema.org/draft-07/schema#", type: "object", additionalProperties: false, properties: {
      global: { type: "object" }, replicas: { description: "How many pods.", type: "integer", minimum: 0, maximum: 10 },
      image: { description: "The image, by name.", type: "object", additionalProperties: false, properties: { repository: { type: "string" }, tag: { type: "string" }, pull: { type: "boolean" } } },
      ratio: { type: "number" }, env: { type: "object" }, list: { type: "array", items: { type: "string" } }, mixed: { type: "array" }, anything: {}, port: { type: ["string", "integer"] },
    },
  });
});

test("the defaults fit their own schema, and a misspelt value does not", () => {
  const schema = deriveSchema(values);
  const sources = { layerOf: () => undefined, lineOf: () => undefined };
  const defaults = { replicas: 2, image: { repository: "node", tag: "24", pull: true }, ratio: 0.5, env: {}, list: ["a", "b"], mixed: ["a", 1], anything: null, port: 80 };
  assert.deepEqual(checkValues(schema, defaults, sources), []);
  assert.match(checkValues(schema, { ...defaults, replica: 1 }, sources)[0]?.message ?? "", /replica/);
});

test("what a schema already says stands; values it does not name are added", () => {
  const known = { type: "object", properties: { replicas: { type: "number", maximum: 5 }, image: { type: "object" } } };
  const { properties, ...rest } = deriveSchema(values, { known, charts: ["redis"] });
  assert.equal(rest["additionalProperties"], undefined);
  const named = properties as Record<string, unknown>;
  assert.deepEqual(named["replicas"], { description: "How many pods.", type: "number", maximum: 5 });
  assert.deepEqual(named["image"], { description: "The image, by name.", type: "object" });
  assert.deepEqual([named["env"], named["redis"]], [{ type: "object" }, { type: "object" }]);
});

test("a comment nobody can read is an error with its line", () => {
  assert.throws(() => deriveSchema("# @schema [\na: 1\n"), (error) => error instanceof RenderFault && error.problem.place?.line === 2);
});

test("the line for editors is added once", () => {
  assert.equal(withEditorLine("a: 1\n"), `${editorLine}\na: 1\n`);
  assert.equal(withEditorLine(withEditorLine("a: 1\n")), withEditorLine("a: 1\n"));
});
