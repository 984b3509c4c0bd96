import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeWorld } from "../../../test/world/fake-world.ts";
import type { Json } from "../../value/json.ts";
import { decideAudit, parseAuditPolicy } from "./policy.ts";
import type { AuditedRequest } from "./policy.ts";
import { printProtobufBody } from "../http/protobuf-body.ts";
import { Auditor } from "./trail.ts";
import type { AuditStart } from "./trail.ts";

function policyOf(...rules: readonly Json[]) {
  return parseAuditPolicy({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules });
}

const pods = { group: "", resource: "pods", namespace: "default", name: "a" };
const request: AuditedRequest = { user: "ann", groups: ["devs"], verb: "update", path: "/api/v1/namespaces/default/pods/a", resource: pods };

const table: readonly (readonly [rule: Json, request: Partial<AuditedRequest>, matches: boolean])[] = [
  [{}, {}, true],
  [{ users: ["bob"] }, {}, false],
  [{ userGroups: ["ops", "devs"] }, {}, true],
  [{ verbs: ["get"] }, {}, false],
  [{ namespaces: ["default"] }, {}, true],
  [{ namespaces: ["kube-system"] }, {}, false],
  [{ resources: [{ group: "", resources: ["pods"] }] }, {}, true],
  [{ resources: [{ group: "", resources: ["pods"] }] }, { resource: { ...pods, subresource: "status" } }, false],
  [{ resources: [{ group: "", resources: ["pods/*"] }] }, { resource: { ...pods, subresource: "status" } }, true],
  [{ resources: [{ group: "", resources: ["*/status"] }] }, { resource: { ...pods, subresource: "status" } }, true],
  [{ resources: [{ group: "apps" }] }, {}, false],
  [{ resources: [{ group: "", resources: ["pods"], resourceNames: ["b"] }] }, {}, false],
  [{ nonResourceURLs: ["/health*"] }, {}, false],
];

for (const [rule, change, matches] of table) {
  test(`${JSON.stringify(rule)} ${matches ? "matches" : "leaves out"} ${JSON.stringify(change)}`, () => {
    assert.equal(decideAudit(policyOf({ level: "Request", ...Object(rule) }), { ...request, ...change }).level, matches ? "Request" : "None");
  });
}

test("the first rule that matches decides, and a path that is no resource is matched by its pattern", () => {
  const policy = policyOf({ level: "None", nonResourceURLs: ["/healthz*", "/version"] }, { level: "Metadata" });
  const document: AuditedRequest = { user: "ann", groups: [], verb: "get", path: "/healthz/ping" };
  assert.equal(decideAudit(policy, document).level, "None");
  assert.equal(decideAudit(policy, { ...document, path: "/metrics" }).level, "Metadata");
});

for (const [policy, message] of [
  [{ kind: "Policy" }, "is no Policy of audit.k8s.io/v1"],
  [{ kind: "Policy", apiVersion: "audit.k8s.io/v1", rules: [{ level: "All" }] }, "rules[0].level: must be one of None, Metadata, Request, RequestResponse"],
  [{ kind: "Policy", apiVersion: "audit.k8s.io/v1", rules: [{ level: "None", omitStages: ["End"] }] }, 'omitStages: "End" must be one of RequestReceived, ResponseStarted, ResponseComplete, Panic'],
] as const) test(`a policy is refused: ${message}`, () => { assert.throws(() => parseAuditPolicy(policy), { message }); });

function told(level: string, start: Partial<AuditStart>): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  const auditor = new Auditor(policyOf({ level, omitManagedFields: true }), (line) => lines.push(line), fakeWorld({ seed: 1 }));
  const trail = auditor.begin({ who: { name: "ann", groups: ["devs"] }, verb: "create", path: "/api/v1/x", uri: "/api/v1/x?a=b", version: "v1", sourceIPs: ["127.0.0.1"], userAgent: "kubectl", isSecret: false, resource: pods, ...start });
  trail?.noteRequest(Buffer.from('{"kind":"X","data":"hunter2","metadata":{"managedFields":[1]}}'));
  trail?.noteResponse(Buffer.from('{"kind":"X","data":"hunter2"}'));
  trail?.tell("ResponseComplete", { code: 201, annotations: { a: "b" } });
  trail?.tell("ResponseComplete", { code: 500 });
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("an event says who did what to what, from where, and how it ended, once", () => {
  const [event, ...others] = told("RequestResponse", {});
  assert.equal(others.length, 0);
  assert.deepEqual({ ...event, auditID: "", requestReceivedTimestamp: "", stageTimestamp: "" }, {
    kind: "Event", apiVersion: "audit.k8s.io/v1", level: "RequestResponse", auditID: "", stage: "ResponseComplete", requestURI: "/api/v1/x?a=b", verb: "create",
    user: { username: "ann", groups: ["devs"] }, sourceIPs: ["127.0.0.1"], userAgent: "kubectl", objectRef: { resource: "pods", namespace: "default", name: "a", apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 201 }, requestObject: { kind: "X", data: "hunter2", metadata: {} }, responseObject: { kind: "X", data: "hunter2" },
    requestReceivedTimestamp: "", stageTimestamp: "", annotations: { a: "b" },
  });
});

test("bodies of what may hold secrets are never told, and nothing is told of what the policy leaves out", () => {
  assert.ok(!JSON.stringify(told("RequestResponse", { isSecret: true })).includes("hunter2"));
  assert.ok(!JSON.stringify(told("Metadata", {})).includes("hunter2"));
  assert.deepEqual(told("None", {}), []);
});

const configMap = { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" }, data: { x: "1" } };
const secret = { kind: "Secret", apiVersion: "v1", metadata: { name: "a" }, stringData: { x: "hunter2" } };

function toldOf(request: Uint8Array, response: Uint8Array): Record<string, unknown> {
  const lines: string[] = [];
  const trail = new Auditor(policyOf({ level: "RequestResponse" }), (line) => lines.push(line), fakeWorld({ seed: 1 })).begin({ who: { name: "ann", groups: [] }, verb: "create", path: "/", uri: "/", version: "v1", sourceIPs: [], userAgent: undefined, isSecret: false, resource: pods });
  trail?.noteRequest(request);
  trail?.noteResponse(response);
  trail?.tell("ResponseComplete", { code: 201 });
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
}

test("bodies in protobuf are told as the JSON they mean, and a refusal's Status too", () => {
  const { requestObject, responseObject } = toldOf(printProtobufBody(configMap), printProtobufBody(configMap));
  assert.partialDeepStrictEqual(requestObject, configMap);
  assert.partialDeepStrictEqual(responseObject, configMap);
  const refused = toldOf(printProtobufBody(configMap), printProtobufBody({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "no", reason: "Invalid", code: 422 }));
  assert.partialDeepStrictEqual(refused["responseStatus"], { status: "Failure", message: "no", reason: "Invalid" });
});

test("a secret is not told wherever and in whatever encoding it is sent", () => {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const list = { kind: "List", apiVersion: "v1", items: [configMap, secret] };
  for (const body of [json(secret), printProtobufBody(secret), json(list), json({ ...list, kind: "SecretList", items: [{ data: { x: "hunter2" } }] }), printProtobufBody({ kind: "SecretList", apiVersion: "v1", metadata: {}, items: [secret] })]) {
    const event = toldOf(body, body);
    assert.deepEqual([event["requestObject"], event["responseObject"]], [undefined, undefined]);
  }
});
