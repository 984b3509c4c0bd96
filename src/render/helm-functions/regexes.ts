import { compileRegex } from "../../value/regex.ts";
import type { Regex, RegexMatch } from "../../value/regex.ts";
import { ValueError, isReadable } from "../../value/value-error.ts";
import { FunctionFault } from "../fault.ts";
import { goFunction } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { typed } from "../template/value.ts";

/** Regular expressions of Go's syntax, in time linear in the text. */
export const regexFunctions: readonly GoFunction[] = [
  // Sprig says of a pattern it cannot read that nothing matches.
  goFunction("regexMatch", ["string", "string"], ([pattern, text]) => isPattern(pattern) && compile(pattern).test(text)),
  goFunction("mustRegexMatch", ["string", "string"], ([pattern, text]) => compile(pattern).test(text)),
  ...["regexFind", "mustRegexFind"].map((name) => goFunction(name, ["string", "string"], ([pattern, text]) => {
    const [first] = matchesOf(pattern, text, 1);
    return first === undefined ? "" : text.slice(first.start, first.end);
  })),
  ...["regexFindAll", "mustRegexFindAll"].map((name) => goFunction(name, ["string", "string", "int"], ([pattern, text, count]) => typed(matchesOf(pattern, text, count).map(({ start, end }) => text.slice(start, end)), "[]string"))),
  ...["regexReplaceAll", "mustRegexReplaceAll"].map((name) => goFunction(name, ["string", "string", "string"], ([pattern, text, replacement]) => replaceAll(pattern, text, (match) => expand(replacement, match, compile(pattern).groupNames)))),
  ...["regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"].map((name) => goFunction(name, ["string", "string", "string"], ([pattern, text, replacement]) => replaceAll(pattern, text, () => replacement))),
  ...["regexSplit", "mustRegexSplit"].map((name) => goFunction(name, ["string", "string", "int"], ([pattern, text, count]) => typed(split(pattern, text, count), "[]string"))),
  goFunction("regexQuoteMeta", ["string"], ([text]) => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&")),
];

/** A pattern made ready; the same one stays so. Throws FunctionFault. */
function compile(pattern: string): Regex {
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (error instanceof ValueError) throw new FunctionFault(`error parsing regexp: ${error.message.replace(/^error parsing regexp: /, "")}`);
    throw error;
  }
}

function isPattern(pattern: string): boolean {
  return isReadable(() => compileRegex(pattern));
}

/** At most `count` matches from the left, all when negative. An empty match right behind another does not count, as in Go. */
function matchesOf(pattern: string, text: string, count: number): readonly RegexMatch[] {
  const found: RegexMatch[] = [];
  if (count === 0) return found;
  let previousEnd = -1;
  for (const match of compile(pattern).matches(text)) {
    if (match.start === match.end && match.start === previousEnd) continue;
    previousEnd = match.end;
    found.push(match);
    if (found.length === count) break;
  }
  return found;
}

function replaceAll(pattern: string, text: string, replacement: (match: RegexMatch) => string): string {
  let at = 0;
  let replaced = "";
  for (const match of matchesOf(pattern, text, -1)) {
    replaced += text.slice(at, match.start) + replacement(match);
    at = match.end;
  }
  return replaced + text.slice(at);
}

/** Go's Expand: `$name`, `${name}`, `$1`, `$$`; names reach as far as letters, digits and `_` go. */
function expand(template: string, { groups }: RegexMatch, names: Readonly<Record<string, number>>): string {
  const group = (name: string): string => groups[/^\d+$/.test(name) ? Number(name) : (Object.hasOwn(names, name) ? names[name] ?? -1 : -1)] ?? "";
  return template.replaceAll(/\$(?:\$|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g, (_whole: string, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare;
    return name === undefined ? "$" : group(name);
  });
}

function split(pattern: string, text: string, count: number): readonly string[] {
  if (count === 0) return [];
  if (pattern.length > 0 && text === "") return [""];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const match of matchesOf(pattern, text, count)) {
    if (count > 0 && parts.length === count - 1) break;
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(begin, end));
    begin = match.end;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return parts;
}
