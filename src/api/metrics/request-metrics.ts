import { printFamily, printLabels } from "./families.ts";
import type { Family } from "./families.ts";

/** What a request is counted under, in upstream's words; "" where something does not apply. */
export interface RequestLabels {
  /** `GET`, `LIST`, `WATCH`, `POST`, `PUT`, `PATCH`, `APPLY`, `DELETE`, `DELETECOLLECTION`, `CONNECT`. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `cluster`, `namespace` or `resource`. */
  readonly scope: string;
  readonly isDryRun: boolean;
}

/** Upper bounds of the duration buckets, in seconds: some of upstream's, which has 23. */
const bucketBounds: readonly number[] = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 5, 15, 30, 60];

/** At most this many different label sets are kept, so that made-up requests cannot fill memory; what comes later is not counted. */
export const seriesMax = 2_000;

/** Requests of one label set. */
interface Series {
  readonly labels: string;
  readonly byCode: Map<number, number>;
  /** How many ended in each bucket, not counting the smaller ones; the last is beyond all bounds. */
  readonly buckets: number[];
  sumSeconds: number;
  count: number;
  /** Streams of these labels that are open; undefined where there never was one. */
  open: number | undefined;
}

/** Numbers the edge keeps of its requests. */
export class RequestMetrics {
  readonly #series = new Map<string, Series>();
  #readOnly = 0;
  #mutating = 0;

  /** Counts a request that begins; the answer is to be called when it ends. */
  begin(labels: RequestLabels, { isStream, nowMs }: { readonly isStream: boolean; readonly nowMs: () => number }): (code: number) => void {
    const series = this.#seriesOf(labels);
    const isMutating = mutatingVerbs.has(labels.verb);
    const startMs = nowMs();
    if (isStream) { if (series !== undefined) series.open = (series.open ?? 0) + 1; } else this.#count(isMutating, 1);
    return (code) => {
      if (isStream) { if (series !== undefined) series.open = (series.open ?? 1) - 1; } else this.#count(isMutating, -1);
      if (series === undefined) return;
      series.byCode.set(code, (series.byCode.get(code) ?? 0) + 1);
      const seconds = (nowMs() - startMs) / 1_000;
      const bucket = bucketBounds.findIndex((bound) => seconds <= bound);
      const index = bucket < 0 ? bucketBounds.length : bucket;
      series.buckets[index] = (series.buckets[index] ?? 0) + 1;
      series.sumSeconds += seconds;
      series.count += 1;
    };
  }

  print(): string {
    const all = [...this.#series.values()];
    const families: readonly Family[] = [
      { name: "apiserver_current_inflight_requests", help: "Requests at work that are no streams.", type: "gauge", read: () => [{ labels: { request_kind: "mutating" }, value: this.#mutating }, { labels: { request_kind: "readOnly" }, value: this.#readOnly }] },
    ];
    return [
      "# HELP apiserver_request_total Requests answered.\n# TYPE apiserver_request_total counter\n",
      ...all.flatMap(({ labels, byCode }) => [...byCode].map(([code, count]) => `apiserver_request_total{code="${code}",${labels}} ${count}\n`)),
      "# HELP apiserver_longrunning_requests Open watches, logs, terminals and proxied requests.\n# TYPE apiserver_longrunning_requests gauge\n",
      ...all.flatMap(({ labels, open }) => (open === undefined ? [] : [`apiserver_longrunning_requests{${labels}} ${open}\n`])),
      "# HELP apiserver_request_duration_seconds Time from the first byte of a request to the last of its answer.\n# TYPE apiserver_request_duration_seconds histogram\n",
      ...all.filter(({ count }) => count > 0).map(printDurations),
      ...families.map(printFamily),
    ].join("");
  }

  #count(isMutating: boolean, by: number): void {
    if (isMutating) this.#mutating += by;
    else this.#readOnly += by;
  }

  #seriesOf({ verb, group, version, resource, subresource, scope, isDryRun }: RequestLabels): Series | undefined {
    const key = `${verb} ${group} ${version} ${resource} ${subresource} ${scope} ${isDryRun ? "All" : ""}`;
    const known = this.#series.get(key);
    if (known !== undefined || this.#series.size >= seriesMax) return known;
    const labels = printLabels({ component: "apiserver", dry_run: isDryRun ? "All" : "", group, resource, scope, subresource, verb, version }).slice(1, -1);
    const series: Series = { labels, byCode: new Map(), buckets: [], sumSeconds: 0, count: 0, open: undefined };
    this.#series.set(key, series);
    return series;
  }
}

const mutatingVerbs: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"]);

function printDurations({ labels, buckets, sumSeconds, count }: Series): string {
  let below = 0;
  const lines = bucketBounds.map((bound, index) => {
    below += buckets[index] ?? 0;
    return `apiserver_request_duration_seconds_bucket{${labels},le="${bound}"} ${below}\n`;
  });
  return `${lines.join("")}apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}\napiserver_request_duration_seconds_sum{${labels}} ${sumSeconds}\napiserver_request_duration_seconds_count{${labels}} ${count}\n`;
}
