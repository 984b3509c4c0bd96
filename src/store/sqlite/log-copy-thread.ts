import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";
import { askedBell, doneBell, endAsked, endedBell, endedByFault, endedWell } from "./log-copier.ts";
import type { CopyThreadStart } from "./log-copier.ts";

/** A thread nobody has asked for so long ends: writes have become few. */
const idleMaxMs = 20_000;

/** Copies the log into the database whenever it is asked to, over a connection of its own. The disk thread writes meanwhile. */
function serve({ location, bell }: CopyThreadStart): void {
  let ended = endedByFault;
  try {
    using database = new DatabaseSync(location);
    database.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    const copyLog = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    let done = 0;
    while (Atomics.wait(bell, askedBell, done, idleMaxMs) !== "timed-out") {
      const asked = Atomics.load(bell, askedBell);
      if (asked === endAsked) break;
      copyLog.get();
      done = asked;
      Atomics.store(bell, doneBell, done);
    }
    ended = endedWell;
  } catch {
    // The disk thread meets the fault when it copies the rest itself.
  }
  Atomics.store(bell, endedBell, ended);
  Atomics.notify(bell, endedBell);
}

serve(workerData as CopyThreadStart);
