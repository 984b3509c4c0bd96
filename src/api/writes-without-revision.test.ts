import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import { samplesOf } from "../../test/golden/samples.ts";
import { isApiError } from "../model/api-error.ts";
import { resourceName } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { kinds } from "../model/kinds.ts";
import { CertificateSigningRequestKind } from "../model/kinds/certificates.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import { verbsOf } from "./http/request-path.ts";
import { jsonOf, metadataOf, textOf, withMetadata } from "./shape.ts";

/** Resources whose objects are replaced only by who says which revision. */
const guarded: ReadonlySet<string> = new Set([
  "apiservices.apiregistration.k8s.io", "clustertrustbundles.certificates.k8s.io", "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io",
  "csistoragecapacities.storage.k8s.io", "customresourcedefinitions.apiextensions.k8s.io", "leases.coordination.k8s.io",
  "mutatingadmissionpolicies.admissionregistration.k8s.io", "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io", "podcertificaterequests.certificates.k8s.io", "poddisruptionbudgets.policy",
  "runtimeclasses.node.k8s.io", "validatingadmissionpolicies.admissionregistration.k8s.io", "validatingadmissionpolicybindings.admissionregistration.k8s.io",
  "validatingwebhookconfigurations.admissionregistration.k8s.io", "volumeattachments.storage.k8s.io",
]);

/** Resources that a PUT makes where they are not. */
const made: ReadonlySet<string> = new Set([
  "clusterrolebindings.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io", "endpoints", "events", "events.events.k8s.io", "leases.coordination.k8s.io",
  "limitranges", "rolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io", "runtimeclasses.node.k8s.io", "services",
]);

const updated = kinds.filter((kind) => kind.isStored !== false && verbsOf(kind).includes("update"));

function sampleOf(kind: Kind): { readonly body: JsonObject; readonly ref: { readonly namespace: string; readonly name: string } } {
  const [sample] = samplesOf(kind).valid;
  assert.ok(sample !== undefined);
  const body = withMetadata(jsonOf(sample), { resourceVersion: undefined });
  return { body, ref: { namespace: textOf(metadataOf(body), "namespace"), name: textOf(metadataOf(body), "name") } };
}

test("every resource of the two tables is served", () => {
  const served = new Set(updated.map(resourceName));
  assert.deepEqual([...guarded, ...made].filter((name) => !served.has(name)), []);
});

for (const kind of updated) {
  const name = resourceName(kind);
  test(`a PUT without a revision of ${name} is ${guarded.has(name) ? "refused" : "taken"}, and where there is none it is ${made.has(name) ? "made" : "not found"}`, async () => {
    const { verbs, caller } = await testApi();
    const { body, ref } = sampleOf(kind);
    const first = verbs.update(caller, kind, ref, body);
    if (made.has(name)) assert.equal((await first).isCreated, true);
    else await assert.rejects(async () => first, (error) => isApiError(error, "NotFound"));
    const { stored } = made.has(name) ? await first : await verbs.create(caller, kind, ref.namespace, body);
    const second = verbs.update(caller, kind, ref, withMetadata(jsonOf(stored.object()), { resourceVersion: undefined }));
    if (!guarded.has(name)) assert.equal((await second).isCreated, false);
    else await assert.rejects(second, { reason: "Invalid", message: `${name} "${ref.name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update` });
  });
}

test("who replaces a pod need not say what admission gave it", async () => {
  const { verbs, caller } = await testApi();
  const { body, ref } = sampleOf(PodKind);
  await verbs.create(caller, PodKind, ref.namespace, body);
  const { stored } = await verbs.update(caller, PodKind, ref, { ...body, spec: { ...specOf(body), serviceAccountName: "default", serviceAccount: "default" } });
  assert.partialDeepStrictEqual(stored.object(), { spec: { priority: 0, preemptionPolicy: "PreemptLowerPriority", tolerations: [{ key: "node.kubernetes.io/not-ready" }, { key: "node.kubernetes.io/unreachable" }] } });
  await assert.rejects(verbs.update(caller, PodKind, ref, { ...body, spec: { ...specOf(body), serviceAccountName: "default", serviceAccount: "default", priority: 7 } }), { reason: "Invalid" });
});

test("what a certificate request asks for stays as it was, whatever is sent", async () => {
  const { verbs, caller } = await testApi();
  const { body, ref } = sampleOf(CertificateSigningRequestKind);
  const { stored } = await verbs.create(caller, CertificateSigningRequestKind, "", body);
  const changed = await verbs.update(caller, CertificateSigningRequestKind, ref, { ...withMetadata(body, { labels: { a: "b" } }), spec: { ...specOf(body), signerName: "example.com/other" } });
  assert.deepEqual(specOf(jsonOf(changed.stored.object())), specOf(jsonOf(stored.object())));
  assert.deepEqual(changed.stored.object().metadata.labels, { a: "b" });
});

function specOf(body: JsonObject): JsonObject {
  const { spec } = body;
  assert.ok(isJsonObject(spec));
  return spec;
}
