import { FunctionFault } from "../fault.ts";
import { goFunction } from "../template/function.ts";
import type { FunctionContext, GoFunction } from "../template/function.ts";
import { int } from "../template/value.ts";
import { checkLength } from "./convert.ts";

const digits = "0123456789";
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");

/** Random values from the release's pinned stream: as good as random to anybody without its seed, and the same at every render. */
export const randomFunctions: readonly GoFunction[] = [
  goFunction("randAlphaNum", ["int"], ([count], context) => pick(count, letters + digits, context)),
  goFunction("randAlpha", ["int"], ([count], context) => pick(count, letters, context)),
  goFunction("randNumeric", ["int"], ([count], context) => pick(count, digits, context)),
  goFunction("randAscii", ["int"], ([count], context) => pick(count, ascii, context)),
  goFunction("randBytes", ["int"], ([count], context) => {
    checkLength(count);
    return Buffer.from(context.randomBytes(Math.max(0, count))).toString("base64");
  }),
  goFunction("randInt", ["int", "int"], ([from, to], context) => {
    if (to <= from) throw new FunctionFault("invalid argument to Intn");
    return int(from + below(to - from, context));
  }),
  goFunction("uuidv4", [], (_args, context) => {
    const bytes = context.randomBytes(16);
    const hex = Array.from(bytes, (byte, index) => (index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }),
  goFunction("shuffle", ["string"], ([text], context) => {
    const signs = Array.from(text);
    for (let i = signs.length - 1; i > 0; i--) {
      const j = below(i + 1, context);
      [signs[i], signs[j]] = [signs[j] ?? "", signs[i] ?? ""];
    }
    return signs.join("");
  }),
];

function pick(count: number, signs: string, context: FunctionContext): string {
  if (count < 0) throw new FunctionFault(`requested random string length ${count} is less than 0`);
  checkLength(count);
  return Array.from({ length: count }, () => signs.charAt(below(signs.length, context))).join("");
}

/** Six bytes leave a bias below 2^-16 for ranges up to 2^32. */
const drawBytes = 6;

function below(bound: number, context: FunctionContext): number {
  return Buffer.from(context.randomBytes(drawBytes)).readUIntBE(0, drawBytes) % bound;
}
