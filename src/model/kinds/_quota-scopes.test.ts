import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceQuotaSpec } from "../generated/core-v1.ts";
import { printFieldError } from "../print-field-error.ts";
import { checkQuotaScopes } from "./_quota-scopes.ts";

const cases: readonly (readonly [ResourceQuotaSpec, readonly string[]])[] = [
  [{ hard: { pods: "10", "requests.cpu": "500m", "count/deployments.apps": "2", "requests.nvidia.com/gpu": "1", "gold.storageclass.storage.k8s.io/requests.storage": "1Gi", "hugepages-2Mi": "1Gi" } }, []],
  [{ hard: { pods: "1" }, scopes: ["BestEffort"] }, []],
  [{ hard: { pods: "1" }, scopes: ["BestEffort", "NotBestEffort"] }, ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes']],
  [{ hard: { cpu: "1" }, scopes: ["BestEffort"] }, ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource']],
  [{ hard: { cpu: "1" }, scopes: ["NotTerminating"] }, []],
  [{ hard: { pods: "1" }, scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] } }, ["spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"]],
  [{ hard: { pods: "1" }, scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists", values: ["a"] }] } }, ["spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"]],
  [{ hard: { pods: "1" }, scopeSelector: { matchExpressions: [{ scopeName: "Terminating", operator: "NotIn", values: ["a"] }] } }, ['spec.scopeSelector.matchExpressions.operator: Invalid value: "NotIn": must be \'Exist\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity']],
];
for (const [spec, errors] of cases) test(`a quota ${JSON.stringify(spec)} is ${errors.length === 0 ? "taken" : "refused"}`, () => { assert.deepEqual(checkQuotaScopes(spec).map(printFieldError), errors); });
