import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import type { Source } from "../origins/origin.ts";
import { Block } from "../text.ts";

/** Go's integer types that templates meet. A duration is an integer of nanoseconds with a printed form of its own. */
export type IntType = "int" | "int64" | "int32" | "uint8" | "uint64" | "time.Duration" | "time.Month" | "time.Weekday";

/** A Go integer. Plain JavaScript numbers are Go's float64, so the two never mix up: Helm reads all numbers of YAML as float64. */
export class Int {
  readonly value: bigint;
  readonly type: IntType;
  constructor(value: bigint, type: IntType) {
    this.value = value;
    this.type = type;
  }
}

/** A map with string keys. Has no prototype, so no key of a chart can reach one; made by `goMap`. */
export interface GoMap {
  [key: string]: GoValue;
}

/** A slice. */
export type GoList = readonly GoValue[];

/** What a template may call on a struct. `params` as of functions. */
export type GoMethod = (args: readonly GoValue[]) => GoValue;

/** A Go value with fields and methods of its own: Helm's objects, times, versions, certificates. */
export class Struct {
  readonly #type: string;
  readonly #text: (() => string) | undefined;
  readonly fields: { readonly [name: string]: GoValue };
  readonly methods: { readonly [name: string]: GoMethod };
  constructor(type: string, { fields = {}, methods = {}, text }: { readonly fields?: { readonly [name: string]: GoValue }; readonly methods?: { readonly [name: string]: GoMethod }; readonly text?: () => string }) {
    this.#type = type;
    this.fields = fields;
    this.methods = methods;
    this.#text = text;
  }

  /** As Go prints it, `*chart.Metadata`. */
  get type(): string {
    return this.#type;
  }

  /** What `%v` and toString give, when the type has a text of its own. */
  get text(): (() => string) | undefined {
    return this.#text;
  }
}

/** A traced value has no members of its own; many are made. */
const nothing = { fields: {}, methods: {} };

/** A value that knows what it was made of. Only renders that are asked for origins hold any; a function sees the value alone. */
export class Traced extends Struct {
  /** Never a Traced itself. */
  readonly value: GoValue;
  readonly sources: readonly Source[];
  constructor(value: GoValue, sources: readonly Source[]) {
    super("", nothing);
    this.value = value;
    this.sources = sources;
  }

  override get type(): string {
    return typeOf(this.value);
  }

  override get text(): () => string {
    return () => textOf(jsonOf(this.value));
  }
}

/** What Go templates work on. `undefined` is no value at all (a missing map key where Go is told to tell them apart), null is a nil interface. */
export type GoValue = undefined | null | boolean | number | string | Int | Block | Struct | Uint8Array | GoList | GoMap;

/** Type names of maps and slices that are not `map[string]interface {}` and `[]interface {}`. */
const typeNames = new WeakMap<object, string>();

/** The same map or slice, known to have another Go type. */
export function typed<T extends GoList | GoMap>(value: T, type: string): T {
  typeNames.set(value, type);
  return value;
}

/** A new map of the entries. */
export function goMap(entries: Iterable<readonly [string, GoValue]> = []): GoMap {
  const map = Object.create(null) as GoMap;
  for (const [key, value] of entries) map[key] = value;
  return map;
}

/** True for maps. */
export function isMap(value: GoValue): value is GoMap {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

/** What stands at a path of maps, `image.tag`; undefined where nothing does. */
export function valueAt(map: GoMap, path: string): GoValue {
  return path.split(".").reduce<GoValue>((value, part) => (isMap(value) ? value[part] : undefined), map);
}

/** True for slices; a byte slice is none. */
export function isList(value: GoValue): value is GoList {
  return Array.isArray(value);
}

/** An `int`. */
export function int(value: number | bigint): Int {
  return new Int(BigInt.asIntN(64, BigInt(value)), "int");
}

/** An `int64`. */
export function int64(value: number | bigint): Int {
  return new Int(BigInt.asIntN(64, BigInt(value)), "int64");
}

/** Keys in byte order as Go sorts them. */
export function keysOf(map: GoMap): readonly string[] {
  const keys = Object.keys(map);
  return keys.length < 2 ? keys : keys.toSorted(compareStrings);
}

/** Orders texts by code points, which is the order of their UTF-8 bytes. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    // Surrogates stand for code points above all others.
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The plain text of a string value. */
export function plain(value: string | Block): string {
  return typeof value === "string" ? value : value.plain;
}

/** Go's kind, as `kindOf` and messages name it. */
export function kindOf(value: GoValue): string {
  if (value === null || value === undefined) return "invalid";
  if (typeof value === "string" || value instanceof Block) return "string";
  if (typeof value === "number") return "float64";
  if (typeof value === "boolean") return "bool";
  if (value instanceof Int) return value.type.startsWith("time.") ? (value.type === "time.Duration" ? "int64" : "int") : value.type;
  if (Array.isArray(value) || value instanceof Uint8Array) return "slice";
  if (value instanceof Struct) return value.type.startsWith("*") ? "ptr" : "struct";
  return "map";
}

/** Go's type, as `typeOf` and messages name it. */
export function typeOf(value: GoValue): string {
  if (value === null || value === undefined) return "<nil>";
  if (value instanceof Int || value instanceof Struct) return value.type;
  if (value instanceof Uint8Array) return "[]uint8";
  if (isList(value)) return typeNames.get(value) ?? "[]interface {}";
  if (isMap(value)) return typeNames.get(value) ?? "map[string]interface {}";
  return kindOf(value);
}

/** What a map answers for a key it does not have. */
export function zeroOf(map: GoMap): GoValue {
  const type = typeNames.get(map);
  if (type === undefined) return null;
  if (type === "map[string]string") return "";
  if (type === "map[string]bool") return false;
  return type === "engine.files" ? new Uint8Array() : null;
}

/** Go's truth: false, 0, nil, and everything of length 0 are not true. Structs always are. */
export function isTrue(value: GoValue): boolean {
  if (value === null || value === undefined || value === false || value === "" || value === 0) return false;
  if (typeof value !== "object") return true;
  if (value instanceof Int) return value.value !== 0n;
  if (value instanceof Block) return value.plain !== "";
  if (value instanceof Traced) return isTrue(value.value);
  if (isList(value) || value instanceof Uint8Array) return value.length > 0;
  return value instanceof Struct || Object.keys(value).length > 0;
}

/** JSON as Go reads it into an interface: every number a float64, every map and list a new one. */
export function goValueOf(value: Json | undefined): GoValue {
  if (Array.isArray(value)) return (value as readonly Json[]).map(goValueOf);
  if (!isJsonObject(value)) return value ?? null;
  const map = Object.create(null) as GoMap;
  for (const key of Object.keys(value)) map[key] = goValueOf(value[key]);
  return map;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}

/** A deep copy; nothing else can then see its changes. `leaf` may put others in the place of what is no map and no list. */
export function copyOf(value: GoValue, leaf: (value: GoValue) => GoValue = (same) => same): GoValue {
  if (isList(value)) {
    const type = typeNames.get(value);
    const list = value.map((item) => copyOf(item, leaf));
    return type === undefined ? list : typed(list, type);
  }
  if (!isMap(value)) return leaf(value);
  const map = goMap();
  for (const key of Object.keys(value)) map[key] = copyOf(value[key], leaf);
  const type = typeNames.get(value);
  return type === undefined ? map : typed(map, type);
}

/** The value as JSON, as Go's encoder writes it. Integers beyond 2^53 lose digits; byte slices become base64. */
export function jsonOf(value: GoValue): Json {
  if (value === undefined || value === null || typeof value !== "object") return value ?? null;
  if (value instanceof Int) return Number(value.value);
  if (value instanceof Block) return value.plain;
  if (value instanceof Traced) return jsonOf(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Struct) return value.text === undefined ? Object.fromEntries(Object.entries(value.fields).map(([key, field]) => [key, jsonOf(field)])) : value.text();
  if (isList(value)) return value.map(jsonOf);
  const json: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(value)) json[key] = jsonOf(value[key]);
  return json;
}
