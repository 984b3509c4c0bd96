import type { RepositoryProblem } from "../world/repositories.ts";
import type { SourceLimits } from "./limits.ts";
import { problem } from "./problem.ts";

const notPrintable = /\p{Cc}/u;

/** What is wrong with one name in a Git tree, or undefined. Names git itself would refuse to check out (`git fsck`: hasDot, hasDotdot, hasDotgit, fullPathname). */
export function findNameFault(name: string): string | undefined {
  if (name === "") return "has an empty name in it";
  if (name === "." || name === "..") return `has "${name}" in it`;
  if (name.toLowerCase() === ".git") return 'has ".git" in it';
  if (name.includes("\\")) return "has a backslash in it";
  if (notPrintable.test(name)) return "has a control character in it";
  if (name.includes("\ufffd")) return "is not UTF-8";
  return undefined;
}

/** Shows a path in a message without control characters. */
export function printPath(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, "?").slice(0, 300);
}

/** What is wrong with the path of a file in a tree, or undefined. */
export function checkFilePath(path: string, limits: SourceLimits): RepositoryProblem | undefined {
  const names = path.split("/");
  for (const name of names) {
    const fault = findNameFault(name);
    if (fault !== undefined) return problem("NotAllowed", `${printPath(path)}: the path ${fault}; rename the file`);
  }
  if (path.length > limits.pathLengthMax) return problem("TooLarge", `${printPath(path)}…: the path is longer than ${limits.pathLengthMax} characters`);
  if (names.length > limits.pathDepthMax) return problem("TooLarge", `${printPath(path)}: lies deeper than ${limits.pathDepthMax} folders`);
  return undefined;
}

/** An application's `path` in the form used here: relative, no dots, "" for the top; a problem for one that leaves the repository. */
export function parseFolderPath(path: string, limits: SourceLimits): { readonly folder: string } | RepositoryProblem {
  if (path.startsWith("/")) return problem("NotAllowed", `path "${printPath(path)}" is absolute; give it relative to the top of the repository`);
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.length === 0) return { folder: "" };
  const folder = names.join("/");
  const fault = checkFilePath(folder, limits);
  return fault === undefined ? { folder } : problem("NotAllowed", `path "${printPath(path)}" is not a folder of the repository: ${fault.message}`);
}

/** Where a symbolic link at `path` points, relative to the tree; undefined when it leaves the tree or is absolute. */
export function resolveLink(path: string, target: string): string | undefined {
  if (target.startsWith("/") || target.includes("\0")) return undefined;
  const names = path.split("/").slice(0, -1);
  for (const name of target.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join("/");
}
