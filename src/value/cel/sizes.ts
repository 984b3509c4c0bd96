import { regexFunction } from "./libraries/regex.ts";
import { isPlainObject } from "./plain-object.ts";

/** Characters of a text, or members of a list or map, that are read in a step. */
const membersPerStep = 10;

/** Steps it takes to compare two values without what is in them: their types are found out first. */
const stepsPerCompared = 4;

/** Items that are added, or compared with the next, in a step. */
const itemsPerStep = 4;

/** Pairs of items that are compared in a step where each item of one list is looked for in another. */
const pairsPerStep = 8;

/** Steps a pattern takes with a character: up to half a microsecond. */
const stepsPerMatched = 3;

/** Characters of a pattern that make each of a text dearer by a step. */
const patternPerStep = 64;

/** Steps any call takes: its function is found by the types of what it is given. */
const stepsPerCall = 3;

/** Steps it takes to read a value from one end to the other, without what is in its members. */
export function sizeOf(value: unknown): number {
  return readingCost(membersOf(value));
}

function readingCost(members: number): number {
  return Math.floor(members / membersPerStep);
}

function membersOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return value instanceof Map ? value.size : 0;
}

/** Steps it takes to compare two values: as far as the smaller one goes. */
export function comparisonCost(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") return sizeOf(left.length < right.length ? left : right);
  return isCompound(left) && isCompound(right) ? weightOf(right, weightOf(left, weightMax)) * stepsPerCompared : 0;
}

/** Steps it takes to find a value among others. A value without parts is compared in no time, and a key is found in none. */
export function membershipCost(value: unknown, among: unknown): number {
  if (!isList(among)) return 0;
  if (!isCompound(value)) return sizeOf(among);
  return weightOf(among, Math.min(weightMax, among.length * weightOf(value, weightMax))) * stepsPerCompared;
}

/** Steps two texts or lists take to be joined. */
export function concatenationCost(left: unknown, right: unknown): number {
  return readingCost(membersOf(left) + membersOf(right));
}

/** Steps a function takes with these arguments, its receiver the first of them. */
export function callCost(name: string, args: readonly unknown[]): number {
  const read = args.reduce<number>((sum, value) => sum + sizeOf(value), 0);
  return stepsPerCall + read + (flatCosts[name] ?? 0) + (dear.get(name)?.(args) ?? 0);
}

/** Steps of functions that read a text as something else, or make one. */
const flatCosts: Readonly<Record<string, number>> = {
  url: 40, isURL: 40, semver: 40, isSemver: 40, ip: 15, isIP: 15, cidr: 25, isCIDR: 25, containsIP: 15, containsCIDR: 15, quantity: 8, isQuantity: 8, timestamp: 5, format: 20, validate: 5, of: 4, orValue: 4,
};

type Cost = (args: readonly unknown[]) => number;

const patternCost: Cost = ([text, pattern]) => membersOf(text) * (stepsPerMatched + Math.floor(membersOf(pattern) / patternPerStep));

/** Every item of a list is compared with another, or added. */
const foldCost: Cost = ([list]) => Math.floor(membersOf(list) / itemsPerStep);

/** Every item of one list is compared with those of another until it is found. */
const pairsCost: Cost = ([, a, b]) => Math.floor((membersOf(a) * weightOf(b, weightMax) + membersOf(b)) / pairsPerStep);

/** An item is compared with all of a list. */
const searchCost: Cost = ([list, item]) => (isList(list) ? membershipCost(item, list) + 2 * sizeOf(list) : 0);

/** Functions that take more than a reading of their arguments. */
const dear: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  [regexFunction, patternCost], ["find", patternCost], ["findAll", patternCost],
  ["replace", replacementCost], ["join", textsCost], ["format", textsCost],
  ["sum", foldCost], ["min", foldCost], ["max", foldCost], ["isSorted", foldCost],
  ["contains", pairsOfSets], ["equivalent", pairsOfSets], ["intersects", pairsOfSets], ["indexOf", searchCost], ["lastIndexOf", searchCost],
]);

/** Texts that are put together in one. */
function textsCost(args: readonly unknown[]): number {
  return args.reduce<number>((sum, value) => sum + (isList(value) ? weightOf(value, weightMax) : 0), 0);
}

/** Every place of a text where another stands is asked what it becomes; an empty one stands everywhere. */
function replacementCost([text, from, to]: readonly unknown[]): number {
  if (typeof text !== "string" || typeof from !== "string" || typeof to !== "string") return 0;
  const places = from === "" ? text.length + 1 : text.split(from).length - 1;
  return readingCost(places * (to.length + membersPerStep));
}

/** `sets.contains` and its like; texts have a `contains` too. */
function pairsOfSets(args: readonly unknown[]): number {
  return isList(args[1]) ? pairsCost(args) : 0;
}

/** More values than this are as dear as any budget. */
const weightMax = 1_000_000;

/** How many values are in a value, itself among them; at most `max`, and no more than that are looked at. */
function weightOf(value: unknown, max: number): number {
  const open: unknown[] = [value];
  let weight = 1;
  const meet = (part: unknown): boolean => {
    if (isCompound(part)) open.push(part);
    weight += 1 + (typeof part === "string" ? sizeOf(part) : 0);
    return weight < max;
  };
  for (let next = open.pop(); next !== undefined; next = weight < max ? open.pop() : undefined) {
    if (Array.isArray(next)) next.every(meet);
    else if (next instanceof Map) for (const part of next.values()) { if (!meet(part)) break; }
    else if (isPlainObject(next)) for (const name in next) { if (!meet(next[name])) break; }
  }
  return Math.min(weight, max);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isCompound(value: unknown): boolean {
  return isList(value) || value instanceof Map || isPlainObject(value) || value instanceof Uint8Array;
}
