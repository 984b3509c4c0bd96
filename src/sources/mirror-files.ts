import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { hasErrorCode } from "../world/error-code.ts";

/** How much lies in a bare repository's packs. */
export interface PackStatistics {
  readonly packCount: number;
  readonly packBytes: number;
}

/** Counts the packs of a bare repository; zero for one that is not there. */
export async function countPacks(directory: string): Promise<PackStatistics> {
  const folder = join(directory, "objects", "pack");
  let packCount = 0;
  let packBytes = 0;
  for (const name of await listFolder(folder)) {
    if (!name.endsWith(".pack")) continue;
    packCount += 1;
    packBytes += (await statOrUndefined(join(folder, name)))?.size ?? 0;
  }
  return { packCount, packBytes };
}

/** The ref HEAD of a bare repository names; undefined when it is detached or there is none. */
export async function readHead(directory: string): Promise<string | undefined> {
  return /^ref: (\S+)/u.exec(await readText(join(directory, "HEAD")) ?? "")?.[1];
}

/** The text of a small file; undefined when it is not there, or a folder is in its place. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error) || hasErrorCode(error, "EISDIR")) return undefined;
    throw error;
  }
}

/** The bytes of a file; undefined when it is not there. */
export async function readBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes a file whole: whoever reads sees all of it or none. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
}

/** Writes a small file whole: whoever reads sees the old text or the new one. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Paths of all files below a folder, relative to it; none when it is not there. */
export async function listFilesBelow(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** True when a bare repository begins here. */
export async function isRepository(directory: string): Promise<boolean> {
  return (await statOrUndefined(join(directory, "HEAD"))) !== undefined && (await statOrUndefined(join(directory, "objects"))) !== undefined;
}

/** Names in a folder, sorted; none when it is not there. */
export async function listFolder(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Makes a folder that only this user may enter. */
export async function makePrivateFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
}

/** Puts the repository at `next` in the place of the one at `current`. */
export async function swapFolders(paths: { readonly current: string; readonly next: string; readonly aside: string }): Promise<void> {
  try {
    await rename(paths.current, paths.aside);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await rename(paths.next, paths.current);
  await rm(paths.aside, { recursive: true, force: true });
}

/** A new folder under the machine's temporary one that only this user may enter. */
export function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "capstan-"));
}

/** Writes a file that this user may run. */
export async function writeProgram(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o700);
}

/** Removes a file, or a folder with all in it; one that is not there is fine. */
export async function removeFolder(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

async function statOrUndefined(path: string): Promise<{ readonly size: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return hasErrorCode(error, "ENOENT", "ENOTDIR");
}
