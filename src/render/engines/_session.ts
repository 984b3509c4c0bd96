import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import type { EngineOutside, TemplateObjects } from "../engine.ts";
import { faultAt, nearestName } from "../fault.ts";
import { stepsMax } from "../limits.ts";
import type { TemplateLimits } from "../limits.ts";
import type { Place } from "../render.ts";
import { Block, fillText, hasSign, printMark, printReference } from "../text.ts";
import type { TemplateValue } from "../functions.ts";
import { spokenKind } from "../template-value.ts";
import type { Trace } from "../origins/trace.ts";
import { untraced } from "../origins/traced.ts";
import { rootNames } from "./_rewrite.ts";
import { parseSite, placeOfSite } from "./_site.ts";
import { asGoValue, asTemplateValue } from "./_traced.ts";

/** Control characters, line breaks in any notation. Tabs are harmless inside a scalar. */
const lineBreaking = /(?!\t)[\p{Cc}\u2028\u2029]/u;

/** What one render counts and remembers: bounds, plain values, and where objects came from. */
export class RenderSession {
  readonly #objects: TemplateObjects;
  readonly #layerOf: (path: readonly string[]) => string | undefined;
  readonly plainValues: string[] = [];
  #steps = 0;
  #length = 0;
  #depth = 0;
  #partialDepth = 0;
  #paths: WeakMap<object, string> | undefined;

  readonly #trace: Trace | undefined;
  readonly #limits: TemplateLimits;

  constructor(objects: TemplateObjects, layerOf: (path: readonly string[]) => string | undefined, { trace, limits }: Pick<EngineOutside, "trace" | "limits">) {
    this.#objects = objects;
    this.#limits = limits;
    this.#layerOf = layerOf;
    this.#trace = trace;
  }

  /** Counts one turn or call; the bound needs no clock, so it holds in every world. */
  step(site: string): void {
    if (++this.#steps > stepsMax) throw faultAt(parseSite(site).place, `the templates take more than ${stepsMax} steps; is there a loop without end?`);
  }

  /** Counts text that a template gave. */
  produce(length: number, site: string): void {
    this.#length += length;
    if (this.#length > this.#limits.outputMaxLength) throw faultAt(parseSite(site).place, `the templates give more than ${this.#limits.outputMaxLength} characters; is there a loop that writes too much?`);
  }

  /** Runs one include a level deeper. */
  nested<T>(site: string, run: () => T): T {
    if (this.#depth >= this.#limits.includeDepthMax) throw faultAt(parseSite(site).place, `templates include each other more than ${this.#limits.includeDepthMax} deep; is there one that includes itself without end?`);
    this.#depth++;
    try {
      return this.#trace === undefined ? run() : this.#trace.through(placeOfSite(site), run);
    } finally {
      this.#depth--;
    }
  }

  /** Runs a partial a level deeper: Handlebars calls them by itself. */
  inPartial<T>(file: string, run: () => T): T {
    if (this.#partialDepth >= this.#limits.includeDepthMax) throw faultAt({ file, line: 1 }, `partials call each other more than ${this.#limits.includeDepthMax} deep; does this one call itself without end?`);
    this.#partialDepth++;
    try {
      return run();
    } finally {
      this.#partialDepth--;
    }
  }

  /** What `{{value}}` prints: blocks as they are, scalars so that they stay one scalar. */
  print(given: TemplateValue, context: unknown, site: string): string {
    this.step(site);
    const place = placeOfSite(site);
    const trace = this.#trace;
    const value = trace === undefined ? given : asTemplateValue(untraced(asGoValue(given)));
    if (value instanceof Block && value.text !== "") {
      this.produce(value.text.length, site);
      return trace === undefined ? printMark(place) + value.text : trace.handedOn(value.text);
    }
    const mark = trace === undefined ? printMark(place) : trace.value(place, asGoValue(given));
    if (value instanceof Block) return mark;
    if (typeof value === "boolean") return `${mark}${value}`;
    if (typeof value === "number" && Number.isFinite(value)) return `${mark}${value}`;
    if (typeof value !== "string") throw this.#unprintable(value, context, site);
    this.produce(value.length, site);
    if (lineBreaking.test(value) || hasSign(value)) {
      const what = /[\n\r]/.test(value) ? "holds a line break" : "holds a control character";
      throw this.#about(site, context, (path) => `${path} ${what}, and a plain value may not add lines; write {{quote …}}, or {{nindent 4 …}} for a block`);
    }
    this.plainValues.push(value);
    return mark + printReference(this.plainValues.length - 1);
  }

  /** What `{{{value}}}` prints: the text itself, trusted by whoever wrote three braces. */
  printRaw(value: TemplateValue, context: unknown, site: string): string {
    const own = this.#trace === undefined ? value : untraced(asGoValue(value));
    if (typeof own !== "string") return this.print(value, context, site);
    const mark = this.#trace?.value(placeOfSite(site), asGoValue(value)) ?? "";
    return this.print(new Block(mark + own), context, site);
  }

  /** The error for a missing argument of a function. */
  missingArgument(name: string, index: number, context: unknown, site: string): Error {
    return this.#missing(parseSite(site).place, this.#pathOf(parseSite(site).texts[index] ?? "", context), `; ${name} needs it`);
  }

  /** The path of an argument as written at a site. */
  pathAt(site: string, index: number, context: unknown): string {
    return this.#pathOf(parseSite(site).texts[index] ?? "", context);
  }

  /** The text of a block as people read it. */
  plainText(block: Block): string {
    return fillText(block.text, this.plainValues);
  }

  #unprintable(value: TemplateValue, context: unknown, site: string): Error {
    if (value === undefined || value === null) return this.#missing(parseSite(site).place, this.#pathOf(parseSite(site).texts[0] ?? "", context), "");
    return this.#about(site, context, (path) => `${path} is ${spokenKind(value)} and cannot stand as a plain value; write {{nindent 4 (toYaml ${path})}}, or go through it with #each`);
  }

  #missing(place: Place, path: string, why: string): Error {
    const near = this.#nearPath(path);
    const remedy = near !== undefined ? `; did you mean ${near}?` : path.startsWith("Values.") ? "; set it in values.yaml, or write (default …)" : "";
    return faultAt(place, `${path === "" ? "the value" : path} is missing${why}${remedy}`, path);
  }

  /** The path of the member that was most likely meant, where a name on the way is misspelt. */
  #nearPath(path: string): string | undefined {
    let value: unknown = this.#objects;
    let known = "";
    for (const part of path.replaceAll(/\[(\d+)\]/g, ".$1").split(".")) {
      if (typeof value !== "object" || value === null) return undefined;
      if (!Object.hasOwn(value, part)) {
        const near = Array.isArray(value) ? undefined : nearestName(part, Object.keys(value));
        return near === undefined ? undefined : `${known}${known === "" ? "" : "."}${near}`;
      }
      known += Array.isArray(value) ? `[${part}]` : `${known === "" ? "" : "."}${part}`;
      value = (value as { readonly [key: string]: unknown })[part];
    }
    return undefined;
  }

  #about(site: string, context: unknown, say: (path: string) => string): Error {
    const { place, texts } = parseSite(site);
    const path = this.#pathOf(texts[0] ?? "", context);
    const layer = path.startsWith("Values.") ? this.#layerOf(path.split(".").slice(1)) : undefined;
    return faultAt(place, `${say(path)}${layer === undefined ? "" : ` (the value is from ${layer})`}`, path);
  }

  /** The path of a written expression from the root: `name` in an #each over Values.ports is `Values.ports[0].name`. */
  #pathOf(text: string, context: unknown): string {
    const written = text.replace(/^@root\./, "").replace(/^(?:this\.|\.\/)/, "");
    const [head = ""] = written.split(".", 1);
    if (rootNames.has(head) || text.startsWith("../") || text.startsWith("@")) return written;
    const base = typeof context === "object" && context !== null ? (this.#knownPaths().get(context) ?? this.#trace?.pathOf(context)) : undefined;
    if (base === undefined) return written;
    return written === "this" || written === "." ? base : `${base}.${written}`;
  }

  #knownPaths(): WeakMap<object, string> {
    if (this.#paths !== undefined) return this.#paths;
    const paths = new WeakMap<object, string>();
    const walk = (value: Json | undefined, path: string): void => {
      if (typeof value !== "object" || value === null || paths.has(value)) return;
      paths.set(value, path);
      if (Array.isArray(value)) (value as readonly Json[]).forEach((item, index) => { walk(item, `${path}[${index}]`); });
      else if (isJsonObject(value)) for (const [key, member] of Object.entries(value)) walk(member, `${path}.${key}`);
    };
    for (const [name, value] of Object.entries(this.#objects)) walk(value as Json, name);
    this.#paths = paths;
    return paths;
  }
}
