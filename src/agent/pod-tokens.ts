import type { Client } from "../api/client.ts";
import type { Pod, ServiceAccountTokenProjection } from "../model/generated/core-v1.ts";
import type { World } from "../world/world.ts";
import { RuntimeProblem } from "./runtimes/runtime.ts";

/** A token is renewed when this part of its life is over, as upstream. */
const renewAfterFraction = 0.8;

/** And at the latest after a day, as upstream. */
const renewAfterMaxMs = 86_400_000;

/** A request that failed is made again after this. */
const retryMs = 10_000;

/** The life of a token where the volume sets none. */
const lifetimeDefaultSeconds = 3_600;

/** One token of one pod, renewed as long as it is held. */
interface HeldToken {
  token: string | undefined;
  problem: string;
  cancel: () => void;
}

/** The ServiceAccount tokens that the volumes of this node's pods show, each bound to its pod. */
export class PodTokens {
  readonly #client: Client;
  readonly #world: World;
  readonly #held = new Map<string, Map<string, HeldToken>>();

  constructor({ client, world }: { readonly client: Client; readonly world: World }) {
    this.#client = client;
    this.#world = world;
  }

  /** Asks for every token the pod's volumes show; `onChange` is called at each later one. Resolves when each was asked for once. */
  async hold(pod: Pod, onChange: () => void): Promise<void> {
    const projections = (pod.spec.volumes ?? []).flatMap((volume) => (volume.projected?.sources ?? []).flatMap((source) => source.serviceAccountToken ?? []));
    if (projections.length === 0) return;
    const tokens = new Map<string, HeldToken>();
    this.#held.set(pod.metadata.uid ?? "", tokens);
    await Promise.all(projections.map((projection) => {
      const held: HeldToken = { token: undefined, problem: "not asked for yet", cancel: () => undefined };
      tokens.set(keyOf(projection), held);
      return this.#ask(pod, { projection, held, onChange });
    }));
  }

  async #ask(pod: Pod, asked: { readonly projection: ServiceAccountTokenProjection; readonly held: HeldToken; readonly onChange: () => void }): Promise<void> {
    const { projection, held } = asked;
    const { name, namespace = "", uid = "" } = pod.metadata;
    const again = (afterMs: number) => {
      if (this.#held.get(uid)?.get(keyOf(projection)) !== held) return;
      held.cancel = this.#world.clock.after(afterMs, () => { void this.#ask(pod, asked).then(asked.onChange); });
    };
    try {
      const { token = "", expirationTimestamp = "" } = await this.#client.requestToken({ namespace, name: pod.spec.serviceAccountName ?? "default" }, {
        ...(projection.audience === undefined || projection.audience === "" ? {} : { audiences: [projection.audience] }),
        expirationSeconds: projection.expirationSeconds ?? lifetimeDefaultSeconds, boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      });
      held.token = token;
      const lifeMs = Math.max(0, Date.parse(expirationTimestamp) - this.#world.clock.nowMs());
      again(Math.min(lifeMs * renewAfterFraction, renewAfterMaxMs));
    } catch (error) {
      held.problem = error instanceof Error ? error.message : String(error);
      again(retryMs);
    }
  }

  /** The token a projection shows. Throws RuntimeProblem FailedMount while there is none. */
  find(pod: Pod, projection: ServiceAccountTokenProjection): string {
    const held = this.#held.get(pod.metadata.uid ?? "")?.get(keyOf(projection));
    if (held?.token !== undefined) return held.token;
    throw new RuntimeProblem("FailedMount", `failed to fetch token: ${held?.problem ?? "not asked for yet"}`);
  }

  release(uid: string): void {
    for (const held of this.#held.get(uid)?.values() ?? []) held.cancel();
    this.#held.delete(uid);
  }

  close(): void {
    for (const uid of this.#held.keys()) this.release(uid);
  }
}

function keyOf({ audience = "", expirationSeconds = lifetimeDefaultSeconds }: ServiceAccountTokenProjection): string {
  return `${audience} ${expirationSeconds}`;
}
