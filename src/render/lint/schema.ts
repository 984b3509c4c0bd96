import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { Finding, LintRule } from "../lint.ts";

/** Values the schema says nothing about, while it names their neighbours. That values fit it is asked by every render. */
export const schemaRule: LintRule = {
  name: "schema", finds: "values of values.yaml that the schema, which names their neighbours, leaves out",
  check({ chart, schema, values, placeIn }) {
    if (schema === undefined) return [];
    const held = new Set(["global", ...chart.charts.map(({ name }) => name)]);
    const found: Omit<Finding, "rule">[] = [];
    const walk = (map: JsonObject, part: JsonObject, path: readonly string[]): void => {
      const { properties, additionalProperties, patternProperties } = part;
      if (!isJsonObject(properties) || patternProperties !== undefined || isJsonObject(additionalProperties)) return;
      for (const [key, value] of Object.entries(map)) {
        const at = [...path, key];
        const inner = properties[key];
        if (isJsonObject(inner)) {
          if (isJsonObject(value)) walk(value, inner, at);
        } else if (inner === undefined && additionalProperties !== false && !(path.length === 0 && held.has(key))) {
          found.push({ level: "warning", message: `Values.${at.join(".")} is not in values.schema.json; capstan chart schema --write adds it`, place: placeIn("values.yaml", at) });
        }
      }
    };
    walk(values, schema, []);
    return found;
  },
};
