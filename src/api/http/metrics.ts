/** A number read when the metrics are. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** What a finished request is counted under. */
export interface RequestLabels {
  readonly verb: string;
  readonly resource: string;
  readonly code: number;
}

/** Upper bounds of the duration buckets, in seconds. */
const bucketBounds: readonly number[] = [0.005, 0.025, 0.1, 0.5, 1, 5, 30];

/** At most this many different label sets are kept, so that made-up methods cannot fill memory. */
const seriesMax = 2_000;

interface Durations {
  readonly buckets: number[];
  sum: number;
  count: number;
}

/** Numbers the edge keeps of itself, printed as Prometheus text. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, Durations>();
  readonly #gauges: readonly Gauge[];

  constructor(gauges: readonly Gauge[]) {
    this.#gauges = gauges;
  }

  count({ verb, resource, code }: RequestLabels, durationMs: number): void {
    const labels = `verb="${verb}",resource="${resource}"`;
    const key = `${labels},code="${code}"`;
    const known = this.#requests.get(key);
    if (known === undefined && this.#requests.size >= seriesMax) return;
    this.#requests.set(key, (known ?? 0) + 1);
    const durations = this.#durations.get(labels) ?? { buckets: bucketBounds.map(() => 0), sum: 0, count: 0 };
    this.#durations.set(labels, durations);
    const seconds = durationMs / 1000;
    for (const [index, bound] of bucketBounds.entries()) if (seconds <= bound) durations.buckets[index] = (durations.buckets[index] ?? 0) + 1;
    durations.sum += seconds;
    durations.count += 1;
  }

  print(): string {
    const lines = ["# HELP apiserver_request_total Requests answered.", "# TYPE apiserver_request_total counter"];
    for (const [labels, value] of this.#requests) lines.push(`apiserver_request_total{${labels}} ${value}`);
    lines.push("# HELP apiserver_request_duration_seconds Time from the first byte of a request to the last of its answer.", "# TYPE apiserver_request_duration_seconds histogram");
    for (const [labels, durations] of this.#durations) {
      for (const [index, bound] of bucketBounds.entries()) lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="${bound}"} ${durations.buckets[index] ?? 0}`);
      lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} ${durations.count}`);
      lines.push(`apiserver_request_duration_seconds_sum{${labels}} ${durations.sum}`, `apiserver_request_duration_seconds_count{${labels}} ${durations.count}`);
    }
    for (const gauge of this.#gauges) lines.push(`# HELP ${gauge.name} ${gauge.help}`, `# TYPE ${gauge.name} gauge`, `${gauge.name} ${gauge.read()}`);
    return `${lines.join("\n")}\n`;
  }
}
