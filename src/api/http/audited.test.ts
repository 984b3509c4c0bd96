import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:https";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { realChance } from "../../world/real/chance.ts";
import { realClock } from "../../world/real/clock.ts";
import { parseAuditPolicy } from "../audit/policy.ts";
import { Auditor } from "../audit/trail.ts";
import { openPki } from "./pki.ts";
import type { Pki } from "./pki.ts";

interface Told {
  readonly stage: string;
  readonly user: { readonly username?: string };
  readonly impersonatedUser?: { readonly username?: string };
  readonly responseStatus: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

describe("who is told of to the audit log", () => {
  const lines: string[] = [];
  let edge: LoopbackEdge;
  let foreign: Pki;
  before(async () => {
    const policy = parseAuditPolicy({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules: [{ level: "Metadata" }] });
    edge = await startLoopbackEdge(undefined, { auditor: new Auditor(policy, (line) => lines.push(line), { clock: realClock, chance: realChance }) });
    foreign = await openPki({ directory: join(edge.directory, "foreign"), hosts: [], world: edge.world });
  });
  after(async () => edge.close());

  /** The code of an answer and all that was told of the request. */
  const ask = async (path: string, { certificate = edge.pki.admin, headers = {} }: { readonly certificate?: object; readonly headers?: Readonly<Record<string, string>> } = {}) => {
    lines.length = 0;
    const sent = request({ host: "127.0.0.1", port: edge.server.port, path, headers, ca: edge.pki.ca, agent: false, ...certificate });
    sent.on("upgrade", (_response, socket) => { socket.destroy(); });
    sent.end();
    const [answer] = await once(sent, "response");
    answer.resume();
    await once(answer, "close");
    while (lines.length === 0) await new Promise((resolve) => { setImmediate(resolve); });
    return { code: answer.statusCode as number, told: lines.map((line) => JSON.parse(line) as Told) };
  };
  const summary = ({ stage, user, impersonatedUser, responseStatus, annotations }: Told) => ({
    stage, user: user.username, as: impersonatedUser?.username, code: responseStatus.code, decision: annotations?.["authorization.k8s.io/decision"],
  });

  test("both of who asks and whom they act as", async () => {
    const { told } = await ask("/api/v1/pods", { headers: { "impersonate-user": "ann" } });
    assert.deepEqual(told.map(summary), [{ stage: "ResponseComplete", user: "kubernetes-admin", as: "ann", code: 403, decision: "forbid" }]);
  });

  test("who may, and why", async () => {
    const { told: [first] } = await ask("/version", { certificate: {} });
    assert.equal(first?.user.username, "system:anonymous");
    assert.deepEqual(first?.annotations, {
      "authorization.k8s.io/decision": "allow",
      "authorization.k8s.io/reason": 'RBAC: allowed by ClusterRoleBinding "system:public-info-viewer" of ClusterRole "system:public-info-viewer" to Group "system:unauthenticated"',
    });
  });

  test("who may not impersonate, and whose credentials are wrong", async () => {
    const { told: refused } = await ask("/version", { certificate: {}, headers: { "impersonate-user": "ann" } });
    assert.deepEqual(refused.map(summary), [{ stage: "ResponseComplete", user: "system:anonymous", as: undefined, code: 403, decision: "allow" }]);
    const { told: wrong } = await ask("/version", { certificate: {}, headers: { authorization: "Bearer wrong" } });
    assert.deepEqual(wrong.map(summary).map(({ user, code }) => ({ user, code })), [{ user: undefined, code: 401 }]);
  });

  test("a certificate from elsewhere, or for another use, is wrong and not none", async () => {
    for (const certificate of [foreign.admin, edge.pki.serving]) assert.equal((await ask("/version", { certificate })).code, 401);
    assert.equal((await ask("/version", { certificate: {} })).code, 200);
  });

  test("who opens a terminal", async () => {
    const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13", "sec-websocket-protocol": "v5.channel.k8s.io", "impersonate-user": "ann" };
    const { told } = await ask("/api/v1/namespaces/default/pods/a/exec?command=id&stdout=true", { headers });
    assert.deepEqual(told.map(summary), [{ stage: "ResponseComplete", user: "kubernetes-admin", as: "ann", code: 403, decision: "forbid" }]);
  });
});
