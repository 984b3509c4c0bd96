/** Where a command writes; streams rather than the console, so that tests can read along. */
export interface CommandOutput {
  print(text: string): void;
  /** Progress and notices: shown where a terminal is there. */
  note(text: string): void;
  readonly isTerminal: boolean;
}

/** What a command is given. */
export interface CommandContext {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: CommandOutput;
  readonly signal: AbortSignal;
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** Asks a yes-or-no question; false without a terminal. */
  confirm(question: string): Promise<boolean>;
}

/** One command of `capstan`: a file in `commands/`, a line in `commands.ts`. */
export interface Command {
  /** `app list`: one or two words. */
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly summary: string;
  /** Flags with what they mean, for `--help`. */
  readonly flags: Readonly<Record<string, { readonly type: "string" | "boolean"; readonly short?: string; readonly value?: string; readonly help: string }>>;
  run(context: CommandContext): Promise<number>;
}
