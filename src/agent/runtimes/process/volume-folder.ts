import { basename, dirname, join } from "node:path";
import type { VolumeFile } from "../runtime.ts";
import { files } from "./disk.ts";

/** The link every file of a volume goes through, so that all change at once (kubernetes pkg/volume/util/atomic_writer.go). */
const currentLink = "..data";

/**
 * Makes a folder show exactly these files, all of them changing in one rename. Nothing is written when nothing differs.
 *
 * @param name of the new generation's folder; must not exist yet
 */
export async function writeVolume(folder: string, wanted: readonly VolumeFile[], { name, groupId }: { readonly name: string; readonly groupId: number | undefined }): Promise<void> {
  await files.mkdir(folder, { recursive: true, mode: 0o755 });
  const current = await files.readlink(join(folder, currentLink)).catch(() => undefined);
  if (current !== undefined && await isSame(join(folder, current), wanted)) return;
  const generation = `..${name}`;
  for (const file of wanted) {
    const path = join(folder, generation, file.path);
    await files.mkdir(dirname(path), { recursive: true });
    await files.writeFile(path, file.bytes, { mode: 0o600 });
    if (groupId !== undefined) await files.chown(path, 0, groupId).catch(() => undefined);
    await files.chmod(path, groupId === undefined ? file.mode : file.mode | ((file.mode & 0o600) >> 3));
  }
  await files.mkdir(join(folder, generation), { recursive: true });
  await files.symlink(generation, join(folder, `${currentLink}_tmp`));
  await files.rename(join(folder, `${currentLink}_tmp`), join(folder, currentLink));
  await linkEntries(folder, new Set(wanted.map((file) => file.path.split("/")[0] ?? "")));
  for (const entry of await files.readdir(folder)) {
    if (entry.startsWith("..") && entry !== currentLink && entry !== generation) await files.rm(join(folder, entry), { recursive: true, force: true });
  }
}

/** One link per top-level name, and none for what is gone. */
async function linkEntries(folder: string, names: ReadonlySet<string>): Promise<void> {
  const there = new Set(await files.readdir(folder));
  for (const name of names) if (!there.has(name)) await files.symlink(join(currentLink, name), join(folder, name));
  for (const name of there) if (!name.startsWith("..") && !names.has(name)) await files.rm(join(folder, name), { force: true });
}

async function isSame(folder: string, wanted: readonly VolumeFile[]): Promise<boolean> {
  const found = await files.readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  if (found.filter((entry) => !entry.isDirectory()).length !== wanted.length) return false;
  for (const file of wanted) {
    const bytes = await files.readFile(join(folder, file.path)).catch(() => undefined);
    if (bytes === undefined || !bytes.equals(file.bytes)) return false;
  }
  return true;
}

/** What of a mode is rights, and no kind of file. */
const modeMask = 0o7777;

/** The real path of `subPath` in a volume, made when missing: whoever may write to the volume may write there. Undefined when a link leads out of the volume. */
export async function resolveSubPath(volume: string, subPath: string): Promise<string | undefined> {
  const root = await files.realpath(volume);
  if (subPath === "") return root;
  let at = root;
  for (const part of subPath.split("/").filter((piece) => piece !== "" && piece !== ".")) {
    const next = join(at, part);
    const real = await files.realpath(next).catch(() => undefined);
    if (real === undefined) {
      // A dangling link could be pointed anywhere later.
      if (await files.lstat(next).then(() => true, () => false)) return undefined;
      await files.mkdir(next);
      await files.chmod(next, (await files.stat(root)).mode & modeMask);
      at = next;
    } else {
      if (real !== root && !real.startsWith(`${root}/`)) return undefined;
      at = real;
    }
  }
  return at;
}

/** Writes a small file so that a reader sees the old or the new content, never half. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  await files.writeFile(temporary, text, { mode: 0o600 });
  await files.rename(temporary, path);
}
