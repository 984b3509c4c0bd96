import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { apiVersionOf } from "../../model/kind.ts";
import { kinds } from "../../model/kinds.ts";
import { readFields } from "../../model/protobuf-wire.ts";
import { definitionInV2, openApiV2JsonOf } from "./openapi-v2-json.ts";
import { openApiV2Of } from "./openapi-v2.ts";
import { printResourcePath, verbsOf } from "./request-path.ts";

type Parts = readonly { readonly number: number; readonly bytes: Uint8Array }[];

/** The members of a message that are messages or texts themselves. */
function partsOf(bytes: Uint8Array): Parts {
  return [...readFields(bytes)].flatMap(({ number, value }) => (value.kind === "bytes" ? [{ number, bytes: value.bytes }] : []));
}

function partOf(parts: Parts, number: number): Uint8Array {
  return parts.find((part) => part.number === number)?.bytes ?? new Uint8Array(0);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** Pairs of name and value, as gnostic writes maps. */
function pairsOf(bytes: Uint8Array, number: number): ReadonlyMap<string, Parts> {
  return new Map(partsOf(bytes).filter((part) => part.number === number).map((part) => partsOf(part.bytes)).map((pair) => [textOf(partOf(pair, 1)), partsOf(partOf(pair, 2))]));
}

describe("the OpenAPI v2 document in protobuf", () => {
  let whole = new Uint8Array(0);
  let paths: ReadonlyMap<string, Parts> = new Map();
  let definitions: ReadonlyMap<string, Parts> = new Map();
  before(async () => {
    whole = Uint8Array.from(await openApiV2Of(kinds, "v1.33.0"));
    const document = partsOf(whole);
    assert.equal(textOf(partOf(document, 1)), "2.0");
    paths = pairsOf(partOf(document, 8), 2);
    definitions = pairsOf(partOf(document, 9), 1);
  });

  test("defines every kind served, once, by its group, version and kind", () => {
    const extensions = [...definitions.values()].flatMap((parts) => parts.filter(({ number }) => number === 31).map(({ bytes }) => partsOf(bytes)));
    const marks = extensions.filter((pair) => textOf(partOf(pair, 1)) === "x-kubernetes-group-version-kind").map((pair) => textOf(partOf(partsOf(partOf(pair, 2)), 2)));
    for (const { group, version, kind } of kinds) assert.equal(marks.filter((mark) => (JSON.parse(mark) as readonly { group: string; version: string; kind: string }[]).some((one) => one.group === group && one.version === version && one.kind === kind)).length, 1, `${group}/${version} ${kind}`);
  });

  test("has no reference that leads nowhere", () => {
    const names = [...Buffer.from(whole).toString("latin1").matchAll(/#\/definitions\/([\w.-]+)/g)].map(([, name]) => name ?? "");
    assert.ok(names.length > 500);
    assert.deepEqual([...new Set(names)].filter((name) => !definitions.has(name)), []);
  });

  test("says of every kind that is patched how, and that a dry run is served: older kubectls look for it", () => {
    for (const kind of kinds.filter((one) => verbsOf(one).includes("patch"))) {
      const path = decodeURIComponent(printResourcePath(kind, { ...(kind.namespaced ? { namespace: "{namespace}" } : {}), name: "{name}" }));
      const patch = textOf(partOf(paths.get(path) ?? [], 8));
      for (const word of ["dryRun", "fieldValidation", "x-kubernetes-group-version-kind", "x-kubernetes-action"]) assert.ok(patch.includes(word), `${apiVersionOf(kind)} ${kind.kind}: ${word}`);
    }
  });
});

describe("the OpenAPI v2 document in JSON", () => {
  interface Swagger {
    readonly swagger: string;
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters: readonly { readonly in: string; readonly type?: string; readonly schema?: object }[]; readonly responses: object }>>>>;
    readonly definitions: Readonly<Record<string, { readonly properties?: object; readonly type?: string; readonly oneOf?: unknown }>>;
  }
  let text = "";
  let swagger: Swagger;
  before(async () => {
    text = Buffer.from(await openApiV2JsonOf(kinds, "v1.33.0")).toString();
    swagger = JSON.parse(text) as Swagger;
  });

  test("has the paths and definitions of the other, and no reference that leads nowhere", () => {
    assert.equal(swagger.swagger, "2.0");
    assert.ok(!text.includes("#/components/"));
    const names = [...text.matchAll(/"#\/definitions\/([\w.-]+)"/g)].map(([, name]) => name ?? "");
    assert.deepEqual([...new Set(names)].filter((name) => !(name in swagger.definitions)), []);
    assert.ok(swagger.definitions["io.k8s.api.core.v1.Pod"]?.properties !== undefined);
    assert.deepEqual(swagger.definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]?.type, "string");
  });

  test("says of parameters and bodies what version 2 says of them", () => {
    const { post, parameters } = swagger.paths["/api/v1/namespaces/{namespace}/configmaps"] ?? {};
    assert.deepEqual(post?.parameters[0], { name: "body", in: "body", required: true, schema: { $ref: "#/definitions/io.k8s.api.core.v1.ConfigMap" } });
    assert.ok(post.parameters.slice(1).every((parameter) => parameter.in === "query" && parameter.type !== undefined && parameter.schema === undefined));
    assert.ok(Array.isArray(parameters) && parameters.length > 0);
  });
});

test("a kind that takes unknown fields at its root shows version 2 nothing but its name", () => {
  const gvk = [{ group: "example.com", version: "v1", kind: "Free" }];
  const root = { type: "object", "x-kubernetes-group-version-kind": gvk, properties: { spec: { type: "object" } } };
  assert.deepEqual(definitionInV2({ ...root, "x-kubernetes-preserve-unknown-fields": true }), { type: "object", "x-kubernetes-group-version-kind": gvk });
  assert.equal(definitionInV2(root), root);
});
