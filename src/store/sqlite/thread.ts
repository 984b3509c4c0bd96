import { parentPort, workerData } from "node:worker_threads";
import { StoreError } from "../store.ts";
import { StoreDatabase } from "./database.ts";
import type { StoredBatch, ThreadAnswer, ThreadOptions, ThreadRequest } from "./protocol.ts";
import { packedBuffers, packRecords } from "./record.ts";
import type { StoredRecord } from "./record.ts";

/** Bytes of values in one page while the file is read at open. */
const pageBytesMax = 1_048_576;

/** The disk thread: opens the file, sends all of it, then writes what it is told. */
function serve(options: ThreadOptions): void {
  const port = parentPort;
  if (port === null) throw new Error("thread.ts runs in a worker thread only");
  const answer = (message: ThreadAnswer, transfer: ArrayBuffer[] = []) => { port.postMessage(message, transfer); };
  const database = attempt(() => open(options, answer), answer);
  if (database === undefined) return;
  let isStopped = false;
  port.on("message", (request: ThreadRequest) => {
    if (request.kind === "close") {
      attempt(() => { database.close(); answer({ kind: "done" }); }, answer);
      port.close();
      return;
    }
    if (isStopped) { answer({ kind: "failed", code: "stopped", message: "an earlier write failed" }); return; }
    // After a failed flush nobody knows what the disk holds: nothing is written again before a restart has looked.
    isStopped = true;
    isStopped = attempt(() => { write(database, request.batch, answer); return true; }, answer) === undefined;
  });
}

function write(database: StoreDatabase, batch: StoredBatch, answer: (message: ThreadAnswer) => void): void {
  database.write(batch);
  answer({ kind: "done" });
}

function open(options: ThreadOptions, answer: (message: ThreadAnswer, transfer: ArrayBuffer[]) => void): StoreDatabase {
  const database = new StoreDatabase(options);
  try {
    const numbers = database.readNumbers();
    let page: StoredRecord[] = [];
    let sizeBytes = 0;
    const send = () => {
      const records = packRecords(page);
      answer({ kind: "page", records }, packedBuffers(records));
      page = [];
      sizeBytes = 0;
    };
    for (const record of database.readRecords()) {
      page.push(record);
      sizeBytes += record.value?.length ?? 0;
      if (sizeBytes >= pageBytesMax) send();
    }
    send();
    answer({ kind: "opened", ...numbers, acknowledgedRevision: database.acknowledgedRevision }, []);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function attempt<T>(step: () => T, answer: (message: ThreadAnswer) => void): T | undefined {
  try {
    return step();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ kind: "failed", code: error instanceof StoreError ? error.code : "stopped", message });
    return undefined;
  }
}

serve(workerData as ThreadOptions);
