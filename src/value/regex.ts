import { createRequire } from "node:module";
import { ValueError } from "./value-error.ts";

/** A pattern made ready. Its time grows with the text, never with what the pattern makes of it. */
export interface Regex {
  /** True where any part of the text matches. */
  test(text: string): boolean;
  /** The first part that matches and its groups, undefined for none; a group that took no part is undefined. */
  find(text: string): readonly (string | undefined)[] | undefined;
  /** Every part that matches, at most `limit`. */
  findAll(text: string, limit?: number): readonly (readonly (string | undefined)[])[];
  /** Every part that matches with its place, from the left. */
  matches(text: string): Iterable<RegexMatch>;
  /** Numbers of the groups that have names. */
  readonly groupNames: Readonly<Record<string, number>>;
}

/** One part of a text that matches. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

/** What this file uses of npm `re2js`. */
interface Re2Module {
  readonly RE2JS: { compile(pattern: string): Re2Pattern };
}

interface Re2Pattern {
  matcher(text: string): Re2Matcher;
  namedGroups(): Readonly<Record<string, number>>;
}

interface Re2Matcher {
  find(): boolean;
  group(index: number): string | null;
  groupCount(): number;
  start(): number;
  end(): number;
}

/** Loaded at first use: most daemons never see a pattern, and it costs 4 MB. */
const load = createRequire(import.meta.url);

/** Patterns kept ready: one costs about 50 microseconds and some kilobytes. */
const patternsMax = 500;

/** A longer pattern is refused: a program's size grows with it. */
export const patternLengthMax = 10_000;

const patterns = new Map<string, Regex>();

/** Makes a pattern in RE2's syntax ready, as Go reads it. Throws ValueError for one that cannot be read, lookaheads and back references among them. */
export function compileRegex(pattern: string): Regex {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > patternLengthMax) throw new ValueError("syntax", `a pattern has at most ${patternLengthMax} characters`);
  const regex = regexOf(compile(pattern));
  if (patterns.size >= patternsMax) patterns.clear();
  patterns.set(pattern, regex);
  return regex;
}

function compile(pattern: string): Re2Pattern {
  const { RE2JS } = load("re2js") as Re2Module;
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new ValueError("syntax", error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function regexOf(pattern: Re2Pattern): Regex {
  return {
    test: (text) => pattern.matcher(text).find(),
    find(text) {
      const matcher = pattern.matcher(text);
      return matcher.find() ? groupsOf(matcher) : undefined;
    },
    findAll(text, limit = Number.POSITIVE_INFINITY) {
      const matcher = pattern.matcher(text);
      const found: (readonly (string | undefined)[])[] = [];
      while (found.length < limit && matcher.find()) found.push(groupsOf(matcher));
      return found;
    },
    *matches(text) {
      const matcher = pattern.matcher(text);
      while (matcher.find()) yield { start: matcher.start(), end: matcher.end(), groups: groupsOf(matcher) };
    },
    get groupNames() { return pattern.namedGroups(); },
  };
}

function groupsOf(matcher: Re2Matcher): readonly (string | undefined)[] {
  return Array.from({ length: matcher.groupCount() + 1 }, (_unused, index) => matcher.group(index) ?? undefined);
}
