import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, testApi } from "../../test/api/api.ts";
import type { TestApi } from "../../test/api/api.ts";
import { deployment, pod } from "../../test/api/objects.ts";
import { DeploymentKind } from "../model/kinds/deployment.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { CollectedNotes } from "./notes.ts";
import { jsonOf } from "./shape.ts";

const oldLabel = { nodeSelector: { "beta.kubernetes.io/os": "linux" } };

async function toldOf({ verbs }: TestApi, name: string): Promise<readonly (string | undefined)[]> {
  const notes = new CollectedNotes();
  await verbs.create({ user: admin, notes }, PodKind, "default", jsonOf(pod(name, oldLabel)), {});
  return notes.warnings.map((warning) => warning.split(":")[0]);
}

test("of each pod of a template the same is told, and of its name what is to be told of that", async () => {
  const api = await testApi();
  const told = [];
  for (const name of ["a.b", "b", "c", "d.e", "f", "g.h"]) told.push(await toldOf(api, name));
  const [common, named] = [["spec.nodeSelector[beta.kubernetes.io/os]"], ["metadata.name", "spec.nodeSelector[beta.kubernetes.io/os]"]];
  assert.deepEqual(told, [named, common, common, named, common, named]);
});

test("who changes an object is told what is to be told of it then, who changes a part of it is not", async () => {
  const { client, verbs } = await testApi();
  const made = await client.create(DeploymentKind, deployment("d", 1));
  const notes = new CollectedNotes();
  const ref = { namespace: "default", name: made.metadata.name };
  await verbs.patch({ user: admin, notes }, DeploymentKind, ref, { type: "merge", body: { metadata: { labels: { a: "b" } } } });
  await verbs.patch({ user: admin, notes }, DeploymentKind, ref, { type: "merge", body: { status: { replicas: 1 } } }, { subresource: "status" });
  assert.deepEqual(notes.warnings, []);
  await verbs.patch({ user: admin, notes }, DeploymentKind, ref, { type: "merge", body: { spec: { template: { spec: oldLabel } } } });
  assert.deepEqual(notes.warnings, ['spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']);
});
