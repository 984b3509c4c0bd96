import { authorizerType } from "../value/cel/libraries/authorizer.ts";
import { CelError, compileCel } from "../value/cel/program.ts";
import type { CelVariable } from "../value/cel/program.ts";
import { invalid, required } from "./checks.ts";
import type { FieldError } from "./field-error.ts";
import type { MatchCondition, ValidatingAdmissionPolicySpec } from "./generated/admissionregistration-v1.ts";

/** What a match condition of a webhook may name. @see kubernetes apiserver pkg/admission/plugin/webhook/accessors.go */
const webhookVariables: readonly CelVariable[] = [...untyped("object", "oldObject", "request"), { name: "authorizer", type: authorizerType }];

/** What an expression that makes a message may name: not the authorizer. */
const messageVariables: readonly CelVariable[] = untyped("object", "oldObject", "request", "namespaceObject", "params", "variables");

/** What an expression of admission may name. @see kubernetes validatingadmissionpolicy, "Variables" */
export const admissionVariables: readonly CelVariable[] = [...messageVariables, { name: "authorizer", type: authorizerType }];

function untyped(...names: readonly string[]): readonly CelVariable[] {
  return names.map((name) => ({ name, type: "dyn" }));
}

/**
 * What is wrong with the expressions of a policy: each has to be readable and of the type its place asks for.
 *
 * @see kubernetes pkg/apis/admissionregistration/validation/validation.go
 */
export function checkPolicyExpressions({ matchConditions, variables = [], validations = [], auditAnnotations = [] }: ValidatingAdmissionPolicySpec): readonly FieldError[] {
  return [
    ...checkConditions(matchConditions, "spec.matchConditions", admissionVariables),
    ...variables.flatMap(({ name, expression }, index) => {
      const path = `spec.variables[${index}]`;
      const isTwice = variables.findIndex((other) => other.name === name) !== index;
      return [...(identifier.test(name) ? [] : [invalid(`${path}.name`, name, "name is not a valid CEL identifier")]), ...(isTwice ? [duplicate(`${path}.name`, name)] : []), ...checkExpression(`${path}.expression`, expression)];
    }),
    ...validations.flatMap(({ expression, messageExpression }, index) => [
      ...checkExpression(`spec.validations[${index}].expression`, expression, { wanted: "bool" }),
      ...(messageExpression === undefined ? [] : checkExpression(`spec.validations[${index}].messageExpression`, messageExpression, { wanted: "string", variables: messageVariables })),
    ]),
    ...auditAnnotations.flatMap(({ key, valueExpression }, index) => {
      const path = `spec.auditAnnotations[${index}]`;
      const isTwice = auditAnnotations.findIndex((other) => other.key === key) !== index;
      return [...(key === "" ? [required(`${path}.key`)] : []), ...(isTwice ? [duplicate(`${path}.key`, key)] : []), ...checkExpression(`${path}.valueExpression`, valueExpression, { wanted: "string" })];
    }),
  ];
}

/** The same for the match conditions of a webhook. */
export function checkMatchConditions(conditions: readonly MatchCondition[] | undefined, path: string): readonly FieldError[] {
  return checkConditions(conditions, path, webhookVariables);
}

function checkConditions(conditions: readonly MatchCondition[] | undefined, path: string, variables: readonly CelVariable[]): readonly FieldError[] {
  return (conditions ?? []).flatMap(({ name, expression }, index) => {
    const isTwice = (conditions ?? []).findIndex((other) => other.name === name) !== index;
    return [...(isTwice ? [duplicate(`${path}[${index}].name`, name)] : []), ...checkExpression(`${path}[${index}].expression`, expression, { wanted: "bool", variables })];
  });
}

/** A name of CEL. */
const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

function duplicate(path: string, value: string): FieldError {
  return { type: "Duplicate", path, value, detail: "" };
}

/** Expressions that fit were compiled before: most objects are written again and again with the same ones. The oldest goes first. */
const knownGood = new Set<string>();
const knownGoodMax = 1_000;

interface Expected {
  readonly wanted?: "bool" | "string";
  readonly variables?: readonly CelVariable[];
}

function checkExpression(path: string, expression: string, { wanted, variables = admissionVariables }: Expected = {}): readonly FieldError[] {
  if (expression.trim() === "") return [required(path)];
  const key = `${wanted ?? ""} ${variables.length} ${expression}`;
  if (knownGood.has(key)) return [];
  try {
    const { type } = compileCel(expression, variables);
    if (wanted !== undefined && type !== wanted && type !== "dyn") return [invalid(path, expression, `must evaluate to ${wanted}`)];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return [invalid(path, expression, `compilation failed: ${error.message}`)];
  }
  const [oldest] = knownGood;
  if (oldest !== undefined && knownGood.size >= knownGoodMax) knownGood.delete(oldest);
  knownGood.add(key);
  return [];
}
