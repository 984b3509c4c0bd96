/** One number of a family, told from the others by its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Numbers of one name that are read when the metrics are; the name's ending says what they count. @see Prometheus text format 0.0.4 */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  /** A plain number has no labels. */
  readonly read: () => number | readonly Sample[];
}

/** A family as Prometheus text, with its heading. One that has no samples yet is left out. */
export function printFamily({ name, help, type, read }: Family): string {
  const found = read();
  const samples = typeof found === "number" ? [{ labels: {}, value: found }] : found;
  return samples.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(({ labels, value }) => `${name}${printLabels(labels)} ${value}\n`).join("")}`;
}

/** `{a="b",c="d"}`; nothing for none. */
export function printLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
