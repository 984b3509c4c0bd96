import type { Shape } from "../../value/cel/cost.ts";
import { scalar } from "../../value/cel/cost.ts";
import { CelError } from "../../value/cel/program.ts";
import type { FieldError } from "../field-error.ts";
import { celNameOf } from "./cel-values.ts";
import { compileExpression, hasRules } from "./rules.ts";
import { additionalOf, isIntOrString, itemsOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/** What one rule may cost for one object. @see kubernetes apiextensions-apiserver pkg/apis/apiextensions/validation StaticEstimatedCostLimit */
export const ruleCostMax = 10_000_000;

/** What all rules of a schema may cost together. @see the same, StaticEstimatedCRDCostLimit */
export const schemaCostMax = 100_000_000;

/** The largest request: what a schema does not bound is bounded by it. */
const requestBytesMax = 3 * 1024 * 1024;

/** The rules of a schema that may cost too much, in upstream's words. */
export function checkRuleCosts(schema: Schema, path: string): readonly FieldError[] {
  if (!hasRules(schema)) return [];
  const found: { readonly path: string; readonly cost: number }[] = [];
  collect(schema, { path, times: 1 }, found);
  const errors: FieldError[] = found.filter(({ cost }) => cost > ruleCostMax).map((one) => ({ type: "Forbidden", path: one.path, detail: printExcess("estimated rule cost", one.cost / ruleCostMax) }));
  const total = found.reduce((sum, { cost }) => sum + cost, 0);
  if (total > schemaCostMax) errors.push({ type: "Forbidden", path, detail: printExcess("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", total / schemaCostMax) });
  return errors;
}

function printExcess(what: string, factor: number): string {
  const printed = factor > 100 ? "more than 100x" : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${printed} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Where a schema stands, and how often a value of it may be in one object; undefined where only the size of a request bounds that. */
interface Place {
  readonly path: string;
  readonly times: number | undefined;
}

function collect(schema: Schema, { path, times }: Place, found: { readonly path: string; readonly cost: number }[]): void {
  if (!hasRules(schema)) return;
  const shape = shapeOf(schema);
  (schema["x-kubernetes-validations"] ?? []).forEach((rule, index) => {
    try {
      const program = compileExpression(rule.rule, schema, rule);
      const cost = program.costAtMost(new Map([["self", shape], ["oldSelf", shape]])) * (times ?? fitting(schema));
      found.push({ path: `${path}.x-kubernetes-validations[${index}].rule`, cost });
    } catch (error) {
      // One that cannot be read is refused as such.
      if (!(error instanceof CelError)) throw error;
    }
  });
  const more = (count: number | undefined): number | undefined => (times === undefined || count === undefined ? undefined : times * count);
  for (const [name, property] of Object.entries(schema.properties ?? {})) collect(property, { path: `${path}.properties[${name}]`, times }, found);
  const item = itemsOf(schema);
  if (item !== undefined) collect(item, { path: `${path}.items`, times: more(schema.maxItems) }, found);
  const additional = additionalOf(schema);
  if (additional !== undefined && schema.additionalProperties !== true) collect(additional, { path: `${path}.additionalProperties`, times: more(schema.maxProperties) }, found);
}

/** How large a value of a schema may be. Made as far as it is asked. */
function shapeOf(schema: Schema): Shape {
  if (isIntOrString(schema)) return { size: requestBytesMax };
  const item = itemsOf(schema);
  const additional = additionalOf(schema);
  switch (schema.type) {
    case "string": return { size: schema.maxLength ?? longestOf(schema) };
    case "array": return { size: schema.maxItems ?? (item === undefined ? 1 : fitting(item)), ...(item === undefined ? {} : { get item() { return shapeOf(item); } }) };
    case "object": {
      const member = (name: string): Shape | undefined => {
        const own = Object.entries(schema.properties ?? {}).find(([property]) => celNameOf(property) === name)?.[1];
        return own === undefined ? undefined : shapeOf(own);
      };
      if (additional === undefined || schema.additionalProperties === true) return { size: 1, member };
      return { size: schema.maxProperties ?? fittingEntries(additional), key: { size: 1 }, member, get item() { return shapeOf(additional); } };
    }
    case undefined: default: return scalar;
  }
}

/** Characters of a text whose length nothing says: those of its longest value, or of its format, or as many as a request has. */
function longestOf({ enum: values, format }: Schema): number {
  if (values !== undefined && values.length > 0) return Math.max(...values.map((value) => (typeof value === "string" ? value.length : 1)));
  return formatLengths[format ?? ""] ?? requestBytesMax - 2;
}

/** @see kubernetes apiserver pkg/cel/common/schemas.go, estimateMaxStringLengthPerRequest */
const formatLengths: Readonly<Record<string, number>> = { duration: 32, date: 10, "date-time": 32 };

/** How many values of a schema one request may hold: each takes at least its shortest text, and a comma. */
function fitting(schema: Schema): number {
  return Math.floor((requestBytesMax - 2) / (shortestOf(schema) + 1));
}

/** The same for a map: a key takes two quotes and two letters, a colon and a comma. @see kubernetes apiserver pkg/cel/common/schemas.go */
function fittingEntries(schema: Schema): number {
  return Math.floor((requestBytesMax - 2) / (shortestOf(schema) + 6));
}

function shortestOf(schema: Schema): number {
  if (schema.nullable === true || isIntOrString(schema)) return 1;
  switch (schema.type) {
    case "boolean": return "true".length;
    case "string": case "array": return 2;
    case "object": {
      const required = (schema.required ?? []).map((name) => [name, schema.properties?.[name]] as const);
      // Braces, and of each field its name in quotes, a colon, its value and a comma.
      return 2 + required.reduce((sum, [name, property]) => sum + name.length + 4 + (property === undefined ? 1 : shortestOf(property)), 0);
    }
    case undefined: default: return 1;
  }
}
