import type { Program } from "../program.ts";

/** One command, and what must come of it. Patterns are as `matches` reads them; `{ns}`, `{node}` and `{home}` are put in everywhere. */
export interface Row {
  /** The words after the program's name, split as a shell does; single quotes keep blanks. */
  readonly run: string;
  /** Who runs it, where it is not kubectl. */
  readonly by?: "helm";
  readonly input?: string;
  /** All of stdout; absent: nothing is said. */
  readonly says?: string;
  /** All of stderr of a command that fails; what is said beside a success is the program's own affair unless it is given here. */
  readonly complains?: string;
  /** The exit code where it is neither 0 nor, with `complains`, 1. */
  readonly code?: number;
  /** The first and the last version that has the command, or says it so: `1.28`. */
  readonly from?: string;
  readonly to?: string;
  /** Tried again until it comes true: it waits for a controller or a node. */
  readonly isEventual?: true;
  readonly editor?: string;
}

/** Commands that build on each other, in a namespace of their own. */
export interface Story {
  /** A fact, the title of its test. */
  readonly title: string;
  readonly rows: readonly Row[];
}

/** What stands for `{ns}` and the like. */
export type Places = Readonly<Record<string, string>>;

/** Time for what a row waits for: seconds on a quiet machine. */
const patienceMs = 30_000;

/** Runs the rows one after the other. Throws at the first that comes out otherwise, with the command and both texts. */
export async function tell(story: Story, options: { readonly programOf: (row: Row) => Program; readonly places: Places; readonly version: string | undefined }): Promise<void> {
  const { programOf, places, version } = options;
  for (const row of story.rows.filter((candidate) => isFor(candidate, version))) {
    const words = splitWords(row.run).map((word) => fill(word, places));
    const deadlineMs = performance.now() + (row.isEventual === true ? patienceMs : 0);
    for (;;) {
      const problem = judge(row, await programOf(row).run(["-n", places["ns"] ?? "default", ...words], row.input === undefined ? undefined : fill(row.input, places)), places);
      if (problem === undefined) break;
      if (performance.now() > deadlineMs) throw new Error(`$ ${row.by ?? "kubectl"} ${fill(row.run, places)}\n${problem}`);
    }
  }
}

function judge(row: Row, run: { readonly code: number; readonly stdout: string; readonly stderr: string }, places: Places): string | undefined {
  const code = row.code ?? (row.complains === undefined ? 0 : 1);
  const says = fill(row.says ?? "", places);
  const complains = row.complains === undefined ? undefined : fill(row.complains, places);
  if (run.code === code && matches(run.stdout, says) && (complains === undefined || matches(run.stderr, complains))) return undefined;
  return `wanted, with ${code}:\n${says}\n${complains ?? ""}\nhad, with ${run.code}:\n${run.stdout}\n${run.stderr}`;
}

/** True when the text is the pattern: a run of blanks is one, `*` is anything within a line, a line of `...` any lines. */
export function matches(text: string, pattern: string): boolean {
  const lines = tidy(pattern).split("\n").map((line) => (line === "..." ? "(?:.*\n)*?" : `${line.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`)).join(".*")}\n`));
  return new RegExp(`^${lines.join("")}$`).test(`${tidy(text)}\n`);
}

/** What a terminal ends its lines with counts as their end; from 1.34 on kubectl says of which namespace it deletes. */
function tidy(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/ deleted from \S+ namespace/g, " deleted").replaceAll(/[ \t]+/g, " ").replaceAll(/ ?\n ?/g, "\n").trim();
}

function fill(text: string, places: Places): string {
  return text.replaceAll(/\{(ns|node|home)\}/g, (whole, name: string) => places[name] ?? whole);
}

/** The words of a command: between blanks, or between single quotes. */
function splitWords(command: string): readonly string[] {
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));
}

function isFor({ from, to }: Row, version: string | undefined): boolean {
  if (version === undefined) return to === undefined;
  return (from === undefined || minorOf(version) >= minorOf(from)) && (to === undefined || minorOf(version) <= minorOf(to));
}

/** More minor versions than a major one has. */
const minorsMax = 1_000;

function minorOf(version: string): number {
  const [major, minor] = version.split(".").map(Number);
  return (major ?? 0) * minorsMax + (minor ?? 0);
}
