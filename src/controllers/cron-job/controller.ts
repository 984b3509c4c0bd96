import type { Controller, Writer } from "../../control/controller.ts";
import { isApiError, isNamespaceEnding } from "../../model/api-error.ts";
import type { CronJobStatus } from "../../model/generated/batch-v1.ts";
import { CronJobKind, JobKind } from "../../model/kinds/batch.ts";
import type { CronJob, Job } from "../../model/kinds/batch.ts";
import { refOf } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import { printTime } from "../../world/clock.ts";
import { ownerKeys } from "../owner-keys.ts";
import { decideCronJob, referenceOf, withActive } from "./decide.ts";
import type { CronJobDecision } from "./decide.ts";

/** Starts are looked for this often at least: a machine's clock may be set, and it may sleep. */
const lookAgainMs = 600_000;

/** Starts Jobs at the times of their CronJobs. */
export const cronJobController: Controller<CronJob> = {
  name: "cronjob-controller",
  user: "system:serviceaccount:kube-system:cronjob-controller",
  kind: CronJobKind,
  reads: [CronJobKind, JobKind],
  writes: [
    { kind: JobKind, part: "existence" },
    { kind: CronJobKind, part: "status" },
  ],
  wakes: [{ kind: JobKind, keys: (job, previous) => ownerKeys(job, previous, "CronJob") }],
  concurrency: 5,
  async reconcile(_ref, cronJob, { reader, writer, world }) {
    if (cronJob === undefined) return { kind: "done" };
    const decision = decideCronJob(cronJob, reader.ownedBy(JobKind, cronJob), world.clock.nowMs());
    for (const note of decision.notes) writer.event(cronJob, note);
    for (const job of decision.remove) await removeJob(cronJob, job, writer);
    const status = await startJob(cronJob, decision, writer);
    if (!isEqual(status, cronJob.status)) await writer.updateStatus(CronJobKind, { ...cronJob, status });
    return decision.againMs === undefined ? { kind: "done" } : { kind: "wait", afterMs: Math.min(decision.againMs, lookAgainMs), reason: "its next start" };
  },
};

async function removeJob(cronJob: CronJob, job: Job, writer: Writer): Promise<void> {
  try {
    await writer.remove(JobKind, refOf(job), { propagation: "Background", preconditions: { uid: job.metadata.uid ?? "" } });
    writer.event(cronJob, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted job ${job.metadata.name}` });
  } catch (error) {
    if (isApiError(error, "NotFound")) return;
    writer.event(cronJob, { type: "Warning", reason: "FailedDelete", message: `Deleted job: ${error instanceof Error ? error.message : String(error)}` });
    throw error;
  }
}

/** Answers the status with the job that was made, if one was. */
async function startJob(cronJob: CronJob, { create, status }: CronJobDecision, writer: Writer): Promise<CronJobStatus> {
  if (create === undefined) return status;
  try {
    const job = await writer.create(JobKind, create.job);
    writer.event(cronJob, { type: "Normal", reason: "SuccessfulCreate", message: `Created job ${job.metadata.name}` });
    return { ...withActive(status, [...(status.active ?? []), referenceOf(job)]), lastScheduleTime: printTime(create.atMs) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Nothing can be made in a namespace that ends; its own controller removes the CronJob.
    if (!isNamespaceEnding(error)) writer.event(cronJob, { type: "Warning", reason: "FailedCreate", message: `Error creating job: ${message}` });
    throw error;
  }
}
