/** What went wrong with a value language: its text, a patch that does not fit, or a bound that was passed. */
export type ValueErrorCode = "syntax" | "patch" | "limit";

/** A text or patch of one of the value languages that cannot be read or applied. Callers ask by `code`. */
export class ValueError extends Error {
  readonly code: ValueErrorCode;

  constructor(code: ValueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ValueError";
    this.code = code;
  }
}

/** What `read` answers, or what `otherwise` makes of the ValueError it throws. All else that is thrown goes on. */
export function readOr<T, O>(read: () => T, otherwise: (error: ValueError) => O): T | O {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) return otherwise(error);
    throw error;
  }
}

/** True when `read` throws no ValueError. */
export function isReadable(read: () => unknown): boolean {
  return readOr(() => { read(); return true; }, () => false);
}

/** True for a `ValueError`, of this code when one is given. */
export function isValueError(error: unknown, code?: ValueErrorCode): error is ValueError {
  return error instanceof ValueError && (code === undefined || error.code === code);
}
