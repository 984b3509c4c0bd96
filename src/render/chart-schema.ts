import { createRequire } from "node:module";
import { compileRegex } from "../value/regex.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { nearestName } from "./fault.ts";
import type { RenderProblem } from "./render.ts";
import { spokenKind } from "./template-value.ts";

/** A schema made ready by npm `ajv`. */
interface Validate {
  (data: unknown): boolean;
  readonly errors?: readonly Violation[] | null;
}

interface Violation {
  readonly instancePath: string;
  readonly message?: string;
  readonly keyword: string;
  readonly params: { readonly additionalProperty?: string; readonly missingProperty?: string; readonly allowedValues?: readonly unknown[] };
  readonly parentSchema?: JsonObject;
  readonly data?: unknown;
}

/** Loaded at first use: a chart without a schema does not pay its 20 ms and 5 MB. */
const load = createRequire(import.meta.url);

/** Schemas kept ready; making one ready takes 20 ms. */
const validatorsMax = 50;
const validators = new Map<string, Validate>();

/** Where values come from: the layer that says something about a path, and the line where it does, when the layer is a file. */
export interface ValueSources {
  layerOf(path: readonly string[]): string | undefined;
  lineOf(layer: string, path: readonly string[]): number | undefined;
}

/** Checks values against the chart's schema; every violation is a problem with the value's path and place. Throws an Error for a schema that is none. */
export function checkValues(schema: JsonObject, values: JsonObject, sources: ValueSources): readonly RenderProblem[] {
  const validate = validatorOf(schema);
  if (validate(values)) return [];
  return (validate.errors ?? []).map((error) => {
    const holder = error.instancePath.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    // A member that should not be there is itself what is wrong, wherever the map around it comes from.
    const path = error.params.additionalProperty === undefined ? holder : [...holder, error.params.additionalProperty];
    const layer = sources.layerOf(path);
    const line = layer === undefined || path.length === 0 ? undefined : sources.lineOf(layer, path);
    const from = layer === undefined || path.length === 0 ? "" : `; the value is from ${layer}`;
    return { message: `${messageOf(error, ["Values", ...holder].join("."))}${from}`, place: layer !== undefined && line !== undefined ? { file: layer, line } : { file: "values.schema.json" }, valuePath: ["Values", ...holder].join(".") };
  });
}

/** A violation in words. Never the value itself: it may be a secret. */
function messageOf({ keyword, message, params, parentSchema, data }: Violation, valuePath: string): string {
  const { additionalProperty, missingProperty, allowedValues } = params;
  if (additionalProperty !== undefined) {
    const near = nearestName(additionalProperty, isJsonObject(parentSchema?.["properties"]) ? Object.keys(parentSchema["properties"]) : []);
    return `${valuePath}.${additionalProperty} is not in the schema${near === undefined ? "" : `; did you mean ${valuePath}.${near}?`}`;
  }
  if (missingProperty !== undefined) return `${valuePath}.${missingProperty} is missing, and the schema requires it`;
  const allowed = allowedValues === undefined ? "" : ` (${allowedValues.map((value) => JSON.stringify(value)).join(", ")})`;
  const is = keyword === "type" ? `, and is ${spokenKind(data as Json)}` : "";
  return `${valuePath} ${message ?? "does not fit the schema"}${allowed}${is}`;
}

/**
 * Patterns are Go's, as in Helm, in time linear in the text; those that Go cannot read, such as lookaheads, are JSON Schema's own.
 * The validator asks for `code` only where it writes itself to a file.
 */
const regExp = Object.assign((pattern: string, flags: string): { test(text: string): boolean } => {
  try {
    return compileRegex(pattern);
  } catch {
    return new RegExp(pattern, flags);
  }
}, { code: "new RegExp" });

/** Modules of the newer dialects; all others are read as draft 7. */
const dialects: readonly (readonly [string, string])[] = [["2020-12", "ajv/dist/2020.js"], ["2019-09", "ajv/dist/2019.js"]];

function validatorOf(schema: JsonObject): Validate {
  const text = JSON.stringify(schema);
  const known = validators.get(text);
  if (known !== undefined) return known;
  const dialect = typeof schema["$schema"] === "string" ? schema["$schema"] : "";
  const module = load(dialects.find(([name]) => dialect.includes(name))?.[1] ?? "ajv") as { readonly default: new (options: object) => { compile(schema: object): Validate } };
  const validate = new module.default({ allErrors: true, verbose: true, strict: false, logger: false, validateFormats: false, code: { regExp } }).compile(withoutId(schema));
  if (validators.size >= validatorsMax) validators.clear();
  validators.set(text, validate);
  return validate;
}

/** An `$id` would make the validator look elsewhere. */
function withoutId(schema: JsonObject): JsonObject {
  const { $id: _id, $schema: _dialect, ...rest } = schema;
  return rest;
}
