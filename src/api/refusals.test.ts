import assert from "node:assert/strict";
import { test } from "node:test";
import { testApi } from "../../test/api/api.ts";
import type { TestApi } from "../../test/api/api.ts";
import { configMap, deployment, namespace, pod } from "../../test/api/objects.ts";
import { ApiError } from "../model/api-error.ts";
import type { StatusDetails } from "../model/api-error.ts";
import { ConfigMapKind } from "../model/kinds/config-map.ts";
import { DeploymentKind } from "../model/kinds/deployment.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { jsonOf } from "./shape.ts";

interface Refusal {
  readonly title: string;
  readonly run: (api: TestApi) => Promise<unknown>;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: StatusDetails;
}

const ref = { namespace: "default", name: "a" };

const refusals: readonly Refusal[] = [
  {
    title: "reading what is not there", run: async ({ verbs, caller }) => verbs.get(caller, DeploymentKind, ref),
    code: 404, reason: "NotFound", message: 'deployments.apps "a" not found', details: { group: "apps", kind: "deployments", name: "a" },
  },
  {
    title: "updating what is not there", run: ({ client }) => client.update(ConfigMapKind, configMap("a")),
    code: 404, reason: "NotFound", message: 'configmaps "a" not found', details: { kind: "configmaps", name: "a" },
  },
  {
    title: "patching what is not there", run: ({ client }) => client.patch(ConfigMapKind, ref, { type: "merge", body: {} }),
    code: 404, reason: "NotFound", message: 'configmaps "a" not found',
  },
  {
    title: "removing what is not there", run: ({ client }) => client.remove(ConfigMapKind, ref),
    code: 404, reason: "NotFound", message: 'configmaps "a" not found',
  },
  {
    title: "creating a second time", run: async ({ client }) => { await client.create(ConfigMapKind, configMap("a")); await client.create(ConfigMapKind, configMap("a")); },
    code: 409, reason: "AlreadyExists", message: 'configmaps "a" already exists', details: { kind: "configmaps", name: "a" },
  },
  {
    title: "updating an old revision", run: async ({ client }) => {
      const made = await client.create(DeploymentKind, deployment("a", 1));
      await client.update(DeploymentKind, { ...made, spec: { ...made.spec, replicas: 2 } });
      await client.update(DeploymentKind, { ...made, spec: { ...made.spec, replicas: 3 } });
    },
    code: 409, reason: "Conflict", details: { group: "apps", kind: "deployments", name: "a" },
    message: 'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again',
  },
  {
    title: "a patch that names an old revision", run: async ({ client }) => {
      await client.create(ConfigMapKind, configMap("a"));
      await client.patch(ConfigMapKind, ref, { type: "merge", body: { metadata: { resourceVersion: "1" }, data: { x: "1" } } });
    },
    code: 409, reason: "Conflict", message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  },
  {
    title: "updating another object of the same name", run: async ({ client }) => {
      const made = await client.create(ConfigMapKind, configMap("a"));
      await client.update(ConfigMapKind, { ...made, metadata: { namespace: "default", name: "a", uid: "other" } });
    },
    code: 409, reason: "Conflict",
    message: 'Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: other, UID in object meta: 4c4a5a25-6f5f-4c8b-9c0e-000000000000',
  },
  {
    title: "removing with another uid", run: async ({ client }) => {
      await client.create(DeploymentKind, deployment("a", 1));
      await client.remove(DeploymentKind, ref, { preconditions: { uid: "other" } });
    },
    code: 409, reason: "Conflict", details: { group: "apps", kind: "Deployment", name: "a" },
    message: 'Operation cannot be fulfilled on Deployment.apps "a": the UID in the precondition (other) does not match the UID in record (4c4a5a25-6f5f-4c8b-9c0e-000000000000). The object might have been deleted and then recreated',
  },
  {
    title: "removing with another revision", run: async ({ client }) => {
      await client.create(ConfigMapKind, configMap("a"));
      await client.remove(ConfigMapKind, ref, { preconditions: { resourceVersion: "1" } });
    },
    code: 409, reason: "Conflict",
    message: 'Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (2). The object might have been modified',
  },
  {
    title: "creating in a namespace that is not there", run: ({ client }) => client.create(ConfigMapKind, configMap("a", {}, { namespace: "nowhere" })),
    code: 404, reason: "NotFound", message: 'namespaces "nowhere" not found', details: { kind: "namespaces", name: "nowhere" },
  },
  {
    title: "creating in a namespace that is being deleted", run: async ({ client }) => {
      await client.create(NamespaceKind, namespace("dying"));
      await client.remove(NamespaceKind, { namespace: "", name: "dying" });
      await client.create(ConfigMapKind, configMap("a", {}, { namespace: "dying" }));
    },
    code: 403, reason: "Forbidden", message: 'configmaps "a" is forbidden: unable to create new content in namespace dying because it is being terminated',
  },
  {
    title: "deleting the namespace default", run: ({ client }) => client.remove(NamespaceKind, { namespace: "", name: "default" }),
    code: 403, reason: "Forbidden", message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  },
  {
    title: "creating without a name", run: ({ client }) => client.create(ConfigMapKind, configMap("")),
    code: 422, reason: "Invalid", message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  },
  {
    title: "creating with a revision", run: ({ client }) => client.create(ConfigMapKind, configMap("a", {}, { resourceVersion: "3" })),
    code: 400, reason: "BadRequest", message: "resourceVersion should not be set on objects to be created",
  },
  {
    title: "a body for another namespace", run: ({ verbs, caller }) => verbs.create(caller, ConfigMapKind, "default", jsonOf(configMap("a", {}, { namespace: "other" }))),
    code: 400, reason: "BadRequest", message: "the namespace of the provided object does not match the namespace sent on the request",
  },
  {
    title: "a body with another name", run: async ({ client, verbs, caller }) => {
      await client.create(ConfigMapKind, configMap("a"));
      await verbs.update(caller, ConfigMapKind, ref, jsonOf(configMap("b")));
    },
    code: 400, reason: "BadRequest", message: "the name of the object (b) does not match the name on the URL (a)",
  },
  {
    title: "an update without a name", run: async ({ client, verbs, caller }) => {
      await client.create(ConfigMapKind, configMap("a"));
      await verbs.update(caller, ConfigMapKind, ref, jsonOf(configMap("")));
    },
    code: 400, reason: "BadRequest", message: "the name of the object (a based on URL) was undeterminable: name must be provided",
  },
  {
    title: "an update of another namespace's object", run: async ({ client, verbs, caller }) => {
      await client.create(ConfigMapKind, configMap("a"));
      await verbs.update(caller, ConfigMapKind, ref, jsonOf(configMap("a", {}, { namespace: "other" })));
    },
    code: 400, reason: "BadRequest", message: "the namespace of the object (other) does not match the namespace on the request (default)",
  },
  {
    title: "a body of another version", run: ({ verbs, caller }) => verbs.create(caller, ConfigMapKind, "default", { ...jsonOf(configMap("a")), apiVersion: "v2" }),
    code: 400, reason: "BadRequest", message: "the API version in the data (v2) does not match the expected API version (v1)",
  },
  {
    title: "an unknown field under strict validation",
    run: ({ verbs, caller }) => verbs.create(caller, ConfigMapKind, "default", { ...jsonOf(configMap("a")), dota: {} }, { fieldValidation: "Strict" }),
    code: 400, reason: "BadRequest", message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dota"',
  },
  {
    title: "a priority class that is not there", run: ({ client }) => client.create(PodKind, pod("a", { priorityClassName: "high" })),
    code: 403, reason: "Forbidden", message: 'pods "a" is forbidden: no PriorityClass with name high was found',
  },
  {
    title: "an unknown label selector", run: ({ client }) => client.list(ConfigMapKind, { labelSelector: "a b" }),
    code: 400, reason: "BadRequest", message: "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
  },
  {
    title: "an unknown field label", run: ({ client }) => client.list(ConfigMapKind, { fieldSelector: "data.x=1" }),
    code: 400, reason: "BadRequest", message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
  {
    title: "a revision that is no number", run: ({ verbs, caller }) => verbs.list(caller, ConfigMapKind, { resourceVersion: "abc" }),
    code: 400, reason: "BadRequest", message: 'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  },
  {
    title: "resourceVersionMatch without resourceVersion", run: ({ verbs, caller }) => verbs.list(caller, ConfigMapKind, { resourceVersionMatch: "Exact" }),
    code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  },
  {
    title: "resourceVersionMatch Exact at 0", run: ({ verbs, caller }) => verbs.list(caller, ConfigMapKind, { resourceVersionMatch: "Exact", resourceVersion: "0" }),
    code: 422, reason: "Invalid", message: 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  },
  {
    title: "a token that is none", run: ({ client }) => client.list(ConfigMapKind, { limit: 1, continue: "nonsense" }),
    code: 400, reason: "BadRequest", message: "invalid continue token: continue key is not valid: server does not recognize this encoded version",
  },
  {
    title: "a list at a revision that is compacted away", run: async ({ store, verbs, caller, client }) => {
      await client.create(ConfigMapKind, configMap("a"));
      await client.create(ConfigMapKind, configMap("b"));
      await store.compact(3);
      await verbs.list(caller, ConfigMapKind, { resourceVersion: "1", resourceVersionMatch: "Exact" });
    },
    code: 410, reason: "Expired", message: "The resourceVersion for the provided list is too old.",
  },
  {
    title: "a watch from a revision that is compacted away", run: async ({ store, client }) => {
      await client.create(ConfigMapKind, configMap("a"));
      await client.create(ConfigMapKind, configMap("b"));
      await store.compact(3);
      for await (const _event of client.watch(ConfigMapKind, { resourceVersion: "1" }, new AbortController().signal)) assert.fail("no event may come");
    },
    code: 410, reason: "Expired", message: "too old resource version: 1 (3)",
  },
  {
    title: "a JSON patch whose test fails", run: async ({ client }) => {
      await client.create(ConfigMapKind, configMap("a", { x: "1" }));
      await client.patch(ConfigMapKind, ref, { type: "json", body: [{ op: "test", path: "/data/x", value: "2" }] });
    },
    code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request",
  },
  {
    title: "a finalizer added to what is being deleted", run: async ({ client }) => {
      const made = await client.create(ConfigMapKind, configMap("a", {}, { finalizers: ["example.com/hold"] }));
      const waiting = await client.remove(ConfigMapKind, ref);
      assert.ok(waiting);
      await client.update(ConfigMapKind, { ...made, metadata: { ...waiting.metadata, finalizers: ["example.com/hold", "example.com/more"] } });
    },
    code: 422, reason: "Invalid",
    message: 'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
  },
];

for (const { title, run, code, reason, message, details } of refusals) {
  test(`${title} is refused with ${code} ${reason} and upstream's words`, async () => {
    const api = await testApi();
    await assert.rejects(run(api), (error) => {
      assert.ok(error instanceof ApiError, String(error));
      assert.deepEqual({ code: error.code, reason: error.reason, message: withoutUids(error.message) }, { code, reason, message: withoutUids(message) });
      if (details !== undefined) assert.deepEqual({ ...error.details }, details);
      return true;
    });
  });
}

function withoutUids(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UID");
}
