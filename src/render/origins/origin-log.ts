import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Json } from "../../value/json.ts";
import type { ManifestText } from "../manifests.ts";
import { goValueOf, jsonOf } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { renumber } from "../text.ts";
import type { Source } from "./origin.ts";
import type { TraceContext } from "./trace-contexts.ts";
import type { TraceEntry } from "./trace.ts";

/** What a render wrote down: all that is needed to tell origins later, without a second render. */
export interface OriginLog {
  readonly texts: readonly ManifestText[];
  readonly trace: TraceRecord;
}

/** What happened in a render, by the numbers that stand in its texts. */
export interface TraceRecord {
  readonly entries: readonly TraceEntry[];
  readonly contexts: readonly TraceContext[];
  /** The value a source had, undefined when it was not set. Never told. */
  valueOf(source: Source): GoValue;
}

/** A manifest text of a log; one without a text is a file of the chart as it is. */
export interface LoggedText extends Omit<ManifestText, "text"> {
  readonly text?: string;
}

/** A log that was kept. */
export interface KeptLog {
  readonly texts: readonly LoggedText[];
  readonly trace: TraceRecord;
}

/** The written form but for the texts, which follow it. Numbers name sources and sets of sources by their place in the lists. */
interface PackedLog {
  readonly texts: readonly Omit<LoggedText, "text">[];
  readonly sources: readonly Source[];
  readonly values: readonly (Json | undefined)[];
  readonly sets: readonly (readonly number[])[];
  /** Around it, the call that led there, sets of conditions and of what all in it is made of. */
  readonly contexts: readonly (readonly [number, string, number, number])[];
  /** Sources; of a branch not taken also the conditions, and 1 when it is apart. */
  readonly entries: readonly (number | readonly [number, number, number])[];
}

/** Fast: what it saves beyond is little, since what repeats are places and paths. */
const deflateLevel = 1;
/** No context is around the first one. */
const noContext = -1;

/** Stands between the parts: two beginnings of references, which never follow each other in what was rendered, and end no text. */
const separator = "\uFDD0\uFDD0";

/** Some kilobytes for a chart of twenty objects. Texts that are files of the chart are left out. */
export function packOrigins({ texts, trace }: OriginLog): Uint8Array {
  const tables = new Tables(trace);
  const written = texts.map((text) => (text.plainValues === undefined ? { text: "", own: text } : writtenText(text, text.plainValues)));
  const packed: PackedLog = {
    texts: written.map(({ own: { text: _text, ...rest } }) => rest),
    contexts: trace.contexts.map(({ outer, through, conditions, made }) => [outer?.id ?? noContext, through ?? "", tables.setOf(conditions), tables.setOf(made)]),
    entries: trace.entries.map(({ sources, conditions, isApart }) => (conditions === undefined ? tables.setOf(sources) : [tables.setOf(sources), tables.setOf(conditions), isApart ? 1 : 0])),
    sources: tables.sources, values: tables.values, sets: tables.sets,
  };
  return deflateRawSync([JSON.stringify(packed), ...written.map(({ text }) => text)].join(separator), { level: deflateLevel });
}

/** A text knows the plain values of all texts; only its own are kept with it. */
function writtenText(given: ManifestText, plainValues: readonly string[]): { readonly text: string; readonly own: ManifestText } {
  const { text, values } = renumber(given.text, plainValues);
  return { text, own: { ...given, text, plainValues: values } };
}

/** Reads what was packed. */
export function unpackOrigins(bytes: Uint8Array): KeptLog {
  const [head = "", ...bodies] = inflateRawSync(bytes).toString().split(separator);
  const { texts, sources, values, sets, contexts, entries } = JSON.parse(head) as PackedLog;
  const known = new Map(sources.map((source, index) => [source, goValueOf(values[index])] as const));
  const read = sets.map((set) => set.flatMap((index) => sources[index] ?? []));
  const setAt = (index: number): readonly Source[] => read[index] ?? [];
  const made: TraceContext[] = [];
  for (const [outer, through, conditions, sourcesMade] of contexts) made.push({ id: made.length, outer: made[outer], through: through === "" ? undefined : through, conditions: setAt(conditions), made: setAt(sourcesMade) });
  return {
    texts: texts.map((text, index): LoggedText => (text.plainValues === undefined ? text : { ...text, text: bodies[index] ?? "" })),
    trace: {
      contexts: made,
      entries: entries.map((entry) => (typeof entry === "number" ? { sources: setAt(entry), conditions: undefined, isApart: false } : { sources: setAt(entry[0]), conditions: setAt(entry[1]), isApart: entry[2] === 1 })),
      valueOf: (source) => known.get(source) ?? undefined,
    },
  };
}

/** Sources and sets by number, each once: most values are read in many places. */
class Tables {
  readonly #trace: TraceRecord;
  readonly sources: Source[] = [];
  readonly values: (Json | undefined)[] = [];
  readonly sets: number[][] = [];
  readonly #sourceNumbers = new Map<Source, number>();
  readonly #setNumbers = new Map<readonly Source[], number>();

  constructor(trace: TraceRecord) {
    this.#trace = trace;
  }

  setOf(sources: readonly Source[]): number {
    const known = this.#setNumbers.get(sources);
    if (known !== undefined) return known;
    this.sets.push(sources.map((source) => this.#numberOf(source)));
    this.#setNumbers.set(sources, this.sets.length - 1);
    return this.sets.length - 1;
  }

  #numberOf(source: Source): number {
    const known = this.#sourceNumbers.get(source);
    if (known !== undefined) return known;
    this.sources.push(source);
    const value = this.#trace.valueOf(source);
    this.values.push(value === undefined ? undefined : jsonOf(value));
    this.#sourceNumbers.set(source, this.sources.length - 1);
    return this.sources.length - 1;
  }
}
