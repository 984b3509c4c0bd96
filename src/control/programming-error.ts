/** A rule of the code itself was broken (an undeclared read or write, two writers of one field): fixed in the source, never retried. */
export class ProgrammingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProgrammingError";
  }
}
