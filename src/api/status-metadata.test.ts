import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { samplesOf } from "../../test/golden/samples.ts";
import { kinds } from "../model/kinds.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { ServiceKind } from "../model/kinds/service.ts";
import type { JsonObject } from "../value/json.ts";
import { jsonOf, metadataOf, textOf } from "./shape.ts";

/** Kinds whose status is written without a word on metadata. */
const untouched: ReadonlySet<string> = new Set([
  "APIService", "CustomResourceDefinition", "DeviceTaintRule", "FlowSchema", "PodCertificateRequest", "PriorityLevelConfiguration", "ResourceClaim", "ServiceCIDR",
  "ValidatingAdmissionPolicy", "VolumeAttachment", "Application", "Repository", "Sync",
]);

const sent: JsonObject = {
  annotations: { told: "through status" }, labels: { told: "through-status" },
  ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "1f0f4e48-2f30-4b6f-9a5f-3b9d7f0f1c11" }],
};

for (const kind of kinds.filter(({ hasStatus, isStored, storedAs }) => hasStatus && isStored !== false && storedAs === undefined)) {
  const [sample] = samplesOf(kind).valid.map(jsonOf);
  if (sample === undefined) continue;
  const kept = untouched.has(kind.kind) ? ["annotations", "labels", "ownerReferences"] : kind.kind === "Deployment" ? ["labels"] : kind.kind === "Pod" ? ["ownerReferences"] : [];
  test(`a write of the status of a ${kind.kind} ${kept.length === 0 ? "takes metadata with it" : `leaves ${kept.join(", ")} as they were`}`, async () => {
    const { verbs, caller } = await testApi();
    const namespace = textOf(metadataOf(sample), "namespace");
    const ref = { namespace, name: textOf(metadataOf(sample), "name") };
    const made = jsonOf((await verbs.create(caller, kind, namespace, sample)).stored.object());
    const written = jsonOf((await verbs.patch(caller, kind, ref, { type: "merge", body: { metadata: sent } }, { subresource: "status" })).stored.object());
    for (const [field, value] of Object.entries(sent)) {
      const before = metadataOf(made)[field];
      const merged = Array.isArray(value) ? value : { ...(before as JsonObject | undefined), ...(value as JsonObject) };
      assert.deepEqual(metadataOf(written)[field], kept.includes(field) ? before : merged, field);
    }
    assert.deepEqual(written["spec"], made["spec"]);
  });
}

test("what is wrong with metadata is told of a write of the status too", async () => {
  const { client } = await testApi();
  const ref = { namespace: "", name: "default" };
  await assert.rejects(client.patch(NamespaceKind, ref, { type: "merge", body: { metadata: { labels: { "a b": "c" } } } }, { subresource: "status" }), /metadata\.labels/);
});

test("who writes metadata through the status owns it there, by update and by apply", async () => {
  const { client } = await testApi();
  const made = await client.create(ServiceKind, { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "default" }, spec: { clusterIP: "None", ports: [{ port: 80 }] }, status: {} });
  await client.updateStatus(ServiceKind, { ...made, metadata: { ...made.metadata, annotations: { a: "1" } } }, { fieldManager: "updater" });
  const manifest = { apiVersion: "v1", kind: "Service", metadata: { name: "web", annotations: { b: "2" } }, spec: { type: "NodePort" }, status: { conditions: [{ type: "Seen", status: "True", reason: "R", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" }] } };
  const applied = await client.patch(ServiceKind, { namespace: "default", name: "web" }, { type: "apply", body: manifest }, { subresource: "status", fieldManager: "applier" });
  assert.deepEqual(applied.metadata.annotations, { a: "1", b: "2" });
  assert.equal(applied.spec.type, "ClusterIP");
  const owned = applied.metadata.managedFields?.filter(({ subresource }) => subresource === "status").map(({ manager, fieldsV1 }) => [manager, (fieldsV1 as { readonly "f:metadata"?: unknown })["f:metadata"]]);
  assert.deepEqual(owned, [["applier", { "f:annotations": { "f:b": {} } }], ["updater", { "f:annotations": { ".": {}, "f:a": {} } }]]);
});
