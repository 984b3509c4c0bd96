import type { Revision } from "../world/repositories.ts";
import type { EntryMode, TreeEntry } from "./git-driver.ts";

/** The id of "no commit" in ref updates, as long as the ids beside it. */
export function zeroId(like: string): string {
  return "0".repeat(like.length);
}

/** True for the id of "no commit". */
export function isZeroId(id: string): boolean {
  return /^0+$/u.test(id);
}

/** True for a full object id, SHA-1 or SHA-256. */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text);
}

/** The format for `git log -z` that `parseLog` reads. */
export const logFormat = "%H%n%P%n%ct%n%an <%ae>%n%B";

/** Reads the output of `git log -z --format=logFormat`. */
export function parseLog(text: string): readonly Revision[] {
  const revisions: Revision[] = [];
  for (const record of text.split("\0")) {
    const [commit, parents, seconds, author, ...message] = record.split("\n");
    if (commit === undefined || !isObjectId(commit)) continue;
    revisions.push({
      commit, author: author ?? "", message: message.join("\n").trimEnd(), committedAtMs: Number(seconds ?? 0) * 1000,
      parents: (parents ?? "").split(" ").filter((id) => id !== ""),
    });
  }
  return revisions;
}

/** Reads the output of `git ls-tree -z [-l]`. */
export function parseTreeListing(text: string): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const record of text.split("\0")) {
    const tab = record.indexOf("\t");
    if (tab < 0) continue;
    const [mode, , id, size] = record.slice(0, tab).split(/ +/u);
    const path = record.slice(tab + 1);
    if (mode === undefined || id === undefined) continue;
    const entry = { path, mode: parseMode(mode), id };
    entries.push(size === undefined || size === "-" ? entry : { ...entry, sizeBytes: Number(size) });
  }
  return entries;
}

/** Git's modes in their canonical form: old repositories also have 100664 and 40000. */
export function parseMode(mode: string): EntryMode {
  switch (mode.padStart(6, "0").slice(0, 3)) {
    case "120": return "120000";
    case "160": return "160000";
    case "040": return "040000";
    default: return mode.endsWith("755") ? "100755" : "100644";
  }
}

/** Sorts names as Git sorts them in a tree: folders as if they ended in a slash. */
export function sortEntries(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const key = (entry: TreeEntry) => Buffer.from(entry.mode === "040000" ? `${entry.path}/` : entry.path, "utf8");
  return entries.toSorted((a, b) => Buffer.compare(key(a), key(b)));
}
