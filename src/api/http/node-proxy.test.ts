import assert from "node:assert/strict";
import { test } from "node:test";
import { openAsker } from "../../../test/api/asker.ts";
import { nodeThat } from "../../../test/api/node.ts";
import { pod } from "../../../test/api/objects.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";

const proxy = "/api/v1/nodes/n1/proxy";

/** Paths of a kubelet, and what is answered. */
const answers: readonly (readonly [path: string, code: number, text: string])[] = [
  [`${proxy}/healthz`, 200, "ok"],
  ["/api/v1/nodes/n1:10250/proxy/healthz", 200, "ok"],
  [`${proxy}/containerLogs/default/here/main`, 200, "a line of here\n"],
  [`${proxy}/configz`, 404, "404 page not found\n"],
  [`${proxy}/`, 404, "404 page not found\n"],
];

test("a node's proxy answers what a kubelet would: health, pods and logs", async () => {
  const edge = await startLoopbackEdge({
    // eslint-disable-next-line @typescript-eslint/require-await
    of: (name) => (name === "n1" ? nodeThat({ async *logs(of) { yield new TextEncoder().encode(`a line of ${of.name}\n`); } }) : undefined),
  });
  const asker = openAsker(edge);
  try {
    for (const name of ["n1", "n2"]) await edge.admin.create(NodeKind, { apiVersion: "v1", kind: "Node", metadata: { name }, spec: {}, status: {} });
    await edge.admin.create(PodKind, pod("here", { nodeName: "n1" }));
    const started = { name: "main", image: "demo:1", imageID: "", ready: true, restartCount: 0, state: { running: {} } };
    await edge.admin.patch(PodKind, { namespace: "default", name: "here" }, { type: "merge", body: { status: { containerStatuses: [started] } } }, { subresource: "status" });
    await edge.admin.create(PodKind, pod("there", { nodeName: "n2" }));
    for (const [path, code, text] of answers) {
      const answer = await asker.ask(path);
      assert.deepEqual([answer.code, answer.text], [code, text], path);
    }
    const pods = (await asker.ask(`${proxy}/pods`)).json() as unknown as { readonly items: readonly { readonly metadata: { readonly name: string } }[] };
    assert.deepEqual(pods.items.map(({ metadata }) => metadata.name), ["here"]);
    const codes: number[] = [];
    for (const path of [`${proxy}/containerLogs/default/there/main`, `${proxy}/containerLogs/default/here/other`, "/api/v1/nodes/n3/proxy/healthz", "/api/v1/nodes/n2/proxy/healthz"]) codes.push((await asker.ask(path)).code);
    assert.deepEqual(codes, [404, 400, 404, 503]);
    const refused = await asker.ask(`${proxy}/healthz`, { headers: { "impersonate-user": "jane" } });
    assert.equal(refused.code, 403);
  } finally {
    asker.close();
    await edge.close();
  }
});
