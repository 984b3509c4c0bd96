import type { Variable } from "../../model/generated/admissionregistration-v1.ts";
import type { Bindings } from "./bindings.ts";
import type { Budget } from "./evaluate.ts";

/** Each variable is evaluated when it is first named, and may name those before it. */
export function lazyVariables(variables: readonly Variable[] = [], bindings: Bindings, budget: Budget): object {
  const values = {};
  for (const { name, expression } of variables) {
    let known: { readonly value: unknown } | undefined;
    Object.defineProperty(values, name, {
      enumerable: true,
      get: (): unknown => {
        if (known !== undefined) return known.value;
        const outcome = budget.evaluate(expression, { ...bindings, variables: values });
        if (outcome.kind === "error") throw new Error(`composited variable "${name}" fails to evaluate: ${outcome.message}`);
        known = { value: outcome.value };
        return known.value;
      },
    });
  }
  return values;
}
