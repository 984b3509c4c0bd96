import type { EngineOutput, EngineOutside, EngineResult, EngineScope, Template, TemplateEngine } from "../engine.ts";
import { faultAt, FunctionFault, nearestName, RenderFault } from "../fault.ts";
import { functions } from "../functions.ts";
import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { isTrue, jsonOf, mapOf, memberOf, textOf } from "../template-value.ts";
import { problemCountMax } from "../limits.ts";
import type { RenderProblem } from "../render.ts";
import type { Trace } from "../origins/trace.ts";
import { untraced } from "../origins/traced.ts";
import { isList, isMap, Traced } from "../template/value.ts";
import { Block, withoutLastBreak } from "../text.ts";
import { nestedName } from "../place.ts";
import { isJsonObject } from "../../value/json.ts";
import { choose, each } from "./_handlebars-blocks.ts";
import type { HelperOptions } from "./_handlebars-blocks.ts";
import { Call } from "./_handlebars-call.ts";
import type { CallAbilities } from "./_handlebars-call.ts";
import { compileTemplate, messageOf, missingPartialIn, parseTemplate, placeOf } from "./_handlebars-compile.ts";
import type { Compiled, Helper, RunTemplate } from "./_handlebars-compile.ts";
import { handlebarsReads } from "./_handlebars-reads.ts";
import { rootOf, tracedObjects } from "./_handlebars-root.ts";
import { apartMember, internalHelpers, siteMember } from "./_rewrite.ts";
import type { PartialCall } from "./_rewrite.ts";
import { checkResult, describeOverflow } from "../result-bounds.ts";
import { RenderSession } from "./_session.ts";
import { parseSite, placeOfSite, printSite } from "./_site.ts";
import { asGoValue, asTemplateValue, callTraced } from "./_traced.ts";

/** Handlebars charts: `templates/*.hbs`. */
export const handlebarsEngine: TemplateEngine = {
  name: "Handlebars",
  sourceType: "Handlebars",
  reads: (file) => file.endsWith(".hbs"),
  valueReads: (template) => handlebarsReads(parseTemplate(template), template.file),
  render(scopes, _root, outside) {
    const results = scopes.map((scope) => new HandlebarsRender(scope, outside).render());
    return { outputs: results.flatMap(({ outputs }) => outputs), problems: results.flatMap(({ problems }) => problems) };
  },
};

/** One render of one chart. */
class HandlebarsRender {
  readonly #input: EngineScope;
  readonly #begin: (file: string) => void;
  readonly #session: RenderSession;
  readonly #partials: { readonly [name: string]: RunTemplate };
  readonly #partialNames: ReadonlySet<string>;
  /** Where each name of a partial that is computed was last computed. */
  readonly #computedNames = new Map<string, string>();
  readonly #calls: PartialCall[] = [];
  readonly #problems: RenderProblem[] = [];
  readonly #helpers: { readonly [name: string]: Helper };
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

  #run(run: RunTemplate, context: unknown): string {
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
      const missing = missingPartialIn(error);
      if (error instanceof RenderFault) this.#problems.push(error.problem);
      else if (missing !== undefined) this.#problems.push(this.#noPartialCalled(missing, file).problem);
      else if (error instanceof RangeError) this.#problems.push({ message: "the template is nested too deeply, calls itself without end, or makes a text without end", place: { file } });
      else if (error instanceof Error) this.#problems.push({ message: messageOf(error), place: { file, ...placeOf(error) } });
      else throw error;
    }
  }

  #compilePartials(): { readonly [name: string]: RunTemplate } {
    const partials: Record<string, RunTemplate> = Object.create(null) as Record<string, RunTemplate>;
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
  #bounded(file: string, run: RunTemplate): RunTemplate {
    return (context, options) => this.#session.inPartial(file, () => run(context, options));
  }

  /** What Handlebars found missing while it ran: a partial that a layout calls, or whose name was computed. */
  #noPartialCalled(name: string, file: string): RenderFault {
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

  #makeHelpers(): { readonly [name: string]: Helper } {
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
