import type { RepositoryProblem, Revision } from "../world/repositories.ts";
import type { CommitDraft, GitDriver, GitStore, TreeEntry } from "./git-driver.ts";
import type { SourceLimits } from "./limits.ts";
import { isProblem, problem } from "./problem.ts";
import { parseFolderPath, printPath } from "./tree-path.ts";

/** Who writes revert commits; the person who asked is named in the message. */
export const revertAuthor = { name: "Capstan", email: "capstan@localhost" };

/** What a revert is asked to do. */
export interface RevertRequest {
  readonly path: string;
  readonly toCommit: string;
  readonly author: string;
  readonly message: string;
}

/** Writes (but does not publish) the commit that brings the folder back, on top of `base`. Only tree objects on the way to the folder are new. */
export async function writeRevertCommit(
  driver: GitDriver, options: { readonly store: GitStore; readonly base: string; readonly request: RevertRequest; readonly limits: SourceLimits; readonly nowMs: number }, signal: AbortSignal,
): Promise<Revision | RepositoryProblem> {
  const { store, base, request } = options;
  const parsed = parseFolderPath(request.path, options.limits);
  if (isProblem(parsed)) return parsed;
  const { folder } = parsed;
  const wanted = await driver.findEntry(store, { commit: request.toCommit, path: folder }, signal);
  if (wanted === undefined) return problem("NoSuchRevision", `there was no "${printPath(folder === "" ? "." : folder)}" in commit ${request.toCommit.slice(0, 12)}, or the commit is not here any more; choose another one`);
  const current = await driver.findEntry(store, { commit: base, path: folder }, signal);
  if (current?.id === wanted.id) return problem("NotAllowed", `${folder === "" ? "the repository" : folder} is already as it was in commit ${request.toCommit.slice(0, 12)}; there is nothing to revert`);
  const top = await driver.findEntry(store, { commit: base, path: "" }, signal);
  if (top === undefined) return problem("NoSuchRevision", `commit ${base.slice(0, 12)} is not here any more`);
  const tree = folder === "" ? wanted.id : await spliceTree(driver, { store, tree: top.id, names: folder.split("/"), entry: wanted }, signal);
  const draft: CommitDraft = { tree, parents: [base], author: revertAuthor, message: printRevertMessage(request, folder), atMs: options.nowMs };
  const commit = await driver.writeCommit(store, draft, signal);
  return { commit, author: `${revertAuthor.name} <${revertAuthor.email}>`, message: draft.message.trimEnd(), committedAtMs: Math.floor(options.nowMs / 1000) * 1000, parents: [base] };
}

/** The message of a revert commit, in git's own form. Pure. */
export function printRevertMessage(request: RevertRequest, folder: string): string {
  const message = request.message.trim() === "" ? `Revert ${folder === "" ? "all files" : folder} to ${request.toCommit.slice(0, 12)}` : request.message.trim();
  const statement = message.includes("This reverts") ? "" : `\nThis reverts ${folder === "" ? "all files" : folder} to commit ${request.toCommit}.\n`;
  const author = request.author.replaceAll(/\p{Cc}/gu, " ").trim();
  return `${message}\n${statement}\nRequested-by: ${author}\n`;
}

/** Answers the tree in which the entry lies at `names`; folders that are not there are made. */
async function spliceTree(
  driver: GitDriver, options: { readonly store: GitStore; readonly tree: string | undefined; readonly names: readonly string[]; readonly entry: TreeEntry }, signal: AbortSignal,
): Promise<string> {
  const { store, tree, names, entry } = options;
  const [name = "", ...rest] = names;
  const entries = tree === undefined ? [] : await driver.readFolder(store, tree, signal);
  const old = entries.find(({ path }) => path === name);
  const below = old?.mode === "040000" ? old.id : undefined;
  const next: TreeEntry = rest.length === 0
    ? { path: name, mode: entry.mode, id: entry.id }
    : { path: name, mode: "040000", id: await spliceTree(driver, { store, tree: below, names: rest, entry }, signal) };
  return driver.writeTree(store, [...entries.filter(({ path }) => path !== name), next], signal);
}
