import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const chartFolders = ["", "templates"] as const;

/**
 * The files of the hosted repository `demo` by path: a README, and `app/`, a copy of the web-service chart with its own values.
 * Sorted by path, so that every first start makes the same commit.
 */
export async function readDemoFiles(): Promise<ReadonlyMap<string, string>> {
  const files: [string, string][] = [];
  const chart = join(import.meta.dirname, "web-service");
  for (const folder of chartFolders) {
    for (const entry of await readdir(join(chart, folder), { withFileTypes: true })) {
      if (entry.isFile() && entry.name !== "README.md") files.push([join("app", folder, entry.name), await readFile(join(chart, folder, entry.name), "utf8")]);
    }
  }
  files.push(["README.md", await readFile(join(import.meta.dirname, "demo", "README.md"), "utf8")]);
  files.push([join("app", "values.yaml"), await readFile(join(import.meta.dirname, "demo", "values.yaml"), "utf8")]);
  return new Map([...new Map(files)].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
