import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyRule } from "../../model/generated/rbac-v1.ts";
import type { AccessAttributes } from "../verbs.ts";
import { CompiledRole, isRuleFor, roleKeyOf } from "./rules.ts";

const get = { verb: "get", group: "", resource: "pods", namespace: "default", name: "a" } as const;
const ruleCases: readonly { readonly rule: PolicyRule; readonly attributes: AccessAttributes; readonly isAllowed: boolean }[] = [
  { rule: { verbs: ["get"], apiGroups: [""], resources: ["pods"] }, attributes: get, isAllowed: true },
  { rule: { verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, attributes: { ...get, subresource: "log" }, isAllowed: true },
  { rule: { verbs: ["list"], apiGroups: [""], resources: ["pods"] }, attributes: get, isAllowed: false },
  { rule: { verbs: ["get"], apiGroups: ["apps"], resources: ["pods"] }, attributes: get, isAllowed: false },
  { rule: { verbs: ["get"], apiGroups: [""], resources: ["pods"] }, attributes: { ...get, subresource: "log" }, isAllowed: false },
  { rule: { verbs: ["get"], apiGroups: [""], resources: ["pods/log"] }, attributes: { ...get, subresource: "log" }, isAllowed: true },
  { rule: { verbs: ["get"], apiGroups: [""], resources: ["*/log"] }, attributes: { ...get, subresource: "log" }, isAllowed: true },
  { rule: { verbs: ["get"], apiGroups: [""], resources: ["pods/log"] }, attributes: get, isAllowed: false },
  { rule: { verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["b"] }, attributes: get, isAllowed: false },
  { rule: { verbs: ["get"], nonResourceURLs: ["/api/*"] }, attributes: { verb: "get", group: "", resource: "", path: "/api/v1" }, isAllowed: true },
  { rule: { verbs: ["get"], nonResourceURLs: ["/api/*"] }, attributes: { verb: "get", group: "", resource: "", path: "/metrics" }, isAllowed: false },
  { rule: { verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, attributes: { verb: "get", group: "", resource: "", path: "/metrics" }, isAllowed: false },
];

for (const { rule, attributes, isAllowed } of ruleCases) {
  test(`${JSON.stringify(rule)} ${isAllowed ? "allows" : "denies"} ${JSON.stringify(attributes)}`, () => {
    assert.equal(isRuleFor(rule, attributes), isAllowed);
    assert.equal(new CompiledRole([rule]).allows(attributes, roleKeyOf(attributes)), isAllowed);
  });
}

