/** How many requests of one priority level work at once, and how many wait. */
export interface LevelLimits {
  /** Requests that may always work at once; absent: as many as come (an exempt level). */
  readonly seats?: number;
  /** Of these, how many stay free for this level's own however busy others are. */
  readonly reserved: number;
  /** Requests that may work at once when others lend it their seats; absent: as many as are lent. */
  readonly seatsWithBorrowed?: number;
  /** Requests of one flow that may wait; 0: none, they are refused. */
  readonly waitingPerFlowMax: number;
  /** Requests of all flows that may wait. */
  readonly waitingMax: number;
}

/** One request that waits for a seat. */
interface Waiting {
  start(): void;
}

/** The requests of one priority level: those at work, and a line per flow. The next to start is the first of the next flow in turn, so that a long line delays only its own. */
export class Level {
  readonly name: string;
  limits: LevelLimits;
  uid: string;
  /** Requests at work. */
  running = 0;
  /** Requests that wait. */
  waiting = 0;
  /** Requests that were refused, by reason; requests that got their seat. */
  readonly refused = { "queue-full": 0, "time-out": 0, "concurrency-limit": 0 };
  dispatched = 0;
  readonly #lines = new Map<string, Waiting[]>();

  constructor(name: string, uid: string, limits: LevelLimits) {
    this.name = name;
    this.uid = uid;
    this.limits = limits;
  }

  /** Takes a place in the flow's line; the answer leaves it again. Undefined where the line is full. */
  wait(flow: string, start: () => void): (() => void) | undefined {
    const { waitingMax, waitingPerFlowMax } = this.limits;
    const line = this.#lines.get(flow) ?? [];
    if (this.waiting >= waitingMax || line.length >= waitingPerFlowMax) return undefined;
    const place: Waiting = { start };
    line.push(place);
    this.#lines.set(flow, line);
    this.waiting += 1;
    return () => {
      const at = line.indexOf(place);
      if (at < 0) return;
      line.splice(at, 1);
      this.waiting -= 1;
      if (line.length === 0 && this.#lines.get(flow) === line) this.#lines.delete(flow);
    };
  }

  /** Starts the next request in turn; false when none waits. */
  startNext(): boolean {
    for (const [flow, line] of this.#lines) {
      const next = line.shift();
      // The flow goes to the end of the round.
      this.#lines.delete(flow);
      if (line.length > 0) this.#lines.set(flow, line);
      if (next === undefined) continue;
      this.waiting -= 1;
      next.start();
      return true;
    }
    return false;
  }
}
