import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { configMap, pod } from "../../../../test/api/objects.ts";
import { nodeThat } from "../../../../test/api/node.ts";
import { startLoopbackEdge } from "../../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../../test/conformance/kubectl/loopback-edge.ts";
import { ConfigMapKind } from "../../../model/kinds/config-map.ts";
import { PodKind } from "../../../model/kinds/pod.ts";

/** A client's connection: its messages, texts as texts, to the end. */
interface Heard {
  readonly protocol: string;
  readonly messages: readonly (string | Buffer)[];
}

/** Opens a WebSocket, says this, and hears all of it, or as many messages as are wanted. Rejects with the code of a refusal. */
function hear(edge: LoopbackEdge, path: string, { protocols = [], says, wanted = Infinity }: { readonly protocols?: readonly string[]; readonly says?: string; readonly wanted?: number } = {}): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${edge.server.address.replace("https:", "wss:")}${path}`, [...protocols], { ca: edge.pki.ca, ...edge.pki.admin });
    const messages: (string | Buffer)[] = [];
    socket.on("open", () => { if (says !== undefined) socket.send(says); });
    socket.on("message", (data: Buffer, isBinary) => {
      messages.push(isBinary ? data : data.toString());
      if (messages.length >= wanted) socket.close();
    });
    socket.on("close", () => { resolve({ protocol: socket.protocol, messages }); });
    socket.on("unexpected-response", (_request, { statusCode }) => { reject(new Error(String(statusCode))); });
    socket.on("error", reject);
  });
}

/** A pod on a node whose programs repeat what they hear, say "over", and end with this code. */
async function startEdge(code = 0): Promise<LoopbackEdge> {
  const edge = await startLoopbackEdge({
    of: () => nodeThat({
      // eslint-disable-next-line @typescript-eslint/require-await
      async *logs() { yield Buffer.from("one\n"); yield Buffer.from("two\n"); },
      async exec(_pod, { command }, streams) {
        await streams.write("stdout", Buffer.from(command.join(" ")));
        for await (const bytes of streams.stdin ?? []) { await streams.write("stdout", bytes); break; }
        await streams.write("stderr", Buffer.from("over"));
        return code;
      },
    }),
  });
  await edge.admin.create(PodKind, pod("a", { nodeName: "n1" }));
  const started = { name: "main", image: "demo:1", imageID: "", ready: true, restartCount: 0, state: { running: {} } };
  await edge.admin.patch(PodKind, { namespace: "default", name: "a" }, { type: "merge", body: { status: { containerStatuses: [started] } } }, { subresource: "status" });
  return edge;
}

const exec = "/api/v1/namespaces/default/pods/a/exec?command=echo&command=hi&stdin=1&stdout=1&stderr=1";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const channel = (number: number, text: string) => Buffer.from(`${String.fromCodePoint(number)}${text}`);

test("exec speaks every protocol of WebSocket that Kubernetes does, and tells the end as each has it", async () => {
  const bytes = [channel(1, ""), channel(1, "echo hi"), channel(1, "x"), channel(2, "over")];
  const texts = ["1", `1${base64("echo hi")}`, `1${base64("x")}`, `2${base64("over")}`];
  const failure = "command terminated with non-zero exit code: exit status 3";
  for (const code of [0, 3]) {
    const edge = await startEdge(code);
    try {
      for (const protocol of ["", "channel.k8s.io", "v4.channel.k8s.io", "v5.channel.k8s.io"]) {
        const { messages, ...heard } = await hear(edge, exec, { protocols: protocol === "" ? [] : [protocol], says: "\0x" });
        assert.equal(heard.protocol, protocol);
        assert.deepEqual(messages.slice(0, 4), bytes, protocol);
        const said = messages.slice(4).map((message) => message.toString().slice(1));
        if (protocol.startsWith("v")) assert.deepEqual(said.map((text) => (JSON.parse(text) as { readonly status: string }).status), [code === 0 ? "Success" : "Failure"]);
        else assert.deepEqual(said, code === 0 ? [] : [failure]);
      }
      for (const protocol of ["base64.channel.k8s.io", "v4.base64.channel.k8s.io"]) {
        const { messages } = await hear(edge, exec, { protocols: [protocol], says: `0${base64("x")}` });
        assert.deepEqual(messages.slice(0, 4), texts, protocol);
        const [last] = messages.slice(4).map((message) => Buffer.from(message.toString().slice(1), "base64").toString());
        if (protocol.startsWith("v")) assert.match(last ?? "", code === 0 ? /"Success"/ : /"Failure"/);
        else assert.equal(last, code === 0 ? undefined : failure);
      }
    } finally {
      await edge.close();
    }
  }
});

test("a log is read over a WebSocket, as bytes or in base64", async () => {
  const edge = await startEdge();
  try {
    const log = "/api/v1/namespaces/default/pods/a/log";
    for (const protocols of [[], ["binary.k8s.io"]]) assert.deepEqual((await hear(edge, log, { protocols })).messages, [Buffer.alloc(0), Buffer.from("one\n"), Buffer.from("two\n")]);
    assert.deepEqual((await hear(edge, log, { protocols: ["base64.binary.k8s.io"] })).messages, ["", base64("one\n"), base64("two\n")]);
    await assert.rejects(hear(edge, log, { protocols: ["v5.channel.k8s.io"] }), { message: "400" });
    await assert.rejects(hear(edge, `${log}?container=other`), { message: "400" });
    await assert.rejects(hear(edge, "/api/v1/namespaces/default/pods/b/log"), { message: "404" });
  } finally {
    await edge.close();
  }
});

test("each event of a watch is a message of a WebSocket", async () => {
  const edge = await startEdge();
  try {
    for (const name of ["a", "b"]) await edge.admin.create(ConfigMapKind, configMap(name));
    const { messages } = await hear(edge, "/api/v1/namespaces/default/configmaps?watch=1", { wanted: 2 });
    assert.deepEqual(messages.map((message) => {
      const { type, object } = JSON.parse(message.toString()) as { readonly type: string; readonly object: { readonly metadata: { readonly name: string } } };
      return `${type} ${object.metadata.name}`;
    }), ["ADDED a", "ADDED b"]);
    assert.deepEqual((await hear(edge, "/api/v1/namespaces/default/secrets?watch=1&timeoutSeconds=1")).messages, []);
    await assert.rejects(hear(edge, "/api/v1/namespaces/default/configmaps"), { message: "400" });
  } finally {
    await edge.close();
  }
});
