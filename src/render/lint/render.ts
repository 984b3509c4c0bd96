import type { LintRule } from "../lint.ts";

/** What would fail every render. */
export const renderRule: LintRule = {
  name: "render", finds: "templates that cannot be read or rendered, values that do not fit the schema, manifests that are none",
  check: ({ problems }) => problems.map(({ message, place }) => ({ level: "error" as const, message, place: place ?? { file: "templates" } })),
};
