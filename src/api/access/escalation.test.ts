import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyRule } from "../../model/generated/rbac-v1.ts";
import { missingRules } from "./escalation.ts";

const names = (letter: string, count: number) => Array.from({ length: count }, (_, index) => `${letter}${index}`);

const cases: readonly { readonly title: string; readonly held: readonly PolicyRule[]; readonly wanted: PolicyRule; readonly missing: readonly PolicyRule[] }[] = [
  { title: "a rule two held rules cover together", held: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }, { apiGroups: [""], resources: ["pods"], verbs: ["list"] }], wanted: { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }, missing: [] },
  { title: "one right of two", held: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }], wanted: { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }, missing: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] },
  { title: "all names where some are held", held: [{ apiGroups: [""], resources: ["pods"], resourceNames: ["a"], verbs: ["get"] }], wanted: { apiGroups: [""], resources: ["pods"], verbs: ["get"] }, missing: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  { title: "a path beside a resource", held: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }], wanted: { nonResourceURLs: ["/metrics"], verbs: ["get"] }, missing: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }] },
];
for (const { title, held, wanted, missing } of cases) test(`what is missing: ${title}`, () => { assert.deepEqual(missingRules(held, [wanted]), missing); });

test("a rule of eight million rights is not taken apart: held whole, or missing whole", () => {
  const huge: PolicyRule = { apiGroups: names("g", 200), resources: names("r", 200), verbs: names("v", 200) };
  const started = process.cpuUsage();
  assert.deepEqual(missingRules([{ apiGroups: ["g0"], resources: ["*"], verbs: ["*"] }], [huge]), [huge]);
  assert.deepEqual(missingRules([{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }], [huge]), []);
  assert.ok(process.cpuUsage(started).user < 500_000);
});
