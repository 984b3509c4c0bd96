import assert from "node:assert/strict";
import { after, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../world/log.ts";
import { realClock } from "../../../world/real/clock.ts";
import { startProcesses } from "../../../world/real/processes.ts";
import { files } from "./disk.ts";
import { LogPump } from "./log-pump.ts";
import { Programs } from "./programs.ts";

async function folderOfRun(state: string): Promise<{ readonly folder: string; readonly logs: string }> {
  const root = await files.mkdtemp(join(tmpdir(), "capstan-log-pump-"));
  after(() => files.rm(root, { recursive: true, force: true }));
  const folder = join(root, "run");
  const logs = join(root, "logs");
  await files.mkdir(folder);
  await files.mkdir(logs);
  await files.writeFile(join(folder, "stdout"), "old\n");
  await files.writeFile(join(folder, "stderr"), "");
  await files.writeFile(join(logs, "0.3.log"), "2026-01-01T00:00:00.000000000Z stdout F old\n");
  await files.writeFile(join(folder, "log-state"), state);
  return { folder, logs };
}

for (const state of ["", "{", "null", "[]", '{"stdout":4}', '{"stdout":4,"stderr":0,"generation":1e300,"length":0}', '{"stdout":-1,"stderr":0,"generation":3,"length":0}', '{"stdout":"4","stderr":0,"generation":3,"length":0}']) {
  test(`a log whose record is damaged (${state}) goes on where it is, and can be removed`, { timeout: 10_000 }, async () => {
    const { folder, logs } = await folderOfRun(state);
    const pump = new LogPump({ folder, logs, attempt: 0, isEnded: true, world: { clock: realClock, log: silentLog }, programs: new Programs(startProcesses()) });
    await pump.drain();
    await files.appendFile(join(folder, "stdout"), "new\n");
    assert.match(await pump.lastText(1_000, 10), /old\n.*new\n$/s);
    await pump.removeFiles();
    assert.deepEqual(await files.readdir(logs), []);
  });
}
