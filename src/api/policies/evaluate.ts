import { admissionVariables } from "../../model/admission-expressions.ts";
import { CelError, compileCel } from "../../value/cel/program.ts";
import type { CelDialect, CelProgram } from "../../value/cel/program.ts";
import type { Bindings } from "./bindings.ts";

/** Programs kept ready: those of a few hundred policies. The oldest goes first. */
const programsMax = 1_000;

/** Steps all expressions of one policy may take for one request: at most some 50 ms of the serving thread, where upstream's RuntimeCELCostBudget allows a second. */
export const policyBudget = 200_000;

type Programs = Map<string, CelProgram | CelError>;

/** By dialect: what one may write in it, another cannot read. */
const programs = new Map<CelDialect | undefined, Programs>();

/** How an expression came out. */
export type Evaluated = { readonly kind: "value"; readonly value: unknown } | { readonly kind: "error"; readonly message: string };

/** What the expressions of one policy may still spend. */
export class Budget {
  #left = policyBudget;

  evaluate(expression: string, bindings: Bindings, dialect?: CelDialect): Evaluated {
    const program = programOf(expression, dialect);
    if (program instanceof CelError) return { kind: "error", message: `compilation error: ${program.message}` };
    const before = this.#left;
    const outcome = program.run(bindings, before);
    // The cost of the variables that were evaluated on the way is in it.
    this.#left = Math.max(0, before - outcome.cost);
    return outcome.kind === "value" ? { kind: "value", value: outcome.value } : { kind: "error", message: outcome.message };
  }
}

function programOf(expression: string, dialect: CelDialect | undefined): CelProgram | CelError {
  let own = programs.get(dialect);
  if (own === undefined) programs.set(dialect, own = new Map());
  const known = own.get(expression);
  if (known !== undefined) return known;
  const [oldest] = own.keys();
  if (oldest !== undefined && own.size >= programsMax) own.delete(oldest);
  const program = compile(expression, dialect);
  own.set(expression, program);
  return program;
}

function compile(expression: string, dialect: CelDialect | undefined): CelProgram | CelError {
  try {
    return compileCel(expression, admissionVariables, dialect);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

/** Whether a request meets all match conditions: the first that is false decides, else the first that fails. */
export function meetsConditions(conditions: readonly { readonly name: string; readonly expression: string }[] | undefined, bindings: Bindings, budget: Budget): boolean | { readonly error: string } {
  let error: string | undefined;
  for (const { expression } of conditions ?? []) {
    const outcome = budget.evaluate(expression, bindings);
    if (outcome.kind === "value" && outcome.value === false) return false;
    if (outcome.kind === "error") error ??= `expression '${expression}' resulted in error: ${outcome.message}`;
    else if (outcome.value !== true) error ??= `expression '${expression}' resulted in error: it is no bool`;
  }
  return error === undefined ? true : { error };
}
