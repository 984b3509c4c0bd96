import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CronJobKind, JobKind } from "../../src/model/kinds/batch.ts";
import type { Job } from "../../src/model/kinds/batch.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { SyncKind } from "../../src/model/kinds/sync.ts";
import type { Sync } from "../../src/model/kinds/sync.ts";
import { livePods, readApplication, startApplication, untilRuns } from "./application.ts";
import type { TestApplication } from "./application.ts";
import { TestDaemon } from "./daemon.ts";
import { until } from "./until.ts";

/** A Job that runs one line of shell once. */
function jobText(name: string, line: string, annotations = ""): string {
  return [
    "apiVersion: batch/v1", "kind: Job", `metadata: { name: ${name}, annotations: {${annotations}} }`, "spec:", "  backoffLimit: 0", "  template:", "    spec:", "      restartPolicy: Never",
    "      terminationGracePeriodSeconds: 1", "      containers:", "        - name: main", "          image: none", `          command: [sh, -c, ${JSON.stringify(line)}]`,
    "          terminationMessagePolicy: FallbackToLogsOnError", "          resources: { requests: { cpu: 1m, memory: 1Mi } }", "",
  ].join("\n");
}

const chart = { "app/Chart.yaml": "apiVersion: v2\nname: jobs\nversion: 1.0.0\n", "app/templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: jobs }\ndata: { text: one }\n" };

function isOver({ status }: Job): boolean {
  return status.conditions?.some(({ type, status: value }) => value === "True" && (type === "Complete" || type === "Failed")) === true;
}

describe("jobs", () => {
  let daemon: TestDaemon;
  let application: TestApplication;
  before(async () => { daemon = await TestDaemon.start(); });
  after(async () => { await daemon.close(); });

  async function readJob(name: string): Promise<Job> {
    const found = await daemon.client.get(JobKind, { namespace: "jobs", name });
    if (found === undefined) throw new Error(`no job ${name}`);
    return found;
  }

  function untilOver(name: string): Promise<Job> {
    return until(async () => {
      const job = await readJob(name);
      if (isOver(job)) return job;
      throw new Error(JSON.stringify(job.status));
    }, `${name} has ended`);
  }

  async function newestSync(): Promise<Sync | undefined> {
    const { items } = await daemon.client.list(SyncKind, { namespace: "default" });
    return items.filter((sync) => sync.spec.application === "jobs").toSorted((a, b) => b.spec.planGeneration - a.spec.planGeneration)[0];
  }

  test("a hook that is a job runs to its end before what follows, and a job of the chart makes its application healthy when it is complete", async () => {
    application = await startApplication(daemon, "jobs", {
      ...chart, "app/templates/prepare.yaml": jobText("prepare", "echo prepared", "helm.sh/hook: pre-install"), "app/templates/work.yaml": jobText("work", "sleep 1; echo done"),
    });
    const [prepare, work] = [await readJob("prepare"), await readJob("work")];
    assert.deepEqual([prepare.status.succeeded, work.status.succeeded], [1, 1]);
    assert.ok((prepare.status.completionTime ?? "") <= (work.metadata.creationTimestamp ?? ""));
    const sync = await newestSync();
    assert.deepEqual(sync?.status.steps?.map(({ action, kind, name, phase }) => `${action} ${kind} ${name} ${phase}`), [
      "Hook Job prepare Done", "Create Namespace jobs Done", "Create ConfigMap jobs Done", "Create Job work Done",
    ]);
    assert.deepEqual((await livePods(application)).map(({ status }) => status.phase), ["Succeeded", "Succeeded"]);
  });

  test("a hook that fails says with its last lines why, and nothing else is changed", async () => {
    const push = await application.clone.change({ "app/templates/check.yaml": jobText("check", "echo no database >&2; exit 3", "helm.sh/hook: pre-upgrade"), "app/templates/map.yaml": chart["app/templates/map.yaml"].replace("one", "two") });
    assert.ok(push.isTaken, push.stderr);
    const sync = await until(async () => {
      const newest = await newestSync();
      if (newest?.spec.revision === push.commit && newest.status.phase === "Failed") return newest;
      throw new Error(JSON.stringify(newest?.status));
    }, "the sync has failed");
    assert.match(sync.status.message ?? "", /^the pre-upgrade hook Job jobs\/check failed: Job has reached the specified backoff limit; pod check-\w{5}: container main ended with exit code 3: no database$/);
    assert.deepEqual((await daemon.client.get(ConfigMapKind, { namespace: "jobs", name: "jobs" }))?.data, { text: "one" });
  });

  test("a job of the chart that fails makes its application degraded, with the reason", async () => {
    const push = await application.clone.change({ "app/templates/check.yaml": jobText("check", "echo fine", "helm.sh/hook: pre-upgrade"), "app/templates/more.yaml": jobText("more", "exit 1") });
    assert.ok(push.isTaken, push.stderr);
    await until(async () => {
      const { sync, health, operationState } = (await readApplication(application)).status;
      const isTold = health?.status === "Degraded" && health.message === 'container "main" failed with exit code 1';
      if (sync?.revision === push.commit && isTold && operationState?.phase === "Succeeded") return health;
      throw new Error(JSON.stringify({ sync, health, operationState }));
    }, "the application is degraded");
    const mended = await application.clone.change({ "app/templates/more.yaml": "" });
    await untilRuns(application, mended.commit);
    assert.equal(await daemon.client.get(JobKind, { namespace: "jobs", name: "more" }), undefined);
    assert.deepEqual((await livePods(application)).filter(({ metadata }) => metadata.name.startsWith("more-")), [], "a job that is pruned takes its pods along");
  });

  test("jobs go on where they were when the daemon starts again, and each end is counted once", async () => {
    const { client } = daemon;
    const container = { name: "main", image: "none", command: ["sh", "-c", "sleep 2; echo index $JOB_COMPLETION_INDEX on $HOSTNAME"], resources: { requests: { cpu: "1m", memory: "1Mi" } } };
    const template = { spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [container] } } as const;
    await client.create(JobKind, {
      apiVersion: "batch/v1", kind: "Job", metadata: { namespace: "jobs", name: "many" }, status: {}, spec: { completionMode: "Indexed", completions: 4, parallelism: 2, template },
    });
    await until(async () => (await readJob("many")).status.active === 2, "two pods run");
    await daemon.stop();
    await daemon.start();
    const { status } = await untilOver("many");
    assert.deepEqual([status.succeeded, status.completedIndexes, status.failed ?? 0], [4, "0-3", 0]);
    const { items } = await daemon.client.list(PodKind, { namespace: "jobs", labelSelector: "batch.kubernetes.io/job-name=many" });
    assert.deepEqual(items.map(({ spec }) => spec.hostname ?? "").toSorted(), ["many-0", "many-1", "many-2", "many-3"]);
    assert.ok(items.every(({ metadata }) => (metadata.finalizers ?? []).length === 0));
  });

  test("a CronJob runs, and its namespace goes away with its jobs and pods", async () => {
    const { client } = daemon;
    await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "batch" }, spec: {}, status: {} });
    const container = { name: "main", image: "none", command: ["sh", "-c", "exit 0"], resources: { requests: { cpu: "1m", memory: "1Mi" } } };
    await client.create(CronJobKind, {
      apiVersion: "batch/v1", kind: "CronJob", metadata: { namespace: "batch", name: "often" }, status: {},
      spec: { schedule: "@every 1s", concurrencyPolicy: "Forbid", jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [container] } } } } },
    });
    await until(async () => (await client.get(CronJobKind, { namespace: "batch", name: "often" }))?.status.lastSuccessfulTime !== undefined, "a job of the CronJob is complete");
    await client.remove(NamespaceKind, { namespace: "", name: "batch" });
    await until(async () => (await client.get(NamespaceKind, { namespace: "", name: "batch" })) === undefined, "the namespace is gone");
  });
});
