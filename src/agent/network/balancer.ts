import { RecentMap } from "../../value/recent-map.ts";
import type { Chance } from "../../world/chance.ts";
import type { ServiceListener, Target } from "./service-table.ts";

/** Clients remembered for session affinity on one address; the oldest is forgotten first. */
const clientsMax = 10_000;

/** Chooses an endpoint for each connection: in turn, or the same one for a client with session affinity. */
export class Balancer {
  #listener: ServiceListener;
  #turn: number;
  readonly #clients = new RecentMap<string, { readonly target: Target; readonly untilMs: number }>({ entriesMax: clientsMax });

  constructor(listener: ServiceListener, chance: Chance) {
    this.#listener = listener;
    this.#turn = Math.floor(chance.fraction() * 1_000_000);
  }

  update(listener: ServiceListener): void {
    this.#listener = listener;
  }

  /** The endpoints to try, best first; each once. */
  order(client: string, nowMs: number): readonly Target[] {
    const { targets, affinityMs } = this.#listener;
    if (targets.length === 0) return [];
    this.#turn = (this.#turn + 1) % 1_000_000_000;
    const first = this.#turn % targets.length;
    const inTurn = [...targets.slice(first), ...targets.slice(0, first)];
    const known = affinityMs === undefined ? undefined : this.#clients.get(client);
    const kept = known === undefined || known.untilMs < nowMs ? undefined : inTurn.find((target) => target.ip === known.target.ip && target.port === known.target.port);
    return kept === undefined ? inTurn : [kept, ...inTurn.filter((target) => target !== kept)];
  }

  /** The endpoint a client ended up with. */
  took(client: string, target: Target, nowMs: number): void {
    const { affinityMs } = this.#listener;
    if (affinityMs === undefined) return;
    this.#clients.set(client, { target, untilMs: nowMs + affinityMs });
  }
}
