import { faultAt, FunctionFault } from "../fault.ts";
import { stepsMax, templateLimits } from "../limits.ts";
import type { TemplateLimits } from "../limits.ts";
import { nestedName } from "../place.ts";
import { Block, hasSign, markOpen, printMark } from "../text.ts";
import { compileTemplate } from "./compile.ts";
import type { FunctionContext, GoFunction } from "./function.ts";
import { noValue, printValue } from "./print.ts";
import { fault, placeOf, printPlaceAt } from "./frame.ts";
import type { CompiledTemplate, Frame, Runtime, Tracer } from "./frame.ts";
import { Traced } from "./value.ts";
import type { GoMap, GoValue } from "./value.ts";

/** What a run of templates needs besides their texts. */
export interface ExecutionOptions {
  readonly functions: ReadonlyMap<string, GoFunction>;
  /** Go's `missingkey`: what a map answers for a key it has not. Helm says zero, kubectl default. */
  readonly missingKey: "zero" | "default" | "error";
  /** Facts functions ask for. */
  readonly facts: Pick<FunctionContext, "lookup"> & { nowAt(site: string): number; randomBytes(site: string, count: number): Uint8Array };
  readonly tracer?: Tracer;
  readonly limits?: TemplateLimits;
}

/** Templates by name; those a `tpl` text defines stand before those around it, and only while it runs. */
interface Environment {
  readonly own: Map<string, CompiledTemplate>;
  readonly outer: Environment | undefined;
}

/** Runs templates that know each other by name, within bounds. */
export class Execution implements Runtime {
  readonly functions: ReadonlyMap<string, GoFunction>;
  readonly missingKey: "zero" | "default" | "error";
  readonly tracer: Tracer | undefined;
  readonly #facts: ExecutionOptions["facts"];
  readonly #limits: TemplateLimits;
  #environment: Environment = { own: new Map(), outer: undefined };
  #output = "";
  #length = 0;
  #steps = 0;
  #depth = 0;

  constructor({ functions, missingKey, facts, tracer, limits = templateLimits }: ExecutionOptions) {
    this.functions = functions;
    this.missingKey = missingKey;
    this.tracer = tracer;
    this.#facts = facts;
    this.#limits = limits;
  }

  get isMovable(): boolean {
    return this.tracer !== undefined && this.#depth > 0;
  }

  /** Makes a file's templates known: itself under `name`, and what it defines. Later ones replace earlier ones, empty ones never. Throws RenderFault. */
  add(name: string, file: string, text: string): void {
    this.#add(name, file, text);
  }

  /** What the template `name` writes, marks in it. Throws RenderFault. */
  run(name: string, data: GoValue): string {
    const template = this.#find(name);
    if (template === undefined) throw faultAt({ file: name }, `no template ${JSON.stringify(name)}`);
    return this.#capture(template, data);
  }

  /** Writes a text of a template, marks in it, that counts as so many characters. */
  write(marked: string, length: number, frame: Frame, at: number): void {
    this.#append(marked, length, frame, at);
  }

  /** Writes a mark without a text. */
  writeMark(mark: string): void {
    this.#output += mark;
  }

  #append(text: string, length: number, frame: Frame, at: number): void {
    this.#length += length;
    if (this.#length > this.#limits.outputMaxLength) throw fault(frame, at, `the templates give more than ${this.#limits.outputMaxLength} characters; is there a loop that writes too much?`);
    this.#output += text;
  }

  /** Writes a value as Go prints it; every line of it leads back to the action. */
  writeValue(given: GoValue, place: string, frame: Frame, at: number): void {
    const value = given instanceof Traced ? given.value : given;
    const text = value instanceof Block ? value.text : printValue(value);
    if (text === "") {
      if (this.tracer !== undefined) this.writeMark(this.tracer.value(place, given));
    } else if (value instanceof Block) {
      // A traced block carries marks of its own.
      this.#append(this.tracer === undefined ? printMark(place) + text : this.tracer.handedOn(text), text.length + place.length, frame, at);
    } else {
      if (hasSign(text)) throw fault(frame, at, "a value holds one of the characters U+FDD0 to U+FDD3, which are reserved");
      const mark = this.tracer === undefined ? printMark(place) : this.tracer.value(place, given);
      this.#append(mark + (text.includes("\n") ? text.replaceAll("\n", `\n${mark}`) : text), text.length + place.length, frame, at);
    }
  }

  /** Counts one turn of a loop, call or action; the bound needs no clock, so it holds in every world. */
  step(frame: Frame, at: number): void {
    if (++this.#steps > stepsMax) throw fault(frame, at, `the templates take more than ${stepsMax} steps; is there a loop without end?`);
  }

  /** `{{template "name" data}}`. */
  call(name: string, data: GoValue, frame: Frame, at: number): void {
    const template = this.#find(name);
    if (template === undefined) throw fault(frame, at, `template ${JSON.stringify(name)} not defined`);
    this.#nested(frame, at, () => {
      if (this.tracer !== undefined) this.writeMark(this.tracer.here());
      this.#execute(template, data);
    });
    if (this.tracer !== undefined) this.writeMark(this.tracer.here());
  }

  /** What a function called at a place may ask. */
  context(frame: Frame, at: number): FunctionContext {
    return new Call(this, { frame, at });
  }

  get facts(): ExecutionOptions["facts"] {
    return this.#facts;
  }

  /** What the template `name` writes, called from a place. Throws FunctionFault when there is none. */
  include(name: string, data: GoValue, { frame, at }: CallPlace): string | Block {
    const template = this.#find(name);
    if (template === undefined) throw new FunctionFault(`no template ${JSON.stringify(name)} associated with template "gotpl"`);
    return blockOf(this.#nested(frame, at, () => this.#capture(template, data)));
  }

  /** What a text that is a template writes. */
  renderText(text: string, data: GoValue, { frame, at }: CallPlace): string | Block {
    return this.#nested(frame, at, () => this.#renderText(text, data, frame, at));
  }

  #renderText(text: string, data: GoValue, frame: Frame, at: number): string | Block {
    if (!text.includes("{{")) return text;
    const outer = this.#environment;
    this.#environment = { own: new Map(), outer };
    try {
      const place = placeOf(frame, at);
      const name = nestedName(place);
      const template = this.#add(name, name, text);
      return blockOf(this.#capture(template, data).replaceAll(noValue, ""));
    } finally {
      this.#environment = outer;
    }
  }

  #add(name: string, file: string, text: string): CompiledTemplate {
    const { main, defines } = compileTemplate(file, text, this.functions);
    const { own } = this.#environment;
    for (const define of defines) if (!define.isEmpty || this.#find(define.name) === undefined) own.set(define.name, define);
    if (!main.isEmpty || this.#find(name) === undefined) own.set(name, main);
    return main;
  }

  #find(name: string): CompiledTemplate | undefined {
    for (let environment: Environment | undefined = this.#environment; environment !== undefined; environment = environment.outer) {
      const found = environment.own.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #capture(template: CompiledTemplate, data: GoValue): string {
    const before = this.#output;
    this.#output = "";
    try {
      this.#execute(template, data);
      return this.tracer === undefined || this.#output === "" ? this.#output : this.tracer.here() + this.#output;
    } finally {
      this.#output = before;
    }
  }

  #execute(template: CompiledTemplate, data: GoValue): void {
    const slots: GoValue[] = template.slotCount === 1 ? [data] : Array.from<GoValue>({ length: template.slotCount }).fill(null);
    slots[0] = data;
    template.run({ execution: this, template, slots }, data);
  }

  #placeAt({ template }: Frame, at: number): string {
    let known = placesOfCalls.get(template);
    if (known === undefined) {
      known = new Map<number, string>();
      placesOfCalls.set(template, known);
    }
    let place = known.get(at);
    if (place === undefined) {
      place = printPlaceAt(template.file, template.text, at);
      known.set(at, place);
    }
    return place;
  }

  #nested<T>(frame: Frame, at: number, run: () => T): T {
    if (this.#depth >= this.#limits.includeDepthMax) throw fault(frame, at, `templates include each other more than ${this.#limits.includeDepthMax} deep; is there one that includes itself without end?`);
    this.#depth++;
    try {
      return this.tracer === undefined ? run() : this.tracer.through(this.#placeAt(frame, at), run);
    } finally {
      this.#depth--;
    }
  }
}

/** Where a function is called. */
interface CallPlace {
  readonly frame: Frame;
  readonly at: number;
}

/** What one call may ask. A class, since there is one for every call. */
class Call implements FunctionContext {
  readonly #execution: Execution;
  readonly #place: CallPlace;

  constructor(execution: Execution, place: CallPlace) {
    this.#execution = execution;
    this.#place = place;
  }

  get nowMs(): number {
    return this.#execution.facts.nowAt(callSite(this.#place.frame, this.#place.at));
  }

  lookup(apiVersion: string, kind: string, namespace: string, name: string): GoMap {
    return this.#execution.facts.lookup(apiVersion, kind, namespace, name);
  }

  randomBytes(count: number): Uint8Array {
    return this.#execution.facts.randomBytes(callSite(this.#place.frame, this.#place.at), count);
  }

  include(name: string, data: GoValue): string | Block {
    return this.#execution.include(name, data, this.#place);
  }

  renderText(text: string, data: GoValue): string | Block {
    return this.#execution.renderText(text, data, this.#place);
  }
}

/** Places of calls, counted once for each template. */
const placesOfCalls = new WeakMap<CompiledTemplate, Map<number, string>>();

/** Longest written call a site is named by. */
const callLengthMax = 120;

/** The name of a call site: its file and the call as written, so that lines may move without a new password being made. */
function callSite({ template }: Frame, at: number): string {
  const end = template.text.indexOf("}}", at);
  const call = template.text.slice(at, end < 0 ? undefined : end).replace(/-$/, "").trim().replaceAll(/\s+/g, " ");
  return `${template.file}: ${call.slice(0, callLengthMax)}`;
}

/** A text that may hold marks, as a value. */
function blockOf(text: string): string | Block {
  return text.startsWith(markOpen) || hasSign(text) ? new Block(text) : text;
}
