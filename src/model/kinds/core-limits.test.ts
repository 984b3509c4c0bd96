import assert from "node:assert/strict";
import { test } from "node:test";
import type { LimitRangeItem } from "../generated/core-v1.ts";
import { printFieldError } from "../print-field-error.ts";
import { validateObject } from "../validate.ts";
import { LimitRangeKind } from "./core-limits.ts";

const cases: readonly (readonly [readonly LimitRangeItem[], readonly string[]])[] = [
  [[{ type: "Container", min: { cpu: "100m" }, max: { cpu: "1" }, maxLimitRequestRatio: { cpu: "2" } }, { type: "example.com/Things", max: { cpu: "1" } }], []],
  [[{ type: "Container", maxLimitRequestRatio: { cpu: "500m" } }], ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1']],
  [[{ type: "Container", min: { cpu: "1" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "3" } }], ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000']],
  [[{ type: "Things", max: { cpu: "1" } }], ['spec.limits[0].type: Invalid value: "Things": must be a standard limit type or fully qualified']],
  [[{ type: "PersistentVolumeClaim" }], ["spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided"]],
  [[{ type: "Pod", max: { cpu: "1" } }, { type: "Pod", min: { cpu: "1" } }], ['spec.limits[1].type: Duplicate value: "Pod"']],
];
for (const [limits, errors] of cases) {
  test(`limits ${JSON.stringify(limits)} are ${errors.length === 0 ? "taken" : "refused"}`, () => {
    assert.deepEqual(validateObject(LimitRangeKind, { apiVersion: "v1", kind: "LimitRange", metadata: { name: "l", namespace: "default" }, spec: { limits } }).map(printFieldError), errors);
  });
}
