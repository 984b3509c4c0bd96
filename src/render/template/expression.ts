import { FunctionFault, RenderFault } from "../fault.ts";
import { checkResult, describeOverflow } from "../result-bounds.ts";
import { fault, printPlaceAt } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { readField } from "./field.ts";
import type { FieldSite } from "./field.ts";
import { argumentCounts, convertArgument, convertConstant, parameterAt, valueOfConstant } from "./function.ts";
import type { Constant, GoFunction, ParameterTypes } from "./function.ts";
import type { CompileContext } from "./scope.ts";
import type { Command, Operand, Pipe, Span } from "./syntax.ts";
import { isTrue, Traced } from "./value.ts";
import type { GoValue } from "./value.ts";

/** Computes a value from where the template stands. */
export type Evaluate = (frame: Frame, dot: GoValue) => GoValue;

/** A command that may be given the value of the one before it. */
type Stage = (frame: Frame, dot: GoValue, piped: GoValue) => GoValue;

/** Compiles a pipeline, its variables included. Throws RenderFault later, when it runs, for what Go finds only then. */
export function compileExpression(pipe: Pipe, context: CompileContext): Evaluate {
  const [first, ...rest] = pipe.commands.map((command, index) => compileCommand(command, index > 0, context));
  if (first === undefined) return () => null;
  const evaluate: Evaluate = rest.length === 0
    ? (frame, dot) => first(frame, dot, undefined)
    : (frame, dot) => rest.reduce((value, stage) => stage(frame, dot, value), first(frame, dot, undefined));
  const [name] = pipe.variables;
  // A pipeline that gives nil gives no value at all, so `(.a).b` and `$a.b` are no errors where `.a.b` is one.
  if (name === undefined) return (frame, dot) => valueOfPipe(evaluate(frame, dot));
  const slot = pipe.isAssignment ? context.scope.slotOf(name) : context.scope.declare(name);
  return (frame, dot) => {
    const value = valueOfPipe(evaluate(frame, dot));
    frame.slots[slot] = frame.execution.tracer === undefined || !pipe.isAssignment ? value : frame.execution.tracer.conditional(value);
    return value;
  };
}

function valueOfPipe(value: GoValue): GoValue {
  if (value instanceof Traced && value.value === null) return new Traced(undefined, value.sources);
  return value ?? undefined;
}

function compileCommand({ operands, ...span }: Command, isPiped: boolean, context: CompileContext): Stage {
  const [first, ...args] = operands;
  const hasArguments = args.length > 0 || isPiped;
  const site = siteOf(first, context);
  if (first.kind === "function") return compileCall(first.name, args, { isPiped, site: siteOf(span, context), context });
  if (first.kind === "field") return compileMethod((_frame, dot) => dot, first.names, { args, isPiped, site, context });
  if (first.kind === "variable" && first.names.length > 0) return compileMethod(variable(first.name, context), first.names, { args, isPiped, site, context });
  if (first.kind === "chain") return compileMethod(compileOperand(first.operand, context), first.names, { args, isPiped, site, context });
  if (first.kind === "nil") return (frame) => { throw fault(frame, first.start, "nil is not a command"); };
  const evaluate = compileOperand(first, context);
  if (!hasArguments) return evaluate;
  return (frame) => { throw fault(frame, first.start, `can't give argument to non-function ${site.text}`); };
}

/** `.a.b x y`: all names but the last are read, the last may be a method. */
function compileMethod(base: Evaluate, names: readonly string[], { args, isPiped, site, context }: { readonly args: readonly Operand[]; readonly isPiped: boolean; readonly site: FieldSite; readonly context: CompileContext }): Stage {
  const last = names.at(-1) ?? "";
  const path = names.slice(0, -1);
  const evaluates = args.map((arg) => compileOperand(arg, context));
  const receiverOf: Evaluate = path.length === 0 ? base : (frame, dot) => {
    let value = base(frame, dot);
    for (const name of path) value = readField(frame, site, value, name);
    return value;
  };
  if (evaluates.length === 0 && !isPiped) return (frame, dot) => readField(frame, site, receiverOf(frame, dot), last);
  return (frame, dot, piped) => {
    const given = evaluates.map((evaluate) => evaluate(frame, dot));
    if (isPiped) given.push(piped);
    return readField(frame, site, receiverOf(frame, dot), last, given);
  };
}

function variable(name: string, context: CompileContext): Evaluate {
  const slot = context.scope.slotOf(name);
  return (frame) => frame.slots[slot];
}

/** Compiles what stands as an argument of any type. */
function compileOperand(operand: Operand, context: CompileContext): Evaluate {
  switch (operand.kind) {
    case "dot": return (_frame, dot) => dot;
    case "pipe": return compileExpression(operand, context);
    case "variable": {
      const base = variable(operand.name, context);
      return operand.names.length === 0 ? base : noPipe(compileMethod(base, operand.names, { args: [], isPiped: false, site: siteOf(operand, context), context }));
    }
    case "field": return noPipe(compileMethod((_frame, dot) => dot, operand.names, { args: [], isPiped: false, site: siteOf(operand, context), context }));
    case "chain": return noPipe(compileMethod(compileOperand(operand.operand, context), operand.names, { args: [], isPiped: false, site: siteOf(operand, context), context }));
    case "function": return noPipe(compileCall(operand.name, [], { isPiped: false, site: siteOf(operand, context), context }));
    case "bool": case "string": case "int": case "float": case "nil": {
      const value = constantOr(operand, valueOfConstant);
      return value instanceof FunctionFault ? (frame) => { throw fault(frame, operand.start, value.message); } : () => value;
    }
  }
}

function noPipe(stage: Stage): Evaluate {
  return (frame, dot) => stage(frame, dot, undefined);
}

function constantOr(constant: Constant, convert: (constant: Constant) => GoValue): GoValue | FunctionFault {
  try {
    return convert(constant);
  } catch (error) {
    if (error instanceof FunctionFault) return error;
    throw error;
  }
}

/** An argument in the form its parameter has. */
function compileArgument(operand: Operand, type: keyof ParameterTypes, context: CompileContext): Evaluate {
  if (isConstant(operand)) {
    const value = constantOr(operand, (constant) => convertConstant(type, constant));
    return value instanceof FunctionFault ? (frame) => { throw fault(frame, operand.start, value.message); } : () => value;
  }
  const evaluate = compileOperand(operand, context);
  const { start } = operand;
  return (frame, dot) => {
    const value = evaluate(frame, dot);
    try {
      return convertArgument(type, value);
    } catch (error) {
      if (error instanceof FunctionFault && !(error instanceof RenderFault)) throw fault(frame, start, `${error.message}, at <${context.text.slice(operand.start, operand.end)}>`);
      throw error;
    }
  };
}

interface CallSite {
  readonly isPiped: boolean;
  readonly site: FieldSite;
  readonly context: CompileContext;
}

function compileCall(name: string, args: readonly Operand[], call: CallSite): Stage {
  const { isPiped, site, context } = call;
  const entry = context.functions.get(name);
  if (entry === undefined) return (frame) => { throw fault(frame, site.start, `function ${JSON.stringify(name)} not defined`); };
  const count = args.length + (isPiped ? 1 : 0);
  const { min, max } = argumentCounts(entry);
  if (count < min || count > max) {
    const want = max === Number.POSITIVE_INFINITY ? `at least ${min}` : String(min);
    return (frame) => { throw fault(frame, site.start, `wrong number of args for ${name}: want ${want} got ${count}`); };
  }
  if (name === "and" || name === "or") return compileShortCircuit(name === "or", args, call);
  return compilePlainCall(entry, args, call);
}

function compilePlainCall(entry: GoFunction, args: readonly Operand[], { isPiped, site, context }: CallSite): Stage {
  const evaluates = args.map((arg, index) => compileArgument(arg, parameterAt(entry, index) ?? "any", context));
  const pipedType = isPiped ? parameterAt(entry, args.length) : undefined;
  const { name } = entry;
  const traced = compileTracedCall(entry, args, { isPiped, site, context });
  return (frame, dot, piped) => {
    frame.execution.step(frame, site.start);
    if (frame.execution.tracer !== undefined) return traced(frame, dot, piped);
    const given = evaluates.map((evaluate) => evaluate(frame, dot));
    return atCall(frame, site, name, () => {
      if (pipedType !== undefined) given.push(convertArgument(pipedType, piped));
      return entry.run(given, frame.execution.context(frame, site.start));
    });
  };
}

/** The same call, told to a tracer, which sees the arguments before the function does. */
function compileTracedCall(entry: GoFunction, args: readonly Operand[], { isPiped, site, context }: CallSite): Stage {
  const place = printPlaceAt(context.file, context.text, site.start);
  const evaluates = args.map((arg, index) => (isConstant(arg) ? compileArgument(arg, parameterAt(entry, index) ?? "any", context) : compileOperand(arg, context)));
  const types = Array.from({ length: args.length + (isPiped ? 1 : 0) }, (_, index) => parameterAt(entry, index) ?? "any");
  return (frame, dot, piped) => {
    const given = evaluates.map((evaluate) => evaluate(frame, dot));
    if (isPiped) given.push(piped);
    const convert = (value: GoValue, index: number): GoValue => (index < args.length && isConstant(args[index]) ? value : convertArgument(types[index] ?? "any", value));
    const { tracer } = frame.execution;
    return atCall(frame, site, entry.name, () => {
      const run = (plain: readonly GoValue[]): GoValue => entry.run(plain, frame.execution.context(frame, site.start));
      return tracer === undefined || tracer.knowsNothing(entry.name, given) ? run(given.map(convert)) : tracer.call(entry.name, place, { given, convert, run });
    });
  };
}

function isConstant(operand: Operand | undefined): operand is Operand & Constant {
  return operand !== undefined && (operand.kind === "bool" || operand.kind === "string" || operand.kind === "int" || operand.kind === "float" || operand.kind === "nil");
}

/** Go's `and` and `or`: arguments behind the one that decides are not computed. */
function compileShortCircuit(stopsAt: boolean, args: readonly Operand[], { isPiped, context }: CallSite): Stage {
  const evaluates = args.map((arg) => compileArgument(arg, "any", context));
  return (frame, dot, piped) => {
    const { tracer } = frame.execution;
    let value: GoValue = piped;
    for (const evaluate of evaluates) {
      const next = evaluate(frame, dot);
      value = tracer === undefined || evaluate === evaluates[0] ? next : tracer.decided(next, value);
      if (isTrue(value) === stopsAt) return value;
    }
    return isPiped ? (tracer === undefined || evaluates.length === 0 ? piped : tracer.decided(piped, value)) : value;
  };
}

function siteOf({ start, end }: Span, context: CompileContext): FieldSite {
  return { start, text: context.text.slice(start, end) };
}

/** Runs a function and says what went wrong in Go's words, at the place it was called. */
function atCall<T>(frame: Frame, site: { readonly start: number; readonly text: string }, name: string, run: () => T): T {
  try {
    return checkResult(run());
  } catch (error) {
    if (error instanceof RangeError) throw fault(frame, site.start, `${name} ${describeOverflow(error)}, at <${site.text}>`);
    if (error instanceof RenderFault || !(error instanceof FunctionFault)) throw error;
    const isOwnWords = name === "fail" || name === "required";
    throw fault(frame, site.start, isOwnWords ? error.message : `error calling ${name}: ${error.message}, at <${site.text}>`, valuePathOf(site.text));
  }
}

/** The first value an expression names. */
function valuePathOf(text: string): string | undefined {
  return /(?:^|[\s(])\$?\.(Values(?:\.[\p{L}\p{Nd}_]+)+)/u.exec(text)?.[1];
}
