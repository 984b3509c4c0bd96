// A small program that starts programs for the daemon. Starting one copies the page tables of whoever starts it: milliseconds for the daemon, in which it
// serves nobody, and next to nothing here. It is asked on its standard input, a line of JSON each, answers on its standard output, and ends with the daemon.
import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The daemon's own folder, with the socket on which it waits for streams. */
const folder = process.argv[2] ?? "/nowhere";
const running = new Map();

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A stream to the daemon that names itself and is then handed over unread. */
function openStream(name) {
  return new Promise((resolve, reject) => {
    const socket = connect(join(folder, "streams.sock"));
    socket.pause();
    socket.once("error", reject);
    socket.once("connect", () => { socket.write(`${name}\n`, () => { resolve(socket); }); });
  });
}

async function start({ id, command, environment, directory, isDetached, files, streams }) {
  const sockets = streams === undefined ? [] : await Promise.all(streams.map(openStream));
  const outputs = files === undefined ? [] : [openSync(files.stdout, "a", 0o600), openSync(files.stderr, "a", 0o600)];
  try {
    const child = spawn(command[0], command.slice(1), { env: environment, cwd: directory, detached: isDetached === true, stdio: files === undefined ? sockets : ["ignore", ...outputs] });
    child.once("error", (error) => { if (child.pid === undefined) fail(id, error); });
    child.once("exit", (exitCode, signal) => {
      running.delete(id);
      answer({ kind: "ended", id, ...(exitCode === null ? {} : { exitCode }), ...(signal === null ? {} : { signal }) });
    });
    if (child.pid === undefined) return;
    running.set(id, child);
    answer({ kind: "started", id, pid: child.pid });
  } finally {
    for (const socket of sockets) socket.destroy();
    for (const output of outputs) closeSync(output);
  }
}

function fail(id, error) {
  answer({ kind: "failed", id, code: error.code ?? "UNKNOWN", message: error.message });
}

// The daemon decides when this ends, not whoever signals the whole group.
process.on("SIGTERM", () => {});
process.on("SIGHUP", () => {});
process.stdout.on("error", () => {});

createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.kind === "kill") running.get(message.id)?.kill(message.signal);
  else start(message).catch((error) => { fail(message.id, error); });
}).on("close", () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
