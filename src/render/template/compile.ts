import { markLines, printMark } from "../text.ts";
import { fault, printPlaceAt } from "./frame.ts";
import type { CompiledTemplate, Frame, Tracer } from "./frame.ts";
import { compileExpression } from "./expression.ts";
import type { Evaluate } from "./expression.ts";
import type { GoFunction } from "./function.ts";
import { parseTemplate } from "./parser.ts";
import { printPlain } from "./print.ts";
import { Scope } from "./scope.ts";
import type { CompileContext } from "./scope.ts";
import { assignedVariables, beginsLine, isEmptyBody } from "./syntax.ts";
import type { ParsedTemplate, Statement } from "./syntax.ts";
import { placeIn, syntaxFault, TemplateSyntaxError } from "./template-error.ts";
import { Int, int, isList, isMap, isTrue, keysOf, Traced } from "./value.ts";
import type { GoValue } from "./value.ts";

type Branching = Extract<Statement, { kind: "if" | "with" | "range" }>;

/** How a step ended: on, or out of the loop around it. */
type Flow = "next" | "break" | "continue";

type Run = (frame: Frame, dot: GoValue) => Flow;

/** What a file compiled to: its own text, and the templates it defines. */
export interface CompiledFile {
  readonly main: CompiledTemplate;
  readonly defines: readonly CompiledTemplate[];
}

/** Compiled files kept between renders of one worker; a large chart has about 150, and tpl texts come on top. */
const compiledMax = 2_000;
const compiledFiles = new Map<string, CompiledFile>();
let compiledFor: ReadonlyMap<string, GoFunction> | undefined;

/** Compiles a file, or finds it compiled. Throws RenderFault for syntax errors. */
export function compileTemplate(file: string, text: string, functions: ReadonlyMap<string, GoFunction>): CompiledFile {
  if (compiledFor !== functions || compiledFiles.size >= compiledMax) compiledFiles.clear();
  compiledFor = functions;
  const key = `${file}\u0000${text}`;
  const known = compiledFiles.get(key);
  if (known !== undefined) return known;
  const compiled = compileParsed(parse(file, text, functions), functions);
  compiledFiles.set(key, compiled);
  return compiled;
}

function parse(file: string, text: string, functions: ReadonlyMap<string, GoFunction>): ParsedTemplate {
  try {
    return parseTemplate(file, text, (name) => functions.has(name));
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw syntaxFault(file, text, error);
    throw error;
  }
}

function compileParsed(parsed: ParsedTemplate, functions: ReadonlyMap<string, GoFunction>): CompiledFile {
  const { file, text } = parsed;
  const compileBody = (name: string, body: readonly Statement[]): CompiledTemplate => {
    const scope = new Scope();
    const run = new StatementCompiler({ file, text, functions, scope }).list(body);
    return { name, file, text, isEmpty: isEmptyBody(body), slotCount: scope.slotCount, run: (frame, data) => { run(frame, data); } };
  };
  return { main: compileBody(file, parsed.body), defines: [...parsed.defines].map(([name, body]) => compileBody(name, body)) };
}

class StatementCompiler {
  readonly #context: CompileContext;

  constructor(context: CompileContext) {
    this.#context = context;
  }

  list(statements: readonly Statement[]): Run {
    const runs = statements.map((statement) => this.#statement(statement));
    if (runs.length === 1 && runs[0] !== undefined) return runs[0];
    return (frame, dot) => {
      for (const run of runs) {
        const flow = run(frame, dot);
        if (flow !== "next") return flow;
      }
      return "next";
    };
  }

  #statement(statement: Statement): Run {
    const { start } = statement;
    switch (statement.kind) {
      case "text": {
        const { file, text: whole } = this.#context;
        const { text } = statement;
        const marked = printMark(printPlaceAt(file, whole, start)) + text;
        let traced: string | undefined;
        return (frame) => {
          if (!frame.execution.isMovable) {
            frame.execution.write(marked, marked.length, frame, start);
          } else {
            traced ??= markTextLines({ file, whole, start, text });
            frame.execution.write(traced, marked.length, frame, start);
          }
          return "next";
        };
      }
      case "action": {
        const place = printPlaceAt(this.#context.file, this.#context.text, start);
        const evaluate = compileExpression(statement.pipe, this.#context);
        const isSilent = statement.pipe.variables.length > 0;
        return (frame, dot) => {
          frame.execution.step(frame, start);
          const value = evaluate(frame, dot);
          if (!isSilent) frame.execution.writeValue(value, place, frame, start);
          return "next";
        };
      }
      case "if": case "with": return this.#choice(statement);
      case "range": return this.#range(statement);
      case "template": {
        const data: Evaluate = statement.pipe === undefined ? () => null : compileExpression(statement.pipe, this.#context);
        return (frame, dot) => {
          frame.execution.call(statement.name, data(frame, dot), frame, start);
          return "next";
        };
      }
      case "break": case "continue": {
        const flow = statement.kind;
        return () => flow;
      }
    }
  }

  #choice(statement: Branching): Run {
    return this.#context.scope.within(() => {
      const evaluate = compileExpression(statement.pipe, this.#context);
      const body = this.list(statement.body);
      const otherwise = statement.otherwise === undefined ? undefined : this.list(statement.otherwise);
      const isWith = statement.kind === "with";
      const { start } = statement;
      const choose = (frame: Frame, dot: GoValue, value: GoValue): Flow => {
        if (isTrue(value)) return body(frame, isWith ? value : dot);
        return otherwise === undefined ? "next" : otherwise(frame, dot);
      };
      const traced = this.#traced(statement, choose);
      return (frame, dot) => {
        frame.execution.step(frame, start);
        const value = evaluate(frame, dot);
        return frame.execution.tracer === undefined ? choose(frame, dot, value) : traced(frame, dot, { value, isEmpty: !isTrue(value), tracer: frame.execution.tracer });
      };
    });
  }

  /** The same step, told to a tracer: what stands below it depends on its subject, and so does every variable it may have set. */
  #traced(statement: Branching, run: (frame: Frame, dot: GoValue, value: GoValue) => Flow): (frame: Frame, dot: GoValue, subject: { readonly value: GoValue; readonly isEmpty: boolean; readonly tracer: Tracer }) => Flow {
    const place = printPlaceAt(this.#context.file, this.#context.text, statement.start);
    const slots = [...new Set(assignedVariables([...statement.body, ...(statement.otherwise ?? [])]))].map((name) => this.#context.scope.slotOf(name));
    const isApart = beginsLine(statement.body);
    return (frame, dot, { value, isEmpty, tracer }) => {
      const isTaken = !isEmpty || statement.otherwise !== undefined;
      const flow = isTaken ? enclosed(frame, tracer, value, () => run(frame, dot, value)) : run(frame, dot, value);
      for (const slot of slots) frame.slots[slot] = tracer.decided(frame.slots[slot], value);
      if (!isTaken) frame.execution.writeMark(tracer.absent(place, value, isApart));
      return flow;
    };
  }

  #range(statement: Branching): Run {
    return this.#context.scope.within(() => {
      const { pipe, start } = statement;
      const { scope } = this.#context;
      const evaluate = compileExpression({ ...pipe, variables: [] }, this.#context);
      const slots = pipe.variables.map((name) => (pipe.isAssignment ? scope.slotOf(name) : scope.declare(name)));
      const keySlot = slots.length > 1 ? slots[0] : undefined;
      const valueSlot = slots.length > 1 ? slots[1] : slots[0];
      const body = this.list(statement.body);
      const otherwise = statement.otherwise === undefined ? undefined : this.list(statement.otherwise);
      const run = (frame: Frame, dot: GoValue, value: GoValue): Flow => {
        const turns = turnsOf(value);
        if (turns === undefined) throw fault(frame, pipe.start, `range can't iterate over ${printPlain(value)}`);
        let isEmpty = true;
        for (const { key, item } of turns(frame)) {
          isEmpty = false;
          frame.execution.step(frame, start);
          if (keySlot !== undefined) frame.slots[keySlot] = key;
          if (valueSlot !== undefined) frame.slots[valueSlot] = item;
          if (body(frame, item) === "break") break;
        }
        return isEmpty && otherwise !== undefined ? otherwise(frame, dot) : "next";
      };
      const traced = this.#traced(statement, run);
      return (frame, dot) => {
        frame.execution.step(frame, start);
        const value = evaluate(frame, dot);
        return frame.execution.tracer === undefined ? run(frame, dot, value) : traced(frame, dot, { value, isEmpty: !isTrue(value), tracer: frame.execution.tracer });
      };
    });
  }
}

/** Runs what stands below a subject, marks of its context around what it writes. */
function enclosed(frame: Frame, tracer: Tracer, subject: GoValue, run: () => Flow): Flow {
  const flow = tracer.within(subject, () => {
    frame.execution.writeMark(tracer.here());
    return run();
  });
  frame.execution.writeMark(tracer.here());
  return flow;
}

function markTextLines({ file, whole, start, text }: { readonly file: string; readonly whole: string; readonly start: number; readonly text: string }): string {
  const { line = 1, column = 1 } = placeIn(file, whole, start);
  return markLines(file, line, { column, text });
}

interface Turn {
  readonly key: GoValue;
  readonly item: GoValue;
}

/** What a range goes through: lists in order, maps in key order, integers from 0. Undefined for what has no turns. */
function turnsOf(value: GoValue): ((frame: Frame) => Iterable<Turn>) | undefined {
  if (value === null || value === undefined) return () => [];
  if (value instanceof Traced) return turnsOf(value.value);
  if (value instanceof Uint8Array) return () => Array.from(value, (byte, index) => ({ key: int(index), item: new Int(BigInt(byte), "uint8") }));
  if (value instanceof Int) return () => countTurns(value);
  if (isList(value)) {
    return function* listTurns() {
      for (const [index, item] of value.entries()) yield { key: int(index), item };
    };
  }
  if (!isMap(value)) return undefined;
  return function* mapTurns(frame) {
    for (const key of keysOf(value)) yield { key: frame.execution.tracer?.key(value, key) ?? key, item: value[key] ?? null };
  };
}

function* countTurns(count: Int): Iterable<Turn> {
  for (let i = 0n; i < count.value; i++) {
    const item = new Int(i, count.type);
    yield { key: item, item };
  }
}
