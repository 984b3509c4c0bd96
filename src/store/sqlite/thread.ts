import { availableParallelism } from "node:os";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { StoreError } from "../store.ts";
import { StoreDatabase } from "./database.ts";
import { askedBell, doneBell, pagesAheadMax } from "./protocol.ts";
import type { StoredBatch, ThreadAnswer, ThreadRequest, ThreadStart } from "./protocol.ts";
import { packedBuffers, packRecords } from "./record.ts";
import type { StoredRecord } from "./record.ts";

/** Bytes of values in one page while the file is read at open. */
const pageBytesMax = 1_048_576;

/**
 * Looks at the bell before the thread sleeps: about 0.2 ms. A lone writer's next batch comes within that time, and waking
 * a thread on another core costs about a flush. On a single core looking would only keep the writer from running.
 */
const looksBeforeSleep = availableParallelism() > 1 ? 20_000 : 0;

/** The disk thread: opens the file, sends all of it, then writes what it is told until it is told to close. */
function serve({ options, bell }: ThreadStart): void {
  const port = parentPort;
  if (port === null) throw new Error("thread.ts runs in a worker thread only");
  const answer: Answer = (message, transfer = []) => { port.postMessage(message, transfer); };
  const tellDone = () => {
    Atomics.add(bell, doneBell, 1);
    answer({ kind: "done" });
  };
  const database = attempt(() => open({ options, bell }, answer), answer);
  if (database === undefined) return;
  let isStopped = false;
  let rung = Atomics.load(bell, askedBell);
  for (;;) {
    const received: { readonly message: ThreadRequest } | undefined = receiveMessageOnPort(port);
    if (received === undefined) {
      if (!database.prepareLog()) rung = sleepUntilRung(bell, rung);
      continue;
    }
    const request = received.message;
    if (request.kind === "close") break;
    // After a failed flush nobody knows what the disk holds: nothing is written again before a restart has looked.
    if (isStopped) answer({ kind: "failed", code: "stopped", message: "an earlier write, or the copy of its log into the database, failed" });
    else isStopped = !write(database, request.batch, { answer, tellDone });
  }
  attempt(() => { database.close(); tellDone(); }, answer);
  port.close();
}

type Answer = (message: ThreadAnswer, transfer?: ArrayBuffer[]) => void;

/** Answers the count of rings seen; a ring between looking for a message and this call is not lost. */
function sleepUntilRung(bell: Int32Array<SharedArrayBuffer>, rung: number): number {
  for (let looks = 0; looks < looksBeforeSleep; looks++) {
    const now = Atomics.load(bell, askedBell);
    if (now !== rung) return now;
  }
  Atomics.wait(bell, askedBell, rung);
  return Atomics.load(bell, askedBell);
}

function write(database: StoreDatabase, batch: StoredBatch, { answer, tellDone }: { readonly answer: Answer; readonly tellDone: () => void }): boolean {
  const isWritten = attempt(() => { database.write(batch); return true; }, answer) ?? false;
  if (isWritten) tellDone();
  return isWritten && isLogCopied(database);
}

/** Nobody waits for it: the next write is told. */
function isLogCopied(database: StoreDatabase): boolean {
  try {
    database.copyLongLog();
    return true;
  } catch {
    return false;
  }
}

function open({ options, bell }: ThreadStart, answer: Answer): StoreDatabase {
  const database = new StoreDatabase(options);
  try {
    const { compactedRevision, fences } = database.readNumbers();
    const sealedCount = database.sealAgain();
    let page: StoredRecord[] = [];
    let sizeBytes = 0;
    let sent = 0;
    const send = () => {
      for (let taken = Atomics.load(bell, askedBell); sent - taken >= pagesAheadMax; taken = Atomics.load(bell, askedBell)) Atomics.wait(bell, askedBell, taken);
      sent++;
      const records = packRecords(page);
      answer({ kind: "page", compactedRevision, records }, packedBuffers(records));
      page = [];
      sizeBytes = 0;
    };
    for (const record of database.readRecords()) {
      page.push(record);
      sizeBytes += record.value?.length ?? 0;
      if (sizeBytes >= pageBytesMax) send();
    }
    send();
    answer({ kind: "opened", fences, sealedCount, acknowledgedRevision: database.acknowledgedRevision });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function attempt<T>(step: () => T, answer: Answer): T | undefined {
  try {
    return step();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ kind: "failed", code: error instanceof StoreError ? error.code : "stopped", message });
    return undefined;
  }
}

serve(workerData as ThreadStart);
