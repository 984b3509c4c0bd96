import { TypeChecker } from "../../value/cel/type-check.ts";
import type { CelTypes } from "../../value/cel/type-check.ts";
import type { ValidationRule } from "../generated/apiextensions-v1.ts";
import { celTypeOf } from "./cel-values.ts";
import { isEmbedded } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";
import { celTypesOfSchema, writtenNamesOf } from "./schema-types.ts";
import type { CelView } from "./schema-types.ts";

/** Deeper objects are looked into at run time only: a schema of a thousand levels must not cost a thousand types. */
const typedDepthMax = 12;

/** More types than this are not told apart. */
const typesMax = 500;

const none: CelTypes = new Map();
let checker: TypeChecker | undefined;

/** Rules see values with their types, and of an object the fields its schema names. */
const ruleView: CelView = { nameOf: (index) => `Object${index}`, scalarOf: celTypeOf, namesOf: writtenNamesOf, isOpen: () => false, metadata: "dyn", depthMax: typedDepthMax };

/**
 * What is wrong with the types of a rule, or of what makes its message: a field its schema does not have, or a comparison that can never hold. Doubtful
 * cases are left to the run, for a definition that is refused here would be of no use at all. Undefined where nothing is found.
 */
export function findTypeProblem(expression: string, schema: Schema, { isRoot, optionalOldSelf }: { readonly isRoot: boolean } & Pick<ValidationRule, "optionalOldSelf">): string | undefined {
  const { type, types } = celTypesOfSchema(schema, ruleView, { isResource: isRoot || isEmbedded(schema) });
  if (types.size > typesMax) return undefined;
  checker ??= new TypeChecker(none);
  const found = checker.check(expression, [{ name: "self", type }, { name: "oldSelf", type: optionalOldSelf === true ? "optional<dyn>" : type }], types);
  return found.kind === "wrong" && isCertain(found.problem) ? `compilation failed: ${found.problem}` : undefined;
}

/** Scalars that never compare with each other, in either order. */
const apart = /found no matching overload for '_(?:==|!=|<|<=|>|>=)_' applied to '\((?:string, (?:int|bool|double)|(?:int|bool|double), string|bool, int|int, bool)\)'/;

function isCertain(problem: string): boolean {
  return problem.includes("undefined field '") || apart.test(problem);
}
