// Asks the daemon for the verdict on a push and prints it; git shows each line as `remote: …`. Run by git, with nothing but Node at hand.
import { connect } from "node:net";
import { readFileSync } from "node:fs";

const silenceTimeoutMs = Number(process.env.CAPSTAN_PUSH_TIMEOUT_MS ?? "35000");
let answer = "";
let isDone = false;

function finish(exitCode, line) {
  if (isDone) return;
  isDone = true;
  process.exitCode = exitCode;
  if (line !== undefined) process.stderr.write(`${line}\n`);
  socket.destroy();
}

const socket = connect(process.env.CAPSTAN_PUSH_SOCKET ?? "/nowhere");
socket.setTimeout(silenceTimeoutMs, () => { finish(1, "Capstan did not answer in time; nothing was taken. Push again."); });
socket.on("error", () => { finish(1, "Capstan is not running; nothing was taken. Start it and push again."); });
socket.on("data", (chunk) => { answer += chunk.toString("utf8"); });
socket.on("end", () => {
  try {
    const { accepted, lines } = JSON.parse(answer);
    for (const line of lines) process.stderr.write(`${line}\n`);
    finish(accepted === true ? 0 : 1);
  } catch {
    finish(1, "Capstan stopped in the middle of the push; nothing was taken. Push again.");
  }
});
socket.end(JSON.stringify({
  id: process.env.CAPSTAN_PUSH_ID,
  updates: readFileSync(0, "utf8"),
  quarantine: {
    GIT_QUARANTINE_PATH: process.env.GIT_QUARANTINE_PATH,
    GIT_OBJECT_DIRECTORY: process.env.GIT_OBJECT_DIRECTORY,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: process.env.GIT_ALTERNATE_OBJECT_DIRECTORIES,
  },
}));
