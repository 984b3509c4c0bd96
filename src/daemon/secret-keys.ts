import { readFile, stat, writeFile } from "node:fs/promises";
import { prefixOf } from "../api/keys.ts";
import { hasOwnObjects } from "../model/kind.ts";
import { kinds } from "../model/kinds.ts";
import { sealKeyBytes } from "../store/sqlite/seal.ts";
import type { SealOptions } from "../store/sqlite/seal.ts";
import type { World } from "../world/world.ts";
import { SettingsError } from "./settings-error.ts";

/** Only the daemon's user may read the keys. */
const fileMode = 0o600;
const othersMask = 0o077;

const header = `# Keys that seal secrets in the store: one a line, 32 bytes in base64. The first seals, all open.
# To rotate: put a new first line ("openssl rand -base64 32"), restart, then take the old line away.
# Keep a copy apart from the store's backups: without its key a sealed store cannot be read.
`;

/** The keys of a file, made with one key when there is none. Throws SettingsError for one that others may read or that holds no keys. */
export async function openSecretKeys(path: string, world: Pick<World, "chance">): Promise<SealOptions> {
  const mode = await stat(path).then((found) => found.mode, () => undefined);
  if (mode === undefined) await writeFile(path, `${header}${Buffer.from(world.chance.bytes(sealKeyBytes)).toString("base64")}\n`, { mode: fileMode, flag: "wx" });
  else if ((mode & othersMask) !== 0) throw new SettingsError(`--secret-keys ${path} may be read by others: chmod 600 ${path}`);
  const prefixes = kinds.filter((kind) => kind.secretPaths !== undefined && hasOwnObjects(kind)).map((kind) => prefixOf(kind));
  return { keys: parseKeys(await readFile(path, "utf8"), path), prefixes, keyFile: path };
}

/** Reads the lines of a key file. Throws SettingsError naming the line at fault, never what it holds. */
export function parseKeys(text: string, path: string): readonly Uint8Array[] {
  const keys = text.split("\n").flatMap((line, index): readonly Uint8Array[] => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    const key = Buffer.from(trimmed, "base64");
    if (key.length !== sealKeyBytes || key.toString("base64") !== trimmed) throw new SettingsError(`--secret-keys ${path}:${index + 1}: not ${sealKeyBytes} bytes in base64; make a key with: openssl rand -base64 ${sealKeyBytes}`);
    return [key];
  });
  if (keys.length === 0) throw new SettingsError(`--secret-keys ${path}: holds no key; make one with: openssl rand -base64 ${sealKeyBytes}`);
  return keys;
}
