import { CelError } from "../../value/cel/program.ts";
import type { FieldError } from "../field-error.ts";
import type { ValidationRule } from "../generated/apiextensions-v1.ts";
import { compileExpression } from "./rules.ts";
import { findTypeProblem } from "./rule-types.ts";
import { additionalOf, keepsUnknown, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** Where a schema with rules stands. */
export interface RulePlace {
  readonly path: string;
  readonly isRoot: boolean;
  /** The list or map above whose values before and after cannot be told to belong together. */
  readonly uncorrelatable?: string;
}

/** What is wrong with the rules of one schema: they have to be readable, and about what is there. */
export function checkRuleTexts(schema: Schema, place: RulePlace): readonly FieldError[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) => {
    const path = `${place.path}.x-kubernetes-validations[${index}]`;
    return [...checkRule(rule, { schema, isRoot: place.isRoot, path }), ...checkOldSelf(rule, { ...place, path })];
  });
}

/** A rule about a change needs to know what something was before. */
function checkOldSelf({ rule, optionalOldSelf }: ValidationRule, { path, uncorrelatable }: RulePlace): readonly FieldError[] {
  const asksOld = /\boldSelf\b/.test(rule);
  if (asksOld && uncorrelatable !== undefined) return [{ type: "Invalid", path: `${path}.rule`, value: rule, detail: `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}` }];
  return asksOld || optionalOldSelf === undefined ? [] : [{ type: "Invalid", path: `${path}.optionalOldSelf`, value: optionalOldSelf, detail: "may not be set if oldSelf is not used in rule" }];
}

interface Ruled {
  readonly schema: Schema;
  readonly isRoot: boolean;
  readonly path: string;
}

function checkRule(rule: ValidationRule, { schema, isRoot, path }: Ruled): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (rule.rule.trim() === "") return [{ type: "Required", path: `${path}.rule`, detail: "rule is not specified" }];
  errors.push(...checkExpression(rule.rule, { schema, isRoot, rule, path: `${path}.rule`, wanted: "bool" }));
  if (rule.message !== undefined) {
    if (rule.message.trim() === "") errors.push({ type: "Invalid", path: `${path}.message`, value: rule.message, detail: "message must be non-empty if specified" });
    else if (/[\r\n]/.test(rule.message)) errors.push({ type: "Invalid", path: `${path}.message`, value: rule.message, detail: "message must not contain line breaks" });
  } else if (/[\r\n]/.test(rule.rule.trim())) {
    errors.push({ type: "Required", path: `${path}.message`, detail: "message must be specified if rule contains line breaks" });
  }
  if (rule.messageExpression !== undefined) errors.push(...checkExpression(rule.messageExpression, { schema, isRoot, rule, path: `${path}.messageExpression`, wanted: "string" }));
  if (rule.fieldPath !== undefined && !isPathOf(schema, rule.fieldPath)) errors.push({ type: "Invalid", path: `${path}.fieldPath`, value: rule.fieldPath, detail: "fieldPath must be a valid path" });
  return errors;
}

/** A path of names, `.a['b c'].d`, that leads somewhere; what a map holds has any name. */
function isPathOf(schema: Schema, text: string): boolean {
  if (!/^(?:\.[A-Za-z_][\w-]*|\['[^']+'\])+$/.test(text)) return false;
  let at: Schema | undefined = schema;
  for (const [, plain, quoted = ""] of text.matchAll(/\.([A-Za-z_][\w-]*)|\['([^']+)'\]/g)) {
    if (at === undefined) return false;
    at = propertyOf(at, plain ?? quoted) ?? additionalOf(at) ?? (keepsUnknown(at) ? {} : undefined);
  }
  return at !== undefined;
}

function checkExpression(expression: string, { schema, isRoot, rule, path, wanted }: Ruled & { readonly rule: ValidationRule; readonly wanted: string }): readonly FieldError[] {
  try {
    const { type } = compileExpression(expression, schema, rule);
    const problem = findTypeProblem(expression, schema, { isRoot, ...(rule.optionalOldSelf === undefined ? {} : { optionalOldSelf: rule.optionalOldSelf }) });
    if (problem !== undefined) return [{ type: "Invalid", path, value: expression, detail: problem }];
    if (type === wanted || type === "dyn") return [];
    return [{ type: "Invalid", path, value: expression, detail: wanted === "bool" ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string" }];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return [{ type: "Invalid", path, value: expression, detail: `compilation failed: ${error.message}` }];
  }
}
