import type { GitDriver, GitStore, TreeEntry } from "./git-driver.ts";

/** Writes files as blobs and trees; answers the id of the top tree. */
export async function writeFiles(driver: GitDriver, options: { readonly store: GitStore; readonly files: ReadonlyMap<string, Uint8Array> }, signal: AbortSignal): Promise<string> {
  const { store, files } = options;
  const entries: TreeEntry[] = [];
  const folders = new Map<string, Map<string, Uint8Array>>();
  for (const [path, content] of files) {
    const slash = path.indexOf("/");
    if (slash < 0) { entries.push({ path, mode: "100644", id: await driver.writeBlob(store, content, signal) }); continue; }
    const folder = folders.get(path.slice(0, slash)) ?? new Map<string, Uint8Array>();
    folder.set(path.slice(slash + 1), content);
    folders.set(path.slice(0, slash), folder);
  }
  for (const [path, inner] of folders) entries.push({ path, mode: "040000", id: await writeFiles(driver, { store, files: inner }, signal) });
  return driver.writeTree(store, entries, signal);
}
