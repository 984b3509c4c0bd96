/** A rule of the daemon, broken on purpose: one text of one source file replaced by another. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The first of the seeds that are tried, and how many. */
  readonly first: number;
  readonly seeds: number;
}

/** What the simulation must notice. */
export const mutants: readonly Mutant[] = [
  { name: "an empty render prunes", file: "src/reconcile/check-plan.ts", find: "return [...checkEmptyRender(facts), ", replace: "return [", first: 1, seeds: 12 },
  { name: "own writes are not read", file: "src/control/held-writer.ts", find: "    caches.get(kind)?.put(object);\n", replace: "    void caches;\n", first: 1, seeds: 12 },
  { name: "fencing is off", file: "src/store/decide-commit.ts", find: "fence.generation < generation", replace: "fence.generation < 0", first: 1, seeds: 200 },
  { name: "a commit is answered before it is durable", file: "src/store/grouped-store.ts", find: "await this.#writer.write(flight.batch)", replace: "void this.#writer.write(flight.batch)", first: 1, seeds: 2 },
  { name: "lost jobs are not handed over again", file: "src/reconcile/hand-over.ts", find: "const handAgainMs = 60_000", replace: "const handAgainMs = 60_000_000_000", first: 1, seeds: 20 },
];
