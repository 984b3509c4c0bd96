import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** What is kept is for this user alone. */
const mode = 0o700;

/**
 * Makes the data directory and what is missing above it. Node's own `recursive` never ends where the system says that a folder is missing although
 * the one above it is there, as in /proc.
 */
export async function makeDataFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path && (await stat(above).catch(() => undefined)) === undefined) await makeDataFolder(above);
  await mkdir(path, { mode });
}
