import { FunctionFault } from "../fault.ts";
import type { TemplateFunction } from "../functions.ts";
import { isTrue, textOf } from "../template-value.ts";

const many = Number.POSITIVE_INFINITY;

/** Functions for values that may be missing or empty. */
export const missingFunctions: readonly TemplateFunction[] = [
  { name: "default", usage: "default FALLBACK VALUE", min: 2, max: 2, takesMissing: true, takesBlocks: true, run: ([fallback, value]) => (isTrue(value) ? value : fallback) },
  { name: "coalesce", usage: "coalesce A B …", min: 1, max: many, takesMissing: true, takesBlocks: true, run: (args) => args.find((arg) => isTrue(arg)) },
  { name: "empty", usage: "empty VALUE", min: 1, max: 1, takesMissing: true, run: ([value]) => !isTrue(value) },
  {
    name: "required", usage: "required MESSAGE VALUE", min: 2, max: 2, takesMissing: true, takesBlocks: true,
    run([message, value]) {
      if (value === undefined || value === null || value === "") throw new FunctionFault(textOf(message));
      return value;
    },
  },
  // What is missing here is refused before `run`, with its path: for places where a missing value would count as false.
  { name: "need", usage: "need VALUE", min: 1, max: 1, takesBlocks: true, run: ([value]) => value },
  { name: "fail", usage: "fail MESSAGE", min: 1, max: 1, run([message]) { throw new FunctionFault(textOf(message)); } },
];
