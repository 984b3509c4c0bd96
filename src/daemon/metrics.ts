import type { Family } from "../api/metrics/families.ts";
import { processFamilies } from "../api/metrics/process-metrics.ts";
import { storageFamilies } from "../api/metrics/storage-metrics.ts";
import { decodeObject } from "../api/encode.ts";
import { prefixOf } from "../api/keys.ts";
import { isOfKind } from "../api/shape.ts";
import type { ControllerRun } from "../control/runner.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import type { ClusterApi } from "./control-plane.ts";

/** What the daemon tells of itself beside its requests: the store, the work queues, the applications, the process. */
export function daemonFamilies({ store, verbs, world, aggregation }: Pick<ClusterApi, "store" | "verbs" | "world" | "aggregation">, run: Pick<ControllerRun, "queues">): readonly Family[] {
  const queues = (value: (queue: ReturnType<ControllerRun["queues"]>[number]) => number) => () => run.queues().map((queue) => ({ labels: { name: queue.name }, value: value(queue) }));
  const applications = (): readonly Application[] => store.list(prefixOf(ApplicationKind)).entries.map(({ value, revision }) => decodeObject(value, revision)).filter((object): object is Application => isOfKind(ApplicationKind, object));
  return [
    ...storageFamilies(store, verbs.kinds),
    {
      name: "aggregator_unavailable_apiservice", help: "1 for APIServices whose server cannot be asked.", type: "gauge",
      read: () => [...aggregation?.routes ?? []].map(({ name, isAvailable }) => ({ labels: { name }, value: isAvailable ? 0 : 1 })),
    },
    { name: "workqueue_depth", help: "Keys that wait for a controller.", type: "gauge", read: queues(({ depth }) => depth) },
    { name: "workqueue_adds_total", help: "Keys that were added for a controller.", type: "counter", read: queues(({ adds }) => adds) },
    { name: "workqueue_retries_total", help: "Keys a controller takes up again, because it failed or wants to look later.", type: "counter", read: queues(({ retries }) => retries) },
    { name: "workqueue_work_duration_seconds_sum", help: "Time a controller spent on keys.", type: "counter", read: queues(({ workSeconds }) => workSeconds) },
    { name: "workqueue_work_duration_seconds_count", help: "Keys a controller has worked on.", type: "counter", read: queues(({ done }) => done) },
    { name: "capstan_applications", help: "Applications by sync and health.", type: "gauge", read: () => countBy(applications()) },
    ...processFamilies(world.clock.nowMs()),
  ];
}

function countBy(applications: readonly Application[]): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[] {
  const counts = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();
  for (const { status } of applications) {
    const labels = { sync_status: status.sync?.status ?? "Unknown", health_status: status.health?.status ?? "Unknown" };
    const key = `${labels.sync_status} ${labels.health_status}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { labels, value: 1 });
    else known.value += 1;
  }
  return [...counts.values()];
}
