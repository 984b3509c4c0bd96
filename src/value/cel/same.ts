import { CelMessage } from "./message.ts";
import { isPlainObject } from "./plain-object.ts";

/** Equality of CEL's values: numbers by their value whatever their type, lists and maps by what is in them. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (isPlainObject(a) && isPlainObject(b)) return isSameObject(a, b);
  const members = membersIn(a);
  const others = membersIn(b);
  if (members === undefined || others === undefined) return a.constructor === b.constructor && isPrintable(a) && isPrintable(b) && a.toString() === b.toString();
  const [name, other] = [a, b].map((value) => (value instanceof CelMessage ? value.typeName : undefined));
  return name === other && members.size === others.size && [...members].every(([key, value]) => others.has(key) && isSame(value, others.get(key)));
}

function isNumber(value: unknown): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

/** Times, spans, addresses and the like print themselves, as a Date does. */
function isPrintable(value: object): value is Date {
  return value.toString !== Object.prototype.toString;
}

function isSameObject(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]));
}

/** The members of a map, however it is kept; undefined for what is none. */
function membersIn(value: object): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  return isPlainObject(value) ? new Map(Object.entries(value)) : undefined;
}
