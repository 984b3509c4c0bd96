import type { Environment } from "./engine.ts";
import { CelError, kubernetesEnvironment, parseExpression, printProblem, startOf, summaryOf } from "./program.ts";
import type { CelVariable } from "./program.ts";

/** Objects with named fields: each type's fields, by the types of their values, those of this table among them. */
export type CelTypes = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** What is found of an expression's types. */
export type TypeFinding = { readonly kind: "fits"; readonly type: string } | { readonly kind: "wrong"; readonly problem: string };

/** Checks expressions against objects whose fields are known: it finds what would fail at run time. Nothing is ever run. */
export class TypeChecker {
  readonly #environment: Environment;

  constructor(types: CelTypes) {
    this.#environment = kubernetesEnvironment().clone();
    register(this.#environment, types);
  }

  /** @param own types that only this expression sees */
  check(expression: string, variables: readonly CelVariable[], own: CelTypes = new Map()): TypeFinding {
    const environment = this.#environment.clone();
    register(environment, own);
    for (const { name, type } of variables) environment.registerVariable(name, type);
    try {
      const { parsed, placeOf } = parseExpression(environment, expression);
      const { valid, type = "dyn", error } = parsed.check();
      return valid ? { kind: "fits", type } : wrong(expression, error, placeOf);
    } catch (error) {
      if (error instanceof CelError) return { kind: "wrong", problem: error.message };
      throw error;
    }
  }
}

function register(environment: Environment, types: CelTypes): void {
  for (const [name, fields] of types) environment.registerType(name, { ctor: class { readonly name = name; }, fields });
  // An object that is not there is null.
  for (const name of types.keys()) environment.registerOperator(`${name} == null`, never);
}

function never(): boolean {
  throw new Error("an expression is only checked here");
}

/** In the words of cel-go's checker, which names the dot before a field and both sides of an operator. */
function wrong(expression: string, error: unknown, placeOf: (position: number) => number): TypeFinding {
  const said = summaryOf(error);
  const field = /^no such key: (.*)$/.exec(said)?.[1];
  const start = placeOf(startOf(error)) - (field === undefined ? 0 : 1);
  const summary = field === undefined ? said.replace(/^no such overload: (\S+) (\S+) (\S+)$/, "found no matching overload for '_$2_' applied to '($1, $3)'") : `undefined field '${field}'`;
  return { kind: "wrong", problem: printProblem(expression, { start, summary }) };
}
