import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapFlows } from "../../api/fairness/bootstrap-flows.ts";
import { decideStatus } from "./decide.ts";

test("a schema dangles while its level is not there, and its status changes only with that", () => {
  const [schema] = bootstrapFlows.schemas;
  assert.ok(schema !== undefined);
  const lost = decideStatus(schema, false, 0);
  assert.deepEqual(lost.conditions?.map(({ status, reason, lastTransitionTime }) => [status, reason, lastTransitionTime]), [["True", "NotFound", "1970-01-01T00:00:00Z"]]);
  assert.equal(decideStatus({ ...schema, status: lost }, false, 9_000), lost);
  const found = decideStatus({ ...schema, status: lost }, true, 9_000);
  assert.deepEqual(found.conditions?.map(({ status, reason, lastTransitionTime }) => [status, reason, lastTransitionTime]), [["False", "Found", "1970-01-01T00:00:09Z"]]);
});
