import { noneOf, someOf } from "../../value/cel/engine.ts";
import { CelError, compileCel } from "../../value/cel/program.ts";
import type { CelProgram } from "../../value/cel/program.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { FieldError } from "../field-error.ts";
import type { ValidationRule } from "../generated/apiextensions-v1.ts";
import { printFieldError } from "../print-field-error.ts";
import { Before, isIdentity, itemsBefore, memberBefore } from "./before.ts";
import { celOfSchema, celTypeOf } from "./cel-values.ts";
import { additionalOf, isIntOrString, itemsOf, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** Steps one rule may take: at most some 50 ms of the serving thread, half of upstream's PerCallLimit. */
export const ruleBudget = 200_000;

/** Steps all rules of one object may take together. */
export const objectBudget = 1_000_000;

/**
 * What the rules of a schema (x-kubernetes-validations) have against an object, and against the change from `old` to it. Expects an object that fits
 * its schema. What is as it was is not refused by rules that do not ask what it was: it is warned of.
 *
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/cel/validation.go
 */
export function checkRules(schema: Schema, object: JsonObject, { old, warn }: { readonly old?: JsonObject; readonly warn?: (text: string) => void } = {}): readonly FieldError[] {
  if (!hasRules(schema)) return [];
  const state: State = { errors: [], left: objectBudget, warn };
  walk(schema, { value: object, before: old === undefined ? undefined : new Before(object, old), above: undefined, path: "", isResource: true }, state);
  return state.errors;
}

interface State {
  readonly errors: FieldError[];
  left: number;
  readonly warn: ((text: string) => void) | undefined;
}

/** A value in its place, with what stood there before; where that cannot be told, with what is known of the nearest value above. */
interface Place {
  readonly value: Json;
  readonly before: Before | undefined;
  readonly above: Before | undefined;
  readonly path: string;
  readonly isResource?: boolean;
  readonly isIdentity?: boolean;
}

const withRules = new WeakMap<Schema, boolean>();

/** Whether a schema or any part of it has rules: most have none, and cost nothing. */
export function hasRules(schema: Schema): boolean {
  const known = withRules.get(schema);
  if (known !== undefined) return known;
  const item = itemsOf(schema);
  const additional = additionalOf(schema);
  const found = (schema["x-kubernetes-validations"]?.length ?? 0) > 0 || (item !== undefined && hasRules(item)) || (additional !== undefined && hasRules(additional))
    || Object.values(schema.properties ?? {}).some(hasRules);
  withRules.set(schema, found);
  return found;
}

function walk(schema: Schema, place: Place, state: State): void {
  if (!hasRules(schema) || state.left <= 0) return;
  // A null says that there is nothing to be checked.
  if (place.value === null) return;
  runRules(schema, place, state);
  const { value, before, path } = place;
  const above = before ?? place.above;
  const below = (member: Json, old: Json | undefined): Pick<Place, "value" | "before" | "above"> => ({ value: member, before: old === undefined ? undefined : new Before(member, old), above });
  if (Array.isArray(value)) {
    const item = itemsOf(schema);
    const itemBefore = itemsBefore(schema, before?.old);
    if (item !== undefined) value.forEach((member: Json, index) => { walk(item, { ...below(member, itemBefore(member)), path: `${path}[${index}]` }, state); });
  } else if (isJsonObject(value)) {
    const additional = additionalOf(schema);
    for (const [name, member] of Object.entries(value)) {
      const declared = propertyOf(schema, name);
      const own = declared ?? additional;
      if (own === undefined || member === undefined) continue;
      const at = declared === undefined ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
      const stood = below(member, memberBefore(before?.old, name));
      walk(own, { ...stood, path: at, ...(isIdentity(path, name) ? { isIdentity: true } : {}) }, state);
    }
  }
}

/** A rule made ready, or why it cannot be. */
interface Compiled {
  readonly rule: ValidationRule;
  readonly program: CelProgram | undefined;
  readonly message: CelProgram | undefined;
  readonly problem: string | undefined;
  readonly asksOld: boolean;
}

const compiledRules = new WeakMap<Schema, readonly Compiled[]>();

function rulesOf(schema: Schema): readonly Compiled[] {
  let compiled = compiledRules.get(schema);
  if (compiled === undefined) compiledRules.set(schema, compiled = (schema["x-kubernetes-validations"] ?? []).map((rule) => compileRule(rule, schema)));
  return compiled;
}

function compileRule(rule: ValidationRule, schema: Schema): Compiled {
  const asksOld = /\boldSelf\b/.test(rule.rule);
  try {
    const program = compileExpression(rule.rule, schema, rule);
    const message = rule.messageExpression === undefined ? undefined : compileExpression(rule.messageExpression, schema, rule);
    return { rule, program, message, problem: undefined, asksOld };
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return { rule, program: undefined, message: undefined, problem: error.message, asksOld };
  }
}

/** Makes a rule, or what makes its message, ready for values of a schema. Throws CelError. */
export function compileExpression(expression: string, schema: Schema, { optionalOldSelf }: Pick<ValidationRule, "optionalOldSelf">): CelProgram {
  const type = celTypeOf(schema);
  return compileCel(expression, [{ name: "self", type }, { name: "oldSelf", type: optionalOldSelf === true ? "optional<dyn>" : type }]);
}

function runRules(schema: Schema, place: Place, state: State): void {
  if (schema["x-kubernetes-validations"] === undefined) return;
  const { path, value, isResource } = place;
  const old = place.before?.old;
  const self = celOfSchema(schema, value, isResource);
  const before = old === undefined || old === null ? undefined : celOfSchema(schema, old, isResource);
  const type = isIntOrString(schema) ? "" : schema.type ?? "";
  for (const { rule, program, message, problem, asksOld } of rulesOf(schema)) {
    const refuse = (detail: string) => { state.errors.push({ type: "Invalid", path: path === "" ? "<nil>" : path, value: type, detail }); };
    if (program === undefined) { refuse(`rule compile error: ${problem ?? ""}`); continue; }
    // A rule about a change has nothing to say of what is new.
    if (asksOld && before === undefined && rule.optionalOldSelf !== true) continue;
    const bindings = { self, ...(asksOld ? { oldSelf: rule.optionalOldSelf === true ? (before === undefined ? noneOf() : someOf(before)) : before } : {}) };
    const outcome = program.run(bindings, Math.min(ruleBudget, state.left));
    state.left -= outcome.cost;
    if (outcome.kind === "over-budget") {
      refuse(state.left <= 0 ? "validation failed due to running out of cost budget, no further validation rules will be run"
        : `${outcome.message}: no further validation rules will be run due to call cost exceeds limit for rule: ${rule.rule}`);
      state.left = 0;
      return;
    }
    if (outcome.kind === "error") { refuse(`${outcome.message} evaluating rule: ${rule.message ?? rule.rule}`); continue; }
    if (outcome.value === true) continue;
    const error = violation(rule, { path, value: type, detail: messageOf(rule, message, bindings) });
    if (!asksOld && isAsBefore(place)) state.warn?.(printFieldError(error));
    else state.errors.push(error);
  }
}

function isAsBefore({ before, above, isIdentity: isName = false }: Place): boolean {
  return !isName && (before ?? above)?.isUnchanged === true;
}

function messageOf(rule: ValidationRule, program: CelProgram | undefined, bindings: Readonly<Record<string, unknown>>): string {
  const outcome = program?.run(bindings, ruleBudget);
  const text = outcome?.kind === "value" && typeof outcome.value === "string" ? outcome.value.trim() : "";
  // A message of several lines would break every list of errors.
  if (text !== "" && !text.includes("\n")) return text;
  return rule.message ?? `failed rule: ${rule.rule.trim()}`;
}

function violation(rule: ValidationRule, { path, value, detail }: { readonly path: string; readonly value: string; readonly detail: string }): FieldError {
  const below = (rule.fieldPath ?? "").replace(/\['([^']*)'\]/g, "[$1]");
  const full = path === "" ? below.replace(/^\./, "") : `${path}${below}`;
  const at = full === "" ? "<nil>" : full;
  switch (rule.reason) {
    case "FieldValueRequired": return { type: "Required", path: at, detail };
    case "FieldValueForbidden": return { type: "Forbidden", path: at, detail };
    case "FieldValueDuplicate": return { type: "Duplicate", path: at, value, detail };
    case "FieldValueInvalid": case undefined: default: return { type: "Invalid", path: at, value, detail };
  }
}
