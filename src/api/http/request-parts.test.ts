import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isApiError } from "../../model/api-error.ts";
import { scanJson } from "./json-scan.ts";
import { readLines } from "./json-lines.ts";
import { chooseFormat, patchTypeOf } from "./media-type.ts";
import { bodyDepthMax, parseBody } from "./request-body.ts";
import { parseListRequest, parseLogOptions, parseRemoveOptions, parseWatchRequest, parseWriteRequest } from "./request-options.ts";
import { patchOfScale, scaleOf } from "../scale.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
const partial = ";as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io";
const metadata = ";as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const protobuf = "application/vnd.kubernetes.protobuf";

/** Accept headers and what they choose; `definition` for kinds without a protobuf message, `watch` for streams, `review` for what is never kept. */
const negotiations: readonly (readonly [accept: string | undefined, chosen: string, offer?: "definition" | "watch" | "review"])[] = [
  [undefined, "json object v1"], ["", "json object v1"], ["*/*", "json object v1"], ["application/*", "json object v1"],
  [`${table},application/json`, "json table v1"], [`${protobuf},application/json`, "protobuf object v1"], [`application/json,${protobuf}`, "json object v1"],
  [protobuf, "protobuf object v1"], [`${protobuf},application/json`, "json object v1", "definition"], [protobuf, "406", "definition"],
  [`${protobuf}${partial}`, "protobuf partial-list v1beta1"], [`${protobuf}${partial}`, "protobuf partial-list v1beta1", "definition"], [`application/json${partial}`, "json partial-list v1beta1"],
  [`application/yaml${metadata}`, "yaml partial v1"], [`*/*${metadata}`, "json partial v1"], [`*/*${metadata}`, "json partial v1", "definition"], [`application/json${metadata.replace("v1", "v1alpha1")}`, "406"],
  [`application/json${metadata.replace("meta", "other")}`, "406"], ["application/json;g=meta.k8s.io;v=v1", "406"], ["application/json;v=v1,application/yaml", "yaml object v1"],
  [`application/yaml;as=Table;v=v1beta1;g=meta.k8s.io`, "yaml table v1beta1"], [`${table};charset=utf-8`, "json table v1"], [`application/json; as = Table; v=v1 ;g=meta.k8s.io`, "json table v1"],
  [`${table},${table.replace("v1", "v1beta1")},application/json`, "json table v1"], [`${table.replace("v1", "v9")},${table.replace("v1", "v1beta1")},application/json`, "json table v1beta1"],
  [`${table},application/json`, "json object v1", "review"], [`${protobuf};as=Table;v=v1;g=meta.k8s.io,${protobuf}`, "protobuf object v1"],
  ["application/json;stream=watch", "json object v1"], ["application/json;stream=watch", "json object v1", "watch"], ["application/json;stream=other", "406"], ["application/yaml;stream=watch,application/json", "json object v1"],
  ["application/json;sv=v1", "json object v1"], ["application/json;sv=v2", "406"], ["application/json;pretty=1;export=1;odd=3", "json object v1"],
  [`${protobuf};as=Table;v=v1;g=meta.k8s.io,${table}`, "json table v1"], [`${protobuf};as=Table;v=v1;g=meta.k8s.io`, "406"],
  ["application/json;as=Table;v=v9;g=meta.k8s.io,application/yaml", "yaml object v1"], ["application/yaml", "406", "watch"], [`application/yaml,${protobuf}`, "406", "watch"],
  [`${protobuf},application/yaml`, "protobuf object v1", "watch"], ["application/json;q=0,application/yaml;q=0.5", "yaml object v1"], ["application/json;q=0", "json object v1"], ["application/json;q=x,application/yaml;q=0.1", "yaml object v1"],
  ["*/*,application/yaml;q=0.1", "yaml object v1"], ["application/*,*/*", "json object v1"], [`application/*,${protobuf};q=0.5`, "protobuf object v1"], ["*", "json object v1"], ["json", "406"], ["a/b/c,application/yaml", "yaml object v1"],
  ["text/yaml", "406"], ["application/x-yaml", "406"], ["application/cbor", "406"], ["application/cbor,application/json", "json object v1"], [",,application/yaml,", "yaml object v1"],
  ["application/json;q=0.5,application/yaml", "yaml object v1"], ["*/*,application/yaml", "yaml object v1"], [`application/json;q=0.1,${protobuf};q=0.9`, "protobuf object v1"],
  [table, "406", "review"], [`${table},application/json`, "json object v1", "review"],
  ["text/html", "406"], ["application/json;as=Table", "406"], ["text/html,application/json;as=Other;v=v1;g=meta.k8s.io", "406"],
];

for (const [accept, chosen, offer] of negotiations) {
  test(`Accept: ${accept ?? "nothing"} is answered with ${chosen}${offer === undefined ? "" : ` for a ${offer}`}`, () => {
    const choose = () => chooseFormat(accept, { hasProtobuf: offer !== "definition", hasTable: offer !== "review", isStream: offer === "watch" });
    if (chosen === "406") { assert.throws(choose, (error) => isApiError(error, "NotAcceptable")); return; }
    const { encoding, as, metaVersion } = choose();
    assert.equal(`${encoding} ${as} ${metaVersion}`, chosen);
  });
}

test("three patch types are taken, others refused", () => {
  assert.equal(patchTypeOf("application/merge-patch+json; charset=utf-8"), "merge");
  for (const type of ["application/json", "application/apply-patch+cbor", undefined]) assert.throws(() => patchTypeOf(type), (error) => isApiError(error, "UnsupportedMediaType"));
});

test("fields that stand twice are found with their paths", () => {
  assert.deepEqual(scanJson('{"a":1,"b":{"c":[{"d":1,"\\u0064":2}],"a":1},"a":2}', 10).duplicates, ["b.c[0].d", "a"]);
  assert.deepEqual(scanJson('{"a":"{\\"a\\":1,\\"a\\":2}","b":"\\\\","c":[[],{}]}', 10), { duplicates: [], isTooDeep: false, hasPrototypeKey: false });
});

test("any JSON passes the scan without duplicates, and the scan never throws", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
    const scan = scanJson(JSON.stringify(value), 50);
    assert.deepEqual(scan.duplicates, []);
    assert.equal(scan.isTooDeep, false);
  }));
});

test("a body that is too deep, names __proto__ or is no JSON is refused", async () => {
  const deep = "[".repeat(bodyDepthMax + 1) + "]".repeat(bodyDepthMax + 1);
  for (const text of [deep, '{"metadata":{"__proto__":{"x":1}}}', "{", "", "\u0000"]) {
    await assert.rejects(parseBody(bytes(text), "json"), (error) => isApiError(error, "BadRequest"));
  }
  await assert.rejects(parseBody(Uint8Array.from([0xff, 0xfe]), "json"), (error) => isApiError(error, "BadRequest"));
  await assert.rejects(parseBody(bytes("[".repeat(70_000)), "yaml"), (error) => isApiError(error, "RequestEntityTooLarge"));
  assert.equal(((await parseBody(bytes(`{"a":"${"x".repeat(70_000)}"}`), "yaml")).value as { a: string }).a.length, 70_000);
  await assert.rejects(parseBody(bytes("a: [1\n"), "yaml"), (error) => isApiError(error, "BadRequest"));
  assert.deepEqual((await parseBody(bytes("a: [1]\n"), "yaml")).value, { a: [1] });
});

test("options are read from the query", () => {
  const query = new URLSearchParams("labelSelector=a%3Db&limit=5&resourceVersion=7&dryRun=All&fieldManager=me&fieldValidation=Strict&tailLines=0&follow=true&container=c");
  assert.deepEqual(parseListRequest(query, "n"), { namespace: "n", labelSelector: "a=b", limit: 5, resourceVersion: "7" });
  assert.deepEqual(parseWriteRequest(query), { dryRun: true, fieldManager: "me", fieldValidation: "Strict" });
  assert.deepEqual(parseLogOptions(query), { container: "c", follow: true, tailLines: 0 });
  assert.deepEqual(parseListRequest(new URLSearchParams("limit=0"), undefined), {});
});

test("wrong options are refused", () => {
  const query = (text: string) => new URLSearchParams(text);
  for (const attempt of [
    () => parseListRequest(query("limit=x"), undefined), () => parseWriteRequest(query("dryRun=Some")), () => parseWriteRequest(query("fieldValidation=Maybe")),
    () => parseLogOptions(query("tailLines=-1")), () => parseLogOptions(query("sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z")), () => parseLogOptions(query("sinceTime=yesterday")),
    () => parseRemoveOptions(query("propagationPolicy=Sideways"), undefined), () => parseRemoveOptions(query(""), { kind: "Pod" }),
    () => parseRemoveOptions(query(""), { propagationPolicy: "Orphan", orphanDependents: true }), () => parseRemoveOptions(query(""), { gracePeriodSeconds: "5" }),
  ]) assert.throws(attempt, (error) => isApiError(error, "BadRequest", "Invalid"));
});

const misunderstood: readonly (readonly [attempt: () => unknown, reason: string, message: string])[] = [
  [() => parseRemoveOptions(new URLSearchParams(), { preconditions: 5 }), "BadRequest", 'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal number into Go struct field DeleteOptions.preconditions of type v1.Preconditions'],
  [() => parseRemoveOptions(new URLSearchParams(), { orphanDependents: "yes" }), "BadRequest", 'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal string into Go struct field DeleteOptions.orphanDependents of type bool'],
  [() => parseRemoveOptions(new URLSearchParams(), { dryRun: ["x"] }), "Invalid", 'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["x"]: supported values: "All"'],
  [() => parseRemoveOptions(new URLSearchParams("propagationPolicy=Foo"), undefined), "Invalid", 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Foo": supported values: "Foreground", "Background", "Orphan", "nil"'],
  [() => parseWriteRequest(new URLSearchParams("dryRun=foo")), "Invalid", 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["foo"]: supported values: "All"'],
  [() => parseWriteRequest(new URLSearchParams("fieldValidation=foo"), "PUT"), "Invalid", 'UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "foo": supported values: "", "Ignore", "Strict", "Warn"'],
  [() => parseWriteRequest(new URLSearchParams("fieldManager=a%01"), "PATCH"), "Invalid", 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\x01": invalid character U+0001 (at position 1)'],
  [() => parseListRequest(new URLSearchParams("timeoutSeconds=soon"), undefined), "BadRequest", 'strconv.ParseInt: parsing "soon": invalid syntax (query parameter timeoutSeconds)'],
];

for (const [attempt, reason, message] of misunderstood) {
  test(`options are refused: ${message}`, () => assert.throws(attempt, { reason, message }));
}

test("the options of a delete come from its body, else from the query", () => {
  const query = new URLSearchParams("gracePeriodSeconds=3&propagationPolicy=Orphan");
  assert.deepEqual(parseRemoveOptions(query, undefined), { propagation: "Orphan", gracePeriodSeconds: 3 });
  assert.deepEqual(parseRemoveOptions(query, { kind: "DeleteOptions", preconditions: { uid: "u" }, orphanDependents: false }), { propagation: "Background", preconditions: { uid: "u" } });
  assert.deepEqual(parseRemoveOptions(query, { gracePeriodSeconds: -1, dryRun: ["All"] }), { dryRun: true });
});

test("a scale shows replicas and selector and writes replicas back", () => {
  const paths = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", selectorPath: ".spec.selector" };
  const selector = { matchLabels: { b: "2", a: "1" }, matchExpressions: [{ key: "c", operator: "In", values: ["y", "x"] }, { key: "d", operator: "DoesNotExist" }] };
  const scale = scaleOf(paths, { metadata: { name: "x", resourceVersion: "7", labels: {} }, spec: { replicas: 3, selector }, status: { replicas: 2 } });
  assert.deepEqual(scale, {
    kind: "Scale", apiVersion: "autoscaling/v1", metadata: { name: "x", resourceVersion: "7" }, spec: { replicas: 3 }, status: { replicas: 2, selector: "a=1,b=2,c in (x,y),!d" },
  });
  assert.deepEqual(patchOfScale({ scale: paths }, "x", { ...scale, spec: { replicas: 5 } }), { spec: { replicas: 5 }, metadata: { resourceVersion: "7" } });
  assert.throws(() => patchOfScale({ scale: paths }, "x", { ...scale, spec: { replicas: -1 } }), (error) => isApiError(error, "Invalid"));
});

test("a scale of an object of a definition shows the selector it has as text, and needs no word of what it is", () => {
  const paths = { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size", selectorPath: ".status.selector" };
  assert.partialDeepStrictEqual(scaleOf(paths, { metadata: { name: "x" }, spec: { size: 1 }, status: { size: 1, selector: "a=b" } }), { status: { replicas: 1, selector: "a=b" } });
  assert.deepEqual(patchOfScale({ scale: paths }, "x", { metadata: { name: "x" }, spec: { replicas: 2 } }), { spec: { size: 2 } });
  assert.throws(() => patchOfScale({ scale: paths }, "x", { spec: { replicas: "2" } }), (error) => isApiError(error, "BadRequest"));
});

test("lines are put together however the bytes are cut", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", "")), { maxLength: 8 }), fc.integer({ min: 1, max: 7 }), async (lines, size) => {
    const whole = bytes(lines.map((line) => `${line}\n`).join(""));
    async function* cut() { for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size); }
    const read: string[] = [];
    for await (const line of readLines(cut())) read.push(line);
    // A lone byte order mark is dropped by the decoder.
    assert.deepEqual(read, lines.filter((line) => line !== "" && !line.includes("\ufeff")));
  }), { numRuns: 50 });
});

test("initial events of a watch need the match that goes with them", () => {
  const read = (query: string) => parseWatchRequest(new URLSearchParams(query));
  assert.equal(read("sendInitialEvents=true&resourceVersionMatch=NotOlderThan").sendInitialEvents, true);
  assert.equal(read("sendInitialEvents=false&resourceVersionMatch=NotOlderThan").sendInitialEvents, false);
  assert.equal(read("").sendInitialEvents, undefined);
  for (const query of ["sendInitialEvents=true", "sendInitialEvents=true&resourceVersionMatch=Exact", "resourceVersionMatch=NotOlderThan", "resourceVersionMatch=nope"]) {
    assert.throws(() => read(query), (error) => isApiError(error, "Invalid") && error.causes.length > 0, query);
  }
});
