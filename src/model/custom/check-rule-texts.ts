import { CelError } from "../../value/cel/program.ts";
import type { FieldError } from "../field-error.ts";
import type { ValidationRule } from "../generated/apiextensions-v1.ts";
import { compileExpression } from "./rules.ts";
import type { Schema } from "./schema-parts.ts";

/** What is wrong with the rules of one schema: they have to be readable, and about what is there. */
export function checkRuleTexts(schema: Schema, path: string): readonly FieldError[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) => checkRule(rule, schema, `${path}.x-kubernetes-validations[${index}]`));
}

function checkRule(rule: ValidationRule, schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (rule.rule.trim() === "") return [{ type: "Required", path: `${path}.rule`, detail: "rule is not specified" }];
  errors.push(...checkExpression(rule.rule, { schema, rule, path: `${path}.rule`, wanted: "bool" }));
  if (rule.message !== undefined) {
    if (rule.message.trim() === "") errors.push({ type: "Invalid", path: `${path}.message`, value: rule.message, detail: "message must be non-empty if specified" });
    else if (/[\r\n]/.test(rule.message)) errors.push({ type: "Invalid", path: `${path}.message`, value: rule.message, detail: "message must not contain line breaks" });
  } else if (/[\r\n]/.test(rule.rule.trim())) {
    errors.push({ type: "Required", path: `${path}.message`, detail: "message must be specified if rule contains line breaks" });
  }
  if (rule.messageExpression !== undefined) errors.push(...checkExpression(rule.messageExpression, { schema, rule, path: `${path}.messageExpression`, wanted: "string" }));
  if (rule.fieldPath !== undefined && !/^(?:\.[A-Za-z_][\w-]*|\['[^']+'\])+$/.test(rule.fieldPath)) {
    errors.push({ type: "Invalid", path: `${path}.fieldPath`, value: rule.fieldPath, detail: "fieldPath must be a valid path" });
  }
  return errors;
}

function checkExpression(expression: string, { schema, rule, path, wanted }: { readonly schema: Schema; readonly rule: ValidationRule; readonly path: string; readonly wanted: string }): readonly FieldError[] {
  try {
    const { type } = compileExpression(expression, schema, rule);
    if (type === wanted || type === "dyn") return [];
    return [{ type: "Invalid", path, value: expression, detail: wanted === "bool" ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string" }];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return [{ type: "Invalid", path, value: expression, detail: `compilation failed: ${error.message}` }];
  }
}
