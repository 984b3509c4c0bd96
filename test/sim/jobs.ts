import { behaviorAnnotation } from "../../src/agent/runtimes/simulated/behavior.ts";
import { JobKind } from "../../src/model/kinds/batch.ts";
import type { Job } from "../../src/model/kinds/batch.ts";
import type { Safety } from "./safety.ts";
import type { Simulation } from "./simulation.ts";
import type { StoredObject } from "./stored-object.ts";

/** Jobs at once: more only make a seed longer. */
const jobsMax = 4;

/** Somebody starts a job; most of its pods end well. */
export function startJob(world: Simulation): string | undefined {
  const names = Array.from({ length: jobsMax }, (_, index) => `job-${index}`).filter((name) => world.safety.find("Job", name) === undefined);
  const name = world.chance.pick(names);
  if (name === undefined) return undefined;
  const isFailing = world.chance.isLucky(0.2);
  const behavior = { exitAfterMs: world.chance.between(200, 20_000), exitCode: isFailing ? 1 : 0, termAfterMs: 200 };
  const job: Job = {
    apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "default" }, status: {},
    spec: {
      completions: world.chance.between(1, 5), parallelism: world.chance.between(1, 3), backoffLimit: isFailing ? 2 : 12,
      ...(world.chance.isLucky(0.5) ? { completionMode: "Indexed" } : {}), ...(world.chance.isLucky(0.3) ? { podReplacementPolicy: "Failed" } : {}),
      ...(world.chance.isLucky(0.5) ? { ttlSecondsAfterFinished: 30 } : {}),
      template: {
        metadata: { name: "", annotations: { [behaviorAnnotation]: JSON.stringify(behavior) } },
        spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 5, containers: [{ name: "main", image: "job", resources: { requests: { cpu: "50m", memory: "16Mi" } } }] },
      },
    },
  };
  world.client.create(JobKind, job).catch(() => {});
  return `by hand: Job ${name} with ${job.spec.completions ?? 0} completions${isFailing ? ", which fails" : ""}`;
}

/** What jobs are not as they must be once nothing fails any more. One that ended in the future, for the clock went back, stays until then: what is removed is removed for good. */
export function leftOfJobs(safety: Safety, nowMs: number): readonly string[] {
  return safety.objects("Job").flatMap((job) => {
    if (!isOver(job)) return [`Job ${job.metadata.name} has not ended: ${JSON.stringify(job.status)}`];
    return job.spec?.ttlSecondsAfterFinished === undefined || endedMs(job) > nowMs ? [] : [`Job ${job.metadata.name} is still there`];
  });
}

/** Rules of jobs that hold at every moment. */
export class JobRules {
  readonly #violated: (rule: string, detail: string) => void;
  /** Pods that were ever seen to succeed, by the uid of their job. */
  readonly #succeeded = new Map<string, Set<string>>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  checkJob(before: StoredObject | undefined, after: StoredObject): void {
    const { name, uid = "" } = after.metadata;
    const { succeeded = 0, failed = 0 } = after.status ?? {};
    const earlier = before?.metadata.uid === uid ? before : undefined;
    if (succeeded < (earlier?.status?.succeeded ?? 0) || failed < (earlier?.status?.failed ?? 0)) this.#violated("a job's counts never go down", `${name}: ${JSON.stringify(after.status)} after ${JSON.stringify(earlier?.status)}`);
    if (earlier !== undefined && isOver(earlier) && JSON.stringify(earlier.status) !== JSON.stringify(after.status)) this.#violated("a job that ended stays as it is", `${name}: ${JSON.stringify(after.status)} after ${JSON.stringify(earlier.status)}`);
    const seen = this.#succeeded.get(uid)?.size ?? 0;
    if (succeeded > seen) this.#violated("a job counts each success once", `${name}: ${succeeded} are counted, ${seen} pods succeeded`);
    if (has(after, "Complete") && succeeded !== after.spec?.completions) this.#violated("a complete job has exactly its completions", `${name}: ${succeeded} of ${after.spec?.completions ?? 0}`);
  }

  checkPod(before: StoredObject | undefined, after: StoredObject, { jobs, pods }: { readonly jobs: readonly StoredObject[]; readonly pods: readonly StoredObject[] }): void {
    const owner = after.metadata.ownerReferences?.find(({ kind }) => kind === "Job");
    const job = jobs.find(({ metadata }) => metadata.uid === owner?.uid);
    if (owner === undefined || job === undefined) return;
    const { uid = "" } = after.metadata;
    if (after.status?.phase === "Succeeded") this.#succeeded.set(owner.uid, (this.#succeeded.get(owner.uid) ?? new Set()).add(uid));
    if (before !== undefined) return;
    const active = pods.filter((pod) => pod.metadata.ownerReferences?.some((one) => one.uid === owner.uid) === true && isActive(pod));
    const { name } = job.metadata;
    if (active.length > (job.spec?.parallelism ?? 0)) this.#violated("a job never has more active pods than its parallelism", `${name}: ${active.length} of ${job.spec?.parallelism ?? 0}`);
    const indexes = active.flatMap((pod) => pod.metadata.annotations?.["batch.kubernetes.io/job-completion-index"] ?? []);
    if (new Set(indexes).size !== indexes.length) this.#violated("no two pods work on one index", `${name}: ${indexes.join(", ")}`);
    if (isOver(job)) this.#violated("a job that ended makes no pods", `${name}: ${after.metadata.name}`);
  }
}

function isActive({ metadata, status }: StoredObject): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function has({ status }: StoredObject, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
}

function isOver(job: StoredObject): boolean {
  return has(job, "Complete") || has(job, "Failed");
}

function endedMs({ status }: StoredObject): number {
  return Date.parse(status?.conditions?.find(({ type }) => type === "Complete" || type === "Failed")?.lastTransitionTime ?? "");
}
