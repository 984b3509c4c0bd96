import type { CustomResourceDefinition } from "../../model/generated/apiextensions-v1.ts";
import type { ExpressionWarning, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyStatus } from "../../model/generated/admissionregistration-v1.ts";
import { admissionVariables } from "../../model/admission-expressions.ts";
import { customMessagePrefix, isEstablished } from "../../model/custom/kinds-of.ts";
import { keepsUnknown, metadataMessage } from "../../model/custom/schema-parts.ts";
import type { Schema } from "../../model/custom/schema-parts.ts";
import { bothNamesOf, celTypesOfSchema, sentScalarOf } from "../../model/custom/schema-types.ts";
import type { CelView } from "../../model/custom/schema-types.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { TypeChecker } from "../../value/cel/type-check.ts";
import type { CelTypes } from "../../value/cel/type-check.ts";
import { celTypeName, celTypesOf } from "./cel-types.ts";

/** A kind whose fields are known: by its message, or by the schema of its definition. */
export type TypedKind = Pick<Kind, "group" | "version" | "kind" | "plural" | "message"> & { readonly declared?: Schema };

/** A policy for more kinds than this is checked against the first of them, as upstream. */
const checkedKindsMax = 10;

const variablesType = "admission.Variables";

/**
 * The status of a policy: what is wrong with the types of its expressions, found once for each generation. The very same one when there is nothing new. Pure.
 *
 * @param kinds all kinds with fields that are known
 * @see kubernetes apiserver pkg/admission/plugin/policy/validating/typechecking.go
 */
export function decideStatus({ metadata, spec, status }: ValidatingAdmissionPolicy, kinds: readonly TypedKind[]): ValidatingAdmissionPolicyStatus {
  const generation = metadata.generation ?? 0;
  if (status.typeChecking !== undefined && (status.observedGeneration ?? 0) >= generation) return status;
  const warnings = warningsOf(spec, kinds);
  return { ...status, observedGeneration: generation, typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings } };
}

function warningsOf(spec: ValidatingAdmissionPolicy["spec"], kinds: readonly TypedKind[]): readonly ExpressionWarning[] {
  const expressions = (spec.validations ?? []).flatMap(({ expression, messageExpression = "" }, index) => [
    { fieldRef: `spec.validations[${index}].expression`, expression }, { fieldRef: `spec.validations[${index}].messageExpression`, expression: messageExpression },
  ]).filter(({ expression }) => expression !== "");
  const params = spec.paramKind === undefined ? undefined : kinds.find((kind) => kind.kind === spec.paramKind?.kind && apiVersionOf(kind) === spec.paramKind.apiVersion);
  const checks = matchedKinds(spec, kinds).map((kind) => ({ title: `${apiVersionOf(kind)}, Kind=${kind.kind}`, check: checkOf(spec, kind, params) }));
  return expressions.flatMap(({ fieldRef, expression }) => {
    const problems = checks.flatMap(({ title, check }) => {
      const problem = check(expression);
      return problem === undefined ? [] : [`${title}: ${problem}\n`];
    });
    return problems.length === 0 ? [] : [{ fieldRef, warning: problems.join("\n") }];
  });
}

/** The kinds of definitions that are served and whose schemas say what fields there are. Pure. */
export function kindsOfDefinitions(definitions: readonly CustomResourceDefinition[]): readonly TypedKind[] {
  return definitions.filter(isEstablished).flatMap(({ spec: { group, names: { kind, plural }, versions } }) => versions.flatMap((version) => {
    const declared = version.schema?.openAPIV3Schema;
    if (!version.served || declared === undefined || keepsUnknown(declared)) return [];
    return [{ group, version: version.name, kind, plural, message: `${customMessagePrefix}${group.split(".").toReversed().join(".")}.${version.name}.${kind}`, declared }];
  }));
}

/** The kinds the constraints name, by their own names: what a `*` stands for is not looked at. */
function matchedKinds({ matchConstraints }: ValidatingAdmissionPolicy["spec"], kinds: readonly TypedKind[]): readonly TypedKind[] {
  const named = kinds.filter((kind) => (matchConstraints?.resourceRules ?? []).some(({ apiGroups = [], apiVersions = [], resources = [] }) => (
    apiGroups.includes(kind.group) && apiVersions.includes(kind.version) && resources.includes(kind.plural))));
  return named.toSorted((a, b) => (a.message < b.message ? -1 : 1)).slice(0, checkedKindsMax);
}

/** Every name in a policy's expressions, texts among them: a field can be asked for by `object["spec"]`. */
function wordsOf({ validations = [], variables = [] }: ValidatingAdmissionPolicy["spec"]): ReadonlySet<string> {
  const expressions = [...validations.flatMap(({ expression, messageExpression = "" }) => [expression, messageExpression]), ...variables.map(({ expression }) => expression)];
  return new Set(expressions.flatMap((expression) => expression.match(/\w+/g) ?? []));
}

/** A group may have letters that the name of a type may not. */
function typeNameOf({ message }: TypedKind): string {
  return celTypeName(message).replaceAll(/[^\w.]/g, "_");
}

/** A policy sees objects as they are sent. */
function viewOf(name: string, words: ReadonlySet<string>): CelView {
  return { nameOf: (index) => (index === 0 ? name : `${name}.part${index}`), scalarOf: sentScalarOf, namesOf: bothNamesOf, isOpen: keepsUnknown, metadata: celTypeName(metadataMessage), words };
}

/** The kinds and what they are made of. */
function typesOf(kinds: readonly TypedKind[], words: ReadonlySet<string>): CelTypes {
  const messages = kinds.filter(({ declared }) => declared === undefined).map(({ message }) => message);
  const custom = kinds.flatMap((kind) => (kind.declared === undefined ? [] : [...celTypesOfSchema(kind.declared, viewOf(typeNameOf(kind), words), { isResource: true }).types]));
  return new Map([...celTypesOf(custom.length === 0 ? messages : [...messages, metadataMessage], words), ...custom]);
}

/** Answers what is wrong with an expression about objects of one kind; variables have the type of their expressions, any where that is wrong. */
function checkOf(spec: ValidatingAdmissionPolicy["spec"], kind: TypedKind, params: TypedKind | undefined): (expression: string) => string | undefined {
  const checker = new TypeChecker(typesOf([kind, ...(params === undefined ? [] : [params])], wordsOf(spec)));
  const types: Readonly<Record<string, string>> = { object: typeNameOf(kind), oldObject: typeNameOf(kind), variables: variablesType, ...(params === undefined ? {} : { params: typeNameOf(params) }) };
  const named = admissionVariables.map(({ name, type }) => ({ name, type: types[name] ?? type }));
  const own: Record<string, string> = {};
  const ownTypes: CelTypes = new Map([[variablesType, own]]);
  for (const { name, expression } of spec.variables ?? []) {
    const found = checker.check(expression, named, ownTypes);
    own[name] = found.kind === "fits" ? found.type : "dyn";
  }
  return (expression) => {
    const found = checker.check(expression, named, ownTypes);
    return found.kind === "fits" ? undefined : found.problem;
  };
}
