import { estimateCost } from "./cost.ts";
import type { Shape } from "./cost.ts";
import { newEnvironment } from "./engine.ts";
import type { EngineError, Environment, Parsed } from "./engine.ts";
import { widenHas } from "./has.ts";
import { registerLibraries } from "./libraries.ts";
import { regexFunction } from "./libraries/regex.ts";
import { findMacro, rewriteLiterals } from "./literals.ts";
import { registerMessages, registerOptionalEntries } from "./messages.ts";
import type { MessageType } from "./messages.ts";
import { BudgetSpent, Meter, eachNode, meterNodes } from "./meter.ts";

/** A variable an expression may use. */
export interface CelVariable {
  readonly name: string;
  /** `int uint double bool string bytes dyn`, `list<T>`, `map<string, T>`, `google.protobuf.Timestamp` and `.Duration`, or a type of a library. */
  readonly type: string;
}

/** What some expressions may write beyond the language: they make messages, and call what others may not. */
export interface CelDialect {
  /** The message of a name; undefined for one that cannot be made. */
  findMessage(name: string): MessageType | undefined;
  register(environment: Environment): void;
}

/** How an evaluation ended. The cost counts its steps. */
export type CelOutcome =
  | { readonly kind: "value"; readonly value: unknown; readonly cost: number }
  | { readonly kind: "error"; readonly message: string; readonly cost: number }
  /** It was ended because it cost more than it may. */
  | { readonly kind: "over-budget"; readonly message: string; readonly cost: number };

/** An expression made ready: as often run as wanted, never waiting. */
export interface CelProgram {
  readonly expression: string;
  /** The type of its value as far as it is known: `bool`, `string`, `dyn`, … */
  readonly type: string;
  /**
   * @param bindings the variables' values: ints as bigint, timestamps as Date, objects and lists as such (`celOfJson` makes them); one that is absent is an error when it is used
   * @param budget steps it may take; upstream allows one rule a million
   */
  run(bindings: Readonly<Record<string, unknown>>, budget: number): CelOutcome;
  /** The most it may cost with variables of these sizes, before anything is run. */
  costAtMost(variables: ReadonlyMap<string, Shape>): number;
}

/** Why an expression cannot be made ready, with its place: `ERROR: <input>:1:6: …`. */
export class CelError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CelError";
  }
}

/** A longer expression is refused. @see kubernetes apiextensions-apiserver, x-kubernetes-validations rules */
export const expressionLengthMax = 64 * 1024;

const meter = new Meter();
let base: Environment | undefined;

/** Kubernetes' environment, made once. */
export function kubernetesEnvironment(): Environment {
  if (base !== undefined) return base;
  base = registerLibraries(newEnvironment());
  registerOptionalEntries(base);
  return base;
}

/** Makes an expression ready for these variables. Throws CelError for one that cannot be read, names what is not there, or whose types do not fit. */
export function compileCel(expression: string, variables: readonly CelVariable[], dialect?: CelDialect): CelProgram {
  if (expression.length > expressionLengthMax) throw new CelError(`an expression has at most ${expressionLengthMax} characters`);
  const environment = kubernetesEnvironment().clone();
  for (const { name, type } of variables) environment.registerVariable(name, type);
  const { parsed, placeOf } = parseExpression(environment, expression, dialect);
  // The package's own `matches` takes exponential time for some patterns.
  eachNode(parsed.ast, (node) => {
    if ((node.op === "call" || node.op === "rcall") && Array.isArray(node.args) && node.args[0] === "matches") node.args[0] = regexFunction;
  });
  widenHas(parsed.ast);
  const { valid, type = "dyn", error } = parsed.check();
  if (!valid) throw placed(error, expression, placeOf);
  const once = meterNodes(parsed.ast, meter, expression.length);
  return { expression, type, run: (bindings, budget) => run(parsed, once, bindings, budget), costAtMost: (shapes) => estimateCost(parsed.ast, shapes) };
}

/** An expression in its environment, and where in what was written a place in what was parsed is. */
interface ParsedExpression {
  readonly parsed: Parsed;
  readonly placeOf: (position: number) => number;
}

/** Parses an expression, with the literals the package does not know. Throws CelError. */
export function parseExpression(environment: Environment, expression: string, dialect?: CelDialect): ParsedExpression {
  const macro = findMacro(expression);
  if (macro !== undefined) throw undeclared(expression, macro);
  const { text, messages, problem, placeOf } = rewriteLiterals(expression);
  if (problem !== undefined) throw new CelError(printProblem(expression, problem));
  const types = new Map([...messages].map(([name, start]) => {
    const found = dialect?.findMessage(name);
    if (found === undefined) throw undeclared(expression, { name, start });
    return [name, found] as const;
  }));
  dialect?.register(environment);
  if (types.size > 0) registerMessages(environment, types);
  try {
    return { parsed: environment.parse(text), placeOf };
  } catch (error) {
    throw placed(error, expression, placeOf, isOfSyntax(error) ? "Syntax error: " : "");
  }
}

/** What the parser refuses though it can read it. */
const readable: ReadonlySet<string> = new Set(["reserved_identifier", "limit_exceeded", "invalid_macro_argument"]);

function isOfSyntax(error: unknown): boolean {
  const { code } = error as EngineError;
  return code !== undefined && !readable.has(code);
}

function undeclared(expression: string, { name, start }: { readonly name: string; readonly start: number }): CelError {
  return new CelError(printProblem(expression, { start, summary: `undeclared reference to '${name}' (in container '')` }));
}

/** @param once what is evaluated once costs */
function run(parsed: Parsed, once: number, bindings: Readonly<Record<string, unknown>>, budget: number): CelOutcome {
  let ended: { readonly value: unknown } | { readonly error: unknown } = { value: undefined };
  const { cost, isSpent } = meter.measure(budget, () => {
    try {
      meter.spend(once);
      ended = { value: parsed(bindings) };
    } catch (error) {
      ended = { error };
    }
  });
  return outcomeOf(ended, cost, isSpent);
}

function outcomeOf(ended: { readonly value: unknown } | { readonly error: unknown }, cost: number, isSpent: boolean): CelOutcome {
  if (isSpent) return overBudget(cost);
  if ("value" in ended) return { kind: "value", value: ended.value, cost };
  return ended.error instanceof BudgetSpent || ended.error instanceof RangeError ? overBudget(cost) : { kind: "error", message: summaryOf(ended.error), cost };
}

function overBudget(cost: number): CelOutcome {
  return { kind: "over-budget", message: "operation cancelled: actual cost limit exceeded", cost };
}

/** The package's own words, without the place. */
export function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { summary = error.message } = error as EngineError;
  return summary.replace(/^No such key: /, "no such key: ");
}

/** An error in the words of cel-go: line and column count from one, the line itself below. */
function placed(error: unknown, expression: string, placeOf: (position: number) => number, prefix = ""): CelError {
  const summary = summaryOf(error).replace(/^Unknown variable: (.*)$/, "undeclared reference to '$1' (in container '')");
  return new CelError(printProblem(expression, { start: placeOf(startOf(error)), summary: `${prefix}${summary}` }), { cause: error });
}

/** Where in an expression an error is, characters from its beginning. */
export function startOf(error: unknown): number {
  return (error as EngineError | undefined)?.range?.start ?? 0;
}

/** What is wrong with an expression, with its place: `ERROR: <input>:1:6: …`, and the line below. */
export function printProblem(expression: string, { start, summary }: { readonly start: number; readonly summary: string }): string {
  const before = expression.slice(0, start);
  const line = before.split("\n").length;
  const column = start - (before.lastIndexOf("\n") + 1);
  const text = expression.split("\n")[line - 1] ?? "";
  return `ERROR: <input>:${line}:${column + 1}: ${summary}\n | ${text}\n | ${".".repeat(column)}^`;
}

