import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock, settle } from "../../../test/world/fake-world.ts";
import type { FlowSchema } from "../../model/generated/flowcontrol-v1.ts";
import { bootstrapFlows, planFlows } from "./bootstrap-flows.ts";
import { classifierOf, flowOf } from "./classify.ts";
import type { FlowRequest } from "./classify.ts";
import { Fairness, limitsOf, waitMaxMs } from "./fairness.ts";
import type { Ticket } from "./fairness.ts";

const classify = classifierOf(bootstrapFlows.schemas);

function asked(name: string, request: Partial<FlowRequest> = {}, groups: readonly string[] = ["system:authenticated"]): FlowRequest {
  return { user: { name, groups }, verb: "get", path: "/", resource: { group: "", resource: "pods", namespace: "n" }, ...request };
}

const nodes = ["system:nodes", "system:authenticated"];
const account = "system:serviceaccount:shop:web";
const accounts = ["system:serviceaccounts", "system:authenticated"];
const lease = { group: "coordination.k8s.io", resource: "leases", namespace: "kube-node-lease" };

const classified: readonly (readonly [string, FlowRequest, string, string])[] = [
  ["an administrator is exempt", asked("a", {}, ["system:masters", "system:authenticated"]), "exempt", "exempt"],
  ["a probe is exempt, whoever asks", { user: { name: "system:anonymous", groups: ["system:unauthenticated"] }, verb: "get", path: "/readyz" }, "probes", "probes"],
  ["another path is not", { user: { name: "system:anonymous", groups: ["system:unauthenticated"] }, verb: "get", path: "/metrics" }, "global-default", "global-default/system:anonymous"],
  ["a node's lease goes before its pods", asked("system:node:a", { verb: "update", resource: lease }, nodes), "system-node-high", "system-node-high/system:node:a"],
  ["a node's status, too", asked("system:node:a", { verb: "patch", resource: { group: "", resource: "nodes", subresource: "status", namespace: "" } }, nodes), "system-node-high", "system-node-high/system:node:a"],
  ["a node's pods", asked("system:node:a", {}, nodes), "system-nodes", "system-nodes/system:node:a"],
  ["a system account is told apart by namespace", asked("system:serviceaccount:kube-system:x", {}, accounts), "kube-system-service-accounts", "kube-system-service-accounts/n"],
  ["its lease elects", asked("system:serviceaccount:kube-system:x", { resource: { ...lease, namespace: "kube-system" } }, accounts), "system-leader-election", "system-leader-election/system:serviceaccount:kube-system:x"],
  ["another account by user", asked(account, {}, accounts), "service-accounts", `service-accounts/${account}`],
  ["anybody else by user", asked("jane"), "global-default", "global-default/jane"],
];

for (const [title, request, schema, flow] of classified) {
  test(title, () => {
    const found = classify(request);
    assert.deepEqual([found?.metadata.name, found === undefined ? "" : flowOf(found, request)], [schema, flow]);
  });
}

test("of schemas that match, the lowest precedence decides, then the name", () => {
  const schema = (name: string, matchingPrecedence: number, resources: readonly string[]): FlowSchema => ({
    apiVersion: "flowcontrol.apiserver.k8s.io/v1", kind: "FlowSchema", metadata: { name }, status: {},
    spec: { priorityLevelConfiguration: { name: "x" }, matchingPrecedence, rules: [{ subjects: [{ kind: "User", user: { name: "*" } }], resourceRules: [{ verbs: ["*"], apiGroups: [""], resources, namespaces: ["n"] }] }] },
  });
  const find = classifierOf([schema("c", 2, ["*"]), schema("b", 1, ["pods"]), schema("a", 1, ["pods/log", "pods"])]);
  const of = (subresource?: string, namespace = "n") => find(asked("u", { resource: { group: "", resource: "pods", subresource, namespace } }))?.metadata.name;
  assert.deepEqual([of(), of("log"), of("exec"), of(undefined, "m"), of(undefined, "")], ["a", "a", "c", undefined, undefined]);
});

test("seats follow shares, and what is not lent is kept", () => {
  const limits = limitsOf(bootstrapFlows.levels, 400);
  assert.deepEqual(limits.get("exempt"), { reserved: 0, waitingPerFlowMax: 0, waitingMax: 0 });
  assert.deepEqual(limits.get("catch-all"), { seats: 9, reserved: 9, waitingPerFlowMax: 0, waitingMax: 0 });
  assert.deepEqual(limits.get("workload-low"), { seats: 164, reserved: 17, waitingPerFlowMax: 300, waitingMax: 6_400 });
  assert.deepEqual(limits.get("global-default"), { seats: 33, reserved: 17, waitingPerFlowMax: 300, waitingMax: 6_400 });
});

function fairness(seatsMax: number) {
  const clock = fakeClock();
  return { clock, fair: new Fairness({ clock, seatsMax, objects: bootstrapFlows }) };
}

/** Every ticket `request` gets at once; the one it has to wait for it gives back. */
function takeAll(fair: Fairness, request: FlowRequest): readonly Ticket[] {
  const tickets: Ticket[] = [];
  for (;;) {
    const ticket = fair.admit(request);
    if (ticket instanceof Promise) void ticket.then((late) => { late?.leave(); });
    if (ticket === undefined || ticket instanceof Promise) return tickets;
    tickets.push(ticket);
  }
}

test("one noisy user fills its own line, and another's request comes next", async () => {
  const { fair } = fairness(24);
  const working = takeAll(fair, asked("noisy"));
  // Its own seats, and what the other levels lend.
  assert.ok(working.length > 2 && working.length < 24, `${working.length}`);
  const order: string[] = [];
  const wait = (name: string) => { void Promise.resolve(fair.admit(asked(name))).then((ticket) => { if (ticket !== undefined) { order.push(name); ticket.leave(); } }); };
  for (let i = 0; i < 50; i++) wait("noisy");
  wait("quiet");
  working[0]?.leave();
  await settle();
  // One of the noisy user's was first in the round.
  assert.equal(order[0], "quiet");
  assert.equal(order.length, 51);
});

test("levels are apart: who may not wait is refused, and nodes and administrators still get in", () => {
  const { fair } = fairness(24);
  takeAll(fair, asked("noisy"));
  assert.equal(takeAll(fair, asked("system:node:a", {}, nodes)).length > 0, true);
  assert.equal(takeAll(fair, asked("nobody", {}, [])).length, 1);
  for (let i = 0; i < 1_000; i++) assert.ok(fair.admit(asked("a", {}, ["system:masters"])) !== undefined);
});

test("a line has an end, a wait has an end, and who goes away leaves the line", async () => {
  const { fair, clock } = fairness(24);
  const working = takeAll(fair, asked("noisy"));
  // takeAll leaves one waiting.
  const waiting = Array.from({ length: 299 }, () => fair.admit(asked("noisy")));
  assert.equal(fair.admit(asked("noisy")), undefined);
  const ending = new AbortController();
  const gone = fair.admit(asked("quiet"), ending);
  ending.abort();
  assert.equal(await gone, undefined);
  await clock.advance(waitMaxMs);
  assert.deepEqual(await Promise.all(waiting.map((ticket) => Promise.resolve(ticket))), waiting.map(() => undefined));
  for (const ticket of working) { ticket.leave(); ticket.leave(); }
  assert.deepEqual(fair.levels.map(({ running, waiting: left }) => running + left), fair.levels.map(() => 0));
});

test("however requests come and go, no seat is lost, none is given twice, and none is free while somebody waits", async () => {
  const users = ["a", "b", "system:node:x", account];
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom("come", "go"), fc.nat(3)), { maxLength: 200 }), async (steps) => {
    const { fair } = fairness(16);
    const working: Ticket[] = [];
    for (const [step, which] of steps) {
      const name = users[which] ?? "a";
      if (step === "come") void Promise.resolve(fair.admit(asked(name, {}, name === "system:node:x" ? nodes : name === account ? accounts : ["system:authenticated"]))).then((ticket) => { if (ticket !== undefined) working.push(ticket); });
      else working.shift()?.leave();
      await settle();
      assert.equal(fair.levels.reduce((sum, { running }) => sum + running, 0), working.length);
      for (const { running, waiting, limits } of fair.levels) assert.ok(waiting === 0 || running >= (limits.seats ?? 0), "a level waits with a free seat of its own");
    }
    while (working.length > 0) { working.shift()?.leave(); await settle(); }
    assert.equal(fair.levels.reduce((sum, { waiting }) => sum + waiting, 0), 0);
  }), { numRuns: 25 });
});

test("a cluster gets what it lacks; what its owner took in hand stays", () => {
  assert.equal(planFlows({ schemas: [], levels: [] }).length, 19);
  assert.deepEqual(planFlows(bootstrapFlows), []);
  const [first, ...rest] = bootstrapFlows.schemas;
  assert.ok(first !== undefined);
  const changed = { ...first, spec: { ...first.spec, matchingPrecedence: 7 } };
  assert.deepEqual(planFlows({ ...bootstrapFlows, schemas: [changed, ...rest] }).map(({ verb }) => verb), ["update"]);
  assert.deepEqual(planFlows({ ...bootstrapFlows, schemas: [{ ...changed, metadata: { name: "exempt", annotations: { "apf.kubernetes.io/autoupdate-spec": "false" } } }, ...rest] }), []);
});
