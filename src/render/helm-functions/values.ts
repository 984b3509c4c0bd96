import { FunctionFault } from "../fault.ts";
import { deepEqual } from "../template/deep-equal.ts";
import { goFunction } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { isTrue, kindOf, typeOf } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { Block } from "../text.ts";

/** Defaults, choice and what a value is, as Sprig; and Helm's own ways to end a render. */
export const valueFunctions: readonly GoFunction[] = [
  goFunction("default", ["any", "...any"], ([fallback, given]) => (isTrue(given) ? given : fallback)),
  goFunction("empty", ["any"], ([value]) => !isTrue(value)),
  goFunction("coalesce", ["...any"], (args) => args.find(isTrue) ?? null),
  goFunction("all", ["...any"], (args) => args.every(isTrue)),
  goFunction("any", ["...any"], (args) => args.some(isTrue)),
  goFunction("ternary", ["any", "any", "bool"], ([yes, no, condition]) => (condition ? yes : no)),
  goFunction("typeOf", ["any"], ([value]) => typeOf(value)),
  goFunction("typeIs", ["string", "any"], ([type, value]) => typeOf(value) === type),
  goFunction("typeIsLike", ["string", "any"], ([type, value]) => typeOf(value) === type || typeOf(value) === `*${type}`),
  goFunction("kindOf", ["any"], ([value]) => kindOf(value)),
  goFunction("kindIs", ["string", "any"], ([kind, value]) => kindOf(value) === kind),
  goFunction("deepEqual", ["any", "any"], ([left, right]) => deepEqual(left, right)),
  goFunction("required", ["string", "any"], ([message, value]) => requiredValue(message, value)),
  goFunction("fail", ["string"], ([message]) => { throw new FunctionFault(message); }),
];

function requiredValue(message: string, value: GoValue): GoValue {
  if (value === null || value === undefined || value === "" || (value instanceof Block && value.plain === "")) throw new FunctionFault(message);
  return value;
}
