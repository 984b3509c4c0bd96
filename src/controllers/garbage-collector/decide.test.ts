import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiObject } from "../../model/object.ts";
import { decideDependent, decideOwner } from "./decide.ts";
import type { DependentDecision, OwnerState } from "./decide.ts";

function dependent(owners: readonly string[], metadata: Partial<ApiObject["metadata"]> = {}): ApiObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", uid: "p", ownerReferences: owners.map((uid) => ({ apiVersion: "v1", kind: "X", name: uid, uid, blockOwnerDeletion: true })), ...metadata } };
}

test("a dependent stays while an owner does, loses dangling references, and goes with the last owner", () => {
  const table: readonly (readonly [readonly OwnerState[], boolean, DependentDecision["kind"], string | undefined])[] = [
    [[], false, "keep", undefined],
    [["solid"], false, "keep", undefined],
    [["unknown"], false, "keep", undefined],
    [["solid", "absent"], false, "unlink", undefined],
    [["solid", "waiting"], false, "unlink", undefined],
    [["absent"], false, "remove", "Background"],
    [["absent", "waiting"], false, "remove", "Background"],
    [["waiting"], true, "remove", "Foreground"],
  ];
  for (const [states, isBlocked, kind, propagation] of table) {
    const decision = decideDependent(dependent(states.map((_, index) => String(index))), (owner) => states[Number(owner.uid)]!, { isBlocked, isWaitedOn: false });
    assert.equal(decision.kind, kind, states.join());
    if (decision.kind === "remove") assert.equal(decision.propagation, propagation);
    if (decision.kind === "unlink") assert.deepEqual(decision.owners.map((owner) => owner.uid), ["0"]);
  }
});

test("what is being deleted already is left alone", () => {
  assert.equal(decideDependent(dependent(["a"], { deletionTimestamp: "2026-01-01T00:00:00Z" }), () => "absent", { isBlocked: false, isWaitedOn: false }).kind, "keep");
});

test("an object in a circle of owners that wait for each other does not hold its own up", () => {
  const decide = (state: OwnerState, isBlocked: boolean) => decideDependent(dependent(["a"]), () => state, { isBlocked, isWaitedOn: true });
  assert.deepEqual(decide("waiting", true), { kind: "remove", propagation: "Foreground", isInCircle: true });
  assert.deepEqual(decide("waiting", false), { kind: "remove", propagation: "Background" });
  assert.deepEqual(decide("absent", true), { kind: "remove", propagation: "Background" });
});

test("an owner waits for dependents that block it and for no others", () => {
  const owner: ApiObject = { apiVersion: "v1", kind: "X", metadata: { name: "o", uid: "o", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["foregroundDeletion"] } };
  const free = dependent(["o"], { ownerReferences: [{ apiVersion: "v1", kind: "X", name: "o", uid: "o" }] });
  assert.deepEqual(decideOwner(owner, [free]), { kind: "foreground", isFree: true });
  assert.deepEqual(decideOwner(owner, [free, dependent(["o"])]), { kind: "foreground", isFree: false });
  assert.deepEqual(decideOwner({ ...owner, metadata: { ...owner.metadata, finalizers: ["orphan"] } }, [free]), { kind: "orphan" });
  assert.deepEqual(decideOwner({ ...owner, metadata: { name: "o", uid: "o", finalizers: ["foregroundDeletion"] } }, []), { kind: "none" });
});
