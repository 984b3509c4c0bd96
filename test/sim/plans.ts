import type { Operation } from "../../src/store/store.ts";
import type { Fence } from "./disk.ts";
import { parseStored } from "./stored-object.ts";
import type { StoredObject } from "./stored-object.ts";

/** How far one plan has come. */
interface Progress {
  readonly generation: number;
  readonly wave: number;
  /** Deployments of the waves so far, by name. */
  readonly deployments: ReadonlySet<string>;
  readonly isPruning: boolean;
}

/** What the rules of plans look at. */
interface PlanWatcher {
  find(kind: string, name: string): StoredObject | undefined;
  /** Pods of this Deployment may be missing for another reason. */
  isDisturbed(name: string): boolean;
  violated(rule: string, detail: string): void;
}

/** Rules of what plans write: newer plans fence older ones off, a wave is one transaction, waits for the one before it to be well, and removals come last. */
export class Plans {
  readonly #watcher: PlanWatcher;
  readonly #progress = new Map<string, Progress>();

  constructor(watcher: PlanWatcher) {
    this.#watcher = watcher;
  }

  committed({ name, generation }: Fence, operations: readonly Operation[]): void {
    const known = this.#progress.get(name);
    if (known !== undefined && generation < known.generation) this.#watcher.violated("an older plan never writes after a newer one", `${name}: generation ${generation} after ${known.generation}`);
    const before = known?.generation === generation ? known : { generation, wave: -Infinity, deployments: new Set<string>(), isPruning: false };
    const written = operations.flatMap((operation) => (operation.kind === "put" && operation.key.startsWith("/registry/") ? [parseStored(operation.value)] : []))
      .filter(({ metadata }) => metadata.annotations?.["capstan.dev/application"] !== undefined && metadata.deletionTimestamp === undefined);
    const [wave, ...others] = new Set(written.map(waveOf));
    if (wave === undefined) {
      this.#progress.set(name, { ...before, isPruning: true });
      return;
    }
    if (others.length > 0) this.#watcher.violated("a transaction is of one wave", `${name}: waves ${[wave, ...others].join(", ")} in one`);
    if (before.isPruning) this.#watcher.violated("removals come last", `${name}: wave ${wave} of plan ${generation} after a removal`);
    if (wave <= before.wave) this.#watcher.violated("a wave is one transaction, and waves go up", `${name}: wave ${wave} of plan ${generation} after wave ${before.wave}`);
    for (const deployment of before.deployments) this.#checkComplete(name, deployment, wave);
    this.#progress.set(name, { ...before, wave, deployments: new Set([...before.deployments, ...written.filter(({ kind }) => kind === "Deployment").map(({ metadata }) => metadata.name)]) });
  }

  #checkComplete(plan: string, name: string, wave: number): void {
    const live = this.#watcher.find("Deployment", name);
    if (live === undefined || this.#watcher.isDisturbed(name)) return;
    const { replicas = 0 } = live.spec ?? {};
    const { availableReplicas = 0, updatedReplicas = 0 } = live.status ?? {};
    if (availableReplicas < replicas || updatedReplicas < replicas) this.#watcher.violated("a wave waits until the one before it is well", `${plan}: wave ${wave} while ${name} has ${availableReplicas} available and ${updatedReplicas} updated of ${replicas}`);
  }
}

function waveOf({ metadata }: StoredObject): number {
  return Number(metadata.annotations?.["capstan.dev/wave"] ?? "0");
}
