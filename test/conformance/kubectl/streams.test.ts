import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { nodeConnection } from "../../../src/agent/node-connection.ts";
import { ProcessDriver } from "../../../src/agent/runtimes/process/process-driver.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import { PodKind } from "../../../src/model/kinds/pod.ts";
import { sandbox, start } from "../runtime/suite.ts";
import { findKubectl } from "./kubectl.ts";
import { useProgram } from "../program.ts";
import type { Program } from "../program.ts";
import { startLoopbackEdge } from "./loopback-edge.ts";
import type { LoopbackEdge } from "./loopback-edge.ts";
import { pod } from "./manifests.ts";

const versions = (process.env["CAPSTAN_KUBECTL_VERSIONS"] ?? "").split(",").filter((version) => version !== "");

/** The ways kubectl may carry streams; the older ones know only SPDY. */
const carriers = [
  { carrier: "WebSocket", environment: {} },
  { carrier: "SPDY", environment: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" } },
];

for (const version of versions.length === 0 ? [undefined] : versions) for (const { carrier, environment } of carriers) describeStreams(version, carrier, environment);

/** A program that serves its address's port 8080 and speaks now and then. */
const program = `
const server = require("node:http").createServer((q, a) => { let n = 0; q.on("data", (c) => { n += c.length; }); q.on("end", () => a.end("heard " + n)); });
server.listen(8080, process.env.POD_IP, () => console.log("up"));
setInterval(() => console.log("tick"), 50);
`;

function describeStreams(version: string | undefined, carrier: string, environment: Readonly<Record<string, string>>): void {
  const path = findKubectl(version);
  const skip = path === undefined ? `no kubectl ${version ?? ""} on this machine` : false;
  describe(`streams of kubectl ${version ?? "of this machine"} over ${carrier}`, { skip, timeout: 60_000 }, () => {
    let edge: LoopbackEdge;
    let kubectl: Program;
    let driver: ProcessDriver;
    let directory: string;
    let containerId: string;
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "capstan-streams-"));
      edge = await startLoopbackEdge({ of: (name) => (name === "n1" ? nodeConnection(driver) : undefined) });
      driver = new ProcessDriver({ directory, world: edge.world, processes: startProcesses() });
      await driver.open();
      kubectl = useProgram(path ?? "kubectl", edge.directory, { environment });
      await kubectl.ok(["apply", "-f", "-"], pod({ name: "web", node: "n1" }));
      await edge.admin.patch(PodKind, { namespace: "default", name: "web" }, { type: "merge", body: { status: { phase: "Running" } } }, { subresource: "status" });
      const uid = (await edge.admin.get(PodKind, { namespace: "default", name: "web" }))?.metadata.uid ?? "";
      const { ip } = await driver.createSandbox(sandbox({ uid }));
      const run = await driver.startContainer(start({ uid, name: "main", command: ["node", "-e", program], env: [{ name: "POD_IP", value: ip }] }));
      containerId = run.id;
      for await (const chunk of driver.logs(run.id, { follow: true }, AbortSignal.timeout(10_000))) if (Buffer.from(chunk).toString().includes("up\n")) break;
    });
    after(async () => {
      await driver.signal(containerId, "KILL");
      await driver.close();
      await edge.close();
      await rm(directory, { recursive: true });
    });

    test("exec passes input, both outputs and the exit code", async () => {
      const run = await kubectl.run(["exec", "-i", "web", "--", "sh", "-c", "cat; echo oops >&2; exit 3"], "typed\n");
      assert.deepEqual(run, { code: 3, stdout: "typed\n", stderr: "oops\ncommand terminated with exit code 3\n" });
      assert.equal(await kubectl.ok(["exec", "web", "--", "echo", "hello"]), "hello\n");
      const missing = await kubectl.run(["exec", "web", "--", "no-such-program"]);
      assert.equal(missing.code, 127);
      assert.match(missing.stderr, /executable file not found/);
    });

    test("a refused exec says why", async () => {
      assert.match((await kubectl.run(["exec", "web", "-c", "other", "--", "true"])).stderr, /container other is not valid for pod web/);
      assert.match((await kubectl.run(["exec", "none", "--", "true"])).stderr, /pods "none" not found/);
    });

    test("a megabyte goes through exec both ways unharmed", async () => {
      const text = "0123456789abcdef".repeat(65_536);
      assert.equal(await kubectl.ok(["exec", "-i", "web", "--", "cat"], text), text);
    });

    test("exec -t has a terminal of the client's size", async () => {
      const line = `stty rows 31 columns 91; '${path}' exec -it web -- sh -c 'tty; until [ "$(stty size)" = "31 91" ]; do sleep 0.05; done; echo sized; exit 6'`;
      const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], { env: { PATH: process.env["PATH"], HOME: edge.directory, KUBECONFIG: join(edge.directory, "kubeconfig"), ...environment }, stdio: ["ignore", "pipe", "inherit"] });
      let stdout = "";
      child.stdout.on("data", (chunk: Buffer) => { stdout += chunk.toString(); });
      const code = await new Promise((resolve) => { child.once("close", resolve); });
      assert.match(stdout, /\/dev\/pts\/\d+\r\n/);
      assert.match(stdout, /sized\r\n/);
      assert.equal(code, 6);
    });

    test("cp brings files there and back", async () => {
      await writeFile(join(edge.directory, "note"), "copied");
      await kubectl.ok(["cp", join(edge.directory, "note"), `web:${directory}/there`]);
      assert.equal(await readFile(join(directory, "there"), "utf8"), "copied");
      await kubectl.ok(["cp", `web:${directory}/there`, join(edge.directory, "back")]);
      assert.equal(await readFile(join(edge.directory, "back"), "utf8"), "copied");
    });

    test("a forwarded port reaches the pod, and a closed one is said", async () => {
      const child = spawn(path ?? "kubectl", ["port-forward", "web", ":8080", ":81"], { env: { PATH: process.env["PATH"], HOME: edge.directory, KUBECONFIG: join(edge.directory, "kubeconfig"), ...environment } });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => { said += chunk.toString(); });
      try {
        const ports = await new Promise<readonly string[]>((resolve) => {
          let text = "";
          child.stdout.on("data", (chunk: Buffer) => {
            text += chunk.toString();
            const found = [8080, 81].map((port) => new RegExp(`127\\.0\\.0\\.1:(\\d+) -> ${port}\n`).exec(text)?.[1] ?? "");
            if (!found.includes("")) resolve(found);
          });
        });
        const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${ports[0]}/`, { method: "POST", body: "x".repeat(300_000) })).text()));
        assert.deepEqual(answers, ["heard 300000", "heard 300000", "heard 300000"]);
        const refused = new Promise<void>((resolve) => { child.stderr.on("data", () => { if (said.includes("connection refused")) resolve(); }); });
        await assert.rejects(fetch(`http://127.0.0.1:${ports[1]}/`));
        await refused;
        assert.match(said, /error forwarding port 81 to pod web_default, uid .*: dial tcp4 127\.[\d.]+:81: connect: connection refused/);
      } finally {
        child.kill();
      }
    });

    test("the proxy passes a request on to the pod", async () => {
      const base = "/api/v1/namespaces/default/pods";
      assert.equal(await kubectl.ok(["get", "--raw", `${base}/web:8080/proxy/some//path?x=1`]), "heard 0");
      assert.equal(await kubectl.ok(["create", "--raw", `${base}/http:web:8080/proxy/`, "-f", "-"], "{}\n"), "heard 3");
      assert.match((await kubectl.run(["get", "--raw", `${base}/web:81/proxy/`])).stderr, /connection refused/);
      assert.match((await kubectl.run(["get", "--raw", "/api/v1/nodes/n1/proxy/"])).stderr, /not found|could not find/);
    });

    test("what kubectl proxy serves is the API, to whoever reaches its port", async () => {
      const child = spawn(path ?? "kubectl", ["proxy", "--port=0", "--api-prefix=/k8s/"], { env: { PATH: process.env["PATH"], HOME: edge.directory, KUBECONFIG: join(edge.directory, "kubeconfig"), ...environment } });
      try {
        const port = await new Promise<string>((resolve) => {
          let text = "";
          child.stdout.on("data", (chunk: Buffer) => {
            text += chunk.toString();
            const found = /^Starting to serve on 127\.0\.0\.1:(\d+)\n/.exec(text)?.[1];
            if (found !== undefined) resolve(found);
          });
        });
        const base = `http://127.0.0.1:${port}/k8s`;
        const pods = `${base}/api/v1/namespaces/default/pods`;
        assert.equal(await (await fetch(`${pods}/web:8080/proxy/`, { method: "POST", body: "x".repeat(300_000) })).text(), "heard 300000");
        const made = await fetch(`${base}/api/v1/namespaces/default/configmaps`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ metadata: { name: `proxied-${carrier.toLowerCase()}` } }) });
        assert.equal(made.status, 201);
        const watch = await fetch(`${pods}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dweb`);
        assert.deepEqual((await watch.text()).trim().split("\n").map((line) => (JSON.parse(line) as { readonly type: string }).type), ["ADDED"]);
        // Terminals of pods are not for everybody.
        assert.equal((await fetch(`${pods}/web/exec?command=sh`)).status, 403);
      } finally {
        child.kill();
      }
    });

    test("attach hears the program", async () => {
      assert.ok((await kubectl.until(["attach", "web"], (lines) => lines.includes("tick"))).every((line) => line === "tick"));
    });
  });
}
