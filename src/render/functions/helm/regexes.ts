import { RE2JS } from "re2js";
import { FunctionFault } from "../../fault.ts";
import { goFunction } from "../../template/function.ts";
import type { GoFunction } from "../../template/function.ts";
import { typed } from "../../template/value.ts";

/** Regular expressions of Go's syntax, in time linear in the text. The only door to npm `re2js` here. */
export const regexFunctions: readonly GoFunction[] = [
  ...["regexMatch", "mustRegexMatch"].map((name) => goFunction(name, ["string", "string"], ([pattern, text]) => compile(pattern).matcher(text).find())),
  ...["regexFind", "mustRegexFind"].map((name) => goFunction(name, ["string", "string"], ([pattern, text]) => {
    const [first] = matchesOf(pattern, text, 1);
    return first === undefined ? "" : text.slice(first.start, first.end);
  })),
  ...["regexFindAll", "mustRegexFindAll"].map((name) => goFunction(name, ["string", "string", "int"], ([pattern, text, count]) => typed(matchesOf(pattern, text, count).map(({ start, end }) => text.slice(start, end)), "[]string"))),
  ...["regexReplaceAll", "mustRegexReplaceAll"].map((name) => goFunction(name, ["string", "string", "string"], ([pattern, text, replacement]) => replaceAll(pattern, text, (match) => expand(replacement, match)))),
  ...["regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"].map((name) => goFunction(name, ["string", "string", "string"], ([pattern, text, replacement]) => replaceAll(pattern, text, () => replacement))),
  ...["regexSplit", "mustRegexSplit"].map((name) => goFunction(name, ["string", "string", "int"], ([pattern, text, count]) => typed(split(pattern, text, count), "[]string"))),
  goFunction("regexQuoteMeta", ["string"], ([text]) => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&")),
];

/** One match: its place and groups. */
interface Match {
  readonly start: number;
  readonly end: number;
  group(name: string): string;
}

const compiled = new Map<string, RE2JS>();
/** Patterns kept compiled; a chart uses a handful. */
const compiledMax = 200;

function compile(pattern: string): RE2JS {
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    try {
      regex = RE2JS.compile(pattern);
    } catch (error) {
      throw new FunctionFault(`error parsing regexp: ${error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error)}`);
    }
    if (compiled.size >= compiledMax) compiled.clear();
    compiled.set(pattern, regex);
  }
  return regex;
}

/** At most `count` matches from the left, all when negative. An empty match right behind another does not count, as in Go. */
function matchesOf(pattern: string, text: string, count: number): readonly Match[] {
  const regex = compile(pattern);
  const names: Readonly<Record<string, number>> = regex.namedGroups();
  const found: Match[] = [];
  const matcher = regex.matcher(text);
  let previousEnd = -1;
  while ((count < 0 || found.length < count) && matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    if (start === end && start === previousEnd) continue;
    previousEnd = end;
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? "");
    found.push({ start, end, group: (name) => (/^\d+$/.test(name) ? groups[Number(name)] : groups[names[name] ?? -1]) ?? "" });
  }
  return found;
}

function replaceAll(pattern: string, text: string, replacement: (match: Match) => string): string {
  let at = 0;
  let replaced = "";
  for (const match of matchesOf(pattern, text, -1)) {
    replaced += text.slice(at, match.start) + replacement(match);
    at = match.end;
  }
  return replaced + text.slice(at);
}

/** Go's Expand: `$name`, `${name}`, `$1`, `$$`; names reach as far as letters, digits and `_` go. */
function expand(template: string, match: Match): string {
  return template.replaceAll(/\$(?:\$|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g, (_whole: string, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare;
    return name === undefined ? "$" : match.group(name);
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
