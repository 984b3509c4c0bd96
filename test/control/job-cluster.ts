import { createControllers } from "../../src/controllers.ts";
import type { Client } from "../../src/api/client.ts";
import type { Job } from "../../src/model/kinds/batch.ts";
import { JobKind } from "../../src/model/kinds/batch.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { refOf } from "../../src/model/object.ts";
import { createSchedulerController } from "../../src/scheduler/controller.ts";
import { printTime } from "../../src/world/clock.ts";
import type { FakeWorld } from "../world/fake-world.ts";
import { addNode, testCluster } from "./test-cluster.ts";
import type { TestCluster } from "./test-cluster.ts";

/** The exit code a pod ends with at once; undefined: it keeps running. */
export type Outcome = (pod: Pod) => number | undefined;

/** A cluster with every controller but the one that asks for nodes' signs of life, and a node on which pods end as `outcome` says. */
export async function jobCluster(outcome: Outcome): Promise<TestCluster> {
  const made = await testCluster([...createControllers().filter(({ name }) => name !== "node-controller"), createSchedulerController()], { node: (pod, client, world) => playPod(pod, outcome, { client, world }) });
  await addNode(made.client, "one");
  return made;
}

/** A node agent to test with: bound pods run or end at once, ending ones go at once. */
export async function playPod(pod: Pod, outcome: Outcome, { client, world }: { readonly client: Client; readonly world: FakeWorld }): Promise<void> {
  if ((pod.spec.nodeName ?? "") === "") return;
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (pod.metadata.deletionGracePeriodSeconds !== 0) await client.remove(PodKind, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid ?? "" } });
    return;
  }
  if (pod.status.phase === "Succeeded" || pod.status.phase === "Failed") return;
  const exitCode = outcome(pod);
  const time = printTime(world.clock.nowMs());
  const phase = exitCode === undefined ? "Running" : exitCode === 0 ? "Succeeded" : "Failed";
  if (phase === pod.status.phase) return;
  await client.updateStatus(PodKind, { ...pod, status: {
    ...pod.status, phase, conditions: [{ type: "Ready", status: phase === "Running" ? "True" : "False", lastTransitionTime: time }],
    ...(exitCode === undefined ? {} : { containerStatuses: [{ name: "c", ready: false, restartCount: 0, image: "a", imageID: "", state: { terminated: { exitCode, finishedAt: time } } }] }),
  } });
}

/** A Job as a user writes it. */
export function jobOf(name: string, spec: Partial<Job["spec"]> & { readonly restartPolicy?: "Never" | "OnFailure" } = {}): Job {
  const { restartPolicy = "Never", ...rest } = spec;
  return {
    apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "default" }, status: {},
    spec: { template: { spec: { restartPolicy, containers: [{ name: "c", image: "a" }] } }, ...rest },
  };
}

/** The job as it is now; throws when it is not there. */
export async function jobNow(client: Client, name: string): Promise<Job> {
  const job = await client.get(JobKind, { namespace: "default", name });
  if (job === undefined) throw new Error(`no job ${name}`);
  return job;
}

/** The job's true conditions, `Type Reason`. */
export function trueConditions(job: Job): readonly string[] {
  return (job.status.conditions ?? []).filter(({ status }) => status === "True").map(({ type, reason }) => `${type} ${reason}`);
}

export async function podsOf(client: Client): Promise<readonly Pod[]> {
  return (await client.list(PodKind, { namespace: "default" })).items;
}
