import type { TracedCall, Tracer } from "../template/frame.ts";
import { copyOf, isList, isMap, Traced } from "../template/value.ts";
import type { GoList, GoMap, GoValue } from "../template/value.ts";
import { Block, printContextMark, printEntryMark, printInContext, tracesIn } from "../text.ts";
import { ruleOf } from "./function-rules.ts";
import { MarkedLeaves } from "./marked-leaves.ts";
import type { LeafMarker } from "./marked-leaves.ts";
import type { Source } from "./origin.ts";
import { printersOf } from "./printers.ts";
import { chainOf, TraceContexts } from "./trace-contexts.ts";
import type { TraceContext } from "./trace-contexts.ts";
import { noSources, tracedDeep, unionOf, unionOfAll, untraced, untracedDeep, withSources } from "./traced.ts";

/** What one mark of a value stands for. Where it stands is in the mark itself, which context it is in is told by the marks around. */
export interface TraceEntry {
  readonly sources: readonly Source[];
  /** Of a branch that was not taken: what decided that. */
  readonly conditions: readonly Source[] | undefined;
  /** True for a branch not taken that would have begun on a line of its own. */
  readonly isApart: boolean;
}

/** A map or list with more leaves than this is told as one input. */
const leavesToldMax = 20;

/**
 * What one render remembers of where its values came from and went. Both languages use it. It only writes down: contexts and emissions are numbered, the
 * rendered text holds their numbers, and what a scalar's origin is, is found out when somebody asks.
 */
export class Trace implements Tracer {
  readonly entries: TraceEntry[] = [];
  readonly #paths: WeakMap<object, string>;
  #printers: (typeof printersOf)["helm" | "handlebars"] = printersOf.helm;
  readonly #known = new Map<string, Source>();
  /** What a source was when it was read. Never told; kept to say whether a scalar is it unchanged. */
  readonly #values = new Map<Source, GoValue>();
  readonly #contexts = new TraceContexts();

  /** @param paths where the maps and lists of the values stand: `Values.image` */
  constructor(paths: WeakMap<object, string>) {
    this.#paths = paths;
  }

  get contexts(): readonly TraceContext[] {
    return this.#contexts.all;
  }

  /** A template of a language begins, from nowhere. */
  begin(language: keyof typeof printersOf): void {
    this.#printers = printersOf[language];
    this.#contexts.leaveAll();
  }

  here(): string {
    return printContextMark(this.#contexts.current.id);
  }

  handedOn(text: string): string {
    return printInContext(this.#contexts.current.id, text);
  }

  value(place: string, value: GoValue): string {
    return this.#mark(place, value instanceof Block ? noSources : this.sourcesOf(value));
  }

  absent(place: string, subject: GoValue, isApart: boolean): string {
    this.entries.push({ sources: noSources, conditions: this.#subjectOf(subject), isApart });
    return printEntryMark(this.entries.length - 1, place);
  }

  missing(map: GoMap, name: string, value: GoValue): GoValue {
    const path = this.#paths.get(map);
    return path === undefined ? value : new Traced(value, [this.missingAt(`${path}.${name}`)]);
  }

  /** What a missing value is called when only its path is known. */
  missingAt(path: string): Source {
    return this.#source(path, "not set");
  }

  key(map: GoMap, key: string): GoValue {
    const path = this.#paths.get(map);
    return path === undefined ? key : new Traced(key, this.#outline(map[key], `${path}.${key}`));
  }

  fact(path: string, value: GoValue, args: readonly GoValue[] = []): GoValue {
    if (value instanceof Traced || isMap(value) || isList(value)) return value;
    const layer = factLayers[path.split(/[.\s]/, 1)[0] ?? ""] ?? "chart";
    return new Traced(value, unionOfAll([[this.remember(this.#source(path, layer), value)], ...args.map((arg) => this.sourcesOf(arg))]));
  }

  /** A fact that is named once, before any template runs. */
  known(path: string, value: GoValue): GoValue {
    if (value === null || value === undefined || value instanceof Traced || isMap(value) || isList(value)) return value;
    return new Traced(value, [this.remember({ path, layer: path.startsWith("Release") ? "release" : path.startsWith("Capabilities") ? "cluster" : "chart" }, value)]);
  }

  decided(value: GoValue, subject: GoValue): GoValue {
    // A leaf of a map says that the map is there.
    const own = value instanceof Traced ? value.sources : noSources;
    const sources = this.#subjectOf(subject).filter(({ path }) => !own.some((source) => source.path.startsWith(`${path}.`) || source.path.startsWith(`${path}[`)));
    return this.alsoMadeOf(value, sources);
  }

  conditional(value: GoValue): GoValue {
    return this.alsoMadeOf(value, unionOfAll(chainOf(this.#contexts.current).map(({ conditions }) => conditions)));
  }

  within<T>(subject: GoValue, run: () => T): T {
    return this.#contexts.within({ conditions: this.#subjectOf(subject) }, run);
  }

  through<T>(place: string, run: () => T): T {
    return this.#contexts.within({ through: place }, run);
  }

  /** What follows is called from a place, until `leave`. Answers the mark of it. */
  enter(place: string): string {
    this.#contexts.enter({ through: place });
    return this.here();
  }

  leave(): string {
    this.#contexts.leave();
    return this.here();
  }

  /** Runs `run`; whatever it writes is made of `sources` too. */
  madeOf<T>(sources: readonly Source[], run: () => T): T {
    return sources.length === 0 ? run() : this.#contexts.within({ made: sources }, run);
  }

  /** Where a map or list of the values stands. */
  pathOf(container: object): string | undefined {
    return this.#paths.get(container);
  }

  /** The value a source had, undefined when it was not set. */
  valueOf(source: Source): GoValue {
    return this.#values.get(source);
  }

  /** Says what a value of the chart is called. */
  remember(source: Source, value: GoValue): Source {
    this.#values.set(source, value);
    return source;
  }

  knowsNothing(name: string, given: readonly GoValue[]): boolean {
    const rule = ruleOf(name);
    if (name === "include" && typeof given[0] === "string" && !(given[1] instanceof Traced)) return true;
    return rule.isPlain && given.every((value) => typeof value !== "object" || value === null);
  }

  call(name: string, place: string, { given, convert, run }: TracedCall): GoValue {
    const rule = ruleOf(name);
    const printed = rule.isPrinter ? this.printed(name, given.at(-1), place) : undefined;
    if (printed !== undefined) return printed;
    if (rule.isPlain && given.every(isOpen)) return this.madeByCall(run(given.map(convert)), { name, place, given });
    const plain: GoValue[] = [];
    for (let i = 0; i < given.length; i++) plain.push(convert(rule.keeps(i, given.length) ? kept(given[i], { isChanged: i === 0 && rule.changesFirst, takesNull: rule.takesNull }) : untracedDeep(given[i]), i));
    const result = name === "tpl" ? this.madeOf(this.sourcesOf(given[0]), () => run(plain)) : run(plain);
    const chosen = this.chosenBy(name, given);
    if (chosen !== undefined) return this.alsoMadeOf(isMap(untraced(result)) || isList(untraced(result)) ? result : untraced(result), chosen);
    if (name === "keys" && given.length === 1) return this.#keys(result, given[0]);
    return this.madeByCall(result, { name, place, given });
  }

  /** A function's answer, known to be made of what it was given. */
  madeByCall(result: GoValue, { name, place, given }: { readonly name: string; readonly place: string; readonly given: readonly GoValue[] }): GoValue {
    // What a block is made of is in its marks.
    if (result instanceof Block) return given.every(isOpen) && !ruleOf(name).asksOutside ? result : this.alsoMadeOf(result, this.sourcesOfCall(name, place, given.filter((value) => !(value instanceof Block))));
    const sources = this.sourcesOfCall(name, place, given);
    return !ruleOf(name).keepsAny && (isMap(result) || isList(result)) ? tracedDeep(result, sources) : withSources(result, sources);
  }

  /** What a function's answer was made of, arguments left out that it hands on as they are. */
  sourcesOfCall(name: string, place: string, given: readonly GoValue[]): readonly Source[] {
    const rule = ruleOf(name);
    let sources = noSources;
    for (let i = 0; i < given.length; i++) if (!rule.keeps(i, given.length)) sources = unionOf(sources, rule.looksOnly ? this.#subjectOf(given[i]) : this.sourcesOf(given[i]));
    if (rule.readsMember) sources = unionOf(sources, this.#memberSources(given));
    return rule.asksOutside ? unionOf(sources, [this.#source(`${name} at ${place}`, "pinned")]) : sources;
  }

  /** Why a function answered one of its arguments; undefined for functions that do not. */
  chosenBy(name: string, given: readonly GoValue[]): readonly Source[] | undefined {
    const chosen = ruleOf(name).chosen?.(given);
    return chosen === undefined ? undefined : unionOfAll(chosen.map((value) => this.#subjectOf(value)));
  }

  /** A map or list written out by toYaml and its like, as a block whose scalars lead to their own values. Undefined for other values. */
  printed(name: string, value: GoValue, place: string): GoValue {
    const own = untraced(value);
    const printer = isMap(own) || isList(own) ? this.#printers.get(name) : undefined;
    if (printer === undefined) return undefined;
    // What stands around the scalars says nothing that they do not, unless there are none.
    const outer = this.#mark(place, firstLeaf(value) === undefined ? this.#subjectOf(value) : noSources);
    const marker: LeafMarker = (leaf, text) => this.#mark(place, this.sourcesOf(leaf)) + text;
    return this.alsoMadeOf(new Block(outer + printer(own, new MarkedLeaves(own, marker))), value instanceof Traced ? value.sources : noSources);
  }

  /** All that a value was made of. */
  sourcesOf(value: GoValue): readonly Source[] {
    if (typeof value !== "object" || value === null) return noSources;
    if (value instanceof Traced) return isMap(value.value) || isList(value.value) ? unionOf(value.sources, this.sourcesOf(value.value)) : value.sources;
    if (value instanceof Block) return this.#sourcesOfBlock(value);
    if (!isMap(value) && !isList(value)) return noSources;
    const path = this.#paths.get(value);
    const leaves = unionOfAll(membersOf(value).map((member) => this.sourcesOf(member)));
    if (path === undefined || (leaves.length > 0 && leaves.length <= leavesToldMax)) return leaves;
    return unionOf(this.#outline(value, path), leaves.filter((leaf) => !leaf.path.startsWith(path)));
  }

  /** What was written since there were so many entries and contexts was made of all this. */
  sourcesSince(entryCount: number, contextCount: number): readonly Source[] {
    return unionOfAll([
      ...this.entries.slice(entryCount).flatMap(({ sources, conditions = noSources }) => [sources, conditions]),
      ...this.contexts.slice(contextCount).flatMap(({ conditions, made }) => [conditions, made]),
    ]);
  }

  /** Functions that look one member up depend on it, there or not, and on no other. */
  #memberSources([map, key]: readonly GoValue[]): readonly Source[] {
    const own = untraced(map);
    const at = untraced(key);
    if (!isMap(own) || typeof at !== "string") return noSources;
    const path = this.#paths.get(own);
    if (path === undefined) return noSources;
    return at in own ? this.#outline(own[at], `${path}.${at}`) : [this.missingAt(`${path}.${at}`)];
  }

  #keys(result: GoValue, given: GoValue): GoValue {
    const own = untraced(given);
    return isList(result) && isMap(own) ? copyOf(result, (key) => (typeof key === "string" ? this.key(own, key) : key)) : result;
  }

  /** A map or list as one source: who looks only whether it is there does not read all of it. */
  #subjectOf(value: GoValue): readonly Source[] {
    const own = untraced(value);
    const path = isMap(own) || isList(own) ? this.#paths.get(own) : undefined;
    return path === undefined ? this.sourcesOf(value) : unionOf(this.#outline(own, path), value instanceof Traced ? value.sources : noSources);
  }

  #outline(value: GoValue, path: string): readonly Source[] {
    if (value instanceof Traced && !isMap(value.value) && !isList(value.value)) return value.sources;
    const first = firstLeaf(value);
    return [this.#source(path, first?.layer ?? "empty", first)];
  }

  /** What a block's text was made of; what decides here too is told anyway. */
  #sourcesOfBlock({ text }: Block): readonly Source[] {
    const { entries, contexts } = tracesIn(text);
    const around = new Set(chainOf(this.#contexts.current));
    return unionOfAll([
      ...entries.flatMap((id) => { const entry = this.entries[id]; return entry === undefined ? [] : [entry.sources, entry.conditions ?? noSources]; }),
      ...contexts.flatMap((id) => chainOf(this.contexts[id]).filter((context) => !around.has(context)).flatMap(({ conditions, made }) => [conditions, made])),
    ]);
  }

  /** The value, known to depend on `sources` too. A block is handed on as it is: what it depends on besides stands in a context around it. */
  alsoMadeOf(value: GoValue, sources: readonly Source[]): GoValue {
    if (!(value instanceof Block)) return withSources(value, sources);
    return sources.length === 0 || value.text === "" ? value : new Block(printInContext(this.#contexts.open({ made: sources }).id, value.text));
  }

  #mark(place: string, sources: readonly Source[]): string {
    this.entries.push({ sources, conditions: undefined, isApart: false });
    return printEntryMark(this.entries.length - 1, place);
  }

  #source(path: string, layer: string, like?: Source): Source {
    const key = `${path}\u0000${layer}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const source: Source = { path, layer, ...(like?.place === undefined ? {} : { place: like.place }) };
    this.#known.set(key, source);
    return source;
  }
}

/** True for what knows nothing, or carries what it knows in its text. */
export function isOpen(value: GoValue): boolean {
  return typeof value !== "object" || value === null || value instanceof Block;
}

function membersOf(value: GoMap | GoList): readonly GoValue[] {
  return isList(value) ? value : Object.keys(value).map((key) => value[key]);
}

function firstLeaf(value: GoValue): Source | undefined {
  if (value instanceof Traced) return value.sources[0] ?? firstLeaf(value.value);
  if (!isMap(value) && !isList(value)) return undefined;
  for (const member of membersOf(value)) {
    const found = firstLeaf(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

const factLayers: Readonly<Record<string, string>> = { Release: "release", Capabilities: "cluster" };

/** What a function that hands an argument on is given: scalars stay traced, a map keeps who it is where it is changed. */
function kept(value: GoValue, { isChanged, takesNull }: { readonly isChanged: boolean; readonly takesNull: boolean }): GoValue {
  const own = untraced(value);
  if (own === null || own === undefined) return takesNull ? value : own;
  if (!(value instanceof Traced) || (!isMap(own) && !isList(own))) return value;
  return isChanged ? own : tracedDeep(own, value.sources);
}
