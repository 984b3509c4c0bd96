import { inspect } from "node:util";
import type { Log, LogFields } from "../log.ts";
import { openRotatingFile } from "./rotating-file.ts";

/** A log file is put aside at this size; one old file is kept, so that a chatty fault cannot fill a disk. */
const logBytesMax = 16 * 1024 * 1024;

/** Longest text of one field: an error with a whole manifest in it helps nobody. */
const fieldLengthMax = 4_000;

type Level = "debug" | "info" | "warn" | "error";

const levels: readonly Level[] = ["debug", "info", "warn", "error"];

/** A log of JSON lines in a file: time, level, sentence, fields. Writing never throws: a full disk must not stop the daemon. */
export function openFileLog(file: string, lowest: Level = "info"): Log & { flush(): void } {
  // Nowhere is left to say that the log itself cannot be written.
  const lines = openRotatingFile(file, { sizeMaxBytes: logBytesMax, oldFilesMax: 1, onFailure: () => undefined });
  const write = (level: Level, sentence: string, fields: LogFields | undefined) => {
    if (levels.indexOf(level) < levels.indexOf(lowest)) return;
    lines.append(`${JSON.stringify({ time: new Date().toISOString(), level, message: sentence, ...printFields(fields) })}\n`);
    if (level === "error") lines.flush();
  };
  return {
    debug: (sentence, fields) => { write("debug", sentence, fields); },
    info: (sentence, fields) => { write("info", sentence, fields); },
    warn: (sentence, fields) => { write("warn", sentence, fields); },
    error: (sentence, fields) => { write("error", sentence, fields); },
    flush: () => { lines.flush(); },
  };
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
