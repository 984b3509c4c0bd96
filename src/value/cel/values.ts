import { isJsonObject } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { isOptional } from "./engine.ts";
import type { EngineDuration } from "./engine.ts";
import { isPlainObject } from "./plain-object.ts";

/** JSON as CEL sees it where nothing more is known of it: whole numbers are ints. */
export function celOfJson(value: Json): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item: Json) => celOfJson(item));
  if (!isJsonObject(value)) return value;
  const members: Record<string, unknown> = {};
  let count = 0;
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || name === "__proto__") continue;
    members[name] = celOfJson(member);
    count += 1;
  }
  return membersOf(members, count);
}

/** An object with more members is kept as a Map: to see one member of an object, which is how the package finds its type, all are put in order first. */
const objectMembersMax = 32;

/** An object's members as the package takes them. */
export function membersOf(members: Readonly<Record<string, unknown>>, count: number): object {
  return count > objectMembersMax ? new Map(Object.entries(members)) : members;
}

/** A value that is larger as JSON is refused: a list can hold one object a thousand times. No request is larger either. */
const jsonSizeMax = 3 * 1024 * 1024;

/** A value of CEL as JSON; what JSON has no form for is its text. Throws CelValueError for one that is too large. */
export function jsonOfCel(value: unknown): Json {
  return new Conversion().jsonOf(value);
}

/** A value that has no form outside. */
export class CelValueError extends Error {}

class Conversion {
  #left = jsonSizeMax;

  jsonOf(value: unknown): Json {
    this.#left -= typeof value === "string" ? value.length + 1 : 1;
    if (this.#left < 0) throw new CelValueError(`the value is larger than ${jsonSizeMax} bytes`);
    if (value === null || typeof value === "boolean" || typeof value === "string" || typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    if (isOptional(value)) return value.hasValue() ? this.jsonOf(value.value()) : null;
    if (Array.isArray(value)) return value.map((item: unknown) => this.jsonOf(item));
    if (value instanceof Map) return this.#objectOf([...value].map(([key, member]) => [textOfKey(key), member]));
    if (isPlainObject(value)) return this.#objectOf(Object.entries(value));
    return isPrintable(value) ? value.toString() : null;
  }

  #objectOf(members: readonly (readonly [string, unknown])[]): JsonObject {
    return Object.fromEntries(members.map(([name, member]) => [name, this.jsonOf(member)]));
  }
}

/** Spans of time, addresses and the like print themselves. */
function isPrintable(value: unknown): value is EngineDuration {
  return typeof value === "object" && value !== null && typeof value.toString === "function";
}

function textOfKey(key: unknown): string {
  return typeof key === "string" ? key : `${typeof key === "bigint" || typeof key === "boolean" ? key : ""}`;
}
