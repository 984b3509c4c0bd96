import { authorizerType } from "../value/cel/libraries/authorizer.ts";
import { objectMessage, patchDialect, patchMessage } from "../value/cel/libraries/patches.ts";
import { CelError, compileCel } from "../value/cel/program.ts";
import type { CelDialect, CelVariable } from "../value/cel/program.ts";
import { checkQualifiedName } from "../value/names.ts";
import { duplicate, invalid, invalidEach, required, tooMany } from "./checks.ts";
import type { FieldError } from "./field-error.ts";
import type { MatchCondition, MutatingAdmissionPolicySpec, ParamKind, ValidatingAdmissionPolicySpec, Variable } from "./generated/admissionregistration-v1.ts";

/** Names an expression may use, and how one that was checked with them is remembered. */
interface Names {
  readonly key: string;
  readonly variables: readonly CelVariable[];
}

const authorizer: CelVariable = { name: "authorizer", type: authorizerType };

/** What a match condition of a webhook may name. @see kubernetes apiserver pkg/admission/plugin/webhook/accessors.go */
const webhookNames: Names = { key: "webhook", variables: [...untyped("object", "oldObject", "request"), authorizer] };

/** What an expression of admission may name. @see kubernetes validatingadmissionpolicy, "Variables" */
export const admissionVariables: readonly CelVariable[] = [...untyped("object", "oldObject", "request", "namespaceObject", "params", "variables"), authorizer];

const policyNames: Names = { key: "policy", variables: admissionVariables };

/** The same of a policy without parameters. */
const namesWithoutParams: Names = { key: "no params", variables: admissionVariables.filter(({ name }) => name !== "params") };

/** What an expression that makes a message may name: not the authorizer. */
function messageNamesOf({ key, variables }: Names): Names {
  return { key: `message, ${key}`, variables: variables.filter(({ name }) => name !== authorizer.name) };
}

/** What a match condition of a policy may name: it is asked before there are variables. */
function conditionNamesOf({ key, variables }: Names): Names {
  return { key: `condition, ${key}`, variables: variables.filter(({ name }) => name !== "variables") };
}

function namesOf(paramKind: ParamKind | undefined): Names {
  return paramKind === undefined ? namesWithoutParams : policyNames;
}

function untyped(...names: readonly string[]): readonly CelVariable[] {
  return names.map((name) => ({ name, type: "dyn" }));
}

/**
 * What is wrong with the expressions of a policy: each has to be readable and of the type its place asks for.
 *
 * @see kubernetes pkg/apis/admissionregistration/validation/validation.go
 */
export function checkPolicyExpressions({ paramKind, matchConditions, variables, validations = [], auditAnnotations = [] }: ValidatingAdmissionPolicySpec): readonly FieldError[] {
  const names = namesOf(paramKind);
  return [
    ...checkConditions(matchConditions, "spec.matchConditions", conditionNamesOf(names)),
    ...checkVariables(variables, names),
    ...validations.flatMap(({ expression, messageExpression }, index) => [
      ...checkExpression(`spec.validations[${index}].expression`, expression, { names, wanted: "bool" }),
      ...(messageExpression === undefined ? [] : checkExpression(`spec.validations[${index}].messageExpression`, messageExpression, { names: messageNamesOf(names), wanted: "string" })),
    ]),
    ...auditAnnotations.flatMap(({ key, valueExpression }, index) => {
      const path = `spec.auditAnnotations[${index}]`;
      const isTwice = auditAnnotations.findIndex((other) => other.key === key) !== index;
      return [...(key === "" ? [required(`${path}.key`)] : []), ...(isTwice ? [duplicate(`${path}.key`, key)] : []), ...checkExpression(`${path}.valueExpression`, valueExpression, { names, wanted: "string" })];
    }),
  ];
}

/** The same for a policy that changes objects. */
export function checkMutationExpressions({ paramKind, matchConditions, variables, mutations = [] }: MutatingAdmissionPolicySpec): readonly FieldError[] {
  const names = namesOf(paramKind);
  return [
    ...checkConditions(matchConditions, "spec.matchConditions", conditionNamesOf(names)),
    ...checkVariables(variables, names),
    ...mutations.flatMap(({ patchType, applyConfiguration, jsonPatch }, index) => {
      const path = `spec.mutations[${index}]`;
      if (patchType === "JSONPatch") return jsonPatch === undefined ? [] : checkExpression(`${path}.jsonPatch.expression`, jsonPatch.expression, { names, wanted: `list<${patchMessage}>`, dialect: patchDialect });
      return applyConfiguration === undefined ? [] : checkExpression(`${path}.applyConfiguration.expression`, applyConfiguration.expression, { names, wanted: objectMessage, dialect: patchDialect });
    }),
  ];
}

function checkVariables(variables: readonly Variable[] = [], names: Names): readonly FieldError[] {
  return variables.flatMap(({ name, expression }, index) => {
    const path = `spec.variables[${index}]`;
    const isTwice = variables.findIndex((other) => other.name === name) !== index;
    return [...(identifier.test(name) ? [] : [invalid(`${path}.name`, name, "name is not a valid CEL identifier")]), ...(isTwice ? [duplicate(`${path}.name`, name)] : []), ...checkExpression(`${path}.expression`, expression, { names })];
  });
}

/** The same for the match conditions of a webhook. */
export function checkMatchConditions(conditions: readonly MatchCondition[] | undefined, path: string): readonly FieldError[] {
  return checkConditions(conditions, path, webhookNames);
}

/** Conditions one policy or webhook may have, as upstream. */
const conditionsMax = 64;

function checkConditions(conditions: readonly MatchCondition[] = [], path: string, names: Names): readonly FieldError[] {
  const many: readonly FieldError[] = conditions.length > conditionsMax ? [tooMany(path, conditions.length, conditionsMax)] : [];
  return [...many, ...conditions.flatMap(({ name, expression }, index) => {
    const isTwice = conditions.findIndex((other) => other.name === name) !== index;
    return [
      ...checkExpression(`${path}[${index}].expression`, expression.trim(), { names, wanted: "bool" }),
      ...(name === "" ? [required(`${path}[${index}].name`)] : invalidEach(`${path}[${index}].name`, name, checkQualifiedName(name))), ...(isTwice ? [duplicate(`${path}[${index}].name`, name)] : []),
    ];
  })];
}

/** A name of CEL. */
const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

/** Expressions that fit were compiled before: most objects are written again and again with the same ones. The oldest goes first. */
const knownGood = new Set<string>();
const knownGoodMax = 1_000;

interface Expected {
  readonly names: Names;
  /** A type; any where it is absent. */
  readonly wanted?: string;
  readonly dialect?: CelDialect;
}

function checkExpression(path: string, expression: string | undefined, { names, wanted, dialect }: Expected): readonly FieldError[] {
  if (expression === undefined || expression.trim() === "") return [required(path)];
  const key = `${wanted ?? ""} ${names.key} ${expression}`;
  if (knownGood.has(key)) return [];
  try {
    const { type } = compileCel(expression, names.variables, dialect);
    if (wanted !== undefined && !isOfType(type, wanted)) return [invalid(path, expression, `must evaluate to ${printType(wanted)} but got ${printType(type)}`)];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return [invalid(path, expression, `compilation failed: ${error.message}`)];
  }
  const [oldest] = knownGood;
  if (oldest !== undefined && knownGood.size >= knownGoodMax) knownGood.delete(oldest);
  knownGood.add(key);
  return [];
}

/** What may be of any type turns out when it is run; so does what a list of anything holds. */
function isOfType(type: string, wanted: string): boolean {
  return type === wanted || type === "dyn" || (wanted.startsWith("list<") && (type === "list" || type === "list<T>"));
}

/** A type as cel-go writes it. */
function printType(type: string): string {
  return type.replaceAll("<", "(").replaceAll(">", ")");
}
