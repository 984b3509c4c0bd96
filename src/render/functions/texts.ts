import { FunctionFault } from "../fault.ts";
import type { TemplateFunction, TemplateValue } from "../functions.ts";
import { Block, trimBlock } from "../text.ts";
import { countOf, integerOf, textOf } from "../template-value.ts";

/** Longest text `repeat` makes: more is a mistake, and a way to blow up memory. */
const repeatMaxLength = 1024 * 1024;

/** Texts. The subject comes last, as in Sprig. */
export const textFunctions: readonly TemplateFunction[] = [
  { name: "lower", usage: "lower TEXT", min: 1, max: 1, run: ([text]) => textOf(text).toLowerCase() },
  { name: "upper", usage: "upper TEXT", min: 1, max: 1, run: ([text]) => textOf(text).toUpperCase() },
  { name: "title", usage: "title TEXT", min: 1, max: 1, run: ([text]) => textOf(text).replaceAll(/(?<![\p{L}\p{N}'])\p{L}/gu, (letter) => letter.toUpperCase()) },
  { name: "trim", usage: "trim TEXT", min: 1, max: 1, takesBlocks: true, run: ([text]) => (text instanceof Block ? trimBlock(text) || new Block("") : textOf(text).trim()) },
  { name: "trimAll", usage: "trimAll CHARACTERS TEXT", min: 2, max: 2, run: ([set, text]) => trimCharacters(textOf(set), textOf(text)) },
  { name: "trimPrefix", usage: "trimPrefix PREFIX TEXT", min: 2, max: 2, run: ([prefix, text]) => (textOf(text).startsWith(textOf(prefix)) ? textOf(text).slice(textOf(prefix).length) : textOf(text)) },
  { name: "trimSuffix", usage: "trimSuffix SUFFIX TEXT", min: 2, max: 2, run: ([suffix, text]) => (textOf(suffix) !== "" && textOf(text).endsWith(textOf(suffix)) ? textOf(text).slice(0, -textOf(suffix).length) : textOf(text)) },
  { name: "trunc", usage: "trunc LENGTH TEXT", min: 2, max: 2, run: ([length, text]) => truncate(integerOf(length), textOf(text)) },
  { name: "replace", usage: "replace OLD NEW TEXT", min: 3, max: 3, run: ([old, next, text]) => textOf(text).split(textOf(old)).join(textOf(next)) },
  { name: "contains", usage: "contains PART TEXT", min: 2, max: 2, run: ([part, text]) => textOf(text).includes(textOf(part)) },
  { name: "hasPrefix", usage: "hasPrefix PREFIX TEXT", min: 2, max: 2, run: ([prefix, text]) => textOf(text).startsWith(textOf(prefix)) },
  { name: "hasSuffix", usage: "hasSuffix SUFFIX TEXT", min: 2, max: 2, run: ([suffix, text]) => textOf(text).endsWith(textOf(suffix)) },
  { name: "repeat", usage: "repeat COUNT TEXT", min: 2, max: 2, run: ([count, text]) => repeatText(count, textOf(text)) },
  { name: "kebabcase", usage: "kebabcase TEXT", min: 1, max: 1, run: ([text]) => textOf(text).replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").replaceAll(/[\s_]+/g, "-").toLowerCase() },
  { name: "toString", usage: "toString VALUE", min: 1, max: 1, run: ([value]) => (typeof value === "object" && !(value instanceof Block) ? JSON.stringify(value) : textOf(value)) },
];

/** Cuts to the first `length` characters, or with a negative one to the last, as Sprig. */
function truncate(length: number, text: string): string {
  return length < 0 ? text.slice(Math.max(0, text.length + length)) : text.slice(0, length);
}

function trimCharacters(set: string, text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && set.includes(text.charAt(from))) from++;
  while (to > from && set.includes(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

function repeatText(count: TemplateValue, text: string): string {
  const times = countOf(count, repeatMaxLength);
  if (times * text.length > repeatMaxLength) throw new FunctionFault(`would make a text of more than ${repeatMaxLength} characters`);
  return text.repeat(times);
}
