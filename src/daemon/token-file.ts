import { readFile } from "node:fs/promises";
import { parseTokenFile } from "../api/access/static-tokens.ts";
import type { UserInfo } from "../api/client.ts";
import { SettingsError } from "./settings-error.ts";

/** Reads `--token-auth-file`. Throws SettingsError for a file that cannot be read or understood; no message holds a token. */
export async function readTokenFile(path: string): Promise<ReadonlyMap<string, UserInfo>> {
  try {
    return parseTokenFile(await readFile(path, "utf8"), path);
  } catch (error) {
    throw new SettingsError(`--token-auth-file: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
