import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Languages a new chart may be written in, each a folder of `new/`. */
export const chartLanguages = ["handlebars", "go"] as const;

/** The name the charts in `new/` have themselves. */
const ownName = "my-app";

/** The files of a new chart by path, every mention of its name replaced. The charts in `new/` are whole ones, tested as they are. */
export async function readNewChart(language: (typeof chartLanguages)[number], name: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(import.meta.dirname, "new", language);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, "utf8");
    return [relative(folder, path).replaceAll(ownName, name), text.replaceAll(ownName, name)] as const;
  }));
  return new Map(files.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
