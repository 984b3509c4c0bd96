import { matchesGlob } from "./glob.ts";

/** Reads `.helmignore`: one pattern a line, `#` comments, `/` at the front for the top folder, at the end for folders, `!` brings back. */
export function helmIgnore(text: string): (file: string) => boolean {
  const rules = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ isNegated: line.startsWith("!"), pattern: line.replace(/^!/, "") }));
  return (file) => rules.reduce((isIgnored, rule) => (matches(rule.pattern, file) ? !rule.isNegated : isIgnored), false);
}

/** True when a pattern names the file or a folder it lies in. */
function matches(pattern: string, file: string): boolean {
  const onlyFolders = pattern.endsWith("/");
  const bare = pattern.replace(/^\//, "").replace(/\/$/, "");
  const anchored = pattern.startsWith("/") || bare.includes("/");
  const parts = file.split("/");
  return parts.some((part, index) => {
    if (onlyFolders && index === parts.length - 1) return false;
    return matchesGlob(bare, anchored ? parts.slice(0, index + 1).join("/") : part);
  });
}
