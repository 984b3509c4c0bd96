import { parseArgs } from "node:util";
import type { Command } from "./command.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

/** The words after a command's name, taken apart. */
export interface ParsedWords {
  readonly names: readonly string[];
  /** A flag's value; of one that was given several times, the last. */
  text(flag: string): string | undefined;
  /** Every value of a flag, in order. */
  texts(flag: string): readonly string[];
  isSet(flag: string): boolean;
}

/** Reads flags and names. Throws CommandError for anything the command does not know. */
export function parseWords(command: Pick<Command, "name" | "usage" | "flags">, words: readonly string[], names: { readonly min: number; readonly max: number }): ParsedWords {
  const options = Object.fromEntries(Object.entries(command.flags).map(([name, { type, short }]) => [name, { type, multiple: type === "string", ...(short === undefined ? {} : { short }) }]));
  let parsed: { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] };
  try {
    parsed = parseArgs({ args: [...words], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new CommandError(exitCodes.usage, `${error instanceof Error ? error.message : String(error)}\nusage: capstan ${command.name} ${command.usage}`, { cause: error });
  }
  if (parsed.positionals.length < names.min || parsed.positionals.length > names.max) throw new CommandError(exitCodes.usage, `usage: capstan ${command.name} ${command.usage}`);
  return {
    names: parsed.positionals,
    text: (flag) => textsOf(parsed.values[flag]).at(-1),
    texts: (flag) => textsOf(parsed.values[flag]),
    isSet: (flag) => parsed.values[flag] === true,
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
