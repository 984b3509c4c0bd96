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

/** The facts of one request, and how to begin the next try. */
export function beginRequest(world: Pick<World, "clock" | "chance">, isDryRun: boolean): { readonly facts: RequestFacts; readonly rewind: () => void } {
  const chance = new ReplayedChance(world.chance);
  return { facts: { isDryRun, nowMs: world.clock.nowMs(), chance, replies: new KeptReplies() }, rewind: () => { chance.rewind(); } };
}

/** Chance that gives the same again after `rewind`. */
class ReplayedChance implements Chance {
  readonly #source: Chance;
  readonly #fractions: number[] = [];
  readonly #bytes: Uint8Array[] = [];
  readonly #uuids: string[] = [];
  #at = { fraction: 0, bytes: 0, uuid: 0 };

  constructor(source: Chance) {
    this.#source = source;
  }

  rewind(): void {
    this.#at = { fraction: 0, bytes: 0, uuid: 0 };
  }

  fraction(): number {
    return this.#fractions[this.#at.fraction++] ?? keep(this.#fractions, this.#source.fraction());
  }

  bytes(count: number): Uint8Array {
    return this.#bytes[this.#at.bytes++] ?? keep(this.#bytes, this.#source.bytes(count));
  }

  uuid(): string {
    return this.#uuids[this.#at.uuid++] ?? keep(this.#uuids, this.#source.uuid());
  }
}

function keep<T>(list: T[], value: T): T {
  list.push(value);
  return value;
}
