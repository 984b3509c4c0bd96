import { appendFileSync, renameSync, statSync } from "node:fs";
import { inspect } from "node:util";
import type { Log, LogFields } from "../log.ts";

/** A log file is put aside at this size; one old file is kept, so that a chatty fault cannot fill a disk. */
const logBytesMax = 16 * 1024 * 1024;

/** Longest text of one field: an error with a whole manifest in it helps nobody. */
const fieldLengthMax = 4_000;

type Level = "debug" | "info" | "warn" | "error";

const levels: readonly Level[] = ["debug", "info", "warn", "error"];

/** Lines wait at most this long before they are written together. */
const flushAfterMs = 200;

/** A log of JSON lines in a file: time, level, sentence, fields. Writing never throws: a full disk must not stop the daemon. */
export function openFileLog(file: string, lowest: Level = "info"): Log & { flush(): void } {
  let pending: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let size = sizeOf(file);
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    const text = pending.join("");
    pending = [];
    try {
      if (size > logBytesMax) { renameSync(file, `${file}.1`); size = 0; }
      appendFileSync(file, text, { mode: 0o600 });
      size += text.length;
    } catch {
      // Nowhere is left to say it: the log itself cannot be written.
    }
  };
  const write = (level: Level, sentence: string, fields: LogFields | undefined) => {
    if (levels.indexOf(level) < levels.indexOf(lowest)) return;
    pending.push(`${JSON.stringify({ time: new Date().toISOString(), level, message: sentence, ...printFields(fields) })}\n`);
    if (level === "error") flush();
    else timer ??= setTimeout(flush, flushAfterMs).unref();
  };
  return {
    debug: (sentence, fields) => { write("debug", sentence, fields); },
    info: (sentence, fields) => { write("info", sentence, fields); },
    warn: (sentence, fields) => { write("warn", sentence, fields); },
    error: (sentence, fields) => { write("error", sentence, fields); },
    flush,
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function printFields(fields: LogFields | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, printField(value)]));
}

function printField(value: unknown): unknown {
  if (value instanceof Error) return printChain(value);
  if (typeof value === "string") return value.length > fieldLengthMax ? `${value.slice(0, fieldLengthMax)}…` : value;
  if (typeof value === "object" && value !== null) return inspect(value, { depth: 3, breakLength: Infinity }).slice(0, fieldLengthMax);
  return value;
}

/** An error with its causes, and where it came from. */
function printChain(error: Error): string {
  const parts: string[] = [];
  for (let current: unknown = error; current !== undefined && parts.length < 8; current = current instanceof Error ? current.cause : undefined) {
    parts.push(current instanceof Error ? `${current.name}: ${current.message}` : inspect(current));
  }
  return `${parts.join("; caused by ")}${error.stack === undefined ? "" : `\n${error.stack.split("\n").slice(1, 6).join("\n")}`}`.slice(0, fieldLengthMax);
}
