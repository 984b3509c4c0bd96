import type { RepositoryProblem } from "../world/repositories.ts";
import { printBytes, problem } from "./problem.ts";

const causes: readonly (readonly [RegExp, (context: ComplaintContext) => RepositoryProblem])[] = [
  [/signal 25|File too large|exceeds maximum allowed size|file size limit/iu, (context) => tooLarge(context)],
  // index-pack ended by the limit on its file's size says nothing itself; a connection that breaks says "early EOF" before this line.
  [/^fatal: fetch-pack: invalid index-pack output\s*$/u, (context) => tooLarge(context)],
  [/Authentication failed|could not read Username|could not read Password|error: 401|error: 403|access denied/iu, (context) => unauthorized(context)],
  [/repository .* not found|error: 404|does not appear to be a git repository/iu, (context) => problem("NoSuchRepository", `${context.url}: there is no repository at this URL; check it (private repositories also answer this to a stranger)`)],
  [/couldn't find remote ref|no such ref|not our ref/iu, (context) => problem("NoSuchRevision", `${context.url}: the branch or tag went away while it was fetched`)],
];

/** What a message about a remote may name. `url` never has credentials in it. */
export interface ComplaintContext {
  readonly url: string;
  readonly packBytesMax: number;
  readonly hasCredentials: boolean;
}

/** Turns git's standard error after a failed transfer into one clear problem. */
export function parseComplaint(stderr: string, context: ComplaintContext): RepositoryProblem {
  for (const [pattern, answer] of causes) if (pattern.test(stderr)) return answer(context);
  return problem("Unreachable", `${context.url}: ${firstComplaint(stderr)}`);
}

/** The remote wants a user it does not get. */
export function unauthorized(context: Pick<ComplaintContext, "url" | "hasCredentials">): RepositoryProblem {
  return problem("Unauthorized", context.hasCredentials
    ? `${context.url}: the repository refuses the credentials of its Secret; check user name, password or token and what they may read`
    : `${context.url}: the repository asks for a user; make a Secret with username and password (or token) and a Repository with this url and secretRef in the application's namespace`);
}

/** A transfer went over the limit. */
export function tooLarge(context: Pick<ComplaintContext, "url" | "packBytesMax">): RepositoryProblem {
  return problem("TooLarge", `${context.url}: one fetch brings more than ${printBytes(context.packBytesMax)}; keep large files out of the repository`);
}

/** Why a push was not taken, from `git push --porcelain`. */
export function parsePushRefusal(output: { readonly stdout: string; readonly stderr: string }, context: ComplaintContext & { readonly ref: string }): RepositoryProblem {
  const line = output.stdout.split("\n").find((text) => text.startsWith("!"));
  const reason = line === undefined ? undefined : /\((.*)\)\s*$/u.exec(line)?.[1] ?? line.split("\t")[2];
  if (reason === undefined) return parseComplaint(output.stderr, context);
  return pushRefused(context, reason);
}

/** A branch that did not take our commit. */
export function pushRefused(context: { readonly url: string; readonly ref: string }, reason: string): RepositoryProblem {
  const branch = context.ref.replace(/^refs\/heads\//u, "");
  if (/fetch first|non-fast-forward|stale info|failed to update ref|incorrect old value|cannot lock ref/iu.test(reason)) {
    return problem("NotAllowed", `${context.url}: branch ${branch} moved while the revert was written; look at the new commit and try again`);
  }
  return problem("NotAllowed", `${context.url}: the repository refuses a push to ${branch} (${withoutCredentials(reason)}); allow it for the user of the Secret, or revert by hand with git revert`);
}

function firstComplaint(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const line = lines.find((text) => /^(?:fatal|error):/u.test(text)) ?? lines[0] ?? "git gave no reason";
  return withoutCredentials(line.replace(/^(?:fatal|error): /u, "")).slice(0, 300);
}

/** A text of git's without user and password in its URLs. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/:\/\/[^@/\s]*@/gu, "://").replaceAll(/(authorization: *)\S.*$/gimu, "$1…");
}
