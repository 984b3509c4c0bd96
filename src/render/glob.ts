import picomatch from "picomatch";

/** Longest pattern: globs become regular expressions, and theirs grow with them. */
const patternMaxLength = 1_000;

const compiled = new Map<string, (path: string) => boolean>();
/** Patterns kept compiled; a chart uses a handful. */
const compiledMax = 200;

/** True when a path matches a glob (`*` stays within a folder, `**` crosses them, `{a,b}` chooses). */
export function matchesGlob(pattern: string, path: string): boolean {
  if (pattern.length > patternMaxLength) return false;
  let matcher = compiled.get(pattern);
  if (matcher === undefined) {
    if (compiled.size >= compiledMax) compiled.clear();
    matcher = picomatch(pattern, { dot: true, noextglob: true });
    compiled.set(pattern, matcher);
  }
  return matcher(path);
}
