import { closeSync, constants, fstatSync, openSync, promises as files, readSync } from "node:fs";
import { hasErrorCode } from "../../../world/error-code.ts";

/** The agent's one door to the file system. */
export { constants, existsSync, promises as files, readdirSync, readFileSync, readlinkSync, realpathSync, statfsSync, statSync, watch } from "node:fs";
export type { FSWatcher } from "node:fs";

/** An open file. */
export type FileHandle = files.FileHandle;

/** The first bytes of a file as text; undefined when there is no plain file. Never waits: what a container put there may be a pipe, or of any size. */
export function readStart(path: string, bytesMax: number): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT", "ENXIO", "ELOOP")) return undefined;
    throw error;
  }
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const bytes = Buffer.allocUnsafe(bytesMax);
    return bytes.toString("utf8", 0, readSync(file, bytes, 0, bytesMax, 0));
  } finally {
    closeSync(file);
  }
}

/** A pipe opened both ways, by its number, for a stream that closes it: never waits for who is at the other end. */
export function openPipe(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
}

/** Up to `length` bytes of a file from an offset on; none where there is no file. */
export async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await files.open(path, "r").catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
