import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiObject } from "../model/object.ts";
import { controllerReference } from "../model/object.ts";
import { selectorOf } from "../value/labels.ts";
import { decideClaims } from "./claims.ts";

const owner: ApiObject = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web", uid: "me" } };
const other: ApiObject = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "x", uid: "other" } };

function object(name: string, app: string, by?: ApiObject): ApiObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app }, ...(by === undefined ? {} : { ownerReferences: [controllerReference(by)] }) } };
}

test("own matching objects are owned, matching orphans adopted, own strangers released, others' left alone", () => {
  const candidates = [object("a", "web", owner), object("b", "web"), object("c", "else", owner), object("d", "web", other), object("e", "else")];
  const claims = decideClaims(owner, selectorOf({ matchLabels: { app: "web" } }), candidates);
  const names = (objects: readonly ApiObject[]): readonly string[] => objects.map(({ metadata }) => metadata.name);
  assert.deepEqual([names(claims.owned), names(claims.adopt), names(claims.release)], [["a"], ["b"], ["c"]]);
});
