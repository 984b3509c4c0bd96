import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { probeAbilities } from "../../../src/agent/runtimes/process/isolation.ts";
import { unpackWords } from "../../../src/agent/runtimes/process/odd-names.ts";
import { ProcessDriver } from "../../../src/agent/runtimes/process/process-driver.ts";
import { Programs } from "../../../src/agent/runtimes/process/programs.ts";
import { realChance } from "../../../src/world/real/chance.ts";
import { StreamQueue } from "../../../src/api/stream-queue.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import { startProcesses } from "../../../src/world/real/processes.ts";
import { silentLog } from "../../../src/world/log.ts";
import type { ProgramStreams, TerminalSize } from "../../../src/api/nodes.ts";
import type { StartRequest } from "../../../src/agent/runtimes/runtime.ts";
import type { OpenRuntime } from "./suite.ts";
import { hasEnded, readLogs, runtimeSuite, sandbox, start, uid, until } from "./suite.ts";

const processes = startProcesses();
const world = { clock: realClock, chance: realChance, log: silentLog };

async function open(directory = mkdtempSync(join(tmpdir(), "capstan-runtime-")), dropped: ProcessDriver[] = []): Promise<OpenRuntime & { readonly directory: string }> {
  const driver = new ProcessDriver({ directory, world, processes });
  await driver.open();
  return {
    driver, directory, passTime: () => Promise.resolve(), reopen: async () => open(directory, [...dropped, driver]),
    async dispose() {
      for (const old of [...dropped, driver]) await old.close();
      const last = new ProcessDriver({ directory, world, processes });
      await last.open();
      for (const pod of last.pods()) {
        for (const run of pod.containers) await last.signal(run.id, "KILL");
        await until({ driver: last, passTime: () => Promise.resolve(), reopen: () => open(), dispose: () => Promise.resolve() }, () => last.pod(pod.uid)?.containers.every((run) => run.exit !== undefined) === true);
        await last.removeSandbox(pod.uid);
      }
      await last.close();
      rmSync(directory, { recursive: true });
      assert.deepEqual(processesOf(directory), []);
    },
  };
}

/** Numbers of the processes that carry a mark of this suite, by their environment. */
function processesOf(directory: string): readonly string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/u.test(name)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(directory);
    } catch {
      return false;
    }
  });
}

const commands = {
  "prints and exits with 3": ["/bin/sh", "-c", "echo one; echo two; exit 3"],
  "runs until it is asked to end": ["/bin/sh", "-c", "while :; do sleep 100; done"],
  "ignores TERM": ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 100; done"],
  "cannot be made": [],
} as const;

runtimeSuite({ name: "process", open: () => open(), requestFor: (program) => ({ image: "", command: commands[program] }) });

const canMount = (await probeAbilities(new Programs(processes))).isolation !== "none";

function withRuntime(title: string, run: (runtime: Awaited<ReturnType<typeof open>>) => Promise<void>, options: { readonly skip?: string | false } = {}): void {
  test(`process: ${title}`, { timeout: 30_000, skip: options.skip ?? false }, async () => {
    const alive = setInterval(() => undefined, 1_000);
    const runtime = await open();
    try {
      await run(runtime);
    } finally {
      await runtime.dispose();
      clearInterval(alive);
    }
  });
}

withRuntime("an end while no driver looks is not lost, nor is the output", async (before) => {
  await before.driver.createSandbox(sandbox());
  const { id } = await before.driver.startContainer(start({ command: ["/bin/sh", "-c", "echo begun; read -r go <$GO; echo done; exit 9"], env: [{ name: "GO", value: join(before.directory, "pods", uid, "volumes", "v", "go") }], mounts: [] }));
  await before.driver.close();
  const record = join(before.directory, "pods", uid, "containers", "c", "0", "exit");
  // The file never existed: the program fails to open it and goes on by itself, seen only by the wrapper.
  while (!readdirSync(join(record, "..")).includes("exit") || !readFileSync(record, "utf8").endsWith("\n")) await new Promise((resolve) => { setImmediate(resolve); });
  const after = await before.reopen();
  await until(after, hasEnded(0));
  assert.equal(after.driver.pod(uid)?.containers[0]?.exit?.code, 9);
  assert.match(await readLogs(after.driver, id), /^begun\n[^]*done\n/u);
});

withRuntime("both of a program's outputs are in its log, each in its own order", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  const { id } = await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "echo one; echo uno >&2; echo two; echo due >&2; exit 3"] }));
  await until(runtime, hasEnded(0));
  const lines = (await readLogs(runtime.driver, id)).split("\n");
  assert.deepEqual(lines.filter((line) => ["one", "two"].includes(line)), ["one", "two"]);
  assert.deepEqual(lines.filter((line) => ["uno", "due"].includes(line)), ["uno", "due"]);
});

withRuntime("a daemon killed with SIGKILL leaves its containers running, and the next one has all their output", async (before) => {
  const daemon = spawn(process.execPath, [join(import.meta.dirname, "crash-fixture.ts"), before.directory], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NODE_TEST_CONTEXT: "" } });
  const id = await new Promise<string>((resolve) => { daemon.stdout.once("data", (chunk: Buffer) => { resolve(chunk.toString("utf8").trim()); }); });
  const gone = new Promise((resolve) => { daemon.once("exit", resolve); });
  daemon.kill("SIGKILL");
  await gone;
  const after = await before.reopen();
  assert.equal(after.driver.pod(uid)?.containers[0]?.exit, undefined);
  await after.driver.signal(id, "TERM");
  await until(after, hasEnded(0));
  assert.equal(after.driver.pod(uid)?.containers[0]?.exit?.code, 5);
  assert.equal(await readLogs(after.driver, id), "ready\nbye\n");
});

withRuntime("what a program left behind ends with it, even in a session of its own", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "sleep 1000 & setsid sleep 1000 & exit 0"] }));
  await until(runtime, hasEnded(0));
  assert.deepEqual(processesOf(`CAPSTAN_CONTAINER_ID=${uid}`), []);
});

withRuntime("volumes are seen at their paths, read-only where they must, and the host keeps nothing", async (runtime) => {
  const volumes = [
    { kind: "files", name: "conf", isSecret: true, files: [{ path: "a/key", bytes: Buffer.from("v1"), mode: 0o440 }] },
    { kind: "empty", name: "data", isInMemory: false },
  ] as const;
  await runtime.driver.createSandbox(sandbox({ volumes, resolvConf: "nameserver 127.96.0.10\n" }));
  const mounts = [
    { volume: "conf", mountPath: "/etc/capstan-test/conf", subPath: "", isReadOnly: false },
    { volume: "data", mountPath: "/capstan-test-data", subPath: "inner", isReadOnly: false },
    { volume: "conf", mountPath: "/etc/capstan-test.key", subPath: "a/key", isReadOnly: true },
  ];
  const command = ["/bin/sh", "-c", "cat /etc/capstan-test/conf/a/key /etc/capstan-test.key; echo; cat /etc/resolv.conf; hostname; echo kept >/capstan-test-data/file; touch /etc/capstan-test/conf/no 2>/dev/null && echo written; read -r line; exit 0"];
  const { id } = await runtime.driver.startContainer(start({ command, mounts }));
  await until(runtime, hasEnded(0));
  assert.equal(await readLogs(runtime.driver, id), "v1v1\nnameserver 127.96.0.10\nweb\n");
  assert.equal(readFileSync(join(runtime.directory, "pods", uid, "volumes", "data", "inner", "file"), "utf8"), "kept\n");
  assert.equal(readdirSync("/").includes("capstan-test-data"), false);
  assert.equal(readdirSync("/etc").some((name) => name.startsWith("capstan-test")), false);
  assert.equal(readFileSync("/proc/self/mountinfo", "utf8").includes("capstan-test"), false);
}, { skip: !canMount && "needs mount namespaces" });

withRuntime("a changed volume is seen by a running container at once and whole", async (runtime) => {
  const files = (text: string) => [{ kind: "files", name: "conf", isSecret: false, files: [{ path: "key", bytes: Buffer.from(text), mode: 0o644 }] }] as const;
  await runtime.driver.createSandbox(sandbox({ volumes: files("old") }));
  const { id } = await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "echo up; while :; do sleep 100; done"], mounts: [{ volume: "conf", mountPath: "/capstan-test-conf", subPath: "", isReadOnly: true }] }));
  for await (const chunk of runtime.driver.logs(id, { follow: true }, AbortSignal.timeout(10_000))) if (chunk.length > 0) break;
  const read = () => runtime.driver.handle(id, { kind: "exec", command: ["cat", "/capstan-test-conf/key"] }, 5_000, new AbortController().signal);
  assert.deepEqual(await read(), { isSuccess: true, output: "old" });
  await runtime.driver.updateVolumes(uid, files("new"));
  assert.deepEqual(await read(), { isSuccess: true, output: "new" });
}, { skip: !canMount && "needs mount namespaces" });

withRuntime("a command that does not exist ends as StartError with its name", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  await runtime.driver.startContainer(start({ command: ["capstan-no-such-program"] }));
  await until(runtime, hasEnded(0));
  const exit = runtime.driver.pod(uid)?.containers[0]?.exit;
  assert.equal(exit?.reason, "StartError");
  assert.match(exit?.message ?? "", /"capstan-no-such-program": executable file not found in \$PATH/u);
});

withRuntime("a following reader gets lines as they come and ends with the container", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  const { id } = await runtime.driver.startContainer(start({ command: ["node", "-e", "process.on('SIGTERM', () => { process.stdout.write('last'); process.exit(0) }); console.log('up'); setInterval(() => {}, 1000)"] }));
  let text = "";
  for await (const chunk of runtime.driver.logs(id, { follow: true }, AbortSignal.timeout(20_000))) {
    text += Buffer.from(chunk).toString("utf8");
    if (text === "up\n") await runtime.driver.signal(id, "TERM");
  }
  assert.equal(text, "up\nlast\n");
});

withRuntime("names that shells do not know reach the program, as keys of a ConfigMap with their dots", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  const env = { "app.properties": "a = 'b' $c", "tls-key": "k", NODE_OPTIONS: "--no-such-option", PLAIN: "p" };
  const { id } = await runtime.driver.startContainer(start({ command: ["env"], env: Object.entries(env).map(([name, value]) => ({ name, value })) }));
  await until(runtime, hasEnded(0));
  const said = (await readLogs(runtime.driver, id)).split("\n");
  for (const [name, value] of Object.entries(env)) assert.ok(said.includes(`${name}=${value}`), name);
  assert.ok(!said.some((line) => line.startsWith("CAPSTAN_NAMED_")));
}, { skip: unpackWords === undefined && "needs a Node that can become another program" });

withRuntime("a pod finds its own address by its name in the cluster, and others by those it is given", async (runtime) => {
  await runtime.driver.createSandbox(sandbox({ hostname: "db-0", fullName: "db-0.db.default.svc.cluster.local", hostAliases: [{ ip: "10.9.8.7", hostnames: ["far", "away"] }] }));
  const { id } = await runtime.driver.startContainer(start({ command: ["grep", "-v", "localhost", "/etc/hosts"] }));
  await until(runtime, hasEnded(0));
  const address = runtime.driver.pod(uid)?.ip ?? "";
  assert.equal(await readLogs(runtime.driver, id), `# Kubernetes-managed hosts file.\n${address}\tdb-0.db.default.svc.cluster.local\tdb-0\n10.9.8.7\tfar\taway\n`);
}, { skip: !canMount && "needs mount namespaces" });

withRuntime("a subPath made anew is for whoever the volume is for", async (runtime) => {
  await runtime.driver.createSandbox(sandbox({ volumes: [{ kind: "empty", name: "data", isInMemory: false }] }));
  const mounts = [{ volume: "data", mountPath: "/capstan-test-data", subPath: "one/two", isReadOnly: false }];
  const { id } = await runtime.driver.startContainer(start({ command: ["stat", "-c", "%a", "/capstan-test-data"], mounts }));
  await until(runtime, hasEnded(0));
  assert.equal(await readLogs(runtime.driver, id), "777\n");
}, { skip: !canMount && "needs mount namespaces" });

withRuntime("a subPath that leads out of its volume is refused", async (runtime) => {
  await runtime.driver.createSandbox(sandbox({ volumes: [{ kind: "empty", name: "data", isInMemory: false }] }));
  const mounts = [{ volume: "data", mountPath: "/capstan-test-data", subPath: "", isReadOnly: false }];
  await runtime.driver.startContainer(start({ command: ["ln", "-s", "/etc", "/capstan-test-data/link"], mounts }));
  await until(runtime, hasEnded(0));
  await assert.rejects(runtime.driver.startContainer(start({ attempt: 1, command: ["true"], mounts: [{ volume: "data", mountPath: "/capstan-test-data", subPath: "link", isReadOnly: false }] })), /leaves the volume/u);
}, { skip: !canMount && "needs mount namespaces" });

withRuntime("a message of any size, or a pipe in its place, does not keep a container from ending", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "truncate -s 3G $CAPSTAN_TERMINATION_LOG; exit 1"] }));
  await until(runtime, hasEnded(0));
  assert.equal(runtime.driver.pod(uid)?.containers[0]?.exit?.message?.length, 4_096);
  await runtime.driver.startContainer(start({ attempt: 1, command: ["/bin/sh", "-c", "rm $CAPSTAN_TERMINATION_LOG; mkfifo $CAPSTAN_TERMINATION_LOG; exit 1"] }));
  await until(runtime, hasEnded(1));
  assert.equal(runtime.driver.pod(uid)?.containers[1]?.exit?.code, 1);
});

withRuntime("output written faster than it can be kept is dropped and said, instead of filling the disk", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  // One step makes the output longer than may wait, however fast this machine converts.
  const { id } = await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "truncate -s 200000000 /proc/self/fd/1; echo; echo last"] }));
  await until(runtime, hasEnded(0));
  const log = await readLogs(runtime.driver, id);
  assert.match(log, /\[\d+ bytes of output dropped/u);
  assert.match(log, /\nlast\n$/u);
});

withRuntime("a container's environment loads nothing into the helpers that enter it, and reaches the command", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  const { id } = await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "echo up; while :; do sleep 100; done"], env: [{ name: "LD_PRELOAD", value: "/no/such.so" }, { name: "PLAIN", value: "a b" }] }));
  for await (const chunk of runtime.driver.logs(id, { follow: true }, AbortSignal.timeout(10_000))) if (Buffer.from(chunk).toString().includes("up\n")) break;
  const outcome = await runtime.driver.handle(id, { kind: "exec", command: ["/bin/sh", "-c", "echo \"$LD_PRELOAD|$PLAIN|$CAPSTAN_HIDDEN_LD_PRELOAD\" 2>/dev/null"] }, 5_000, new AbortController().signal);
  assert.equal(outcome.isSuccess, true);
  // The loader complains once for the container's own command, and never for nsenter or setpriv.
  assert.deepEqual(outcome.output.split("\n").filter((line) => !line.startsWith("ERROR: ld.so")), ["/no/such.so|a b|", ""]);
  assert.equal(outcome.output.split("\n").filter((line) => line.startsWith("ERROR: ld.so")).length, 1);
});

/** Empty when there is no such process. */
function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

/** Streams of a client that types this and keeps what it hears. */
function client(options: { readonly input?: string; readonly sizes?: AsyncIterable<TerminalSize> } = {}): ProgramStreams & { readonly heard: { stdout: string; stderr: string } } {
  const heard = { stdout: "", stderr: "" };
  const { input, sizes } = options;
  return {
    heard, ...(sizes === undefined ? {} : { sizes }),
    ...(input === undefined ? {} : { stdin: (async function* () { yield Buffer.from(input); })() }),
    write: (stream, bytes) => { heard[stream] += Buffer.from(bytes).toString("utf8"); return Promise.resolve(); },
  };
}

/** A container that says it is up and stays. */
async function startIdle(runtime: OpenRuntime, change: Partial<StartRequest> = {}): Promise<string> {
  await runtime.driver.createSandbox(sandbox());
  const { id } = await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "echo up; while :; do sleep 100; done"], ...change }));
  for await (const chunk of runtime.driver.logs(id, { follow: true }, AbortSignal.timeout(10_000))) if (Buffer.from(chunk).toString().includes("up")) break;
  return id;
}

withRuntime("a program beside a container's has its environment, both outputs, the client's input and an exit code", async (runtime) => {
  const id = await startIdle(runtime, { env: [{ name: "WHO", value: "me" }] });
  const streams = client({ input: "typed\n" });
  const code = await runtime.driver.exec(id, { command: ["sh", "-c", "cat; echo $WHO >&2; pwd >&2; exit 7"], isTerminal: false }, streams, new AbortController().signal);
  assert.equal(code, 7);
  assert.equal(streams.heard.stdout, "typed\n");
  assert.match(streams.heard.stderr, /^me\n\/.*\/work\n$/u);
  const missing = client();
  assert.equal(await runtime.driver.exec(id, { command: ["no-such-program"], isTerminal: false }, missing, new AbortController().signal), 127);
  assert.match(missing.heard.stderr, /"no-such-program": executable file not found in \$PATH/u);
});

withRuntime("a program beside one of another user knows its folder, though that user may not enter the folders above", async (runtime) => {
  chmodSync(runtime.directory, 0o700);
  const id = await startIdle(runtime, { runAsUser: 12_345 });
  const streams = client();
  assert.equal(await runtime.driver.exec(id, { command: ["sh", "-c", "id -u; pwd -P"], isTerminal: false }, streams, new AbortController().signal), 0);
  assert.match(streams.heard.stdout, /^12345\n\/.*\/work\n$/u);
  assert.equal(streams.heard.stderr, "");
}, { skip: process.getuid?.() === 0 ? false : "only root may become another user" });

withRuntime("a program with a terminal knows it, hears echoed input and follows the client's size", async (runtime) => {
  const id = await startIdle(runtime, { env: [{ name: "SHELL", value: "/no/such/shell" }] });
  async function* sizes() { yield { rows: 33, columns: 77 }; }
  const streams = client({ input: "typed\n", sizes: sizes() });
  const script = "tty; until [ \"$(stty size)\" = '33 77' ]; do sleep 0.05; done; echo sized; echo $SHELL; read word; echo got $word; exit 4";
  const code = await runtime.driver.exec(id, { command: ["sh", "-c", script], isTerminal: true }, streams, AbortSignal.timeout(20_000));
  assert.equal(code, 4);
  assert.match(streams.heard.stdout, /\/dev\/pts\/\d+\r\n[^]*sized\r\n\/no\/such\/shell\r\n[^]*got typed\r\n/u);
  assert.match(streams.heard.stdout, /typed\r\n/u);
});

withRuntime("a client that goes ends its program with everything it started", async (runtime) => {
  const id = await startIdle(runtime);
  const leaving = new AbortController();
  const running = runtime.driver.exec(id, { command: ["sh", "-c", "sleep 1000 & echo $!; wait"], isTerminal: false }, {
    write: (_stream, bytes) => { sleeper = Number(Buffer.from(bytes).toString()); leaving.abort(); return Promise.resolve(); },
  }, leaving.signal);
  let sleeper = 0;
  assert.equal(await running, 137);
  assert.ok(sleeper > 0);
  // A dead program may wait for its parent to take notice, as a zombie.
  while (/^\d+ \(.*\) [^Z]/su.test(statOf(sleeper))) await realClock.sleep(5);
});

withRuntime("who attaches hears what comes from then on, unfinished lines too, and the exit code", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  const { id } = await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "echo before; trap 'printf tail; echo oops >&2; exit 5' TERM; echo up; while :; do sleep 0.05; done"] }));
  for await (const chunk of runtime.driver.logs(id, { follow: true }, AbortSignal.timeout(10_000))) if (Buffer.from(chunk).toString().includes("up\n")) break;
  const streams = client();
  const attached = runtime.driver.attach(id, streams, new AbortController().signal);
  await runtime.driver.signal(id, "TERM");
  assert.equal(await attached, 5);
  assert.deepEqual(streams.heard, { stdout: "tail", stderr: "oops\n" });
});

/** Input that comes when it is given, and ends when it is told. */
function typing(): { readonly input: AsyncIterable<Uint8Array>; type(text: string): void; end(): void } {
  const queue = new StreamQueue<Uint8Array>(100, () => 1);
  return { input: queue, type: (text) => { void queue.push(Buffer.from(text)); }, end: () => { queue.end(); } };
}

withRuntime("a program that takes input once hears its first client to the end, and ends", async (runtime) => {
  await runtime.driver.createSandbox(sandbox());
  const { id } = await runtime.driver.startContainer(start({ command: ["/bin/sh", "-c", "cat; echo over; exit 3"], input: "once" }));
  const streams = { ...client(), stdin: typing() };
  const attached = runtime.driver.attach(id, { ...streams, stdin: streams.stdin.input }, AbortSignal.timeout(20_000));
  streams.stdin.type("one\n");
  streams.stdin.type("x".repeat(200_000));
  streams.stdin.end();
  assert.equal(await attached, 3);
  assert.equal(streams.heard.stdout, `one\n${"x".repeat(200_000)}over\n`);
});

withRuntime("a program whose input stays open is spoken to by one client after the other, also after the daemon is another", async (before) => {
  const id = await startIdle(before, { command: ["/bin/sh", "-c", "echo up; while read -r word; do echo heard $word; [ $word != bye ] || exit 4; done; echo closed"], input: "open" });
  assert.equal(await before.driver.attach(id, client({ input: "one\n" }), AbortSignal.timeout(20_000)), 0);
  const runtime = await before.reopen();
  const streams = { ...client(), stdin: typing() };
  const attached = runtime.driver.attach(id, { ...streams, stdin: streams.stdin.input }, AbortSignal.timeout(20_000));
  streams.stdin.type("two\nbye\n");
  assert.equal(await attached, 4);
  assert.equal(streams.heard.stdout.endsWith("heard two\nheard bye\n"), true);
});

withRuntime("a program that takes input once ends after a daemon that was another, too", async (before) => {
  const id = await startIdle(before, { command: ["/bin/sh", "-c", "echo up; cat; exit 5"], input: "once" });
  const runtime = await before.reopen();
  const streams = client({ input: "late\n" });
  assert.equal(await runtime.driver.attach(id, streams, AbortSignal.timeout(20_000)), 5);
  assert.equal(streams.heard.stdout, "late\n");
});

withRuntime("a container with a terminal has one of the client's size, its own SHELL, and its exit code", async (runtime) => {
  const script = "echo up; tty; until [ \"$(stty size)\" = '33 77' ]; do sleep 0.05; done; echo sized $SHELL; read word; echo got $word; exit 4";
  const id = await startIdle(runtime, { command: ["/bin/sh", "-c", script], input: "once", isTerminal: true, env: [{ name: "SHELL", value: "/no/such/shell" }] });
  async function* sizes() { yield { rows: 33, columns: 77 }; }
  const streams = { ...client({ sizes: sizes() }), stdin: typing() };
  const attached = runtime.driver.attach(id, { ...streams, stdin: streams.stdin.input }, AbortSignal.timeout(20_000));
  streams.stdin.type("typed\n");
  assert.equal(await attached, 4);
  assert.match(await readLogs(runtime.driver, id), /^up\r?\n\/dev\/pts\/\d+\r?\n[^]*sized \/no\/such\/shell\r?\n[^]*got typed\r?\n/u);
});

withRuntime("a container with a terminal and no client runs on, is asked to end, and is killed with all it started", async (runtime) => {
  const id = await startIdle(runtime, { command: ["/bin/sh", "-c", "trap '' TERM; echo up; sleep 1000 & read word; sleep 1000"], isTerminal: true });
  await runtime.driver.signal(id, "TERM");
  assert.equal(runtime.driver.pod(uid)?.containers[0]?.exit, undefined);
  await runtime.driver.signal(id, "KILL");
  await until(runtime, hasEnded(0));
  assert.equal(runtime.driver.pod(uid)?.containers[0]?.exit?.code, 137);
});

test("process: a look at what runs while containers are being started takes none of them for lost", { timeout: 30_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "capstan-runtime-"));
  // Looks follow each other at once instead of every two seconds.
  const driver = new ProcessDriver({ directory, processes, world: { ...world, clock: { ...realClock, after: (delayMs, run) => realClock.after(delayMs === 2_000 ? 1 : delayMs, run) } } });
  await driver.open();
  await driver.createSandbox(sandbox());
  const attempts = Array.from({ length: 12 }, (_, attempt) => attempt);
  await Promise.all(attempts.map((attempt) => driver.startContainer(start({ attempt, command: ["/bin/sh", "-c", "exit 3"], input: "open" }))));
  await until({ driver, passTime: () => Promise.resolve(), reopen: () => open(), dispose: () => Promise.resolve() }, (pod) => pod?.containers.every(({ exit }) => exit !== undefined) === true);
  assert.deepEqual(driver.pod(uid)?.containers.map(({ exit }) => exit?.code), attempts.map(() => 3));
  await driver.removeSandbox(uid);
  await driver.close();
  rmSync(directory, { recursive: true });
});
