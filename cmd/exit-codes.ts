/** What the commands answer to scripts; documented in docs/cli.md. */
export const exitCodes = {
  done: 0,
  /** Something went wrong that is not below. */
  failed: 1,
  /** The words could not be understood. */
  usage: 2,
  notFound: 3,
  /** The daemon refused: not allowed, invalid, or a conflict. */
  refused: 4,
  /** No daemon answered. */
  unreachable: 5,
  /** `app diff` and `app plan`: there are differences. */
  differs: 6,
  /** `chart lint` and `chart test`: there is something to mend. */
  faulty: 7,
} as const;

/** An end of a command that is not success; the message is for people. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}
