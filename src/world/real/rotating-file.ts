import { appendFileSync, renameSync, statSync } from "node:fs";

/** Lines wait at most this long before they are written together. */
const flushAfterMs = 200;

/** Waiting bytes that are written at once. */
const flushFromBytes = 256 * 1024;

/** A file of lines that is put aside when it is full: `audit.log` becomes `audit.log.1`, that one `audit.log.2`, and the oldest goes. */
export interface RotatingFile {
  /** Never throws; a failure is told once. */
  readonly append: (line: string) => void;
  flush(): void;
}

/** Opens a file to append to. `onFailure` hears of the first write that fails, and again after one has worked. */
export function openRotatingFile(path: string, { sizeMaxBytes, oldFilesMax, onFailure }: { readonly sizeMaxBytes: number; readonly oldFilesMax: number; readonly onFailure: (error: unknown) => void }): RotatingFile {
  let pending: string[] = [];
  let pendingBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let hasFailed = false;
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const rotate = () => {
    for (let age = oldFilesMax - 1; age >= 1; age--) if (statSync(`${path}.${age}`, { throwIfNoEntry: false }) !== undefined) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
    renameSync(path, `${path}.1`);
    size = 0;
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    const text = pending.join("");
    pending = [];
    pendingBytes = 0;
    try {
      if (size > 0 && size + text.length > sizeMaxBytes) rotate();
      appendFileSync(path, text, { mode: 0o600 });
      size += text.length;
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) onFailure(error);
      hasFailed = true;
    }
  };
  return {
    append(line) {
      pending.push(line);
      pendingBytes += line.length;
      if (pendingBytes >= flushFromBytes) flush();
      else timer ??= setTimeout(flush, flushAfterMs).unref();
    },
    flush,
  };
}
