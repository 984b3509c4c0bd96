import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openAsker } from "../../../test/api/asker.ts";
import type { Asker, Reply } from "../../../test/api/asker.ts";
import { filledObject } from "../../../test/api/schema-objects.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { samplesOf } from "../../../test/golden/samples.ts";
import type { Kind } from "../../model/kind.ts";
import { kinds } from "../../model/kinds.ts";
import { decodeMessage, openEnvelope, sealObject } from "../../model/protobuf.ts";
import { protobufMessageOf } from "../../model/protobuf-names.ts";
import { fieldsOf } from "../../model/schema.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { printYaml } from "../../value/print-yaml.ts";
import { metadataOf, textOf } from "../shape.ts";
import { printResourcePath } from "./request-path.ts";

const protobuf = "application/vnd.kubernetes.protobuf";

/** An object out of its envelope, with the apiVersion and kind that stand there. */
function open(bytes: Uint8Array): JsonObject {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  const message = protobufMessageOf(apiVersion, kind);
  assert.ok(message !== undefined, `${apiVersion} ${kind}`);
  return { apiVersion, kind, ...decodeMessage(message, raw) };
}

/** An answer without what differs from one request to the next. */
function lasting(reply: Reply): JsonObject {
  const uid = metadataOf(reply.json())["uid"];
  const { metadata, ...rest } = JSON.parse(typeof uid === "string" && uid !== "" ? reply.text.replaceAll(uid, "uid") : reply.text) as JsonObject;
  const { uid: _uid, creationTimestamp: _time, resourceVersion: _revision, managedFields, ...kept } = isJsonObject(metadata) ? metadata : {};
  const owners = Array.isArray(managedFields) ? managedFields.filter(isJsonObject).map(({ time: _at, ...owner }) => owner) : [];
  return { code: reply.code, ...rest, metadata: { ...kept, owners } };
}

/** JSON as protobuf brings it back: members without a value are not there, and those that are always there are there. */
function travelled(kind: Kind, object: JsonObject): JsonObject {
  return open(sealObject({ apiVersion: textOf(object, "apiVersion"), kind: kind.kind, message: kind.message }, object));
}

describe("one object in three encodings", () => {
  let edge: LoopbackEdge;
  let asker: Asker;
  before(async () => {
    edge = await startLoopbackEdge();
    asker = openAsker(edge);
  });
  after(async () => { asker.close(); await edge.close(); });

  const bodiesOf = (kind: Kind, object: JsonObject) => [
    { type: "application/json", body: JSON.stringify(object) },
    { type: "application/yaml", body: printYaml(object) },
    { type: protobuf, body: sealObject({ apiVersion: textOf(object, "apiVersion"), kind: kind.kind, message: kind.message }, object) },
  ];
  const postEach = async (kind: Kind, object: JsonObject) => {
    const path = `${printResourcePath(kind, { namespace: "default" })}?dryRun=All&fieldManager=test`;
    const answers: JsonObject[] = [];
    for (const { type, body } of bodiesOf(kind, object)) answers.push(lasting(await asker.ask(path, { method: "POST", headers: { "content-type": type }, body })));
    return answers;
  };

  for (const kind of kinds) {
    test(`a ${kind.kind} of ${kind.group || "the core"} is the same ${kind.kind} in each`, async () => {
      const [json, yaml, proto] = await postEach(kind, travelled(kind, filledObject(kind, 4)));
      assert.notEqual(json?.["code"], 400, JSON.stringify(json));
      assert.deepEqual(yaml, json);
      assert.deepEqual(proto, json);
      for (const sample of samplesOf(kind).valid) {
        const { resourceVersion: _revision, ...metadata } = metadataOf(sample as unknown as JsonObject);
        const object = { ...(sample as unknown as JsonObject), metadata: { ...metadata, ...(kind.namespaced ? { namespace: "default" } : {}) } };
        const [first, second, third] = await postEach(kind, travelled(kind, object));
        assert.deepEqual(second, first);
        assert.deepEqual(third, first);
      }
    });
  }

  test("is read in protobuf as it is in JSON, alone, in lists, as metadata, and in refusals", async () => {
    for (const kind of kinds.filter(({ isStored }) => isStored !== false)) {
      const [sample] = samplesOf(kind).valid;
      assert.ok(sample !== undefined);
      const name = sample.metadata.name;
      const object: JsonObject = { ...(sample as unknown as JsonObject), metadata: { name, labels: { a: "b" }, ...(kind.namespaced ? { namespace: "default" } : {}) } };
      const collection = printResourcePath(kind, { namespace: "default" });
      await asker.ask(collection, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(object) });
      for (const [path, form] of [[`${collection}/${name}`, "PartialObjectMetadata"], [collection, "PartialObjectMetadataList"], [`${collection}/none.such`, ""]] as const) {
        // Our own kinds have no list message of their own: whoever reads them as a list reads JSON.
        if (form === "PartialObjectMetadataList" && protobufMessageOf(textOf(object, "apiVersion"), `${kind.kind}List`) === undefined) continue;
        for (const accept of form === "" ? [protobuf] : [protobuf, `${protobuf};as=${form};v=v1;g=meta.k8s.io`]) {
          const inJson = await asker.ask(path, { headers: { accept: accept.replace(protobuf, "application/json") } });
          const inProtobuf = await asker.ask(path, { headers: { accept: `${accept},application/json` } });
          assert.deepEqual([inProtobuf.code, inProtobuf.headers["content-type"]], [inJson.code, protobuf], path);
          const read = open(inProtobuf.bytes);
          assert.deepEqual(bare(read), bare(zeroless(inJson.json(), protobufMessageOf(textOf(read, "apiVersion"), textOf(read, "kind")) ?? "")), `${path} ${accept}`);
        }
      }
    }
  });

  test("what is served is told in protobuf as it is in JSON, whole or by groups", async () => {
    for (const path of ["/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1", "/apis/batch/v1"]) {
      const [inJson, inProtobuf] = [await asker.ask(path), await asker.ask(path, { headers: { accept: `${protobuf},application/json` } })];
      assert.deepEqual([inProtobuf.code, inProtobuf.headers["content-type"]], [200, protobuf], path);
      assert.deepEqual(bare(open(inProtobuf.bytes)), bare({ apiVersion: "v1", ...inJson.json() }), path);
    }
    for (const path of ["/api", "/apis"]) {
      for (const version of ["v2", "v2beta1"]) {
        const form = `;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
        const inJson = await asker.ask(path, { headers: { accept: `application/json${form}` } });
        for (const accept of [`${protobuf}${form}`, `application/json;q=0.5,${protobuf}${form}`]) {
          const inProtobuf = await asker.ask(path, { headers: { accept } });
          assert.deepEqual([inProtobuf.code, inProtobuf.headers["content-type"], inProtobuf.headers.etag], [200, `${protobuf}${form}`, inJson.headers.etag]);
          assert.deepEqual(bare(open(inProtobuf.bytes)), bare(inJson.json()));
        }
        const inYaml = await asker.ask(path, { headers: { accept: `application/yaml${form}` } });
        assert.deepEqual([inYaml.headers["content-type"], inYaml.text.includes("APIGroupDiscoveryList")], [`application/yaml${form}`, true]);
      }
    }
    const unknown = await asker.ask("/apis", { headers: { accept: `${protobuf};g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList` } });
    assert.equal(unknown.code, 406);
  });

  test("is watched in protobuf as it is in JSON", async () => {
    const path = "/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    for (const as of ["", ";as=PartialObjectMetadata;v=v1;g=meta.k8s.io"]) {
      const [inJson, inProtobuf] = await Promise.all(["application/json", protobuf].map((type) => asker.ask(path, { headers: { accept: `${type}${as}` } })));
      assert.equal(inProtobuf?.headers["content-type"], `${protobuf};stream=watch`);
      const frames = framesOf(inProtobuf.bytes);
      const lines = (inJson?.text ?? "").trim().split("\n").map((line) => JSON.parse(line) as JsonObject);
      assert.deepEqual(frames.map(bare), lines.map(bare));
      assert.equal(frames.at(-1)?.["type"], "BOOKMARK");
      assert.deepEqual(frames.at(-1)?.["object"] && metadataOf(frames.at(-1)?.["object"] as JsonObject)["annotations"], { "k8s.io/initial-events-end": "true" });
    }
    await edge.store.compact(edge.store.revision);
    const expired = await asker.ask("/api/v1/configmaps?watch=true&resourceVersion=1&timeoutSeconds=1", { headers: { accept: protobuf } });
    const [told] = framesOf(expired.bytes);
    assert.deepEqual([expired.code, told?.["type"], (told?.["object"] as JsonObject | undefined)?.["reason"]], [200, "ERROR", "Expired"]);
    const yaml = await asker.ask("/api/v1/configmaps?watch=true", { headers: { accept: "application/yaml" } });
    assert.equal(yaml.code, 406);
    assert.match(yaml.text, /^apiVersion: v1\ncode: 406\nkind: Status\nmessage: .*only the following media types are accepted: application\/json;stream=watch, application\/vnd.kubernetes.protobuf;stream=watch/);
  });
});

/** The events of a watch in protobuf. */
function framesOf(bytes: Buffer): readonly JsonObject[] {
  const frames: JsonObject[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const frame = bytes.subarray(at + 4, at + 4 + length);
    assert.equal(frame.length, length);
    // WatchEvent.object is a RawExtension; its bytes are no JSON here, so it is read by hand, from its magic on.
    const start = frame.indexOf("k8s\0");
    frames.push({ type: frame.subarray(2, 2 + (frame[1] ?? 0)).toString(), object: open(frame.subarray(start)) });
    at += 4 + length;
  }
  return frames;
}

/** Values without empty members, which one encoding shows and the other does not. */
function bare(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(bare);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => {
    const shown = bare(member ?? null);
    return shown === null || shown === "" || (isJsonObject(shown) && Object.keys(shown).length === 0) || (Array.isArray(shown) && shown.length === 0) ? [] : [[key, shown] as const];
  }));
}

/** JSON as its message brings it back. */
function zeroless(object: JsonObject, message: string): JsonObject {
  assert.ok(fieldsOf(message).size > 0);
  return { apiVersion: object["apiVersion"], kind: object["kind"], ...open(sealObject({ apiVersion: textOf(object, "apiVersion"), kind: textOf(object, "kind"), message }, object)) };
}
