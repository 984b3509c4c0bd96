/** Streams written to in one turn of the serving thread: each costs some 20 µs, with what Node does behind it. */
export const writesPerTurn = 100;

/** A stream that has something to write. */
interface Writing {
  write(): void;
}

/** Lets streams write in the order they come, so many in a turn: one change is told to thousands of them, and other requests have their turns between. */
export class StreamTurns {
  #waiting: Writing[] = [];
  #written = 0;
  #isTurnDue = false;

  /** Has a stream write: at once while the turn has room, else in a later one. */
  enter(stream: Writing): void {
    this.#awaitTurn();
    if (this.#written >= writesPerTurn || this.#waiting.length > 0) { this.#waiting.push(stream); return; }
    this.#written += 1;
    stream.write();
  }

  #awaitTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(this.#takeTurn);
  }

  readonly #takeTurn = (): void => {
    this.#isTurnDue = false;
    const now = this.#waiting.splice(0, writesPerTurn);
    this.#written = now.length;
    if (this.#waiting.length > 0) this.#awaitTurn();
    for (const stream of now) stream.write();
  };
}
