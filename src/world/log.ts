/** Fields of a log line. The same names everywhere: object, revision, plan, job, node, application, error. Never a secret. */
export interface LogFields {
  readonly [field: string]: unknown;
}

/** Structured log: a fixed sentence plus fields. */
export interface Log {
  debug(sentence: string, fields?: LogFields): void;
  info(sentence: string, fields?: LogFields): void;
  warn(sentence: string, fields?: LogFields): void;
  error(sentence: string, fields?: LogFields): void;
}

/** A log that drops everything, for tests and tools. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
