import { compileRegex } from "../../regex.ts";
import type { Environment } from "../engine.ts";

/** What calls of `matches` are turned into: the package's own cannot be replaced. */
export const regexFunction = "matchesRe2";

/** `matches`, `find` and `findAll` in RE2's syntax and time. @see kubernetes apiserver pkg/cel/library/regex.go */
export function registerRegex(environment: Environment): void {
  environment
    .registerFunction(`string.${regexFunction}(string): bool`, (text: string, pattern: string) => compileRegex(pattern).test(text))
    .registerFunction(`${regexFunction}(string, string): bool`, (text: string, pattern: string) => compileRegex(pattern).test(text))
    .registerFunction("string.find(string): string", (text: string, pattern: string) => compileRegex(pattern).find(text)?.[0] ?? "")
    .registerFunction("string.findAll(string): list<string>", (text: string, pattern: string) => wholes(text, pattern))
    .registerFunction("string.findAll(string, int): list<string>", (text: string, pattern: string, limit: bigint) => (limit < 0n ? wholes(text, pattern) : wholes(text, pattern, Number(limit))));
}

function wholes(text: string, pattern: string, limit?: number): readonly string[] {
  return compileRegex(pattern).findAll(text, limit).map(([whole = ""]) => whole);
}
