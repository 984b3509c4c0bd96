import { TypeChecker } from "../../value/cel/type-check.ts";
import type { CelTypes } from "../../value/cel/type-check.ts";
import type { ValidationRule } from "../generated/apiextensions-v1.ts";
import { celMemberType, celNameOf, celTypeOf } from "./cel-values.ts";
import { additionalOf, isEmbedded, isIntOrString, itemsOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** Deeper objects are looked into at run time only: a schema of a thousand levels must not cost a thousand types. */
const typedDepthMax = 12;

/** More types than this are not told apart. */
const typesMax = 500;

const none: CelTypes = new Map();
let checker: TypeChecker | undefined;

/** The types of a schema as rules see it: objects with named fields have one each. */
interface Draft {
  readonly types: Map<string, Readonly<Record<string, string>>>;
}

/**
 * What is wrong with the types of a rule, or of what makes its message: a field its schema does not have, or a comparison that can never hold. Doubtful
 * cases are left to the run, for a definition that is refused here would be of no use at all. Undefined where nothing is found.
 */
export function findTypeProblem(expression: string, schema: Schema, { isRoot, optionalOldSelf }: { readonly isRoot: boolean } & Pick<ValidationRule, "optionalOldSelf">): string | undefined {
  const draft: Draft = { types: new Map() };
  const type = typeOf(schema, draft, { depth: 0, isResource: isRoot || isEmbedded(schema) });
  if (draft.types.size > typesMax) return undefined;
  checker ??= new TypeChecker(none);
  const found = checker.check(expression, [{ name: "self", type }, { name: "oldSelf", type: optionalOldSelf === true ? "optional<dyn>" : type }], draft.types);
  return found.kind === "wrong" && isCertain(found.problem) ? `compilation failed: ${found.problem}` : undefined;
}

/** Scalars that never compare with each other, in either order. */
const apart = /found no matching overload for '_(?:==|!=|<|<=|>|>=)_' applied to '\((?:string, (?:int|bool|double)|(?:int|bool|double), string|bool, int|int, bool)\)'/;

function isCertain(problem: string): boolean {
  return problem.includes("undefined field '") || apart.test(problem);
}

interface Place {
  readonly depth: number;
  readonly isResource: boolean;
}

function typeOf(schema: Schema, draft: Draft, { depth, isResource }: Place): string {
  if (schema.nullable === true || isIntOrString(schema) || depth > typedDepthMax) return "dyn";
  const inner: Place = { depth: depth + 1, isResource: false };
  if (schema.type === "array") return `list<${flat(itemsOf(schema), draft, inner)}>`;
  if (schema.type !== "object") return celTypeOf(schema);
  const additional = additionalOf(schema);
  if (additional !== undefined) return `map<string, ${flat(additional, draft, inner)}>`;
  const properties = Object.entries(schema.properties ?? {});
  // Of an object without named fields nothing is known that is worth a type.
  if (properties.length === 0 && !isResource) return "dyn";
  const name = `Object${draft.types.size}`;
  draft.types.set(name, {});
  const fields = Object.fromEntries(properties.flatMap(([property, value]) => {
    const known = celNameOf(property);
    return known === undefined ? [] : [[known, typeOf(value, draft, { depth: depth + 1, isResource: isEmbedded(value) })] as const];
  }));
  draft.types.set(name, { ...fields, ...(isResource ? { apiVersion: "string", kind: "string", metadata: "dyn" } : {}) });
  return name;
}

function flat(schema: Schema | undefined, draft: Draft, place: Place): string {
  return schema === undefined ? "dyn" : celMemberType(typeOf(schema, draft, { ...place, isResource: isEmbedded(schema) }));
}
