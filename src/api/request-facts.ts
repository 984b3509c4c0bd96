import type { Chance } from "../world/chance.ts";
import type { World } from "../world/world.ts";
import { KeptReplies } from "./questions.ts";

/** What all tries of one request share, so that a later try decides as the first did unless the store has changed. */
export interface RequestFacts {
  readonly isDryRun: boolean;
  /** When the request was first prepared. */
  readonly nowMs: number;
  /** Draws the same in every try, in order. */
  readonly chance: Chance;
  /** What was answered from outside so far. */
  readonly replies: KeptReplies;
}

/** The facts of one request. */
export function beginRequest(world: Pick<World, "clock" | "chance">, isDryRun: boolean): RequestFacts & { readonly chance: ReplayedChance } {
  return { isDryRun, nowMs: world.clock.nowMs(), chance: new ReplayedChance(world.chance), replies: new KeptReplies() };
}

/** Chance that gives the same again after `rewind`. Most requests draw once. */
export class ReplayedChance implements Chance {
  readonly #source: Chance;
  #fractions: number[] | undefined;
  #bytes: Uint8Array[] | undefined;
  #uuids: string[] | undefined;
  #nextFraction = 0;
  #nextBytes = 0;
  #nextUuid = 0;

  constructor(source: Chance) {
    this.#source = source;
  }

  rewind(): void {
    this.#nextFraction = 0;
    this.#nextBytes = 0;
    this.#nextUuid = 0;
  }

  fraction(): number {
    this.#fractions ??= [];
    return this.#fractions[this.#nextFraction++] ?? keep(this.#fractions, this.#source.fraction());
  }

  bytes(count: number): Uint8Array {
    this.#bytes ??= [];
    return this.#bytes[this.#nextBytes++] ?? keep(this.#bytes, this.#source.bytes(count));
  }

  uuid(): string {
    this.#uuids ??= [];
    return this.#uuids[this.#nextUuid++] ?? keep(this.#uuids, this.#source.uuid());
  }
}

function keep<T>(list: T[], value: T): T {
  list.push(value);
  return value;
}
