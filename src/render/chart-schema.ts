import { createRequire } from "node:module";
import type { JsonObject } from "../value/json.ts";
import type { RenderProblem } from "./render.ts";

/** A schema made ready by npm `ajv`. */
interface Validate {
  (data: unknown): boolean;
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string; readonly keyword: string; readonly params: { readonly additionalProperty?: string; readonly allowedValues?: readonly unknown[] } }[] | null;
}

/** Loaded at first use: a chart without a schema does not pay its 20 ms and 5 MB. */
const load = createRequire(import.meta.url);

/** Schemas kept ready; making one ready takes 20 ms. */
const validatorsMax = 50;
const validators = new Map<string, Validate>();

/** Checks values against the chart's schema; every violation is a problem with the value's path. Throws an Error for a schema that is none. */
export function checkValues(schema: JsonObject, values: JsonObject, layerOf: (path: readonly string[]) => string | undefined): readonly RenderProblem[] {
  const validate = validatorOf(schema);
  if (validate(values)) return [];
  return (validate.errors ?? []).map((error) => {
    const path = error.instancePath.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const layer = layerOf(path);
    const extra = error.params.additionalProperty ?? error.params.allowedValues?.map((value) => JSON.stringify(value)).join(", ");
    const valuePath = ["Values", ...path].join(".");
    return {
      message: `${valuePath} ${error.message ?? "does not fit the schema"}${extra === undefined ? "" : ` (${extra})`}${layer === undefined || path.length === 0 ? "" : `; the value is from ${layer}`}`,
      place: { file: layer !== undefined && path.length > 0 && layer.includes(".") && !layer.includes(" ") ? layer : "values.schema.json" }, valuePath,
    };
  });
}

function validatorOf(schema: JsonObject): Validate {
  const text = JSON.stringify(schema);
  const known = validators.get(text);
  if (known !== undefined) return known;
  const is2020 = typeof schema["$schema"] === "string" && schema["$schema"].includes("2020-12");
  const module = load(is2020 ? "ajv/dist/2020.js" : "ajv") as { readonly default: new (options: object) => { compile(schema: object): Validate } };
  const validate = new module.default({ allErrors: true, strict: false, logger: false, validateFormats: false }).compile(withoutId(schema));
  if (validators.size >= validatorsMax) validators.clear();
  validators.set(text, validate);
  return validate;
}

/** An `$id` would make the validator look elsewhere. */
function withoutId(schema: JsonObject): JsonObject {
  const { $id: _id, $schema: _dialect, ...rest } = schema;
  return rest;
}
