import { enableCompileCache } from "node:module";
import { createInterface } from "node:readline/promises";
import { inspect } from "node:util";
import type { CommandContext } from "./command.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

// Stripped and compiled sources are kept by Node between starts: this halves the time to ready.
enableCompileCache();

const { commandsOf, findCommand, printCommandHelp, printHelp } = await import("./commands.ts");
const { realClock } = await import("../src/world/real/clock.ts");

/** Words that ask for help where a command is expected. */
const helpWords: ReadonlySet<string> = new Set(["--help", "-h", "help"]);

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const found = findCommand(words);
  if (found === undefined) {
    const named = words.filter((word) => !helpWords.has(word));
    const group = commandsOf(named[0]).length > 0 ? named[0] : undefined;
    const isAsked = named.length === (group === undefined ? 0 : 1);
    (isAsked ? process.stdout : process.stderr).write(`${isAsked ? "" : `capstan: no command ${named.join(" ")}\n\n`}${printHelp(group)}\n`);
    return isAsked ? exitCodes.done : exitCodes.usage;
  }
  if (found.rest.includes("--help") || found.rest.includes("-h")) {
    process.stdout.write(`${printCommandHelp(found.command)}\n`);
    return exitCodes.done;
  }
  try {
    return await found.command.run(contextFor(found.rest));
  } catch (error) {
    process.stderr.write(`capstan: ${error instanceof Error ? messageOf(error) : String(error)}\n`);
    return error instanceof CommandError ? error.exitCode : exitCodes.failed;
  }
}

function contextFor(words: readonly string[]): CommandContext {
  const abort = new AbortController();
  // Whoever read along has gone (`capstan … | head`): nothing more is worth doing.
  process.stdout.on("error", () => { abort.abort(); process.exit(exitCodes.failed); });
  return {
    words, environment: process.env, signal: abort.signal,
    nowMs: () => realClock.nowMs(), sleep: (ms) => realClock.sleep(ms),
    output: {
      isTerminal: process.stdout.isTTY,
      print: (text) => { process.stdout.write(`${text}\n`); },
      note: (text) => { if (process.stderr.isTTY) process.stderr.write(`${text}\n`); },
    },
    async confirm(question) {
      if (!process.stdin.isTTY) return false;
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const answer = await lines.question(`${question} [y/N] `);
      lines.close();
      return /^y(es)?$/i.test(answer.trim());
    },
  };
}

/** What a person needs; the chain of causes only where the failure was not expected. */
function messageOf(error: Error): string {
  if (error instanceof CommandError || error.cause === undefined) return error.message;
  return `${error.message}: ${error.cause instanceof Error ? error.cause.message : inspect(error.cause)}`;
}
