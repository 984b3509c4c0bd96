import { FunctionFault } from "../fault.ts";
import type { TemplateFunction } from "../functions.ts";
import { matchesVersion } from "../version.ts";
import { textOf } from "../template-value.ts";

/** Versions. */
export const versionFunctions: readonly TemplateFunction[] = [
  {
    name: "semverCompare", usage: "semverCompare RANGE VERSION", min: 2, max: 2,
    run([range, version]) {
      const answer = matchesVersion(textOf(range), textOf(version));
      if (answer === undefined) throw new FunctionFault(`cannot compare ${JSON.stringify(textOf(version))} with the range ${JSON.stringify(textOf(range))}`);
      return answer;
    },
  },
];
