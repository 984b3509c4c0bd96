import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { apiVersionOf, resourceName } from "../../../src/model/kind.ts";
import type { Kind } from "../../../src/model/kind.ts";
import { kinds } from "../../../src/model/kinds.ts";
import { samplesOf } from "../../golden/samples.ts";
import { findKubectl } from "./kubectl.ts";
import { useProgram } from "../program.ts";
import type { Program } from "../program.ts";
import { startLoopbackEdge } from "./loopback-edge.ts";
import type { LoopbackEdge } from "./loopback-edge.ts";

const path = findKubectl();

/** What is kept; other views of one store come after it, under names of their own. */
const walked = kinds.filter(({ isStored }) => isStored !== false).map((kind, index) => ({ kind, object: named(kind, index) }));

/** A kind's first sample; cluster-scoped names that rules do not fix are told apart. */
function named(kind: Kind, index: number): object {
  const [sample] = samplesOf(kind).valid;
  assert.ok(sample !== undefined);
  const isFree = sample.metadata.name === "sample";
  return { ...sample, metadata: { ...sample.metadata, name: isFree ? `sample-${index}` : sample.metadata.name } };
}

function list(without: readonly string[] = []): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: walked.filter(({ kind }) => !without.includes(kind.kind)).map(({ object }) => object) });
}

/** kubectl parses the request of the one, which in the sample is none, and asks for another version of the other. */
const indescribable = ["CertificateSigningRequest", "VolumeAttributesClass"];

describe("kubectl with one object of every kind", { skip: path === undefined ? "no kubectl on this machine" : false }, () => {
  let edge: LoopbackEdge;
  let kubectl: Program;
  before(async () => {
    edge = await startLoopbackEdge({ of: () => undefined });
    kubectl = useProgram(path ?? "kubectl", edge.directory);
  });
  after(async () => edge.close());

  test("api-resources names them all", async () => {
    const rows = (await kubectl.ok(["api-resources", "--no-headers"])).split("\n").map((row) => row.split(/\s+/));
    const shown = new Set(rows.map((row) => `${row.at(-3) ?? ""} ${row.at(-1) ?? ""}`));
    const preferred = kinds.filter((kind) => kind.storedAs?.kind.group !== kind.group);
    assert.deepEqual(preferred.map((kind) => `${apiVersionOf(kind)} ${kind.kind}`).filter((name) => !shown.has(name)), []);
  });

  test("they are created, got, applied again, described and deleted", async () => {
    const created = await kubectl.run(["create", "-f", "-"], list());
    assert.equal(created.stderr, "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n");
    assert.equal(created.stdout.trim().split("\n").length, walked.length);
    const got = JSON.parse(await kubectl.ok(["get", "-o", "json", "-f", "-"], list())) as { readonly items: readonly { readonly kind: string; readonly apiVersion: string }[] };
    assert.deepEqual(got.items.map((item) => `${item.apiVersion} ${item.kind}`), walked.map(({ kind }) => `${apiVersionOf(kind)} ${kind.kind}`));
    const applied = await kubectl.run(["apply", "-f", "-"], list());
    assert.equal(applied.code, 0, applied.stderr);
    assert.deepEqual(applied.stdout.trim().split("\n").filter((line) => !/ (configured|unchanged)$/.test(line)), []);
    // Lists that the server completes are sent again each time, as to any server; nothing may change by it.
    const revisions = () => kubectl.ok(["get", "-o", "jsonpath={.items[*].metadata.resourceVersion}", "-f", "-"], list());
    const known = await revisions();
    await kubectl.ok(["apply", "-f", "-"], list());
    assert.equal(await revisions(), known);
    const described = await kubectl.run(["describe", "-f", "-"], list(indescribable));
    assert.equal(described.code, 0, described.stderr);
    assert.equal(described.stdout.split(/\n\n\n/).filter((text) => /^Name: +/m.test(text)).length, walked.length - indescribable.length);
    const deleted = await kubectl.run(["delete", "--wait=false", "-f", "-"], list());
    assert.equal(deleted.code, 0, deleted.stderr);
  });

  test("a table of every kind has its columns", async () => {
    const { stderr, code } = await kubectl.run(["get", walked.map(({ kind }) => resourceName(kind)).join(","), "-A", "-o", "wide"]);
    assert.equal(code, 0, stderr);
  });
});
