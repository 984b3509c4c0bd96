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

/** What the simulation was seen to notice. */
export const mutants: readonly Mutant[] = [
  { name: "a commit is answered before it is durable", file: "src/store/grouped-store.ts", find: "await this.#writer.write(flight.batch)", replace: "void this.#writer.write(flight.batch)", first: 1, seeds: 2 },
];
