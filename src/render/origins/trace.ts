import { Block, entriesIn, printEntryMark, printMark } from "../text.ts";
import type { TracedCall, Tracer } from "../template/frame.ts";
import { copyOf, isList, isMap, isTrue, Traced } from "../template/value.ts";
import type { GoList, GoMap, GoValue } from "../template/value.ts";
import { parsePlace } from "../place.ts";
import type { Source } from "./origin.ts";
import { markedText } from "./marked-text.ts";
import { tracedDeep, unionOf, untraced, untracedDeep, withSources } from "./traced.ts";

/** What one mark of a traced render stands for. */
export interface TraceEntry {
  /** `file:line:column`. */
  readonly place: string;
  /** Calls that led there, outermost first. */
  readonly through: readonly string[];
  readonly sources: readonly Source[];
  readonly conditions: readonly Source[];
  /** True for what stands in the template as it is. */
  readonly isText: boolean;
  /** True for a branch not taken that would have begun on a line of its own. */
  readonly isApart: boolean;
}

/** A map or list with more leaves than this is told as one input. */
const leavesToldMax = 20;

/** What one render remembers of where its values came from and went. Both languages use it. */
export class Trace implements Tracer {
  readonly entries: TraceEntry[] = [];
  readonly #paths: WeakMap<object, string>;
  readonly #known = new Map<string, Source>();
  /** What a source was when it was read. Never told; kept to say whether a scalar is it unchanged. */
  readonly #values = new Map<Source, GoValue>();
  readonly #through: string[] = [];
  #conditions: readonly Source[] = [];
  /** What the text of a running tpl was made of. */
  #ambient: readonly Source[] = [];

  /** @param paths where the maps and lists of the values stand: `Values.image` */
  constructor(paths: WeakMap<object, string>) {
    this.#paths = paths;
  }

  text(mark: string, text: string): string {
    if (!text.includes("\n")) return this.#mark(mark, [], true) + text;
    // Every line has a mark of its own, since indenting a block moves its lines.
    const place = parsePlace(placeOfMark(mark));
    return text.split("\n").map((line, index) => this.#mark(index === 0 ? mark : printMark(`${place.file}:${(place.line ?? 1) + index}:1`), [], true) + line).join("\n");
  }

  value(mark: string, value: GoValue): string {
    return this.#mark(mark, value instanceof Block ? [] : this.sourcesOf(value), false);
  }

  absent(mark: string, subject: GoValue, isApart: boolean): string {
    return this.within(subject, () => this.#mark(mark, [], true, isApart));
  }

  missing(map: GoMap, name: string, value: GoValue): GoValue {
    const path = this.#paths.get(map);
    return path === undefined ? value : new Traced(value, [this.#source(`${path}.${name}`, "not set")]);
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
    return new Traced(value, unionOf([[this.#remember(this.#source(path, layer), value)], ...args.map((arg) => this.sourcesOf(arg))]));
  }

  decided(value: GoValue, subject: GoValue): GoValue {
    // A leaf of a map says that the map is there.
    const own = value instanceof Traced ? value.sources : [];
    return withSources(value, this.#subjectOf(subject).filter(({ path }) => !own.some((source) => source.path.startsWith(`${path}.`) || source.path.startsWith(`${path}[`))));
  }

  conditional(value: GoValue): GoValue {
    return withSources(value, this.#conditions);
  }

  within<T>(subject: GoValue, run: () => T): T {
    const outer = this.#conditions;
    this.#conditions = unionOf([outer, this.#subjectOf(subject)]);
    try {
      return run();
    } finally {
      this.#conditions = outer;
    }
  }

  through<T>(mark: string, run: () => T): T {
    this.enter(mark);
    try {
      return run();
    } finally {
      this.leave();
    }
  }

  /** What follows is called from a mark, until `leave`. */
  enter(mark: string): void {
    this.#through.push(placeOfMark(mark));
  }

  leave(): void {
    this.#through.pop();
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
    return this.#remember(source, value);
  }

  call(name: string, site: string, { given, convert, run }: TracedCall): GoValue {
    const isKept = (index: number): boolean => keptArguments.get(name)?.(index, given.length) === true;
    const plain = given.map((value, index) => convert(isKept(index) ? kept(value, { isChanged: index === 0 && changesFirst.has(name), takesNull: takesNull.has(name) }) : untracedDeep(value), index));
    const result = this.madeOf(name === "tpl" ? this.sourcesOf(given[0]) : [], () => run(plain));
    if (printers.has(name) && typeof result === "string") return this.#printed(result, given.at(-1), site);
    const chosen = this.chosenBy(name, given);
    if (chosen !== undefined) return withSources(isMap(untraced(result)) || isList(untraced(result)) ? result : untraced(result), chosen);
    if (name === "keys" && given.length === 1) return this.#keys(result, given[0]);
    const sources = this.sourcesOfCall(name, site, given);
    return !keptArguments.has(name) && (isMap(result) || isList(result)) ? tracedDeep(result, sources) : withSources(result, sources);
  }

  /** What a function's answer was made of, arguments left out that it hands on as they are. */
  sourcesOfCall(name: string, site: string, given: readonly GoValue[]): readonly Source[] {
    const isKept = (index: number): boolean => keptArguments.get(name)?.(index, given.length) === true;
    const ofArguments = given.map((value, index) => (isKept(index) ? [] : looksOnly.has(name) ? this.#subjectOf(value) : this.sourcesOf(value)));
    return unionOf([[], ...ofArguments, this.#memberSources(name, given), asksOutside.has(name) ? [this.#source(`${name} at ${site}`, "pinned")] : []]);
  }

  /** Why a function answered one of its arguments; undefined for functions that do not. */
  chosenBy(name: string, given: readonly GoValue[]): readonly Source[] | undefined {
    const chosen = choosers.get(name)?.(given);
    return chosen === undefined ? undefined : unionOf([[], ...chosen.map((value) => this.#subjectOf(value))]);
  }

  /** A map or list written out by toYaml and its like, as a block whose scalars lead to their own values. */
  printedBlock(name: string, { text, value, place }: { readonly text: string; readonly value: GoValue; readonly place: string }): Block | undefined {
    const printed = printers.has(name) ? this.#printed(text, value, place) : undefined;
    return printed instanceof Block ? printed : undefined;
  }

  /** Functions that look one member up depend on it, there or not, and on no other. */
  #memberSources(name: string, [map, key]: readonly GoValue[]): readonly Source[] {
    const own = untraced(map);
    const at = untraced(key);
    if ((name !== "hasKey" && name !== "get" && name !== "index") || !isMap(own) || typeof at !== "string") return [];
    const path = this.#paths.get(own);
    if (path === undefined) return [];
    return at in own ? this.#outline(own[at], `${path}.${at}`) : [this.#source(`${path}.${at}`, "not set")];
  }

  #keys(result: GoValue, given: GoValue): GoValue {
    const own = untraced(given);
    return isList(result) && isMap(own) ? copyOf(result, (key) => (typeof key === "string" ? this.key(own, key) : key)) : result;
  }

  /** Runs `run`; whatever it writes is made of `sources` too. */
  madeOf<T>(sources: readonly Source[], run: () => T): T {
    const outer = this.#ambient;
    this.#ambient = unionOf([outer, sources]);
    try {
      return run();
    } finally {
      this.#ambient = outer;
    }
  }

  /** All that a value was made of. */
  sourcesOf(value: GoValue): readonly Source[] {
    if (value instanceof Traced) return isMap(value.value) || isList(value.value) ? unionOf([value.sources, this.sourcesOf(value.value)]) : value.sources;
    if (value instanceof Block) return this.#sourcesOfBlock(value);
    if (!isMap(value) && !isList(value)) return [];
    const path = this.#paths.get(value);
    const leaves = unionOf([[], ...membersOf(value).map((member) => this.sourcesOf(member))]);
    if (path === undefined || (leaves.length > 0 && leaves.length <= leavesToldMax)) return leaves;
    return unionOf([this.#outline(value, path), leaves.filter((leaf) => !leaf.path.startsWith(path))]);
  }

  /** A map or list as one source: who looks only whether it is there does not read all of it. */
  #subjectOf(value: GoValue): readonly Source[] {
    const own = untraced(value);
    const path = isMap(own) || isList(own) ? this.#paths.get(own) : undefined;
    return path === undefined ? this.sourcesOf(value) : unionOf([this.#outline(own, path), value instanceof Traced ? value.sources : []]);
  }

  #outline(value: GoValue, path: string): readonly Source[] {
    if (value instanceof Traced && !isMap(value.value) && !isList(value.value)) return value.sources;
    const first = firstLeaf(value);
    return [this.#source(path, first?.layer ?? "empty", first)];
  }

  #sourcesOfBlock(block: Block): readonly Source[] {
    const found = entriesIn(block.text).map((entry) => this.entries[entry]);
    return unionOf([[], ...found.flatMap((entry) => (entry === undefined ? [] : [entry.sources, entry.conditions]))]);
  }

  /** What toYaml and its like print: every scalar leads to its own value. */
  #printed(text: string, value: GoValue, site: string): GoValue {
    const own = untraced(value);
    const whole = this.sourcesOf(value);
    if (!isMap(own) && !isList(own)) return withSources(text, whole);
    // What stands around the scalars says nothing that they do not, unless there are none.
    const outer = this.#mark(printMark(site), whole.length > 0 ? [] : this.#subjectOf(value), false);
    return markedText(text, own, { outer, markOf: (leaf) => this.#mark(printMark(site), this.sourcesOf(leaf), false) }) ?? withSources(text, whole);
  }

  #mark(mark: string, sources: readonly Source[], isText: boolean, isApart = false): string {
    const isOwnText = isText && this.#ambient.length === 0;
    this.entries.push({ place: placeOfMark(mark), through: [...this.#through], sources: unionOf([sources, this.#ambient]), conditions: this.#conditions, isText: isOwnText, isApart });
    return printEntryMark(this.entries.length - 1, placeOfMark(mark));
  }

  #source(path: string, layer: string, like?: Source): Source {
    const key = `${path}\u0000${layer}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const source: Source = { path, layer, ...(like?.place === undefined ? {} : { place: like.place }) };
    this.#known.set(key, source);
    return source;
  }

  #remember(source: Source, value: GoValue): Source {
    this.#values.set(source, value);
    return source;
  }
}

/** `file:line:column` of a mark. */
function placeOfMark(mark: string): string {
  return mark.slice(1, -1);
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

/** Functions whose text is a map or list written out. */
const printers: ReadonlySet<string> = new Set(["toYaml", "mustToYaml", "toYamlPretty", "toJson", "mustToJson", "toPrettyJson", "mustToPrettyJson", "toRawJson", "mustToRawJson"]);

/** Functions whose answer no argument gives. */
const asksOutside: ReadonlySet<string> = new Set(["lookup", "now", "randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes", "randInt", "uuidv4", "shuffle", "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "bcrypt", "htpasswd", "encryptAES", "ago"]);

/** The arguments that made functions answer one of them. */
const choosers: ReadonlyMap<string, (given: readonly GoValue[]) => readonly GoValue[]> = new Map<string, (given: readonly GoValue[]) => readonly GoValue[]>([
  ["default", ([fallback, value]) => (isTrue(value) ? [value] : [value, fallback])],
  ["coalesce", (given) => given.slice(0, given.findIndex(isTrue) + 1 || given.length)],
  ["ternary", ([yes, no, condition]) => [condition, isTrue(condition) ? yes : no]],
]);

/** Functions that look only at what a map or list is, or how much there is of it. */
const looksOnly: ReadonlySet<string> = new Set(["empty", "not", "len", "kindOf", "kindIs", "typeOf", "typeIs", "typeIsLike"]);

/** Functions that change their first argument in place. */
const changesFirst: ReadonlySet<string> = new Set(["set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"]);

/** Functions that take a missing value for any other. */
const takesNull: ReadonlySet<string> = new Set(["dict", "list", "tuple", "set", "append", "prepend", "include", "tpl", "default", "coalesce", "ternary"]);

/** What a function that hands an argument on is given: scalars stay traced, a map keeps who it is where it is changed. */
function kept(value: GoValue, { isChanged, takesNull: isNullKept }: { readonly isChanged: boolean; readonly takesNull: boolean }): GoValue {
  const own = untraced(value);
  if (own === null || own === undefined) return isNullKept ? value : own;
  if (!(value instanceof Traced) || (!isMap(own) && !isList(own))) return value;
  return isChanged ? own : tracedDeep(own, value.sources);
}

const all = (): boolean => true;
const first = (index: number): boolean => index === 0;

/** Arguments that functions hand on, or change in place, without looking into them: they stay traced. By name: which of so many. */
const keptArguments: ReadonlyMap<string, (index: number, count: number) => boolean> = new Map<string, (index: number, count: number) => boolean>([
  ["dict", (index) => index % 2 === 1], ["list", all], ["tuple", all], ["set", (index) => index !== 1], ["unset", first], ["get", first], ["hasKey", first], ["index", first],
  ["default", all], ["coalesce", all], ["ternary", (index) => index < 2], ["required", (index) => index === 1], ["include", (index) => index === 1], ["tpl", (index) => index === 1],
  ["merge", all], ["mergeOverwrite", all], ["mustMerge", all], ["mustMergeOverwrite", all], ["deepCopy", all], ["mustDeepCopy", all],
  ["pick", first], ["omit", first], ["pluck", (index) => index > 0], ["dig", (index, count) => index >= count - 2], ["values", all],
  ["first", all], ["mustFirst", all], ["last", all], ["mustLast", all], ["rest", all], ["mustRest", all], ["initial", all], ["mustInitial", all], ["reverse", all], ["mustReverse", all],
  ["append", all], ["mustAppend", all], ["push", all], ["mustPush", all], ["prepend", all], ["mustPrepend", all], ["concat", all],
]);
