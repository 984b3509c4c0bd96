/**
 * The process that test/crash/store.test.ts kills: opens the store of a directory, lets 8 writers write as fast as they can,
 * and appends one line for each acknowledgement to a file of its own. Each writer's value is its count, so that what must be there can be told.
 */
import { openSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { openSqliteStore } from "../../src/store/engines/sqlite.ts";
import { silentLog } from "../../src/world/log.ts";
import { realClock } from "../../src/world/real/clock.ts";

const writerCount = 8;

const [directory = "", acknowledgements = ""] = process.argv.slice(2);
const said = openSync(acknowledgements, "w");
const store = await openSqliteStore({ directory, world: { clock: realClock, log: silentLog } });
// What an open finds is part of the test: said before the first write.
writeSync(said, `opened ${store.revision}\n`);
// Its end is a kill, before which Node keeps nothing of what it compiled.
flushCompileCache();
process.stdout.write("writing\n");

async function write(writer: number): Promise<void> {
  // Large enough for the log to be copied now and then within one life.
  const pad = "x".repeat(1_500 * writer);
  for (let count = Number(new TextDecoder().decode(store.get(`count/${writer}`)?.value).split(" ")[0] ?? 0) + 1; ; count++) {
    const value = new TextEncoder().encode(`${count} ${pad}`);
    // Two keys in one transaction: they must never differ.
    const result = await store.commit({ conditions: [], operations: [{ kind: "put", key: `count/${writer}`, value }, { kind: "put", key: `twin/${writer}`, value }] });
    if (result.kind !== "committed") throw new Error(result.kind);
    writeSync(said, `${writer} ${count} ${result.revision}\n`);
    if (writer === 0 && count % 50 === 0) await store.compact(Math.max(0, store.revision - 100));
  }
}

await Promise.all(Array.from({ length: writerCount }, (_, writer) => write(writer)));
