import type { ApiObject } from "../model/object.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { goReading, YamlError } from "../value/yaml.ts";
import { hookOf } from "./hooks.ts";
import { manifestCountMax, problemCountMax } from "./limits.ts";
import { lineStartsOf } from "./origins/offsets.ts";
import { parsePlace } from "./place.ts";
import type { Manifest, Place, RenderProblem } from "./render.ts";
import { printPlace } from "./render.ts";
import { assembleText, fillScalar, fillText, withMarks } from "./text.ts";
import type { MarkedText, TextMark } from "./text.ts";
import { yamlMessage } from "./values.ts";
import { parseKeptYaml } from "./yaml-cache.ts";
import type { ParsedDocument } from "./yaml-cache.ts";

/** A text of manifests: a file of the tree, or what a template gave (with marks and references in it). */
export interface ManifestText {
  readonly file: string;
  readonly text: string;
  /** What its references stand for. */
  readonly plainValues?: readonly string[];
  /** True for what Helm's templates write: it is cut and read as Helm does. */
  readonly isHelm?: boolean;
  /** True for what outlives its application. */
  readonly isKept?: boolean;
}

/** Manifests read so far, and what was wrong. */
export interface ManifestResult {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly RenderProblem[];
}

/** Told of every object that is read, with a way to find the place of each of its fields. */
export type ManifestListener = (manifest: Manifest, placeOf: (path: readonly (string | number)[]) => Place) => void;

/** Reads the objects of all texts: empty documents are skipped, lists unrolled, objects named twice refused. */
export function readManifests(texts: readonly ManifestText[], { listener, begin }: { readonly listener?: ManifestListener; readonly begin?: (file: string) => void } = {}): ManifestResult {
  const reader = new ManifestReader(listener);
  for (const text of texts) {
    begin?.(text.file);
    reader.read(text);
  }
  return { manifests: reader.manifests, problems: reader.problems.slice(0, problemCountMax) };
}

class ManifestReader {
  readonly manifests: Manifest[] = [];
  readonly problems: RenderProblem[] = [];
  /** Values of the text being read. */
  #values: readonly string[] = [];
  #isKept = false;
  readonly #seen = new Map<string, Place>();
  readonly #listener: ManifestListener | undefined;

  constructor(listener: ManifestListener | undefined) {
    this.#listener = listener;
  }

  read({ file, text, plainValues = [], isHelm = false, isKept = false }: ManifestText): void {
    this.#isKept = isKept;
    const assembled = assembleText(text, plainValues);
    const marked = isHelm ? cutAsHelm(assembled, file) : assembled;
    this.#values = marked.values;
    const places = new PlaceFinder(file, marked);
    try {
      for (const document of parseKeptYaml(marked.text, file, isHelm ? goReading : {})) this.#document(document, places);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      const place = places.placeOf(error.line, error.column);
      this.problems.push({ message: `the ${marked.hasMarks ? "rendered " : ""}YAML cannot be read: ${fillText(yamlMessage(error), this.#values)}`, place });
    }
  }

  #document(document: ParsedDocument, places: PlaceFinder): void {
    const value = this.#fill(document.value);
    const place = places.ownPlaceOf(document.line);
    if (value === undefined) this.#problem("two keys of one map became the same after their values were filled in", place);
    else this.#object(value, place, (path) => places.placeOf(document.lineOf(path), 1));
  }

  /** Fills plain values into scalars and keys; undefined when two keys became one. */
  #fill(value: Json): Json | undefined {
    if (typeof value === "string") return fillScalar(value, this.#values);
    if (Array.isArray(value)) {
      const items: Json[] = [];
      for (const item of value as readonly Json[]) {
        const filled = this.#fill(item);
        if (filled === undefined) return undefined;
        items.push(filled);
      }
      return items;
    }
    return isJsonObject(value) ? this.#fillMap(value) : value;
  }

  #fillMap(value: JsonObject): JsonObject | undefined {
    const filled: Record<string, Json> = {};
    for (const key of Object.keys(value)) {
      const name = fillScalar(key, this.#values);
      const member = this.#fill(value[key] ?? null);
      if (member === undefined || Object.hasOwn(filled, name)) return undefined;
      // Assigning to this one name would set the map's prototype.
      if (name === "__proto__") Object.defineProperty(filled, name, { value: member, enumerable: true, configurable: true, writable: true });
      else filled[name] = member;
    }
    return filled;
  }

  #object(value: Json, place: Place, placeOf: (path: readonly (string | number)[]) => Place): void {
    if (!isJsonObject(value)) { this.#problem("a manifest must be a map with apiVersion, kind and metadata", place); return; }
    const { apiVersion, kind, metadata, items } = value;
    if (typeof apiVersion !== "string" || apiVersion === "") { this.#problem("the object has no apiVersion", place); return; }
    if (typeof kind !== "string" || kind === "") { this.#problem("the object has no kind", place); return; }
    if (kind.endsWith("List") && Array.isArray(items)) {
      (items as readonly Json[]).forEach((item, index) => { this.#object(item, placeOf(["items", index]), (path) => placeOf(["items", index, ...path])); });
      return;
    }
    if (!isJsonObject(metadata)) { this.#problem(`the ${kind} has no metadata`, place); return; }
    const { name } = metadata;
    if (metadata["generateName"] !== undefined && name === undefined) { this.#problem(`the ${kind} uses metadata.generateName, which would make a new object at every sync; give it a name`, placeOf(["metadata", "generateName"])); return; }
    if (typeof name !== "string" || name === "") { this.#problem(`the ${kind} has no metadata.name${name === undefined ? "" : " that is a text; put it in quotes"}`, placeOf(["metadata", "name"])); return; }
    this.#add(value as unknown as Manifest["object"], place, placeOf);
  }

  #add(object: ApiObject & JsonObject, place: Place, placeOf: (path: readonly (string | number)[]) => Place): void {
    const group = object.apiVersion.includes("/") ? object.apiVersion.split("/", 1)[0] : "";
    const key = [group, object.kind, object.metadata.namespace ?? "", object.metadata.name].join("\u0000");
    const earlier = this.#seen.get(key);
    if (earlier !== undefined) { this.#problem(`${object.kind} ${object.metadata.name} is given twice: here and at ${printPlace(earlier)}`, place); return; }
    if (this.manifests.length >= manifestCountMax) { this.#problem(`the source gives more than ${manifestCountMax} objects`, place); return; }
    this.#seen.set(key, place);
    const hook = hookOf(object);
    const manifest = { object, place, ...(hook === undefined ? {} : { hook }), ...(this.#isKept ? { isKept: true } : {}) };
    this.manifests.push(manifest);
    this.#listener?.(manifest, placeOf);
  }

  #problem(message: string, place: Place): void {
    this.problems.push({ message, place });
  }
}

/** What directly follows three dashes begins a document of its own: Helm cuts its texts there, and YAML would not. */
const divider = /^---(?=[^\s-])/gm;

/** The text as Helm cuts it, and its marks where they are then. Blanks at the end, which a block of text would keep, belong to no document. */
export function cutAsHelm(marked: MarkedText, file: string): MarkedText {
  const text = marked.text.trimEnd();
  if (!/[ \t]/.test(marked.text.slice(text.length))) return withDividers(marked, file);
  // What wrote nothing behind the last word might have written something there.
  return withDividers(withMarks(text, marked.values, marked.marks.map((mark) => (mark.offset <= text.length ? mark : { ...mark, offset: text.length }))), file);
}

function withDividers(marked: MarkedText, file: string): MarkedText {
  if (!marked.text.includes("---")) return marked;
  const cuts = Array.from(marked.text.matchAll(divider), (match) => match.index + match[0].length);
  if (cuts.length === 0) return marked;
  const places = new PlaceFinder(file, marked);
  const shift = (offset: number): number => offset + cuts.filter((cut) => cut < offset).length;
  const added = cuts.map((cut): TextMark => ({ ...marked.marks.findLast((mark) => mark.offset <= cut), offset: shift(cut) + 1, place: printPlace(places.placeAt(cut)) }));
  const kept = marked.marks.map((mark) => ({ ...mark, offset: shift(mark.offset) }));
  return withMarks(marked.text.replace(divider, "---\n"), marked.values, [...kept, ...added].toSorted((left, right) => left.offset - right.offset));
}

/** Leads from a line of an assembled text back to the template it came from. */
class PlaceFinder {
  readonly #file: string;
  readonly #marked: MarkedText;
  #lineStarts: readonly number[] | undefined;

  constructor(file: string, marked: MarkedText) {
    this.#file = file;
    this.#marked = marked;
  }

  /** Place of the first sign that is not blank at or after a line and column of the text. */
  placeOf(line: number, column: number): Place {
    if (!this.#marked.hasMarks) return { file: this.#file, line, column };
    return this.placeAt(this.#firstText((this.#starts()[line - 1] ?? 0) + column - 1));
  }

  /** Place of an offset of the text. */
  placeAt(offset: number): Place {
    const mark = this.#marked.markBefore(offset) ?? this.#marked.marks[0];
    if (mark === undefined) {
      const before = this.#marked.text.slice(0, offset);
      return { file: this.#file, line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
    }
    const place = parsePlace(mark.place);
    const between = this.#marked.text.slice(mark.offset, offset).split("\n");
    const last = between.at(-1) ?? "";
    const lines = between.length - 1;
    return { file: place.file, line: (place.line ?? 1) + lines, column: lines === 0 ? (place.column ?? 1) + last.length : last.length + 1 };
  }

  /** Place in the text's own file of what begins at a line: where it is called, when a partial or layout of another file wrote it. */
  ownPlaceOf(line: number): Place {
    const place = this.placeOf(line, 1);
    if (place.file === this.#file) return place;
    const offset = this.#firstText(this.#starts()[line - 1] ?? 0);
    const own = this.#marked.marks.findLast((mark) => mark.offset <= offset && mark.place.startsWith(`${this.#file}:`));
    return own === undefined ? place : parsePlace(own.place);
  }

  #firstText(offset: number): number {
    const found = this.#marked.text.slice(offset).search(/\S/);
    return found < 0 ? Math.max(0, Math.min(offset, this.#marked.text.length - 1)) : offset + found;
  }

  #starts(): readonly number[] {
    this.#lineStarts ??= lineStartsOf(this.#marked.text);
    return this.#lineStarts;
  }
}
