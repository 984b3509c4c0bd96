import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../../src/api/client.ts";
import { CronJobKind, JobKind } from "../../src/model/kinds/batch.ts";
import type { CronJob } from "../../src/model/kinds/batch.ts";
import { jobCluster, jobNow, jobOf, podsOf, trueConditions } from "./job-cluster.ts";

const ref = { namespace: "default", name: "often" };

function cronJobOf(spec: Partial<CronJob["spec"]>): CronJob {
  return { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "often", namespace: "default" }, status: {}, spec: { schedule: "*/5 * * * *", jobTemplate: { spec: jobOf("").spec }, ...spec } };
}

const jobNames = async (client: Client): Promise<readonly string[]> => (await client.list(JobKind, { namespace: "default" })).items.map(({ metadata }) => metadata.name);
const firstMinute = Date.parse("2026-01-01T00:00:00Z") / 60_000;

test("a CronJob starts a job at each of its times, keeps so many, and says when it did", async () => {
  const { client, settle, world, stop } = await jobCluster(() => 0);
  await client.create(CronJobKind, cronJobOf({ successfulJobsHistoryLimit: 2 }));
  await settle();
  assert.deepEqual(await jobNames(client), []);
  for (let minutes = 0; minutes < 21; minutes++) {
    await world.clock.advance(60_200);
    await settle();
  }
  assert.deepEqual(await jobNames(client), [`often-${firstMinute + 15}`, `often-${firstMinute + 20}`]);
  const cronJob = await client.get(CronJobKind, ref);
  assert.deepEqual([cronJob?.status.lastScheduleTime, cronJob?.status.active], ["2026-01-01T00:20:00Z", undefined]);
  assert.match(cronJob?.status.lastSuccessfulTime ?? "", /^2026-01-01T00:2/);
  assert.equal((await podsOf(client)).length, 2, "pods go with their jobs");
  await client.remove(CronJobKind, ref);
  await settle();
  await settle();
  assert.deepEqual([await jobNames(client), await podsOf(client)], [[], []]);
  await stop();
});

test("with Forbid a start waits for the one before, with Replace it takes its place", async () => {
  for (const [concurrencyPolicy, expected] of [["Forbid", [5]], ["Replace", [10]], ["Allow", [5, 10]]] as const) {
    const { client, settle, world, stop } = await jobCluster(() => undefined);
    await client.create(CronJobKind, cronJobOf({ concurrencyPolicy }));
    for (let turn = 0; turn < 2; turn++) {
      await settle();
      await world.clock.advance(301_000);
    }
    await settle();
    assert.deepEqual(await jobNames(client), expected.map((minute) => `often-${firstMinute + minute}`), concurrencyPolicy);
    const cronJob = await client.get(CronJobKind, ref);
    assert.equal(cronJob?.status.active?.length, expected.length, concurrencyPolicy);
    await stop();
  }
});

test("a finished job with a time to live goes with its pods", async () => {
  const { client, settle, world, stop } = await jobCluster(() => 0);
  await client.create(JobKind, jobOf("brief", { ttlSecondsAfterFinished: 30 }));
  await settle();
  assert.equal(trueConditions(await jobNow(client, "brief")).at(-1), "Complete CompletionsReached");
  await world.clock.advance(31_000);
  await settle();
  assert.deepEqual([await jobNames(client), await podsOf(client)], [[], []]);
  await stop();
});
