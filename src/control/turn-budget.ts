import type { Clock } from "../world/clock.ts";

/** Work begun in one turn of the serving thread, where the clock stands still or the work is next to nothing: most keys take some 0.02 ms. */
export const worksPerTurn = 100;

/** What is begun in one turn ends within about as much more: cold code, and what one key wakes. */
const turnMaxMs = 3;

/** Says when loops that always have more to do are to let others have their turn. One for all of them: their turns are the same. */
export class TurnBudget {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #startMs = 0;
  #begun = 0;
  #isTurnKnown = false;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** True when nothing more is to begin in this turn. */
  get isSpent(): boolean {
    this.#seeTurn();
    return this.#begun >= worksPerTurn || this.#clock.monotonicMs() - this.#startMs >= turnMaxMs;
  }

  /** Counts something that begins. */
  note(): void {
    this.#begun++;
  }

  #seeTurn(): void {
    if (this.#isTurnKnown) return;
    this.#isTurnKnown = true;
    this.#startMs = this.#clock.monotonicMs();
    this.#begun = 0;
    setImmediate(this.#endTurn);
  }

  readonly #endTurn = (): void => { this.#isTurnKnown = false; };
}
