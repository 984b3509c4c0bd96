import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { goReading, parseYamlDocuments } from "../../value/yaml.ts";
import type { YamlScalar } from "../../value/yaml.ts";
import { cutAsHelm } from "../manifests.ts";
import type { ManifestText } from "../manifests.ts";
import { parsePlace } from "../place.ts";
import type { Place } from "../render.ts";
import { assembleText, fillScalar } from "../text.ts";
import type { MarkedText, TextContext, TextMark } from "../text.ts";
import { printPlain } from "../template/print.ts";
import { jsonOf } from "../template/value.ts";
import { lineStartsOf, placeAt } from "./offsets.ts";
import type { ObjectOrigins, Origin, OriginQuery, Piece, Source } from "./origin.ts";
import type { TraceRecord } from "./origin-log.ts";
import { chainOf } from "./trace-contexts.ts";
import type { TraceContext } from "./trace-contexts.ts";
import { noSources, unionOf, unionOfAll } from "./traced.ts";

/** The origins of every scalar of the objects a query means, all objects for `all`. The texts have been read once already, without fault. */
export function readOrigins(texts: readonly ManifestText[], trace: TraceRecord | undefined, query: OriginQuery | "all"): readonly ObjectOrigins[] {
  return texts.flatMap((text) => originsOfText(text, trace, query));
}

function originsOfText({ file, text, plainValues = [], isHelm = false }: ManifestText, trace: TraceRecord | undefined, query: OriginQuery | "all"): readonly ObjectOrigins[] {
  const assembled = assembleText(text, plainValues);
  const marked = isHelm ? cutAsHelm(assembled, file) : assembled;
  const finder = new SegmentFinder(file, marked, trace);
  return parseYamlDocuments(marked.text, file, isHelm ? goReading : {}).flatMap((document) => {
    const scalars = document.scalars().map((scalar) => ({ ...scalar, path: scalar.path.map((part) => (typeof part === "string" ? fillScalar(part, marked.values) : part)), value: filled(scalar.value, marked.values) }));
    return objectsOf(document.value, []).flatMap(({ object, path }) => {
      const head = headOf(object, marked.values);
      if (head === undefined || (query !== "all" && !isMeant(head, query))) return [];
      const own = scalars.filter((scalar) => path.every((part, index) => scalar.path[index] === part));
      return [{ ...head, origins: own.map((scalar) => ({ ...finder.originOf(scalar), path: scalar.path.slice(path.length) })) }];
    });
  });
}

function filled(value: Json, values: readonly string[]): Json {
  return typeof value === "string" ? fillScalar(value, values) : value;
}

/** The objects of a document, lists unrolled. */
function objectsOf(value: Json, path: readonly (string | number)[]): readonly { readonly object: Json; readonly path: readonly (string | number)[] }[] {
  if (isJsonObject(value) && typeof value["kind"] === "string" && value["kind"].endsWith("List") && Array.isArray(value["items"])) {
    return (value["items"] as readonly Json[]).flatMap((item, index) => objectsOf(item, [...path, "items", index]));
  }
  return [{ object: value, path }];
}

function headOf(object: Json, values: readonly string[]): Omit<ObjectOrigins, "origins"> | undefined {
  if (!isJsonObject(object)) return undefined;
  const [apiVersion, kind, metadata] = ["apiVersion", "kind", "metadata"].map((name) => memberNamed(object, name, values));
  if (typeof apiVersion !== "string" || typeof kind !== "string" || !isJsonObject(metadata)) return undefined;
  const name = memberNamed(metadata, "name", values);
  if (typeof name !== "string") return undefined;
  const text = (value: Json | undefined): string => (typeof value === "string" ? fillScalar(value, values) : "");
  return { apiVersion: text(apiVersion), kind: text(kind), name: text(name), namespace: text(memberNamed(metadata, "namespace", values)) };
}

/** A member whose key may hold plain values. */
function memberNamed(map: JsonObject, name: string, values: readonly string[]): Json | undefined {
  return map[name] ?? map[Object.keys(map).find((key) => fillScalar(key, values) === name) ?? ""];
}

function isMeant(head: Omit<ObjectOrigins, "origins">, query: OriginQuery): boolean {
  return head.name === query.name && head.kind.toLowerCase() === query.kind.toLowerCase() && (query.namespace === undefined || head.namespace === "" || head.namespace === query.namespace);
}

/** A stretch of an assembled text that one mark stands for. */
interface Segment {
  readonly start: number;
  readonly end: number;
  readonly mark: TextMark;
}

/** What a segment's mark says. */
interface Written {
  /** Calls that led there, outermost first. */
  readonly through: readonly string[];
  readonly sources: readonly Source[];
  readonly conditions: readonly Source[];
  /** True for what stands in the template as it is. */
  readonly isText: boolean;
  readonly isApart: boolean;
}

class SegmentFinder {
  readonly #marked: MarkedText;
  readonly #trace: TraceRecord | undefined;
  readonly #segments: readonly Segment[];
  readonly #starts: readonly number[];
  readonly #written = new Map<TextMark, Written>();
  readonly #file: string;

  constructor(file: string, marked: MarkedText, trace: TraceRecord | undefined) {
    this.#file = file;
    this.#marked = marked;
    this.#trace = trace;
    this.#starts = lineStartsOf(marked.text);
    this.#segments = marked.marks.map((mark, index) => ({ start: mark.offset, end: marked.marks[index + 1]?.offset ?? marked.text.length, mark }))
      // A text of a template of which nothing is left says nothing.
      .filter(({ start, end, mark }) => end > start || mark.entry !== undefined);
  }

  originOf(scalar: YamlScalar): Omit<Origin, "path"> {
    const { start, end } = contentOf(this.#marked.text, scalar);
    const touched = this.#touched(start, end, scalar.value === null);
    // A text that no template wrote stands where it stands.
    if (touched.length === 0) return { kind: "text", pieces: [{ place: placeAt({ file: this.#file, line: 1, column: 1 }, this.#starts, start), through: [] }], inputs: [], conditions: [] };
    const written = touched.filter((segment) => segment.end > segment.start && this.#isWritten(segment, start, end));
    const shown = written.length > 0 ? written : touched.slice(-1);
    const conditions = shown[0] === undefined ? noSources : this.#writtenBy(shown[0]).conditions;
    const inputs = unionOfAll(touched.map((segment) => this.#writtenBy(segment)).flatMap((written) => [written.sources, written.conditions.filter((condition) => !conditions.includes(condition))]));
    const pieces = uniquePieces(shown.map((segment) => this.#piece(segment, start)));
    const isCopy = inputs.length === 1 && shown.length === 1 && this.#isValueOf(inputs[0], scalar.value);
    return { kind: inputs.length === 0 ? "text" : isCopy ? "copy" : "computed", pieces, inputs, conditions };
  }

  /** Segments below a scalar, and those at its edges that wrote nothing but might have. Where nothing is, whole lines might have been. */
  #touched(start: number, end: number, isNull: boolean): readonly Segment[] {
    const found: Segment[] = [];
    for (let i = this.#firstAt(start); i < this.#segments.length; i++) {
      const segment = this.#segments[i];
      if (segment === undefined || segment.start > end) break;
      const isEmpty = segment.end === segment.start;
      if (isEmpty ? isNull || !this.#writtenBy(segment).isApart : segment.end > start && (segment.start < end || (start === end && segment.start === end))) found.push(segment);
    }
    return found;
  }

  /** The first segment that ends at or after an offset. */
  #firstAt(offset: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#segments[middle]?.end ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** True when a segment gives more of a scalar than blanks. */
  #isWritten(segment: Segment, start: number, end: number): boolean {
    return start === end || /\S/.test(this.#marked.text.slice(Math.max(segment.start, start), Math.min(segment.end, end)));
  }

  /** Put together when it is asked for: most segments never are. */
  #writtenBy({ mark }: Segment): Written {
    const known = this.#written.get(mark);
    if (known !== undefined) return known;
    const entry = mark.entry === undefined ? undefined : this.#trace?.entries[mark.entry];
    const around = this.#contextsOf(mark.context);
    const made = unionOfAll(around.map(({ made: sources }) => sources));
    const written: Written = {
      through: around.flatMap(({ through }) => (through === undefined ? [] : [through])),
      sources: unionOf(entry?.sources ?? noSources, made),
      conditions: unionOfAll([...around.map(({ conditions }) => conditions), entry?.conditions ?? noSources]),
      isText: made.length === 0 && (entry === undefined || entry.conditions !== undefined), isApart: entry?.isApart === true,
    };
    this.#written.set(mark, written);
    return written;
  }

  /** Every context a mark is in, outermost first: those a block was handed on in, then its own. */
  #contextsOf(context: TextContext | undefined): readonly TraceContext[] {
    if (context === undefined) return [];
    return [...new Set([...this.#contextsOf(context.around), ...chainOf(this.#trace?.contexts[context.id])])];
  }

  #piece(segment: Segment, scalarStart: number): Piece {
    const { start, mark } = segment;
    const written = this.#writtenBy(segment);
    const through = written.through.map(parsePlace);
    const from = parsePlace(mark.place);
    // Only a template's own text runs on as it stands there; what a value wrote stands where the value is asked for.
    if (!written.isText || start >= scalarStart) return { place: from, through };
    return { place: advanced(from, this.#marked.text.slice(start, scalarStart)), through };
  }

  #isValueOf(source: Source | undefined, value: Json): boolean {
    const given = source === undefined ? undefined : this.#trace?.valueOf(source);
    if (given === undefined || given === null || typeof value === "object") return false;
    return given === value || printPlain(given) === String(value) || JSON.stringify(jsonOf(given)) === String(value);
  }
}

/** A scalar without its quotes or block header and the blanks around it. */
function contentOf(text: string, { start, end }: YamlScalar): { readonly start: number; readonly end: number } {
  const sign = text.charAt(start);
  if ((sign === "\"" || sign === "'") && end - start >= 2) return { start: start + 1, end: end - 1 };
  if (sign !== "|" && sign !== ">") return { start, end };
  const header = text.slice(start, end).search(/\n\s*\S/);
  const from = header < 0 ? end : start + header + 1;
  return { start: from, end: from + text.slice(from, end).trimEnd().length };
}

function advanced(from: Place, text: string): Place {
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const line = (from.line ?? 1) + lines.length - 1;
  return { file: from.file, line, column: lines.length === 1 ? (from.column ?? 1) + last.length : last.length + 1 };
}

/** Every piece once; of a text of several lines, the first. */
function uniquePieces(pieces: readonly Piece[]): readonly Piece[] {
  const seen = new Set<string>();
  return pieces.filter((piece, index) => {
    const before = pieces[index - 1];
    if (before !== undefined && before.place.file === piece.place.file && piece.place.column === 1 && before.place.line === (piece.place.line ?? 1) - 1) return false;
    const key = JSON.stringify(piece);
    return !seen.has(key) && seen.add(key).size > 0;
  });
}
