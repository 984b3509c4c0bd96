/** A rule of the daemon, broken on purpose: one text of one source file replaced by another. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The first of the seeds that are tried. One that notices, when this was written: every change of what is simulated moves the others to another. */
  readonly first: number;
  /** Of each seed, when not the usual number. */
  readonly steps?: number;
}

/** What the simulation was seen to notice. */
export const mutants: readonly Mutant[] = [
  { name: "a commit is answered before it is durable", file: "src/store/grouped-store.ts", find: "await this.#writer.write(flight.batch)", replace: "void this.#writer.write(flight.batch)", first: 1 },
  { name: "an empty render prunes", file: "src/reconcile/check-plan.ts", find: "...checkEmptyRender(facts), ", replace: "", first: 5, steps: 14 },
  { name: "a rollout ignores maxUnavailable", file: "src/controllers/deployment/replica-counts.ts", find: "const minAvailable = replicasOf(deployment.spec) - fencepostsOf(deployment).maxUnavailable;", replace: "const minAvailable = 0;", first: 21, steps: 10 },
  { name: "removals do not wait for the repository's other applications", file: "src/reconcile/reconcile-application.ts", find: "if (isBehind && nowMs", replace: "if (false && nowMs", first: 13, steps: 20 },
  { name: "a job does not count the pods it has", file: "src/controllers/job/decide.ts", find: "Math.min(wanted - active.length - leaving, podsPerPassMax)", replace: "Math.min(wanted - leaving, podsPerPassMax)", first: 7, steps: 2 },
];
