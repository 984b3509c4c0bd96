import { createRequire } from "node:module";

/** What is used of npm `@marcbachmann/cel-js`: the only file that knows it. */
export interface Environment {
  registerFunction(signature: string, handler: (...args: readonly never[]) => unknown, options?: { readonly async?: boolean }): Environment;
  registerType(name: string, type: { readonly ctor: new (...args: readonly never[]) => object; readonly fields?: Readonly<Record<string, string>> }): Environment;
  registerVariable(name: string, type: string): Environment;
  registerConstant(name: string, type: string, value: unknown): Environment;
  registerOperator(signature: string, handler: (left: never, right: never) => unknown): Environment;
  clone(): Environment;
  parse(expression: string): Parsed;
}

/** An expression as parsed: calling it evaluates it. */
export interface Parsed {
  (context: object): unknown;
  check(): { readonly valid: boolean; readonly type?: string; readonly error?: EngineError };
  readonly ast: Node;
}

/** A node of the syntax tree. */
export interface Node {
  readonly op: string;
  args: unknown;
  readonly meta: { readonly alternate?: Node; readonly macro?: Macro; readonly evaluate: Evaluate };
  evaluate: Evaluate;
  /** What an operator or call does with its operands, once types are checked: two of them, or a list and more. */
  handle?: (first: unknown, second: unknown, ...more: readonly unknown[]) => unknown;
}

/** The call of a macro, as it was written. */
export interface MacroCall {
  readonly args: readonly unknown[];
}

/** What a macro makes of its call. */
export interface Macro {
  readonly evaluate: Evaluate;
  /** What of the call is evaluated. */
  readonly args?: unknown;
  /** True, or absent, where evaluating it may have to wait. */
  readonly async?: boolean;
  /** Answers the macro's type, and refuses what it cannot take. */
  typeCheck?: (checker: TypeChecker, macro: Macro, context: unknown) => unknown;
  /** Of `has`: the fields that are asked for, from the last to the first, and behind them what they are asked of. */
  macroHasProps?: readonly unknown[];
}

/** Checks the types of a tree. */
export interface TypeChecker {
  check(node: unknown, context: unknown): unknown;
  getType(name: string): unknown;
  createError(code: string, message: string, node: unknown): Error;
}

/** Evaluates the nodes of a tree. */
export interface Evaluator {
  run(node: unknown, context: unknown): unknown;
}

/** How a node is evaluated. */
export type Evaluate = (evaluator: Evaluator, node: unknown, context: unknown) => unknown;

/** Every error of the package. */
export interface EngineError extends Error {
  readonly summary?: string;
  /** Of what kind it is: `unexpected_token`, `limit_exceeded`, … */
  readonly code?: string;
  readonly range?: { readonly start: number; readonly end: number };
}

/** A value that may be absent. */
export interface Optional {
  hasValue(): boolean;
  value(): unknown;
}

/** A span of time. */
export interface EngineDuration {
  readonly seconds: bigint;
  readonly nanos: number;
  toString(): string;
}

interface EngineModule {
  readonly Environment: new (options: object) => Environment;
  readonly Optional: { of(value: unknown): Optional; none(): Optional; new (...args: readonly never[]): Optional };
}

/** Loaded at first use: 6 MB and 30 ms that a daemon without rules never pays. */
const load = createRequire(import.meta.url);

let loaded: EngineModule | undefined;

function engine(): EngineModule {
  loaded ??= load("@marcbachmann/cel-js") as EngineModule;
  return loaded;
}

/** Nodes an expression may have, and how deep they may nest: far above what people write. */
const limits = { maxAstNodes: 10_000, maxDepth: 200 };

/** A fresh environment with CEL's own library. */
export function newEnvironment(): Environment {
  const { Environment: Made } = engine();
  return new Made({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits });
}

/** A name that functions hang on, as `sets` in `sets.contains`; they take a receiver of type `type`. */
export function registerNamespace(environment: Environment, name: string, type: string): void {
  const Namespace = class { readonly name = name; };
  environment.registerType(type, { ctor: Namespace }).registerConstant(name, type, new Namespace());
}

/** A value that is there. */
export function someOf(value: unknown): Optional {
  return engine().Optional.of(value);
}

/** A value that is absent. */
export function noneOf(): Optional {
  return engine().Optional.none();
}

/** A span of time. */
export function durationOf(spanMs: number): EngineDuration {
  const { Duration } = load("@marcbachmann/cel-js/evaluator") as { readonly Duration: { fromMilliseconds(spanMs: number): EngineDuration } };
  return Duration.fromMilliseconds(spanMs);
}

/** True for a value that may be absent. */
export function isOptional(value: unknown): value is Optional {
  return value instanceof engine().Optional;
}

/** True for a node of a syntax tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "op" in value && "evaluate" in value && "meta" in value;
}
