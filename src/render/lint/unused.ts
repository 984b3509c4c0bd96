import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { Finding, LintRule } from "../lint.ts";
import type { LintSubject } from "../lint-subject.ts";

/** What a chart that holds this one switches it by, in a condition of its own. */
const switchedByParents = ["enabled"];

/** Values that no template names: settings without effect. */
export const unusedRule: LintRule = {
  name: "unused", finds: "values of values.yaml that no template reads",
  check(subject) {
    // A library's values are its users'.
    if (subject.chart.metadata["type"] === "library") return [];
    const { chart, values, placeIn } = subject;
    const used = readTree(subject);
    const held = new Set(["global", "tags", ...switchedByParents, ...chart.charts.map(({ name }) => name), ...chart.dependencies.map(({ name }) => name)]);
    const found: Omit<Finding, "rule">[] = [];
    const walk = (map: JsonObject, reads: ReadTree, path: readonly string[]): void => {
      if (reads.isWhole) return;
      for (const [key, value] of Object.entries(map)) {
        const inner = reads.members.get(key);
        const at = [...path, key];
        if (path.length === 0 && held.has(key)) continue;
        if (inner === undefined) found.push({ level: "warning", message: `Values.${at.join(".")} is set here, and no template reads it`, place: placeIn("values.yaml", at) });
        else if (isJsonObject(value)) walk(value, inner, at);
      }
    };
    walk(values, used, []);
    return found;
  },
};

/** Which members of a map are read. */
interface ReadTree {
  isWhole: boolean;
  readonly members: Map<string, ReadTree>;
}

function readTree({ reads, chart, values }: LintSubject): ReadTree {
  const root: ReadTree = { isWhole: false, members: new Map() };
  const conditions = chart.dependencies.flatMap(({ condition }) => condition.split(",")).map((text) => text.trim().split("."));
  for (const path of [...reads.map((read) => read.path), ...conditions, ...pathsInTexts(values)]) {
    let at = root;
    for (const key of path) {
      const next = at.members.get(key) ?? { isWhole: false, members: new Map<string, ReadTree>() };
      at.members.set(key, next);
      at = next;
    }
    at.isWhole = true;
  }
  return root;
}

/** Values that texts of values name: charts give such texts to tpl. */
function pathsInTexts(values: JsonObject): readonly (readonly string[])[] {
  return Array.from(JSON.stringify(values).matchAll(/\bValues((?:\.\w+)+)/g), ([, path = ""]) => path.slice(1).split("."));
}
