import { Block } from "../text.ts";
import { printDuration } from "./duration.ts";
import { months, weekdays } from "./time-format.ts";
import { Int, isList, isMap, keysOf, Struct } from "./value.ts";
import type { GoValue } from "./value.ts";

/** What a template writes for a value: Go's `%v`, and `<no value>` for none. */
export function printValue(value: GoValue): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return noValue;
  return printPlain(value);
}

/** What Go writes for a value that is not there. Helm takes it out of what it renders. */
export const noValue = "<no value>";

/** Go's `%v`. */
export function printPlain(value: GoValue): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return printFloat(value);
  if (value instanceof Block) return value.plain;
  if (value instanceof Int) return printInt(value);
  if (value instanceof Uint8Array) return `[${value.join(" ")}]`;
  if (value instanceof Struct) return value.text === undefined ? printStruct(value) : value.text();
  if (isList(value)) return `[${value.map(printPlain).join(" ")}]`;
  return isMap(value) ? `map[${keysOf(value).map((key) => `${key}:${printPlain(value[key])}`).join(" ")}]` : "";
}

function printStruct(value: Struct): string {
  const fields = Object.values(value.fields).map(printPlain).join(" ");
  return value.type.startsWith("*") ? `&{${fields}}` : `{${fields}}`;
}

function printInt(value: Int): string {
  if (value.type === "time.Duration") return printDuration(value.value);
  if (value.type === "time.Month") return months[Number(value.value) - 1] ?? "";
  return value.type === "time.Weekday" ? (weekdays[Number(value.value)] ?? "") : String(value.value);
}

/** The exponents between which a float is written without one, as strconv's shortest `g`. */
const plainExponentMin = -4;
const plainExponentMax = 6;

/** Go's `%v` of a float64: the shortest digits that read back, with an exponent from 1e+06 and below 1e-04. */
export function printFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const magnitude = Math.abs(value);
  if (magnitude < 10 ** plainExponentMax && (magnitude >= 10 ** plainExponentMin || value === 0)) return String(value);
  const [digits = "0", exponent = "0"] = value.toExponential().split("e");
  return digits + printExponent(Number(exponent));
}

/** `e+06`. */
export function printExponent(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
