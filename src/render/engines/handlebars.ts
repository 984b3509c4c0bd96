import Handlebars from "handlebars";
import type { EngineFacts, EngineOutput, EngineOutside, EngineResult, EngineScope, Template, TemplateEngine } from "../engine.ts";
import { faultAt, FunctionFault, nearestName, RenderFault } from "../fault.ts";
import { functions } from "../functions.ts";
import type { CallContext, TemplateFunction, TemplateValue } from "../functions.ts";
import { isTrue, jsonOf, mapOf, memberOf, sortedKeys, spokenKind, textOf } from "../template-value.ts";
import { problemCountMax } from "../limits.ts";
import type { RenderProblem } from "../render.ts";
import type { Trace } from "../origins/trace.ts";
import { untraced } from "../origins/traced.ts";
import { goMap, goValueOf, isList, isMap, Traced } from "../template/value.ts";
import type { GoMap, GoValue } from "../template/value.ts";
import { Block, withoutLastBreak } from "../text.ts";
import { nestedName } from "../place.ts";
import { isJsonObject } from "../../value/json.ts";
import { handlebarsReads } from "./_handlebars-reads.ts";
import type { JsonObject } from "../../value/json.ts";
import { apartMember, blockNames, internalHelpers, Rewriter, siteMember } from "./_rewrite.ts";
import type { PartialCall } from "./_rewrite.ts";
import { checkResult, describeOverflow } from "../result-bounds.ts";
import { RenderSession } from "./_session.ts";
import { parseSite, placeOfSite, printSite } from "./_site.ts";
import type { SyntaxNode } from "./_syntax.ts";
import { asGoValue, asTemplateValue, callTraced } from "./_traced.ts";

/** One compiled template; the compiled code knows no values and no render, so it may serve many. */
interface Compiled {
  readonly run: Handlebars.TemplateDelegate;
  readonly partialCalls: readonly PartialCall[];
  readonly inlineNames: readonly string[];
}

/** What Handlebars gives a helper last. */
interface HelperOptions {
  readonly fn?: (context: unknown, options?: object) => string;
  readonly inverse?: (context: unknown) => string;
  readonly hash: { readonly [name: string]: unknown };
  readonly data?: object;
}

/** Compiled templates kept between renders of one worker; a chart has about 20. */
const compiledMax = 500;
const compiledTemplates = new Map<string, Compiled>();

const knownHelpers = Object.fromEntries([...Object.values(internalHelpers), ...blockNames].map((name) => [name, true]));

/** Handlebars charts: `templates/*.hbs`. The only door to npm `handlebars`. */
export const handlebarsEngine: TemplateEngine = {
  name: "Handlebars",
  sourceType: "Handlebars",
  reads: (file) => file.endsWith(".hbs"),
  valueReads: (template) => handlebarsReads(parseTemplate(template, undefined), template.file),
  render(scopes, _root, outside) {
    const results = scopes.map((scope) => new HandlebarsRender(scope, outside).render());
    return { outputs: results.flatMap(({ outputs }) => outputs), problems: results.flatMap(({ problems }) => problems) };
  },
};

interface CompileOptions {
  readonly isTraced: boolean;
  /** What it writes may be indented later. */
  readonly isMovable: boolean;
  readonly inlineName?: string;
}

/** Compiles one template, or one inline partial of it. Only texts are compiled: the tree comes from Handlebars' own parser. Throws RenderFault. */
function compileTemplate(template: Template, { isTraced, isMovable, inlineName }: CompileOptions): Compiled {
  const key = [template.file, inlineName ?? "", isTraced ? "traced" : "", isTraced && isMovable ? "movable" : "", template.text].join("\u0000");
  const known = compiledTemplates.get(key);
  if (known !== undefined) return known;
  const instance = Handlebars.create();
  const rewriter = new Rewriter(template.file, { isTraced, isMovable });
  const program = rewriter.program(parseTemplate(template, inlineName));
  // Compiling asks the instance to parse the text; it is given the same tree, rewritten.
  instance.parse = () => program as unknown as ReturnType<typeof instance.parse>;
  const run: Handlebars.TemplateDelegate = instance.compile(template.text, { noEscape: true, knownHelpers, knownHelpersOnly: true });
  const compiled: Compiled = { run, partialCalls: rewriter.partialCalls, inlineNames: rewriter.inlineNames };
  if (compiledTemplates.size >= compiledMax) compiledTemplates.clear();
  compiledTemplates.set(key, compiled);
  return compiled;
}

function parseTemplate(template: Template, inlineName: string | undefined): SyntaxNode {
  try {
    const program = Handlebars.parse(template.text) as unknown as SyntaxNode;
    return inlineName === undefined ? program : inlineProgram(program, inlineName);
  } catch (error) {
    throw syntaxFault(template, error);
  }
}

function inlineProgram(program: SyntaxNode, name: string): SyntaxNode {
  const found = program.body?.find((statement) => statement.type === "DecoratorBlock" && statement.params?.[0]?.value === name)?.program;
  return found ?? program;
}

/** Handlebars says where in two ways: in fields, or in the words of its generated parser. */
function syntaxFault(template: Template, error: unknown): RenderFault {
  const message = error instanceof Error ? error.message : String(error);
  const { lineNumber, column } = error as { readonly lineNumber?: number; readonly column?: number };
  if (lineNumber !== undefined) {
    return faultAt({ file: template.file, line: lineNumber, column: (column ?? 0) + 1 }, message.replace(/ - \d+:\d+$/, ""));
  }
  const line = Number(/^(?:Parse|Lexical) error on line (\d+)/.exec(message)?.[1] ?? 1);
  const got = /got '(\w+)'/.exec(message)?.[1];
  const near = message.split("\n")[1]?.trim() ?? "";
  const what = got === "EOF" ? "the template ends before a block or expression is closed" : `the template cannot be read here${got === undefined ? "" : ` (unexpected ${got.toLowerCase().replaceAll("_", " ")})`}`;
  const last = template.text.split("\n").length;
  return faultAt({ file: template.file, line: Math.min(line, last) }, near === "" ? what : `${what}, near ${JSON.stringify(near)}`);
}

/** One render of one chart. */
class HandlebarsRender {
  readonly #input: EngineScope;
  readonly #begin: (file: string) => void;
  readonly #session: RenderSession;
  readonly #partials: { readonly [name: string]: Handlebars.TemplateDelegate };
  readonly #partialNames: ReadonlySet<string>;
  /** Where each name of a partial that is computed was last computed. */
  readonly #computedNames = new Map<string, string>();
  readonly #calls: PartialCall[] = [];
  readonly #problems: RenderProblem[] = [];
  readonly #helpers: { readonly [name: string]: Handlebars.HelperDelegate };
  readonly #trace: Trace | undefined;
  readonly #abilities: CallAbilities;
  /** Helm's objects, shared by all templates of the chart. */
  readonly #objects: object;
  #root: object = {};

  constructor(input: EngineScope, outside: EngineOutside) {
    this.#input = input;
    this.#begin = outside.begin;
    this.#trace = outside.trace;
    this.#objects = outside.trace === undefined ? input.objects : tracedObjects(input, outside.trace);
    this.#session = new RenderSession(input.objects, input.layerOf, outside);
    this.#partials = this.#compilePartials();
    this.#partialNames = new Set(Object.keys(this.#partials));
    this.#helpers = this.#makeHelpers();
    this.#abilities = {
      input, session: this.#session, facts: outside.facts,
      include: (name, context, site) => this.#include(name, context, site), renderText: (text, context, site) => this.#renderText(text, context, site),
    };
  }

  render(): EngineResult {
    const outputs: EngineOutput[] = [];
    for (const template of this.#input.templates) {
      if (this.#problems.length >= problemCountMax) break;
      this.#begin(template.file);
      this.#collect(template.file, () => { outputs.push({ file: template.file, text: this.#renderOne(template), plainValues: this.#session.plainValues }); });
    }
    return { outputs, problems: this.#problems };
  }

  #renderOne(template: Template): string {
    this.#trace?.begin("handlebars");
    this.#root = rootOf(this.#objects, { Name: template.file, BasePath: "templates" });
    const compiled = this.#compile(template, false);
    this.#checkPartialCalls(compiled);
    return this.#run(compiled.run, this.#root);
  }

  #compile(template: Template, isMovable: boolean, inlineName?: string): Compiled {
    return compileTemplate(template, { isTraced: this.#trace !== undefined, isMovable, ...(inlineName === undefined ? {} : { inlineName }) });
  }

  #run(run: Handlebars.TemplateDelegate, context: unknown): string {
    const text = run(context, {
      helpers: { ...this.#helpers }, partials: { ...this.#partials }, data: { root: this.#root },
      allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false,
    });
    return this.#trace === undefined || text === "" ? text : this.#trace.here() + text;
  }

  /** Runs `work`; whatever goes wrong while one file renders is that file's problem, and the others go on. */
  #collect(file: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof RenderFault) this.#problems.push(error.problem);
      else if (error instanceof Handlebars.Exception && missingPartial.test(error.message)) this.#problems.push(this.#noPartialCalled(error.message, file).problem);
      else if (error instanceof RangeError) this.#problems.push({ message: "the template is nested too deeply, calls itself without end, or makes a text without end", place: { file } });
      else if (error instanceof Error) this.#problems.push({ message: error instanceof Handlebars.Exception ? error.message : `the template cannot be run: ${error.message}`, place: { file, ...placeOf(error) } });
      else throw error;
    }
  }

  #compilePartials(): { readonly [name: string]: Handlebars.TemplateDelegate } {
    const partials: Record<string, Handlebars.TemplateDelegate> = Object.create(null) as Record<string, Handlebars.TemplateDelegate>;
    // Those in inner folders first: a short name that several have is the outermost's.
    for (const template of this.#input.partials.toSorted((left, right) => folderDepth(right.file) - folderDepth(left.file))) {
      this.#begin(template.file);
      this.#collect(template.file, () => {
        const whole = this.#compile(template, true);
        this.#calls.push(...whole.partialCalls);
        for (const name of partialNames(template.file)) partials[name] = this.#bounded(template.file, whole.run);
        for (const name of whole.inlineNames) partials[name] ??= this.#bounded(template.file, this.#compile(template, true, name).run);
      });
    }
    return partials;
  }

  /** A partial that ends where partials call each other without end. */
  #bounded(file: string, run: Handlebars.TemplateDelegate): Handlebars.TemplateDelegate {
    return (context, options) => this.#session.inPartial(file, () => run(context, options));
  }

  /** What Handlebars found missing while it ran: a partial that a layout calls, or whose name was computed. */
  #noPartialCalled(message: string, file: string): RenderFault {
    const name = missingPartial.exec(message)?.[1] ?? "";
    const call = this.#calls.find((one) => one.name === name);
    if (name === "@partial-block") return faultAt({ file }, "{{> @partial-block}} stands in what no layout was given a block for; call it as {{#> name}} … {{/name}}");
    return this.#noPartial(name, this.#computedNames.get(name) ?? printSite(file, []), call);
  }

  #checkPartialCalls(compiled: Compiled): void {
    for (const call of compiled.partialCalls) {
      if (!this.#partialNames.has(call.name) && !compiled.inlineNames.includes(call.name)) throw this.#noPartial(call.name, printSite("", []), call);
    }
  }

  #noPartial(name: string, site: string, call?: PartialCall): RenderFault {
    const near = nearestName(name, this.#partialNames);
    const known = this.#partialNames.size === 0 ? "the chart has no partials (templates/_name.hbs)" : `the chart has ${[...this.#partialNames].toSorted().join(", ")}`;
    return faultAt(call?.place ?? parseSite(site).place, `there is no partial ${name}; ${near === undefined ? known : `did you mean ${near}?`}`);
  }

  #include(name: string, context: unknown, site: string): Block {
    const partial = this.#partials[name];
    if (partial === undefined) throw this.#noPartial(name, site);
    // The line break at the end of a partial's file is the editor's, not the text's.
    return new Block(withoutLastBreak(this.#session.nested(site, () => this.#run(partial, context ?? this.#root))));
  }

  #renderText(text: string, context: unknown, site: string): Block {
    const file = nestedName(parseSite(site).place);
    return this.#session.nested(site, () => {
      const compiled = this.#compile({ file, text }, true);
      this.#checkPartialCalls(compiled);
      return new Block(this.#run(compiled.run, context ?? this.#root));
    });
  }

  #makeHelpers(): { readonly [name: string]: Handlebars.HelperDelegate } {
    const session = this.#session;
    const trace = this.#trace;
    const call = (context: unknown, args: readonly unknown[]) => this.#call(context, args);
    const below = (context: unknown, value: TemplateValue, options: HelperOptions, run: (own: TemplateValue, given: TemplateValue) => string): string => this.#below(context, value, options, run);
    return {
      [internalHelpers.emit](this: unknown, value: TemplateValue, site: string) { return session.print(value, this, site); },
      [internalHelpers.emitRaw](this: unknown, value: TemplateValue, site: string) { return session.printRaw(value, this, site); },
      [internalHelpers.partial]: (given: TemplateValue, site: string) => {
        const name = trace === undefined ? given : untraced(asGoValue(given));
        if (typeof name !== "string") throw this.#session.missingArgument("{{> (…)}}", 0, this.#root, site);
        this.#computedNames.set(name, site);
        return name;
      },
      [internalHelpers.call](this: unknown, ...args: unknown[]) { return call(this, args); },
      if(this: unknown, value: TemplateValue, options: HelperOptions) { return below(this, value, options, (own) => choose(this, isTrue(own) || (own === 0 && options.hash["includeZero"] === true), options)); },
      unless(this: unknown, value: TemplateValue, options: HelperOptions) { return below(this, value, options, (own) => choose(this, !isTrue(own), options)); },
      with(this: unknown, value: TemplateValue, options: HelperOptions) {
        return below(this, value, options, (own, given) => (isTrue(own) ? (options.fn?.(given, { data: options.data, blockParams: [given] }) ?? "") : (options.inverse?.(this) ?? "")));
      },
      each(this: unknown, value: TemplateValue, options: HelperOptions) { return below(this, value, options, (own) => each(this, own, options, { session, trace })); },
      [internalHelpers.enter]: (place: string) => trace?.enter(place) ?? "",
      [internalHelpers.leave]: () => trace?.leave() ?? "",
    };
  }

  /** Runs a block helper; a trace is told what decides about what stands below it. */
  #below(context: unknown, value: TemplateValue, options: HelperOptions, run: (own: TemplateValue, given: TemplateValue) => string): string {
    const trace = this.#trace;
    if (trace === undefined) return run(value, value);
    const site = String(options.hash[siteMember]);
    const given = asGoValue(value);
    const subject = given === undefined || given === null ? new Traced(given, [trace.missingAt(this.#session.pathAt(site, 0, context))]) : given;
    const own = untraced(subject);
    const text = trace.within(subject, () => {
      const inner = run(asTemplateValue(own), isMap(own) || isList(own) ? asTemplateValue(own) : value);
      return inner === "" ? "" : trace.here() + inner;
    });
    return text === "" ? trace.absent(placeOfSite(site), subject, options.hash[apartMember] !== undefined) : text + trace.here();
  }

  #call(context: unknown, args: readonly unknown[]): TemplateValue {
    const [name, site, ...rest] = args as readonly [string, string, ...TemplateValue[]];
    const options = rest.pop() as unknown as HelperOptions;
    const entry = functions.get(name);
    if (entry === undefined) throw faultAt(parseSite(site).place, `there is no function ${name}`);
    this.#session.step(site);
    const named = options.hash as { readonly [key: string]: TemplateValue };
    const values = Object.keys(named).length === 0 ? rest : withNamed(name, rest, named);
    const run = (plain: readonly TemplateValue[]): TemplateValue => this.#invoke(entry, plain, context, site);
    if (this.#trace !== undefined) return callTraced(this.#trace, { name, place: placeOfSite(site), given: values, run, pathOf: (index) => this.#session.pathAt(site, index, context) });
    return run(values);
  }

  #invoke(entry: TemplateFunction, values: readonly TemplateValue[], context: unknown, site: string): TemplateValue {
    const { name } = entry;
    const given = values.map((value, index) => {
      if ((value === undefined || value === null) && entry.takesMissing !== true && !(entry.max > entry.min && index >= entry.min && entry.name === "include")) throw this.#session.missingArgument(name, index, context, site);
      return value instanceof Block && entry.takesBlocks !== true ? this.#session.plainText(value) : value;
    });
    try {
      if (name === "lookup" && values.length === 2) return member(values[0], values[1]);
      return checkResult(entry.run(given, new Call(this.#abilities, name, site)));
    } catch (error) {
      if (error instanceof RangeError) throw faultAt(parseSite(site).place, `${name} ${describeOverflow(error)}`);
      if (!(error instanceof FunctionFault)) throw error;
      throw faultAt(parseSite(site).place, name === "fail" || name === "required" ? error.message : `${name} ${error.message}`, valuePathOf(site));
    }
  }
}

/** What a render can do for the functions its templates call. */
interface CallAbilities {
  readonly input: EngineScope;
  readonly session: RenderSession;
  readonly facts: EngineFacts;
  include(name: string, context: unknown, site: string): Block;
  renderText(text: string, context: unknown, site: string): Block;
}

/** What one call may ask. A class, since there is one for every call. */
class Call implements CallContext {
  readonly #render: CallAbilities;
  readonly #name: string;
  readonly #site: string;

  constructor(render: CallAbilities, name: string, site: string) {
    this.#render = render;
    this.#name = name;
    this.#site = site;
  }

  get files(): JsonObject {
    return this.#render.input.objects.Files;
  }

  get nowMs(): number {
    return this.#render.facts.nowAt(callSite(this.#name, this.#site));
  }

  include(partial: string, scope?: TemplateValue): Block {
    return this.#render.include(partial, scope, this.#site);
  }

  renderText(text: string, scope?: TemplateValue): Block {
    return this.#render.renderText(text, scope, this.#site);
  }

  plainText(block: Block): string {
    return this.#render.session.plainText(block);
  }

  randomBytes(_functionName: string, count: number): Uint8Array {
    return this.#render.facts.randomBytes(callSite(this.#name, this.#site), count);
  }

  lookup(apiVersion: string, kind: string, namespace: string, name: string): GoMap {
    return this.#render.facts.lookup(apiVersion, kind, namespace, name);
  }
}

/** The name of a call site: its file and the call as written, so that lines may move without a new password being made. */
function callSite(name: string, site: string): string {
  const { place, texts } = parseSite(site);
  return `${place.file}: ${[name, ...texts].join(" ")}`;
}

/** What one template sees at its root. Members are made when they are read: few templates read the chart's other files. */
function rootOf(objects: object, template: object): object {
  return Object.defineProperties({ Template: template }, Object.getOwnPropertyDescriptors(objects));
}

const objectNames = ["Values", "Release", "Chart", "Capabilities", "Files"] as const;

/** Helm's objects with every leaf traced, each made when it is read first. */
function tracedObjects({ objects, values }: EngineScope, trace: Trace): object {
  const traced = {};
  for (const name of objectNames) {
    let made: GoValue;
    const read = (): GoValue => (made ??= name === "Values" ? values : tracedFacts(goValueOf(objects[name]), name, trace));
    Object.defineProperty(traced, name, { get: read, enumerable: true });
  }
  return traced;
}

function tracedFacts(value: GoValue, path: string, trace: Trace): GoValue {
  if (isList(value)) return value.map((item, index) => tracedFacts(item, `${path}[${index}]`, trace));
  if (isMap(value)) return goMap(Object.keys(value).map((key) => [key, tracedFacts(value[key], `${path}.${key}`, trace)] as const));
  return trace.known(path, value);
}

/** How Handlebars says that a partial is not there. */
const missingPartial = /^The partial (.*) could not be found$/s;

/** `templates/_labels.hbs` is the partial `labels`, `templates/parts/_labels.hbs` is `parts/labels`, and `labels` too where no other is. */
function partialNames(file: string): readonly string[] {
  const path = file.slice(file.indexOf("templates/") + "templates/".length).replace(/(^|\/)_([^/]*)\.hbs$/, "$1$2");
  const short = path.slice(path.lastIndexOf("/") + 1);
  return short === path ? [path] : [path, short];
}

function folderDepth(file: string): number {
  return file.split("/").length;
}

function valuePathOf(site: string): string | undefined {
  return parseSite(site).texts.find((text) => /^(?:@root\.)?Values\./.test(text))?.replace(/^@root\./, "");
}

function placeOf(error: object): { readonly line?: number; readonly column?: number } {
  const { lineNumber, column } = error as { readonly lineNumber?: number; readonly column?: number };
  return { ...(lineNumber === undefined ? {} : { line: lineNumber }), ...(column === undefined ? {} : { column: column + 1 }) };
}

function choose(context: unknown, isChosen: boolean, options: HelperOptions): string {
  return (isChosen ? options.fn?.(context) : options.inverse?.(context)) ?? "";
}

function member(collection: TemplateValue, key: TemplateValue): TemplateValue {
  if (Array.isArray(collection)) return (collection as readonly TemplateValue[])[Number(textOf(key))];
  return collection === undefined || collection === null ? undefined : memberOf(mapOf(collection), textOf(key));
}

/** Named arguments: members of the map for dict, members over the context for include and tpl. */
function withNamed(name: string, values: readonly TemplateValue[], named: { readonly [key: string]: TemplateValue }): readonly TemplateValue[] {
  if (name === "dict") return [...values, ...Object.entries(named).flat()];
  const context = isJsonObject(values[1]) ? values[1] : {};
  return [values[0], { ...context, ...Object.fromEntries(Object.entries(named).map(([key, value]) => [key, jsonOf(value)])) }];
}

/** Lists in order, maps in key order; `@key`, `@index`, `@first`, `@last` as in Handlebars. */
function each(context: unknown, value: TemplateValue, options: HelperOptions, { session, trace }: { readonly session: RenderSession; readonly trace: Trace | undefined }): string {
  const site = String(options.hash[siteMember]);
  if (!isTrue(value)) return options.inverse?.(context) ?? "";
  const isList = Array.isArray(value);
  if (!isList && !isJsonObject(value)) throw faultAt(parseSite(site).place, `#each goes through lists and maps, but ${parseSite(site).texts[0] ?? "the value"} is ${spokenKind(value)}`);
  const keys: readonly (string | number)[] = isList ? [...(value as readonly unknown[]).keys()] : sortedKeys(mapOf(value));
  const map = trace === undefined ? undefined : asGoValue(value);
  const tracedKeys = isMap(map) ? map : undefined;
  const parts: string[] = [];
  keys.forEach((key, index) => {
    session.step(site);
    const item = (value as { readonly [key: string | number]: unknown })[key];
    const told = tracedKeys !== undefined && trace !== undefined && typeof key === "string" ? trace.key(tracedKeys, key) : key;
    const data = { ...options.data, _parent: options.data, key: told, index, first: index === 0, last: index === keys.length - 1 };
    const part = options.fn?.(item, { data, blockParams: [item, told] }) ?? "";
    session.produce(part.length, site);
    parts.push(part);
  });
  return parts.join("");
}
