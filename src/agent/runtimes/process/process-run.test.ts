import assert from "node:assert/strict";
import { after, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../world/log.ts";
import { realChance } from "../../../world/real/chance.ts";
import { realClock } from "../../../world/real/clock.ts";
import { startProcesses } from "../../../world/real/processes.ts";
import { files } from "./disk.ts";
import { ProcessRun } from "./process-run.ts";
import { Programs } from "./programs.ts";
import { readBootId } from "./process-table.ts";

test("a look at a container that is only being started does not take it for lost", { timeout: 10_000 }, async () => {
  const root = await files.mkdtemp(join(tmpdir(), "capstan-run-"));
  after(() => files.rm(root, { recursive: true, force: true }));
  const [folder, logs] = [join(root, "run"), join(root, "logs")];
  await files.mkdir(folder);
  await files.mkdir(logs);
  const processes = startProcesses();
  after(() => processes.close());
  const ended = Promise.withResolvers<undefined>();
  const bootId = readBootId();
  const run = new ProcessRun({
    folder, logs, world: { clock: realClock, chance: realChance, log: silentLog }, programs: new Programs(processes), bootId, onEnd: () => { ended.resolve(undefined); },
    record: { id: realChance.uuid(), name: "main", attempt: 0, backoffMs: 0, startedAtMs: realClock.nowMs(), bootId, workingDir: folder, isLogUsedAsMessage: false, isIsolated: false },
  });
  const launching = run.launch(["/bin/sh", "-c", `sleep 0.5; printf '0\\n' >${join(folder, "exit")}`], {});
  await run.check();
  assert.equal(run.container.exit, undefined);
  await launching;
  await ended.promise;
  assert.deepEqual([run.record.exit?.code, run.record.exit?.reason], [0, "Completed"]);
  await run.close();
});
