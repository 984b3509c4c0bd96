import type { FlowSchema, LimitedPriorityLevelConfiguration, PriorityLevelConfiguration } from "../../model/generated/flowcontrol-v1.ts";
import type { Clock } from "../../world/clock.ts";
import { classifierOf, flowOf } from "./classify.ts";
import type { Classify, FlowRequest } from "./classify.ts";
import { Level } from "./level.ts";
import type { LevelLimits } from "./level.ts";

/** A request that waits longer is refused, upstream's quarter of the request timeout. */
export const waitMaxMs = 15_000;

/** Shares of a level that names none, upstream's default. */
const sharesDefault = 30;

/** What upstream takes where `queuing` says nothing. */
const queuingDefaults = { queues: 64, handSize: 8, queueLengthLimit: 50 };

/** The level and schema of what nothing matches, and of levels that are gone. */
const catchAll = "catch-all";

/** The objects fairness goes by. */
export interface FlowObjects {
  readonly schemas: readonly FlowSchema[];
  readonly levels: readonly PriorityLevelConfiguration[];
}

/** Leave to work. */
export interface Ticket {
  /** The uids for the response's headers. */
  readonly schemaUid: string;
  readonly levelUid: string;
  /** Gives the seat back, once. */
  readonly leave: () => void;
}

/**
 * Who may work now, and who waits: FlowSchemas sort requests into priority levels, each with seats of its own and, where others lend them, theirs. In a
 * level each flow (a user, a namespace) has a line, and the lines take turns. A seat that is free is taken without waiting a turn of the event loop.
 *
 * @see kubernetes API Priority and Fairness; lines are per flow rather than shuffle-sharded, since as many as have requests waiting can be kept
 */
export class Fairness {
  readonly #clock: Pick<Clock, "after">;
  readonly #seatsMax: number;
  #classify: Classify = () => undefined;
  #levels: ReadonlyMap<string, Level> = new Map();
  #waiting = 0;

  constructor({ clock, seatsMax, objects }: { readonly clock: Pick<Clock, "after">; readonly seatsMax: number; readonly objects: FlowObjects }) {
    this.#clock = clock;
    this.#seatsMax = seatsMax;
    this.take(objects);
  }

  /** Every level as it is now, for metrics. */
  get levels(): readonly Level[] {
    return [...this.#levels.values()];
  }

  /** Goes by these objects from now on. Requests at work keep their seats, and those that wait their places. */
  take({ schemas, levels }: FlowObjects): void {
    const limits = limitsOf(levels, this.#seatsMax);
    const kept = new Map<string, Level>();
    for (const { metadata } of levels) {
      const level = this.#levels.get(metadata.name) ?? new Level(metadata.name, "", noSeats);
      level.limits = limits.get(metadata.name) ?? noSeats;
      level.uid = metadata.uid ?? "";
      kept.set(metadata.name, level);
    }
    if (!kept.has(catchAll)) kept.set(catchAll, this.#levels.get(catchAll) ?? new Level(catchAll, "", noSeats));
    // A level that went lets those finish that wait in it.
    for (const [name, level] of this.#levels) if (!kept.has(name) && level.waiting > 0) kept.set(name, level);
    this.#levels = kept;
    this.#classify = classifierOf(schemas.filter(({ spec }) => kept.has(spec.priorityLevelConfiguration.name)));
  }

  /** A ticket at once where a seat is free, a promise of one where the request has to wait; undefined where it is refused. The signal of `abandoned`, asked for only by who waits, tells that nobody waits for it any more. */
  admit(request: FlowRequest, abandoned?: { readonly signal: AbortSignal }): Ticket | undefined | Promise<Ticket | undefined> {
    const schema = this.#classify(request);
    const level = this.#levels.get(schema?.spec.priorityLevelConfiguration.name ?? catchAll);
    if (level === undefined) return undefined;
    const schemaUid = schema?.metadata.uid ?? "";
    if (level.waiting === 0 && this.#hasSeat(level)) return this.#seat(level, schemaUid);
    if (level.limits.waitingPerFlowMax === 0) { level.refused["concurrency-limit"] += 1; return undefined; }
    return this.#wait(level, { flow: schema === undefined ? "" : flowOf(schema, request), schemaUid, abandoned: abandoned?.signal });
  }

  #wait(level: Level, { flow, schemaUid, abandoned }: { readonly flow: string; readonly schemaUid: string; readonly abandoned: AbortSignal | undefined }): undefined | Promise<Ticket | undefined> {
    let settle: (ticket: Ticket | undefined) => void = () => {};
    const place = level.wait(flow, () => { this.#waiting -= 1; settle(this.#seat(level, schemaUid)); });
    if (place === undefined) { level.refused["queue-full"] += 1; return undefined; }
    this.#waiting += 1;
    const giveUp = (): void => { place(); this.#waiting -= 1; settle(undefined); };
    return new Promise((resolve) => {
      const cancel = this.#clock.after(waitMaxMs, () => { level.refused["time-out"] += 1; giveUp(); });
      abandoned?.addEventListener("abort", giveUp, { once: true });
      settle = (ticket) => {
        settle = () => {};
        cancel();
        abandoned?.removeEventListener("abort", giveUp);
        resolve(ticket);
      };
      if (abandoned?.aborted === true) giveUp();
    });
  }

  #seat(level: Level, schemaUid: string): Ticket {
    level.running += 1;
    level.dispatched += 1;
    let isSeated = true;
    return {
      schemaUid, levelUid: level.uid,
      leave: () => {
        if (!isSeated) return;
        isSeated = false;
        level.running -= 1;
        if (this.#waiting > 0) this.#fill(level);
      },
    };
  }

  /** A seat came free: the level it is of goes first, then whoever may borrow it. */
  #fill(freed: Level): void {
    for (const level of [freed, ...this.#levels.values()]) {
      let isGoing = true;
      while (isGoing) isGoing = level.waiting > 0 && this.#hasSeat(level) && level.startNext();
    }
  }

  #hasSeat({ running, limits: { seats, seatsWithBorrowed = Number.POSITIVE_INFINITY } }: Level): boolean {
    if (seats === undefined || running < seats) return true;
    if (running >= seatsWithBorrowed) return false;
    // Beyond its own a level takes what is neither taken nor kept by another.
    let taken = 0;
    for (const level of this.#levels.values()) if (level.limits.seats !== undefined) taken += Math.max(level.running, level.limits.reserved);
    return taken < this.#seatsMax;
  }
}

const noSeats: LevelLimits = { seats: 1, reserved: 0, waitingPerFlowMax: 0, waitingMax: 0 };

/** The seats of every level: those there are, by their shares. Pure. @see kubernetes PriorityLevelConfiguration, nominalConcurrencyShares */
export function limitsOf(levels: readonly PriorityLevelConfiguration[], seatsMax: number): ReadonlyMap<string, LevelLimits> {
  const sharesOf = ({ nominalConcurrencyShares }: LimitedPriorityLevelConfiguration): number => nominalConcurrencyShares ?? sharesDefault;
  const all = levels.reduce((sum, { spec: { limited } }) => sum + (limited === undefined ? 0 : sharesOf(limited)), 0);
  return new Map(levels.map(({ metadata, spec: { type, limited } }): [string, LevelLimits] => {
    if (type === "Exempt" || limited === undefined) return [metadata.name, { reserved: 0, waitingPerFlowMax: 0, waitingMax: 0 }];
    const seats = Math.ceil((seatsMax * sharesOf(limited)) / Math.max(all, 1));
    const { queues, handSize, queueLengthLimit } = { ...queuingDefaults, ...limited.limitResponse.queuing };
    const isQueued = limited.limitResponse.type === "Queue";
    return [metadata.name, {
      seats, reserved: seats - Math.floor((seats * (limited.lendablePercent ?? 0)) / 100),
      ...(limited.borrowingLimitPercent === undefined ? {} : { seatsWithBorrowed: seats + Math.floor((seats * limited.borrowingLimitPercent) / 100) }),
      // One flow has a hand of queues upstream, and may fill them.
      waitingPerFlowMax: isQueued ? handSize * queueLengthLimit : 0, waitingMax: isQueued ? queues * queueLengthLimit : 0,
    }];
  }));
}
