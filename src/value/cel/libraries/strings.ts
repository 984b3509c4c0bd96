import { quote } from "../../quote.ts";
import { noneOf, registerNamespace, someOf } from "../engine.ts";
import type { Environment } from "../engine.ts";
import { jsonOfCel } from "../values.ts";

/** What CEL's string extension has beyond the package's own, `base64`, and optional lists. @see cel-go ext/strings.go, ext/encoders.go */
export function registerStrings(environment: Environment): void {
  registerNamespace(environment, "strings", "StringsNamespace");
  registerNamespace(environment, "base64", "Base64Namespace");
  environment
    .registerFunction("string.charAt(int): string", (text: string, index: bigint) => charAt(text, Number(index)))
    .registerFunction("string.replace(string, string): string", (text: string, from: string, to: string) => text.replaceAll(from, () => to))
    .registerFunction("string.replace(string, string, int): string", replaceSome)
    .registerFunction("string.reverse(): string", (text: string) => Array.from(text).toReversed().join(""))
    .registerFunction("string.format(list): string", (text: string, values: readonly unknown[]) => printFormat(text, values))
    .registerFunction("StringsNamespace.quote(string): string", (_strings: object, text: string) => quote(text))
    .registerFunction("Base64Namespace.encode(bytes): string", (_base64: object, bytes: Uint8Array) => Buffer.from(bytes).toString("base64"))
    .registerFunction("Base64Namespace.decode(string): bytes", (_base64: object, text: string) => new Uint8Array(Buffer.from(text, "base64")))
    .registerFunction("list.first(): optional<dyn>", (list: readonly unknown[]) => optionalOf(list.at(0)))
    .registerFunction("list.last(): optional<dyn>", (list: readonly unknown[]) => optionalOf(list.at(-1)));
}

function optionalOf(value: unknown): object {
  return value === undefined ? noneOf() : someOf(value);
}

function charAt(text: string, index: number): string {
  const letters = Array.from(text);
  if (index < 0 || index > letters.length) throw new Error(`index out of range: ${index}`);
  return letters[index] ?? "";
}

function replaceSome(text: string, from: string, to: string, limit: bigint): string {
  if (limit < 0n) return text.replaceAll(from, () => to);
  let left = limit;
  return text.replaceAll(from, (whole) => (left-- > 0n ? to : whole));
}

/** `%s %d %f %e %b %x %X %o`, with a precision for `%f` and `%e`. */
function printFormat(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replaceAll(/%(?:\.(\d+))?([sdfebxXo%])/g, (_whole, precision: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    if (next >= values.length) throw new Error(`index ${next} out of range`);
    const value = values[next++];
    switch (verb) {
      case "d": return String(value);
      case "f": return Number(value).toFixed(Math.min(Number(precision ?? 6), 100));
      case "e": return Number(value).toExponential(Math.min(Number(precision ?? 6), 100)).replace(/e([+-])(\d)$/, "e$10$2");
      case "b": return typeof value === "boolean" ? String(Number(value)) : BigInt(String(value)).toString(2);
      case "o": return BigInt(String(value)).toString(8);
      case "x": case "X": {
        const hex = typeof value === "bigint" ? value.toString(16) : Buffer.from(typeof value === "string" ? value : "").toString("hex");
        return verb === "X" ? hex.toUpperCase() : hex;
      }
      default: {
        const json = jsonOfCel(value);
        return typeof json === "string" ? json : JSON.stringify(json);
      }
    }
  });
}
