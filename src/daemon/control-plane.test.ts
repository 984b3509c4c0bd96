import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemoryStore } from "../store/engines/memory.ts";
import { fakeWorld } from "../../test/world/fake-world.ts";
import { gitGroup } from "../api/access/bootstrap-roles.ts";
import { gitAccess, openClusterApi } from "./control-plane.ts";

test("a Git token may clone and push, and nothing else, not even read the Repository object", async () => {
  const { authorizer } = await openClusterApi(openMemoryStore(), fakeWorld());
  const user = { name: "git:demo", groups: ["system:authenticated", gitGroup] };
  assert.deepEqual([authorizer.isAllowed(user, gitAccess("demo", "read")), authorizer.isAllowed(user, gitAccess("demo", "write"))], [true, true]);
  for (const verb of ["get", "list", "create", "update", "patch", "delete"]) {
    assert.equal(authorizer.isAllowed(user, { verb, group: "capstan.dev", resource: "repositories", namespace: "default", name: "demo" }), false, verb);
  }
});

test("a viewer may clone and may not push", async () => {
  const { authorizer } = await openClusterApi(openMemoryStore(), fakeWorld());
  const user = { name: "eve", groups: ["system:authenticated", "capstan:viewer"] };
  assert.deepEqual([authorizer.isAllowed(user, gitAccess("demo", "read")), authorizer.isAllowed(user, gitAccess("demo", "write"))], [true, false]);
});
