import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Processes } from "../processes.ts";
import { startProcesses } from "./processes.ts";

const shell = (script: string, environment: Readonly<Record<string, string>> = {}) => ({ command: ["/bin/sh", "-c", script], environment, directory: "/" });

function open(context: TestContext): Processes {
  const processes = startProcesses();
  context.after(() => processes.close());
  return processes;
}

test("a process behind streams reads, writes, complains and ends with its code", async (context) => {
  const child = await open(context).startPiped(shell("read -r word; echo \"got $word $NAME\"; echo sorry >&2; exit 3", { NAME: "value" }));
  child.stdin.end("hello\n");
  assert.deepEqual(await Promise.all([text(child.stdout), text(child.stderr), child.ended]), ["got hello value\n", "sorry\n", { exitCode: 3 }]);
});

test("a megabyte goes through a process unharmed", async (context) => {
  const child = await open(context).startPiped({ command: ["cat"], environment: { PATH: "/usr/bin:/bin" }, directory: "/" });
  const sent = "0123456789abcdef".repeat(65_536);
  child.stdin.end(sent);
  assert.equal(await text(child.stdout) === sent, true);
});

test("the line of a process is its descriptor 3, both ways, and reaches its children", async (context) => {
  const child = await open(context).startPiped(shell("sh -c 'echo question >&3; read -r answer <&3; echo \"$answer\"'"), { hasLine: true });
  const { line } = child;
  assert.ok(line);
  // The answer takes its time, and the child waits for it.
  line.once("data", (chunk: Buffer) => { setTimeout(() => { line.end(`answer to ${chunk.toString("utf8")}`); }, 20); });
  assert.equal(await text(child.stdout), "answer to question\n");
});

test("a program that is not there is told by the system's code", async (context) => {
  const processes = open(context);
  const request = { command: ["/nowhere/program"], environment: {}, directory: "/" };
  await assert.rejects(processes.startPiped(request), { code: "ENOENT" });
  await assert.rejects(processes.startToFiles(request, { stdout: "/dev/null", stderr: "/dev/null" }), { code: "ENOENT" });
});

test("a process that reads nothing more does not keep its writer waiting", async (context) => {
  const child = await open(context).startPiped(shell("exit 0"));
  const gone = Promise.withResolvers<unknown>();
  child.stdin.on("error", gone.resolve);
  child.stdin.on("close", gone.resolve);
  for (let round = 0; round < 100; round++) child.stdin.write("x".repeat(65_536));
  await gone.promise;
  assert.deepEqual(await child.ended, { exitCode: 0 });
});

test("a signal ends a process, and its end says so", async (context) => {
  const child = await open(context).startPiped(shell("echo ready; read -r word"));
  child.stdout.once("data", () => { child.kill("SIGKILL"); });
  assert.deepEqual(await child.ended, { signal: "SIGKILL" });
});

test("what a process uses is told while it runs: a busy one takes processor time", async (context) => {
  const child = await open(context).startPiped(shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; read -r word"));
  await new Promise((resolve) => { child.stdout.once("data", resolve); });
  const usage = child.usage();
  assert.ok(usage !== undefined && usage.processorMs >= 10 && usage.processorMs < 60_000 && usage.memoryBytes > 100_000, JSON.stringify(usage));
  child.stdin.end();
  await child.ended;
  assert.equal(child.usage(), undefined);
});

test("output to files is added to what is there", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "capstan-processes-"));
  context.after(() => { rmSync(folder, { recursive: true }); });
  const processes = open(context);
  const files = { stdout: join(folder, "out"), stderr: join(folder, "err") };
  for (const word of ["one", "two"]) {
    const child = await processes.startToFiles(shell(`echo ${word}; echo no ${word} >&2`), files);
    assert.deepEqual(await child.ended, { exitCode: 0 });
  }
  assert.deepEqual([readFileSync(files.stdout, "utf8"), readFileSync(files.stderr, "utf8")], ["one\ntwo\n", "no one\nno two\n"]);
});

test("a killed starter is replaced: what it had started is of unknown end, the next process starts", async (context) => {
  const processes = open(context);
  const child = await processes.startPiped(shell("echo $PPID; read -r word"));
  const starter = Number(await new Promise<string>((resolve) => { child.stdout.once("data", (chunk: Buffer) => { resolve(chunk.toString("utf8")); }); }));
  process.kill(starter, "SIGKILL");
  assert.deepEqual(await child.ended, {});
  child.stdin.end();
  const next = await processes.startPiped(shell("echo fine"));
  assert.equal(await text(next.stdout), "fine\n");
});
