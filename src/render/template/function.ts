import { FunctionFault } from "../fault.ts";
import { Block } from "../text.ts";
import { quoteGo } from "./printf.ts";
import { Int, isList, isMap, typeOf } from "./value.ts";
import type { GoList, GoMap, GoValue } from "./value.ts";

/** Go's type of one parameter, and what `run` is given for it. `text` is a string that may still hold marks. */
export interface ParameterTypes {
  readonly any: GoValue;
  readonly string: string;
  readonly text: string | Block;
  readonly int: number;
  readonly int64: bigint;
  readonly float64: number;
  readonly bool: boolean;
  readonly map: GoMap;
  readonly list: GoList;
}

/** A parameter; `...any` takes all arguments that are left, and only stands last. */
export type ParameterType = keyof ParameterTypes | `...${keyof ParameterTypes}`;

type Argument<P> = P extends keyof ParameterTypes ? ParameterTypes[P] : never;
/** The arguments `run` is given for parameters. */
export type Arguments<P extends readonly ParameterType[]> = P extends readonly [infer Head, ...infer Rest extends readonly ParameterType[]]
  ? Head extends `...${infer Type extends keyof ParameterTypes}` ? readonly ParameterTypes[Type][] : readonly [Argument<Head>, ...Arguments<Rest>]
  : readonly [];

/** What functions may ask of the render that calls them. Every fact is an argument of the render: nothing here asks the world. */
export interface FunctionContext {
  /** Output of the template of this name. */
  include(name: string, data: GoValue): string | Block;
  /** Renders a text as a template. */
  renderText(text: string, data: GoValue): string | Block;
  /** The next bytes of the stream of this call site: the same for the same release, site and turn. */
  randomBytes(count: number): Uint8Array;
  /** The release's pinned time, in milliseconds since 1970. */
  readonly nowMs: number;
  /** Objects of the cluster, as the shell answered; an empty map when there is none. */
  lookup(apiVersion: string, kind: string, namespace: string, name: string): GoMap;
}

/** One function of Go templates. */
export interface GoFunction {
  readonly name: string;
  readonly params: readonly ParameterType[];
  /** Throws FunctionFault for arguments it cannot use. */
  run(args: readonly GoValue[], context: FunctionContext): GoValue;
}

/** Makes a function whose `run` is typed by its parameters; callers have converted the arguments with `convertArgument`. */
export function goFunction<const P extends readonly ParameterType[]>(name: string, params: P, run: (args: Arguments<P>, context: FunctionContext) => GoValue): GoFunction {
  return { name, params, run: (args, context) => run(args as unknown as Arguments<P>, context) };
}

/** The same function under another name. */
export function renamed(name: string, known: GoFunction): GoFunction {
  return { ...known, name };
}

/** The type of the parameter at `index`, or undefined when there are fewer. */
export function parameterAt({ params }: GoFunction, index: number): keyof ParameterTypes | undefined {
  const type = params[Math.min(index, params.length - 1)];
  if (type === undefined) return undefined;
  if (type.startsWith("...")) return type.slice(3) as keyof ParameterTypes;
  return index < params.length ? type as keyof ParameterTypes : undefined;
}

/** Fewest and most arguments of a function. */
export function argumentCounts({ params }: GoFunction): { readonly min: number; readonly max: number } {
  return params.at(-1)?.startsWith("...") === true ? { min: params.length - 1, max: Number.POSITIVE_INFINITY } : { min: params.length, max: params.length };
}

const goNames: Readonly<Record<keyof ParameterTypes, string>> = {
  any: "interface {}", string: "string", text: "string", int: "int", int64: "int64", float64: "float64", bool: "bool", map: "map[string]interface {}", list: "[]interface {}",
};

/** Gives a computed argument the form its parameter has, or refuses it in Go's words. Throws FunctionFault. */
export function convertArgument(type: keyof ParameterTypes, value: GoValue): GoValue {
  switch (type) {
    case "any": return value instanceof Block ? value.plain : value ?? null;
    case "text": if (typeof value === "string" || value instanceof Block) return value; break;
    case "string":
      if (typeof value === "string") return value;
      if (value instanceof Block) return value.plain;
      break;
    // Integers arrive as what TypeScript counts with; `run` knows which it asked for.
    case "int": if (value instanceof Int && value.type === "int") return Number(value.value); break;
    case "int64": if (value instanceof Int && value.type === "int64") return value.value as unknown as GoValue; break;
    case "float64": if (typeof value === "number") return value; break;
    case "bool": if (typeof value === "boolean") return value; break;
    case "map":
      if (isMap(value)) return value;
      if (value === null || value === undefined) return Object.create(null) as GoMap;
      break;
    case "list":
      if (isList(value)) return value;
      if (value === null || value === undefined) return [];
      break;
  }
  if (value === null || value === undefined) throw new FunctionFault(`invalid value; expected ${goNames[type]}`);
  throw new FunctionFault(`wrong type for value; expected ${goNames[type]}; got ${typeOf(value)}`);
}

/** A constant of a template. */
export type Constant = { readonly kind: "int"; readonly value: bigint; readonly isOverflow: boolean } | { readonly kind: "float"; readonly value: number } | { readonly kind: "string"; readonly value: string } | { readonly kind: "bool"; readonly value: boolean } | { readonly kind: "nil" };

/** Gives a constant the type its parameter asks for, as Go does for untyped constants. Throws FunctionFault. */
export function convertConstant(type: keyof ParameterTypes, constant: Constant): GoValue {
  const shown = constant.kind === "nil" ? "nil" : constant.kind === "string" ? quoteGo(constant.value) : String(constant.value);
  switch (type) {
    case "any":
      return valueOfConstant(constant);
    case "string": case "text":
      if (constant.kind === "string") return constant.value;
      throw new FunctionFault(constant.kind === "nil" ? "cannot assign nil to string" : `expected string; found ${shown}`);
    case "int": case "int64":
      if (constant.kind === "int" && !constant.isOverflow) return type === "int" ? Number(constant.value) : constant.value as unknown as GoValue;
      if (constant.kind === "float" && Number.isInteger(constant.value)) return type === "int" ? constant.value : BigInt(constant.value) as unknown as GoValue;
      throw new FunctionFault(constant.kind === "nil" ? `cannot assign nil to ${type}` : `expected integer; found ${shown}`);
    case "float64":
      if (constant.kind === "int" || constant.kind === "float") return Number(constant.value);
      throw new FunctionFault(constant.kind === "nil" ? "cannot assign nil to float64" : `expected float; found ${shown}`);
    case "bool":
      if (constant.kind === "bool") return constant.value;
      throw new FunctionFault(constant.kind === "nil" ? "cannot assign nil to bool" : `expected bool; found ${shown}`);
    case "map": case "list":
      if (constant.kind === "nil") return convertArgument(type, null);
      throw new FunctionFault(`can't handle ${shown} for arg of type ${goNames[type]}`);
  }
}

/** A constant where any type will do. Throws FunctionFault for an integer beyond int64. */
export function valueOfConstant(constant: Constant): GoValue {
  if (constant.kind === "nil") return null;
  if (constant.kind !== "int") return constant.value;
  if (constant.isOverflow) throw new FunctionFault(`${constant.value} overflows int`);
  return new Int(constant.value, "int");
}
