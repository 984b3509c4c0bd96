import assert from "node:assert/strict";
import { test } from "node:test";
import { KindTable } from "../model/kind-table.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import type { ApiObject } from "../model/object.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import { applyDefaults } from "../model/defaults.ts";
import type { JsonObject } from "../value/json.ts";
import { checkPlan } from "./check-plan.ts";
import { desiredOf } from "./desired.ts";
import { listChanges } from "./diff.ts";
import { planSync } from "./plan.ts";

const drafted: unknown = {
  apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "shop", namespace: "default", uid: "u" },
  spec: { source: { repoURL: "capstan://demo" }, destination: { namespace: "kube-system" } }, status: {},
};

const application = applyDefaults(ApplicationKind, drafted as Application);

function problemsOf(secret: object, live?: object) {
  const object = { apiVersion: "v1", kind: "Secret", metadata: { name: "token-abc", namespace: "kube-system" }, ...secret } as unknown as ApiObject & JsonObject;
  const { desired } = desiredOf(application, [{ object, place: { file: "token.yaml", line: 1 } }], new KindTable());
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } } as unknown as ApiObject;
  const found = live === undefined ? undefined : { ...object, ...live } as unknown as ApiObject;
  const facts = { application, desired, inventory: [], live: (id: { readonly kind: string }) => (id.kind === "Namespace" ? namespace : found), isClaimedBy: () => false };
  const plan = planSync({ ...facts, revision: "r", treeDigest: "t", generation: 1, priors: () => [], isWantedElsewhere: () => false, kindOf: () => SecretKind, mayPrune: true });
  return checkPlan(plan, facts).map(({ reason, place }) => `${reason} ${place?.file ?? ""}`);
}

test("no application makes a token, or writes over one that is there", () => {
  assert.deepEqual(problemsOf({ type: "capstan.dev/token" }), ["Forbidden token.yaml"]);
  assert.deepEqual(problemsOf({ data: { hash: "eA==" } }, { type: "capstan.dev/token" }), ["Forbidden token.yaml"]);
  assert.deepEqual(problemsOf({ type: "Opaque" }), []);
});

test("kubectl's copy of a secret is as hidden in a diff as the secret", () => {
  const note = "kubectl.kubernetes.io/last-applied-configuration";
  const of = (text: string) => ({ metadata: { annotations: { [note]: text, plain: text } } });
  assert.deepEqual(listChanges(SecretKind, of("old"), of("new")), [
    { path: `metadata.annotations[${note}]`, before: "(hidden)", after: "(hidden)" },
    { path: "metadata.annotations.plain", before: "old", after: "new" },
  ]);
});
