import { nearestName } from "../fault.ts";
import type { LintRule } from "../lint.ts";
import { findUndeclared } from "./_declared.ts";

/** Values that templates name and nothing declares: a typing error, or a setting nobody can find. */
export const undeclaredRule: LintRule = {
  name: "undeclared", finds: "values that templates read and neither values.yaml nor the schema has",
  check({ reads, values, schema, chart }) {
    const held = new Set(["global", ...chart.charts.map(({ name }) => name), ...chart.dependencies.map(({ name }) => name)]);
    const told = new Set<string>();
    return reads.flatMap(({ path, place }) => {
      const name = path.join(".");
      const found = held.has(path[0] ?? "") ? undefined : findUndeclared(path, values, schema);
      if (found === undefined || told.has(name)) return [];
      told.add(name);
      const near = nearestName(found.missing, found.siblings);
      const meant = near === undefined ? "" : `; did you mean Values.${[...found.known, near].join(".")}?`;
      return [{ level: "warning" as const, message: `Values.${name} is read here, and values.yaml has no ${[...found.known, found.missing].join(".")}${meant}`, place }];
    });
  },
};
