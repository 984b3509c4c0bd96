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

/** Reads a commit object as it lies in the repository. @see git's commit.c, `i18n.commitEncoding` in git-config(1) */
export function parseRawCommit(commit: string, content: Uint8Array): Revision {
  const ascii = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("latin1");
  const encoding = /^encoding (\S+)$/mu.exec(ascii.slice(0, ascii.indexOf("\n\n")))?.[1] ?? "utf-8";
  const text = decoderOf(encoding).decode(content);
  const headEnd = text.indexOf("\n\n");
  const head = headEnd < 0 ? text : text.slice(0, headEnd);
  const author = /^author (.*?) -?\d+ [+-]\d{4}$/mu.exec(head)?.[1] ?? "";
  const seconds = /^committer .*? (-?\d+) [+-]\d{4}$/mu.exec(head)?.[1] ?? "0";
  return {
    commit, author, message: headEnd < 0 ? "" : text.slice(headEnd + 2).trimEnd(), committedAtMs: Number(seconds) * 1000,
    parents: [...head.matchAll(/^parent ([0-9a-f]+)$/gmu)].map(([, id = ""]) => id),
  };
}

/** Commits in an encoding nobody knows are shown as well as can be. */
function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding);
  } catch {
    return new TextDecoder();
  }
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

/** Reads a tree object as it lies in the repository; names are not judged here. @see git's tree.c decode_tree_entry */
export function parseRawTree(content: Uint8Array, idBytes: number): readonly TreeEntry[] {
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < buffer.length) {
    const space = buffer.indexOf(32, at);
    const end = buffer.indexOf(0, space + 1);
    if (space < 0 || end < 0 || end + 1 + idBytes > buffer.length) throw new Error("a tree object ends in the middle of an entry");
    entries.push({ path: buffer.toString("utf8", space + 1, end), mode: parseMode(buffer.toString("latin1", at, space)), id: buffer.toString("hex", end + 1, end + 1 + idBytes) });
    at = end + 1 + idBytes;
  }
  return entries;
}
