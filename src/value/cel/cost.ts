import { isNode } from "./engine.ts";
import type { Node } from "./engine.ts";
import { regexFunction } from "./libraries/regex.ts";

/** How large a value may be, and what it is made of. */
export interface Shape {
  /** Characters, items or entries at most; 1 for what has no size. */
  readonly size: number;
  /** What an item or entry is; undefined for what has none. */
  readonly item?: Shape;
  /** What a key of a map is. */
  readonly key?: Shape;
  /** What a named field is; undefined for one that is not known. */
  member?(name: string): Shape | undefined;
}

/** A value without size. */
export const scalar: Shape = { size: 1 };

/** Cost of a walk through a text, a character. @see cel-go common/cost.go StringTraversalCostFactor */
const perCharacter = 0.1;

/** The same of a regular expression's length. */
const perRegexCharacter = 0.25;

const listCost = 10;
const mapCost = 30;

interface Estimate {
  readonly cost: number;
  readonly shape: Shape;
}

type Variables = ReadonlyMap<string, Shape>;

/** Macros that walk through a list or map, each item with the name of their first argument. */
const loops: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "existsOne", "map", "filter", "transformList", "transformMap", "sortBy"]);

/** Calls that read their receiver, a text, from one end to the other. */
const textWalks: ReadonlySet<string> = new Set(["contains", "indexOf", "lastIndexOf", "replace", "split", "lowerAscii", "upperAscii", "trim", "find", "findAll", "substring", "isURL", "url", "format"]);

/**
 * The most an expression may cost, in cel-go's terms: it rather tells too little than too much, so that nothing that Kubernetes takes is refused. Pure.
 *
 * @see cel-go checker/cost.go
 */
export function estimateCost(ast: Node, variables: Variables): number {
  return estimate(ast, variables).cost;
}

function estimate(value: unknown, variables: Variables): Estimate {
  if (!isNode(value)) return { cost: 0, shape: scalar };
  const { op, args } = value;
  const list: readonly unknown[] = Array.isArray(args) ? args : [args];
  switch (op) {
    case "id": return { cost: 1, shape: (typeof args === "string" ? variables.get(args) : undefined) ?? scalar };
    case "value": return { cost: 0, shape: typeof args === "string" ? { size: args.length } : scalar };
    case ".": case ".?": return estimateMember(list, variables);
    case "[]": case "[?]": return estimateIndex(list, variables);
    case "rcall": return estimateCall({ name: list[0], receiver: list[1], given: list[2] }, variables);
    case "call": return estimateCall({ name: list[0], receiver: undefined, given: list[1] }, variables);
    case "list": return { cost: listCost + sum(list, variables), shape: { size: list.length, ...firstItem(list, variables) } };
    case "map": return { cost: mapCost + sum(list.flat(), variables), shape: { size: list.length } };
    default: return estimateOperator(op, list, variables);
  }
}

function firstItem([first]: readonly unknown[], variables: Variables): { readonly item?: Shape } {
  return first === undefined ? {} : { item: estimate(first, variables).shape };
}

function sum(values: readonly unknown[], variables: Variables): number {
  return values.reduce<number>((total, value) => total + estimate(value, variables).cost, 0);
}

function estimateMember([of, name]: readonly unknown[], variables: Variables): Estimate {
  const { cost, shape } = estimate(of, variables);
  return { cost: cost + 1, shape: (typeof name === "string" ? shape.member?.(name) : undefined) ?? shape.item ?? scalar };
}

function estimateIndex([of, at]: readonly unknown[], variables: Variables): Estimate {
  const { cost, shape } = estimate(of, variables);
  return { cost: cost + estimate(at, variables).cost + 1, shape: shape.item ?? scalar };
}

interface Call {
  readonly name: unknown;
  readonly receiver: unknown;
  readonly given: unknown;
}

function estimateCall({ name, receiver, given }: Call, variables: Variables): Estimate {
  const args: readonly unknown[] = Array.isArray(given) ? given : [];
  const of = estimate(receiver, variables);
  if (typeof name === "string" && loops.has(name) && receiver !== undefined) return estimateLoop({ name, of, args }, variables);
  const inside = args.map((one) => estimate(one, variables));
  const cost = of.cost + inside.reduce((total, one) => total + one.cost, 0) + 1;
  const first = inside[0]?.shape ?? scalar;
  if (name === "matches" || name === regexFunction) return { cost: cost + Math.ceil(of.shape.size * perCharacter) * Math.max(1, Math.ceil(first.size * perRegexCharacter)), shape: scalar };
  if (name === "startsWith" || name === "endsWith") return { cost: cost + Math.ceil(first.size * perCharacter), shape: scalar };
  if (typeof name === "string" && textWalks.has(name)) return { cost: cost + Math.ceil(of.shape.size * perCharacter), shape: { size: of.shape.size } };
  // What an optional holds, or an or-value gives, is as large as it is.
  return { cost, shape: name === "orValue" || name === "value" || name === "dyn" ? of.shape : scalar };
}

function estimateLoop({ name, of, args }: { readonly name: string; readonly of: Estimate; readonly args: readonly unknown[] }, variables: Variables): Estimate {
  const [bound, ...bodies] = args;
  const inner = new Map(variables);
  if (isNode(bound) && typeof bound.args === "string") inner.set(bound.args, of.shape.key ?? of.shape.item ?? scalar);
  // With two variables the second stands for the value, or the item.
  const [second] = bodies;
  if (bodies.length > 1 && isNode(second) && second.op === "id" && typeof second.args === "string" && name !== "map") inner.set(second.args, of.shape.item ?? scalar);
  const made = bodies.map((body) => estimate(body, inner));
  const each = made.reduce((total, body) => total + body.cost, 0) + 1;
  const result = name === "filter" ? of.shape : { size: of.shape.size, item: made.at(-1)?.shape ?? scalar };
  return { cost: of.cost + of.shape.size * each, shape: name === "map" || name === "filter" || name.startsWith("transform") ? result : scalar };
}

function estimateOperator(op: string, list: readonly unknown[], variables: Variables): Estimate {
  const sides = list.map((one) => estimate(one, variables));
  const cost = sides.reduce((total, side) => total + side.cost, 0);
  const sizes = sides.map(({ shape }) => shape.size);
  switch (op) {
    case "&&": case "||": return { cost, shape: scalar };
    case "?:": return { cost: (sides[0]?.cost ?? 0) + Math.max(sides[1]?.cost ?? 0, sides[2]?.cost ?? 0), shape: (sizes[1] ?? 0) >= (sizes[2] ?? 0) ? sides[1]?.shape ?? scalar : sides[2]?.shape ?? scalar };
    case "in": return { cost: cost + (sides[1]?.shape.key === undefined ? sizes[1] ?? 1 : 1), shape: scalar };
    case "+": return { cost: cost + Math.max(1, Math.ceil(sizes.reduce((total, size) => total + size, 0) * perCharacter)), shape: { ...sides[0]?.shape, size: sizes.reduce((total, size) => total + size, 0) } };
    case "==": case "!=": case "<": case "<=": case ">": case ">=": return { cost: cost + Math.max(1, Math.ceil(Math.min(...sizes) * perCharacter)), shape: scalar };
    default: return { cost: cost + 1, shape: scalar };
  }
}
