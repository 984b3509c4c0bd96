import type { FileTree } from "../value/file-tree.ts";
import type { JsonObject } from "../value/json.ts";
import { RenderFault } from "./fault.ts";
import { imageRule } from "./lint/images.ts";
import { metadataRule } from "./lint/metadata.ts";
import { objectRule } from "./lint/objects.ts";
import { renderRule } from "./lint/render.ts";
import { schemaRule } from "./lint/schema.ts";
import { undeclaredRule } from "./lint/undeclared.ts";
import { unusedRule } from "./lint/unused.ts";
import { readSubject } from "./lint-subject.ts";
import type { LintSubject } from "./lint-subject.ts";
import type { Place } from "./render.ts";

/** One thing to mend in a chart: an error would fail a push, a warning most likely is not meant. */
export interface Finding {
  readonly rule: string;
  readonly level: "error" | "warning";
  readonly message: string;
  readonly place: Place;
}

/** One question asked of a chart. */
export interface LintRule {
  readonly name: string;
  /** What it finds, for the documentation. */
  readonly finds: string;
  check(subject: LintSubject): readonly Omit<Finding, "rule">[];
}

/** Every rule. Adding one = a file in `lint/`, a line here; a test then demands a chart that breaks it. */
export const lintRules: readonly LintRule[] = [metadataRule, schemaRule, renderRule, objectRule, imageRule, undeclaredRule, unusedRule];

/** More findings than this hide the first. */
const findingsMax = 200;

/** Everything to mend in a chart as it renders with `values` over its own: by file and line, errors and warnings mixed. Pure. */
export function lintChart(tree: FileTree, values: JsonObject = {}): readonly Finding[] {
  let subject: LintSubject;
  try {
    subject = readSubject(tree, values);
  } catch (error) {
    if (!(error instanceof RenderFault)) throw error;
    return [{ rule: "chart", level: "error", message: error.problem.message, place: error.problem.place ?? { file: "Chart.yaml" } }];
  }
  const findings = lintRules.flatMap((rule) => rule.check(subject).map((finding) => ({ rule: rule.name, ...finding })));
  return findings.toSorted((left, right) => (left.place.file < right.place.file ? -1 : left.place.file > right.place.file ? 1 : (left.place.line ?? 0) - (right.place.line ?? 0))).slice(0, findingsMax);
}
