import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../value/json.ts";
import { connectOptions, withOptions } from "./connect-options.ts";

const text = fc.string({ unit: "binary-ascii" });
const flag = fc.constant(true);
const command: fc.Arbitrary<JsonObject> = fc.record({ stdin: flag, stdout: flag, stderr: flag, tty: flag, container: text, command: fc.array(text, { minLength: 1 }) }, { requiredKeys: [], noNullPrototype: true });

test("a query with changed options asks for just these, and for what is no option as before", () => {
  fc.assert(fc.property(command, command, (before, after) => {
    const asked = withOptions(new URLSearchParams("timeout=1"), before);
    const changed = withOptions(asked, after);
    assert.deepEqual([connectOptions("exec", asked), connectOptions("exec", changed), changed.getAll("timeout")], [before, after, ["1"]]);
  }));
  const forwarded = withOptions(new URLSearchParams("ports=1&ports=2"), { ports: [3, 4] });
  assert.deepEqual([forwarded.getAll("ports"), connectOptions("portforward", forwarded)], [["3", "4"], { ports: [3, 4] }]);
});
